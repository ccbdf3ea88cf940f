package dev.noether.nn.activation;

import static dev.noether.algebra.Checks.require;
import static dev.noether.algebra.Checks.requireDropout;

import dev.noether.kernel.Field;
import dev.noether.kernel.FieldType;
import dev.noether.nn.EquivariantLayer;
import dev.noether.nn.LayerType;
import dev.noether.plain.PlainGraph;
import dev.noether.plain.PlainLayer;
import dev.noether.rep.SignedPermutations;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * In training sets single channels at single places to zero, each with probability p, and scales
 * the others by 1 / (1 - p), as escnn's {@code PointwiseDropout}. In evaluation it is the identity.
 *
 * <p>Needs fields whose channels the group permutes, up to sign: what is drawn then has the same
 * distribution after a turn, though one draw is not turned. {@link FieldDropout} commutes draw by
 * draw, for any fields.
 */
public final class PointwiseDropout extends EquivariantLayer implements PlainLayer {
  /** How an architecture describes it. */
  public static final LayerType<PointwiseDropout> TYPE =
      LayerType.independentOfBases(PointwiseDropout.class)
          .fields("in", layer -> layer.type)
          .setting("p", layer -> layer.probability, 0.5)
          .builds(s -> new PointwiseDropout(s.fields("in"), s.number("p")));

  private final FieldType type;
  private final double probability;

  /**
   * A layer that draws from LibTorch's generator.
   *
   * @param type the fields
   * @param probability p, at least 0 and below 1
   * @throws IllegalArgumentException if p is out of range, or the group does not permute the
   *     channels of a field
   */
  public PointwiseDropout(FieldType type, double probability) {
    super(type, type);
    for (Field field : type.kinds()) {
      require(
          SignedPermutations.of(field.representation()).isPresent(),
          "a dropout of points breaks the symmetry of the field %s (%s): the group does not permute"
              + " its channels; use FieldDropout",
          field,
          field.representation());
    }
    this.type = type;
    this.probability = requireDropout(probability);
  }

  @Override
  protected Tensor compute(Tensor input) {
    return isTraining() && probability > 0 ? torch.dropout(input, probability, true) : input;
  }

  /** In evaluation, as it is. */
  @Override
  public <V> V plain(PlainGraph<V> graph, V x) {
    return x;
  }

  @Override
  public String toString() {
    return "PointwiseDropout(" + probability + ", " + type + ")";
  }
}
