package dev.noether.models;

import dev.noether.nn.SettingGroup;
import dev.noether.nn.Settings;
import dev.noether.nn.attention.PositionEncoding;

/**
 * What the layers inside a {@link CondTransformer} or its equivariant twin are like. Start from
 * {@link #defaults} and change what differs.
 *
 * @param positions the positions that attention knows
 * @param ropeBase the base of the frequencies of rotary positions
 * @param normFirst whether norms stand before attention and feed-forward, else after each sum
 * @param norm the norm
 */
public record CondTransformerLayers(
    PositionEncoding.Kind positions, double ropeBase, boolean normFirst, TransformerNorm norm) {
  private static final double ROPE_BASE = 100;

  /** The words of the Python package. */
  private enum Word {
    NONE(PositionEncoding.Kind.NONE),
    ADDITIVE_ABSOLUTE(PositionEncoding.Kind.ABSOLUTE),
    ADDITIVE_RELATIVE(PositionEncoding.Kind.RELATIVE),
    ROPE(PositionEncoding.Kind.ROTARY);

    private final PositionEncoding.Kind kind;

    Word(PositionEncoding.Kind kind) {
      this.kind = kind;
    }

    static Word of(PositionEncoding.Kind kind) {
      for (Word word : values()) {
        if (word.kind == kind) {
          return word;
        }
      }
      throw new IllegalArgumentException("no word for " + kind);
    }
  }

  static final SettingGroup<CondTransformerLayers> SETTINGS =
      new SettingGroup<CondTransformerLayers>()
          .with("pos_encoding", layers -> Word.of(layers.positions), Word.ADDITIVE_ABSOLUTE)
          .with("rope_base", CondTransformerLayers::ropeBase, ROPE_BASE)
          .with("norm_first", CondTransformerLayers::normFirst, true)
          .with("norm_module", CondTransformerLayers::norm, TransformerNorm.RMSNORM);

  /**
   * Absolute positions, RMS norm first; base 100 where positions are rotary.
   *
   * @return the defaults
   */
  public static CondTransformerLayers defaults() {
    return new CondTransformerLayers(
        PositionEncoding.Kind.ABSOLUTE, ROPE_BASE, true, TransformerNorm.RMSNORM);
  }

  static CondTransformerLayers of(Settings settings) {
    return new CondTransformerLayers(
        settings.constant(Word.class, "pos_encoding").kind,
        settings.number("rope_base"),
        settings.flag("norm_first"),
        settings.constant(TransformerNorm.class, "norm_module"));
  }

  /** The positions for some horizons. */
  PositionEncoding encoding(CondTransformerOptions options) {
    int in = options.inHorizon();
    int cond = options.condHorizon();
    return switch (positions) {
      case NONE -> PositionEncoding.none();
      case ABSOLUTE -> PositionEncoding.absolute(Math.max(in, cond + 1));
      case RELATIVE -> PositionEncoding.relative(in + cond - 1);
      case ROTARY -> PositionEncoding.rotary(ropeBase);
    };
  }

  /**
   * The same with other positions.
   *
   * @param other the positions that attention knows
   * @return new options
   */
  public CondTransformerLayers with(PositionEncoding.Kind other) {
    return new CondTransformerLayers(other, ropeBase, normFirst, norm);
  }

  /**
   * The same with another base of rotary positions.
   *
   * @param other the base of the frequencies
   * @return new options
   */
  public CondTransformerLayers withRopeBase(double other) {
    return new CondTransformerLayers(positions, other, normFirst, norm);
  }

  /**
   * The same with norms before or after each part.
   *
   * @param other whether norms come first
   * @return new options
   */
  public CondTransformerLayers withNormFirst(boolean other) {
    return new CondTransformerLayers(positions, ropeBase, other, norm);
  }

  /**
   * The same with another norm.
   *
   * @param other the norm
   * @return new options
   */
  public CondTransformerLayers with(TransformerNorm other) {
    return new CondTransformerLayers(positions, ropeBase, normFirst, other);
  }
}
