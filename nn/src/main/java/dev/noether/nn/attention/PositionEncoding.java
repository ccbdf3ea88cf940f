package dev.noether.nn.attention;

import dev.noether.rep.Representation;

/**
 * Which positions attention knows: a choice between its kinds, for models that are made of it.
 *
 * @param kind the kind of positions
 * @param reach for absolute positions how many there are, for relative ones the distance from which
 *     on all are alike; 0 else
 * @param base the base of the frequencies of rotary positions; 10000 else
 */
public record PositionEncoding(Kind kind, int reach, double base) {
  private static final double BASE = 10_000;

  /** A kind of positions. */
  public enum Kind {
    /** None: attention commutes with permutations of the tokens. */
    NONE,
    /** A learned vector for each place, added to queries and keys. */
    ABSOLUTE,
    /** A learned number for each distance, taken off the scores. */
    RELATIVE,
    /** Queries and keys turn by angles of their places. */
    ROTARY
  }

  /**
   * No positions.
   *
   * @return the choice
   */
  public static PositionEncoding none() {
    return new PositionEncoding(Kind.NONE, 0, BASE);
  }

  /**
   * Learned vectors of places.
   *
   * @param maxLength how many places there are
   * @return the choice
   */
  public static PositionEncoding absolute(int maxLength) {
    return new PositionEncoding(Kind.ABSOLUTE, maxLength, BASE);
  }

  /**
   * Learned numbers of distances.
   *
   * @param maxDistance the distance from which on all are alike
   * @return the choice
   */
  public static PositionEncoding relative(int maxDistance) {
    return new PositionEncoding(Kind.RELATIVE, maxDistance, BASE);
  }

  /**
   * Turns.
   *
   * @param base the base of the frequencies, 10000 in RoFormer
   * @return the choice
   */
  public static PositionEncoding rotary(double base) {
    return new PositionEncoding(Kind.ROTARY, 0, base);
  }

  /**
   * Plain attention with these positions.
   *
   * @param size the number of features
   * @param options heads, dropout, layout, and how the projections are made
   * @return a new layer
   * @throws IllegalArgumentException if size, heads or positions do not fit
   */
  public Attention attention(int size, AttentionOptions options) {
    return switch (kind) {
      case NONE -> new MultiheadAttention(size, options);
      case ABSOLUTE -> new AdditivePositionalAttention(size, reach, options);
      case RELATIVE -> new RelativePositionalAttention(size, reach, options);
      case ROTARY -> new RotaryPositionalAttention(size, base, options);
    };
  }

  /**
   * Equivariant attention with these positions.
   *
   * @param rho how the features transform
   * @param options heads, dropout, layout, and how the projections are made
   * @return a new layer
   * @throws IllegalArgumentException if representation, heads or positions do not fit
   */
  public Attention attention(Representation rho, AttentionOptions options) {
    return switch (kind) {
      case NONE -> new EquivariantMultiheadAttention(rho, options);
      case ABSOLUTE -> new EquivariantAdditivePositionalAttention(rho, reach, options);
      case RELATIVE -> new EquivariantRelativePositionalAttention(rho, reach, options);
      case ROTARY -> new EquivariantRotaryPositionalAttention(rho, base, options);
    };
  }
}
