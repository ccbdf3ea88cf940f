package dev.noether.nn.activation;

import dev.noether.grid.FieldGroups;
import dev.noether.kernel.FieldType;
import dev.noether.nn.LayerType;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * In training sets whole fields over the plane or space to zero, at all places at once, each with
 * probability p for every sample, and scales the others by 1 / (1 - p), as escnn's {@code
 * FieldDropout}. In evaluation it is the identity.
 *
 * <p>Whatever is drawn, a field is multiplied by one number, so the layer commutes with the group.
 */
public final class FieldDropout extends DropoutOfFields {
  /** How an architecture describes it. */
  public static final LayerType<FieldDropout> TYPE = type(FieldDropout.class, FieldDropout::new);

  private final FieldGroups<Integer> groups;

  /**
   * A layer that draws from LibTorch's generator.
   *
   * @param type the fields
   * @param probability p, at least 0 and below 1
   * @throws IllegalArgumentException if p is out of range
   */
  public FieldDropout(FieldType type, double probability) {
    super(type, probability);
    groups = FieldGroups.bySize(type);
    registerBuffers("groups.", groups.buffers());
  }

  @Override
  Tensor dropped(Tensor input) {
    long[] shape = groups.onGrid(type().fields().size());
    Tensor ones = input.new_ones(input.dim() == shape.length ? shape : batch(input, shape));
    double kept = 1 - probability();
    return groups.scaled(input, ones.bernoulli(kept).div(new Scalar(kept)));
  }

  private static long[] batch(Tensor input, long[] shape) {
    long[] longer = new long[shape.length + 1];
    longer[0] = input.size(0);
    System.arraycopy(shape, 0, longer, 1, shape.length);
    return longer;
  }
}
