package dev.noether.nn.activation;

import static dev.noether.algebra.Checks.require;

import dev.noether.kernel.Field;
import dev.noether.kernel.FieldType;
import dev.noether.nn.LayerType;
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
public final class PointwiseDropout extends DropoutOfFields {
  /** How an architecture describes it. */
  public static final LayerType<PointwiseDropout> TYPE =
      type(PointwiseDropout.class, PointwiseDropout::new);

  /**
   * A layer that draws from LibTorch's generator.
   *
   * @param type the fields
   * @param probability p, at least 0 and below 1
   * @throws IllegalArgumentException if p is out of range, or the group does not permute the
   *     channels of a field
   */
  public PointwiseDropout(FieldType type, double probability) {
    super(type, probability);
    for (Field field : type.kinds()) {
      require(
          SignedPermutations.of(field.representation()).isPresent(),
          "a dropout of points breaks the symmetry of the field %s (%s): the group does not permute"
              + " its channels; use FieldDropout",
          field,
          field.representation());
    }
  }

  @Override
  Tensor dropped(Tensor input) {
    return torch.dropout(input, probability(), true);
  }
}
