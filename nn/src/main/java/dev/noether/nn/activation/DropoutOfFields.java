package dev.noether.nn.activation;

import static dev.noether.algebra.Checks.requireDropout;

import dev.noether.kernel.FieldType;
import dev.noether.nn.EquivariantLayer;
import dev.noether.nn.LayerType;
import dev.noether.plain.PlainGraph;
import dev.noether.plain.PlainLayer;
import java.util.function.BiFunction;
import org.bytedeco.pytorch.Tensor;

/** Sets parts of fields to zero in training; the identity in evaluation. */
abstract sealed class DropoutOfFields extends EquivariantLayer implements PlainLayer
    permits FieldDropout, PointwiseDropout {
  private final FieldType type;
  private final double probability;

  DropoutOfFields(FieldType type, double probability) {
    super(type, type);
    this.type = type;
    this.probability = requireDropout(probability);
  }

  /** How architectures describe both. */
  static <L extends DropoutOfFields> LayerType<L> type(
      Class<L> layer, BiFunction<FieldType, Double, L> making) {
    return LayerType.independentOfBases(layer)
        .fields("in", DropoutOfFields::type)
        .setting("p", own -> own.probability(), 0.5)
        .builds(s -> making.apply(s.fields("in"), s.number("p")));
  }

  final FieldType type() {
    return type;
  }

  final double probability() {
    return probability;
  }

  /** What is left of the input in training. */
  abstract Tensor dropped(Tensor input);

  @Override
  protected final Tensor compute(Tensor input) {
    return isTraining() && probability > 0 ? dropped(input) : input;
  }

  /** In evaluation, as it is. */
  @Override
  public final <V> V plain(PlainGraph<V> graph, V x) {
    return x;
  }

  @Override
  public final String toString() {
    return getClass().getSimpleName() + "(" + probability + ", " + type + ")";
  }
}
