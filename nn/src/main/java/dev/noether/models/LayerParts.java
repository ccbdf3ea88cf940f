package dev.noether.models;

import dev.noether.nn.Layer;
import dev.noether.nn.attention.Attention;
import dev.noether.nn.attention.AttentionOptions;
import dev.noether.nn.attention.PositionEncoding;
import dev.noether.nn.linear.MapOptions;
import dev.noether.nn.norm.NormOptions;
import dev.noether.plain.Activation;
import dev.noether.plain.Forward;
import dev.noether.plain.PlainLayer;
import java.util.function.BiFunction;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;

/**
 * How linear maps, norms, dropout and attention are made, so that a plain network and its
 * equivariant twin are one text. What is made becomes a child of the layer that it is made for.
 *
 * @param <S> what features are: a number of them, or a representation
 */
interface LayerParts<S> {
  /** Makes a layer the child of another. */
  interface Registrar {
    /** Gives a child its name. */
    void register(String name, Layer child);
  }

  /** Where the parts become children. */
  Registrar owner();

  /** The layer, which becomes a child. */
  default <L extends Layer> L registered(String name, L layer) {
    owner().register(name, layer);
    return layer;
  }

  /** A layer of one input, which becomes a child. */
  default <L extends Layer & Forward & PlainLayer> Part part(String name, L layer) {
    registered(name, layer);
    return new Part(name, layer::forward, layer);
  }

  /** A layer of one input that does nothing outside training, which becomes a child. */
  default <L extends Layer & Forward> UnaryOperator<Tensor> inTraining(String name, L layer) {
    registered(name, layer);
    return x -> layer.isTraining() ? layer.forward(x) : x;
  }

  /** Whether the parts commute with a group. */
  boolean isEquivariant();

  /** Features of some width between two maps, on which an activation may act. */
  S hidden(S space, int width, Activation activation);

  /** A linear map. */
  Part linear(String name, S in, S out, MapOptions options);

  /** A norm. */
  Part norm(String name, S space, TransformerNorm kind, NormOptions options);

  /** Dropout; the identity where nothing is dropped. */
  UnaryOperator<Tensor> dropout(String name, S space, double probability, MapOptions options);

  /**
   * What works on sequences, as it is made of the features and of options.
   *
   * @param <S> what features are
   * @param <E> a stack of encoder layers
   * @param <D> a stack of decoder layers
   */
  record Sequences<S, E extends Layer & SequenceEncoder, D extends Layer & SequenceDecoder>(
      Attending<S> attention,
      BiFunction<S, StackOptions, E> encoder,
      BiFunction<S, StackOptions, D> decoder) {}

  /** Makes attention with or without positions. */
  interface Attending<S> {
    Attention of(PositionEncoding positions, S space, AttentionOptions options);
  }

  /** What works on sequences; no child yet. */
  Sequences<S, ?, ?> sequences();

  /** Attention that becomes a child. */
  default Attention attention(
      String name, S space, PositionEncoding positions, AttentionOptions options) {
    Attention made = sequences().attention().of(positions, space, options);
    owner().register(name, (Layer) made);
    return made;
  }

  /** A stack of encoder layers. */
  default SequenceEncoder encoder(String name, S space, StackOptions options) {
    return registered(name, sequences().encoder().apply(space, options));
  }

  /** A stack of decoder layers. */
  default SequenceDecoder decoder(String name, S space, StackOptions options) {
    return registered(name, sequences().decoder().apply(space, options));
  }
}
