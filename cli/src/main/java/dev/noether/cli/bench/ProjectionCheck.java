package dev.noether.cli.bench;

import dev.noether.hom.BasisExpansion;
import dev.noether.nn.Equivariance;
import dev.noether.nn.linear.DenseOptions;
import dev.noether.nn.linear.FieldLinear;
import dev.noether.nn.linear.FieldList;
import dev.noether.nn.linear.Linear;
import dev.noether.nn.linear.MapOptions;
import dev.noether.rep.Representation;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * A law of a projection, and how well it holds.
 *
 * @param name what was checked
 * @param passed whether the error is within the tolerance
 * @param maxError the largest absolute error found
 */
public record ProjectionCheck(String name, boolean passed, double maxError) {
  private static final double TOLERANCE = 1e-5;
  private static final int SAMPLES = 16;

  /** Equivariance and idempotence of the projected layer, under both strategies. */
  static List<ProjectionCheck> all(
      Representation regular, int copies, Consumer<ProjectionCheck> onCheck) {
    List<ProjectionCheck> checks = new ArrayList<>();
    FieldList in = FieldList.of(regular, copies);
    FieldList out = FieldList.of(regular, 2 * copies);
    FieldLinear equivariant = new FieldLinear(in, out, MapOptions.defaults().withSeed(0));
    for (BasisExpansion expansion :
        List.of(BasisExpansion.MEMORY_HEAVY, BasisExpansion.ISOTYPIC_EXPANSION)) {
      Linear layer = new Linear(in.size(), out.size(), DenseOptions.defaults().withSeed(0));
      layer.impose(equivariant.in(), equivariant.out(), expansion);
      String label =
          expansion == BasisExpansion.MEMORY_HEAVY ? "Memory-heavy" : "Isotypic-expansion";
      try (PointerScope scope = new PointerScope();
          NoGradGuard guard = new NoGradGuard()) {
        checks.add(equivariance(label, layer, equivariant));
        onCheck.accept(checks.get(checks.size() - 1));
        checks.add(idempotence(label, layer, equivariant));
        onCheck.accept(checks.get(checks.size() - 1));
      }
    }
    return List.copyOf(checks);
  }

  /** With a random weight, and with one that is equivariant already. */
  private static ProjectionCheck equivariance(String label, Linear layer, FieldLinear equivariant) {
    Tensor input = torch.randn(SAMPLES, layer.inFeatures());
    double error = equivarianceError(layer, equivariant, input);
    layer.setWeight(equivariant.expandParameters().weight());
    error = Math.max(error, equivarianceError(layer, equivariant, input));
    return of(label + " projection equivariance", error);
  }

  private static double equivarianceError(Linear layer, FieldLinear equivariant, Tensor input) {
    return Equivariance.check(layer::forward, equivariant.in(), equivariant.out(), input)
        .maxError();
  }

  /** P(W) = W for an equivariant W, and P(P(W)) = P(W) for a random one. */
  private static ProjectionCheck idempotence(String label, Linear layer, FieldLinear equivariant) {
    Tensor fixed = equivariant.expandParameters().weight();
    layer.setWeight(fixed);
    double error = distance(fixed, layer.weight());
    layer.setWeight(torch.randn_like(fixed));
    Tensor once = layer.weight();
    layer.setWeight(once);
    return of(label + " projection idempotence", Math.max(error, distance(once, layer.weight())));
  }

  private static double distance(Tensor a, Tensor b) {
    return a.sub(b).abs().max().item().toDouble();
  }

  private static ProjectionCheck of(String name, double error) {
    return new ProjectionCheck(name, error <= TOLERANCE, error);
  }

  /** The line that the reference prints, with the error. */
  @Override
  public String toString() {
    return String.format(
        Locale.ROOT, "%s test %s (max error %.1e).", name, passed ? "passed" : "FAILED", maxError);
  }
}
