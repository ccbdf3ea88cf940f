package dev.noether.models;

import dev.noether.nn.Layer;
import dev.noether.nn.attention.Attention;
import dev.noether.nn.attention.AttentionOptions;
import dev.noether.nn.attention.PositionEncoding;
import dev.noether.nn.linear.MapOptions;
import dev.noether.nn.norm.NormOptions;
import dev.noether.plain.Activation;
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

  /** Attention with or without positions. */
  Attention attention(String name, S space, PositionEncoding positions, AttentionOptions options);

  /** A stack of encoder layers. */
  SequenceEncoder encoder(String name, S space, StackOptions options);

  /** A stack of decoder layers. */
  SequenceDecoder decoder(String name, S space, StackOptions options);
}
