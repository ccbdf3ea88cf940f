package dev.noether.nn;

import static dev.noether.algebra.Checks.require;

import dev.noether.kernel.FieldType;
import dev.noether.plain.Axes;
import dev.noether.rep.Representation;
import dev.noether.torch.Dtype;
import dev.noether.torch.Tensors;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.Function;
import org.bytedeco.pytorch.Tensor;

/**
 * A function of one or several inputs that is said to be equivariant: f(rho_1(g) x_1, rho_2(g) x_2,
 * ...) = rho_out(g) f(x_1, x_2, ...), with an example of its inputs.
 *
 * @param inputs how each input transforms, and an example
 * @param out how the output transforms
 * @param axes what the axes of the output are
 * @param fields the fields of the output where the group moves places as well
 * @param function the function
 */
public record EquivariantFunction(
    List<Input> inputs,
    Representation out,
    Axes axes,
    Optional<FieldType> fields,
    Function<List<Tensor>, Tensor> function) {
  /**
   * An input.
   *
   * @param representation how it transforms
   * @param axes what its axes are
   * @param example numbers of its shape
   * @param fields its fields where the group moves places as well
   */
  public record Input(
      Representation representation, Axes axes, Tensor example, Optional<FieldType> fields) {
    /**
     * An input whose places stay.
     *
     * @param representation how it transforms
     * @param axes what its axes are
     * @param example numbers of its shape
     */
    public Input(Representation representation, Axes axes, Tensor example) {
      this(representation, axes, example, Optional.empty());
    }
  }

  /**
   * A function whose output has no places that move.
   *
   * @param inputs how each input transforms, and an example
   * @param out how the output transforms
   * @param axes what the axes of the output are
   * @param function the function
   * @throws IllegalArgumentException if there is no input, the groups differ, or an example has
   *     another number of features than its representation
   */
  public EquivariantFunction(
      List<Input> inputs, Representation out, Axes axes, Function<List<Tensor>, Tensor> function) {
    this(inputs, out, axes, Optional.empty(), function);
  }

  /**
   * Checks the inputs.
   *
   * @param inputs how each input transforms, and an example
   * @param out how the output transforms
   * @param axes what the axes of the output are
   * @param fields the fields of the output where the group moves places as well
   * @param function the function
   * @throws IllegalArgumentException if there is no input, the groups differ, or an example has
   *     another number of features than its representation
   */
  public EquivariantFunction {
    inputs = List.copyOf(inputs);
    require(!inputs.isEmpty(), "an equivariant function has at least one input, got none");
    for (Input input : inputs) {
      require(
          input.representation.group().equals(out.group()),
          "in and out must be representations of one group, got %s and %s",
          input.representation,
          out);
      requireFeatures(input.example, input.representation, input.axes, "in.size()");
    }
  }

  static void requireFeatures(
      Tensor tensor, Representation representation, Axes axes, String meaning) {
    int axis = axes.featureAxis();
    if (axis == -1) {
      Tensors.requireInput(tensor, representation.size(), meaning, representation, tensor);
    } else {
      require(
          tensor.dim() >= -axis && tensor.size(axis) == representation.size(),
          "axis %d must be %s = %d (%s), got %s",
          axis,
          meaning,
          representation.size(),
          representation,
          Arrays.toString(Tensors.shape(tensor)));
    }
    require(
        tensor.numel() > 0,
        "a check needs at least one sample, got %s",
        Arrays.toString(Tensors.shape(tensor)));
  }

  /**
   * Numbers between -1 and 1, the same at every call.
   *
   * @param kind a tensor whose dtype and device they get; float32 on the CPU where there is none
   * @param shape the shape
   * @return a new tensor
   */
  public static Tensor random(Optional<Tensor> kind, long... shape) {
    int count = Math.toIntExact(Arrays.stream(shape).reduce(1, Math::multiplyExact));
    double[] values = new Random(count).doubles(count, -1, 1).toArray();
    Tensor numbers = Tensors.of(Dtype.FLOAT32, values, shape);
    return kind.map(own -> numbers.to(own.device(), own.scalar_type())).orElse(numbers);
  }
}
