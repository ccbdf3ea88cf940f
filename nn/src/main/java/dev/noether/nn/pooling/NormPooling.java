package dev.noether.nn.pooling;

import dev.noether.kernel.FieldType;
import dev.noether.nn.LayerType;
import dev.noether.plain.PlainGraph;
import dev.noether.torch.Tensors;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * The length of every field over the plane or space: one invariant channel for each, as escnn's
 * {@code NormPool}. Without gradient at zero, where a length has none.
 *
 * <p>Names in the state dict, for each size S of fields: {@code in_indices_S}, {@code
 * out_indices_S}.
 */
public final class NormPooling extends FieldPooling {
  /** How an architecture describes it. */
  public static final LayerType<NormPooling> TYPE =
      LayerType.independentOfBases(NormPooling.class)
          .fields("in", FieldPooling::type)
          .builds(s -> new NormPooling(s.fields("in")));

  /** Below this squared length a field counts as zero. */
  private static final double SMALLEST = 1e-30;

  /**
   * A pooling without parameters.
   *
   * @param type the fields
   */
  public NormPooling(FieldType type) {
    super(requireSpace(type, NormPooling.class));
  }

  @Override
  Tensor pooled(Tensor fields, int axis) {
    Tensor x = Tensors.wide(fields);
    Tensor lengths = x.mul(x).sum(axis).clamp_min(new Scalar(SMALLEST)).sqrt();
    return Tensors.inDtypeOf(fields, lengths);
  }

  @Override
  <V> V plainPooled(PlainGraph<V> graph, V fields, int size) {
    V mean = graph.mean(graph.multiply(fields, fields));
    V square = graph.add(graph.multiply(mean, graph.number(size)), graph.number(SMALLEST));
    return graph.multiply(square, graph.rsqrt(square));
  }

  @Override
  public String toString() {
    return "NormPooling(" + type() + ")";
  }
}
