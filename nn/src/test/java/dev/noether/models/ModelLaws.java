package dev.noether.models;

import static dev.noether.Fixtures.distance;
import static dev.noether.Fixtures.random;
import static dev.noether.Fixtures.rotated;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.noether.Fixtures;
import dev.noether.nn.Equivariance;
import dev.noether.nn.EquivariantFunction;
import dev.noether.nn.Layer;
import dev.noether.plain.EagerGraph;
import dev.noether.plain.PlainLayer;
import dev.noether.rep.Representation;
import dev.noether.torch.Dtype;
import dev.noether.torch.Tensors;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/** What holds for every model. */
final class ModelLaws {
  static final String[] GROUPS = {"C3", "D4", "Q8", "Icosahedral"};

  private ModelLaws() {}

  /** Regular, mixed and rotated ends. */
  static List<Representation> ends(String group) {
    Representation regular = Representation.parse(group + ": regular");
    Representation last = Representation.irrep(regular.irreps().get(regular.irreps().size() - 1));
    Representation mixed = last.times(2).plus(Representation.trivial(regular.group()));
    return List.of(regular, mixed, rotated(mixed));
  }

  /** Weights away from their first values, biases among them. */
  static <L extends Layer> L moved(L layer) {
    try (NoGradGuard guard = new NoGradGuard()) {
      layer
          .namedParameters()
          .values()
          .forEach(
              p ->
                  p.add_(
                      random(Dtype.FLOAT64, Tensors.shape(p))
                          .mul(new Scalar(0.2))
                          .to(p.scalar_type())));
    }
    return layer;
  }

  /** In training and evaluation. */
  static void assertEquivariant(Layer layer, double tolerance) {
    for (boolean training : new boolean[] {true, false}) {
      if (training) {
        layer.train();
      } else {
        layer.eval();
      }
      EquivariantFunction claim = layer.equivariance().orElseThrow();
      Equivariance.Report report = Equivariance.check(claim);
      assertThat(report.relativeError()).as("%s", layer).isLessThan(tolerance);
      double size =
          claim
              .function()
              .apply(claim.inputs().stream().map(i -> i.example()).toList())
              .abs()
              .max()
              .item()
              .toDouble();
      assertThat(size).as("%s", layer).isGreaterThan(1e-3);
    }
  }

  /**
   * The plain form, the layer built from its description, and a change of dtype are the same
   * function.
   */
  static <L extends Layer & PlainLayer> void assertSurvives(
      L layer, BiFunction<Layer, Tensor, Tensor> forward, Tensor x) {
    try (NoGradGuard guard = new NoGradGuard()) {
      Tensor trained = forward.apply(layer, x); // moves running statistics
      layer.eval();
      Tensor y = forward.apply(layer, x);
      assertThat(Tensors.shape(trained)).isEqualTo(Tensors.shape(y));
      assertThat(distance(layer.plain(new EagerGraph(x), x), y)).as("%s", layer).isLessThan(1e-5);
      Layer again = Fixtures.builtAgain(layer);
      again.eval();
      assertThat(again).isInstanceOf(layer.getClass());
      assertThat(distance(forward.apply(again, x), y)).as("%s", layer).isZero();
      layer.to(Dtype.FLOAT64);
      Tensor wide = forward.apply(layer, x.to(Dtype.FLOAT64.scalarType()));
      assertThat(Tensors.dtypeName(wide)).isEqualTo("float64");
      assertThat(distance(wide, y)).as("%s", layer).isLessThan(1e-5);
      Layer other = Fixtures.builtAgain(layer);
      other.eval();
      assertThat(distance(forward.apply(other, x.to(Dtype.FLOAT64.scalarType())), wide))
          .as("%s", layer)
          .isLessThan(1e-13);
    }
  }

  /** The slope along a direction in every leaf: (f(p + h v) - f(p - h v)) / 2h + O(h^2). */
  static void assertSlopes(Map<String, Tensor> leaves, Supplier<Tensor> loss, Object of) {
    loss.get().backward();
    leaves.forEach(
        (name, leaf) -> {
          Tensor direction = random(Dtype.FLOAT64, Tensors.shape(leaf)).cos();
          double slope =
              leaf.grad().defined() ? leaf.grad().mul(direction).sum().item().toDouble() : 0;
          double up = along(leaf, direction, 1e-6, loss);
          double down = along(leaf, direction, -1e-6, loss);
          double size = Math.max(1, Math.abs(slope));
          assertThat(slope)
              .as("%s of %s", name, of)
              .isCloseTo((up - down) / 2e-6, within(1e-5 * size));
        });
  }

  private static double along(Tensor leaf, Tensor way, double step, Supplier<Tensor> loss) {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      Tensor before = leaf.clone();
      leaf.add_(way, new Scalar(step));
      double result = loss.get().item().toDouble();
      leaf.copy_(before);
      return result;
    }
  }
}
