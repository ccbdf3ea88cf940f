package dev.noether.nn;

import static dev.noether.algebra.Checks.require;

import dev.noether.group.Element;
import dev.noether.group.FiniteGroup;
import dev.noether.hom.BasisExpansion;
import dev.noether.rep.Representation;
import dev.noether.torch.Dtype;
import dev.noether.torch.Scopes;
import dev.noether.torch.Tensors;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/** Gives a plain layer a symmetry, and measures whether a layer has it. */
public final class Equivariance {
  private static final int RANDOM_ELEMENTS = 4;

  private Equivariance() {}

  /**
   * Constrains a plain layer to equivariant weights and an invariant bias, from now on.
   *
   * @param linear the layer
   * @param in the representation of its input
   * @param out the representation of its output
   * @param expansion how the basis is kept
   * @throws IllegalArgumentException if sizes or groups do not fit, Hom_G(in, out) is empty, or the
   *     layer is constrained already
   */
  public static void impose(
      Linear linear, Representation in, Representation out, BasisExpansion expansion) {
    require(
        linear.inFeatures() == in.size() && linear.outFeatures() == out.size(),
        "the layer must map in.size() = %d (%s) to out.size() = %d (%s), got %s",
        in.size(),
        in,
        out.size(),
        out,
        linear);
    Tensor weight = linear.weight();
    Dtype dtype = Tensors.scalarType(weight) == ScalarType.Double ? Dtype.FLOAT64 : Dtype.FLOAT32;
    CommutingConstraint commuting = new CommutingConstraint(in, out, expansion, dtype);
    InvariantConstraint invariant = new InvariantConstraint(out, dtype);
    commuting.to(Tensors.device(weight));
    invariant.to(Tensors.device(weight));
    linear.parametrize("weight", commuting);
    if (linear.hasBias()) {
      linear.parametrize("bias", invariant);
    }
  }

  /**
   * What a check found.
   *
   * @param maxError the largest |f(rho_in(g) x) - rho_out(g) f(x)| over entries and elements
   * @param relativeError the same over the largest entry of f(x)
   * @param element the element at which it is largest
   * @param transformedInput f(rho_in(g) x) at that element
   * @param transformedOutput rho_out(g) f(x) at that element
   */
  public record Report(
      double maxError,
      double relativeError,
      Element element,
      Tensor transformedInput,
      Tensor transformedOutput) {}

  /**
   * Checks a layer on an input of your own.
   *
   * <p>A generating set decides equivariance, because the elements at which it holds form a
   * subgroup; some random elements are tried besides. No mode is changed.
   *
   * @param layer the layer
   * @param input {@code [..., in.size]}
   * @return the largest error and both sides
   */
  public static Report check(EquivariantLayer layer, Tensor input) {
    return check(layer::forward, layer.in(), layer.out(), input);
  }

  /**
   * Checks any function on an input of your own.
   *
   * @param function a map from {@code [..., in.size]} to {@code [..., out.size]}
   * @param in how inputs transform
   * @param out how outputs transform
   * @param input {@code [..., in.size]}
   * @return the largest error and both sides
   * @throws IllegalArgumentException if the groups differ or a last axis does not fit
   */
  public static Report check(
      UnaryOperator<Tensor> function, Representation in, Representation out, Tensor input) {
    require(
        in.group().equals(out.group()),
        "in and out must be representations of one group, got %s and %s",
        in,
        out);
    Tensors.requireInput(input, in.size(), "in.size()", in, input);
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      Tensor output = function.apply(input);
      Tensors.requireInput(output, out.size(), "out.size()", out, output);
      double largest = output.abs().max().item().toDouble();
      @Nullable Report worst = null;
      for (Element element : elements(in.group())) {
        Tensor left = function.apply(act(in, element, input));
        Tensor right = act(out, element, output);
        double error = left.sub(right).abs().max().item().toDouble();
        if (worst == null || !(error <= worst.maxError)) {
          worst = new Report(error, largest == 0 ? error : error / largest, element, left, right);
        }
      }
      if (worst == null) {
        throw new IllegalStateException("no elements");
      }
      Scopes.keep(worst.transformedInput);
      Scopes.keep(worst.transformedOutput);
      return worst;
    }
  }

  /**
   * Checks a layer and throws where it breaks the symmetry.
   *
   * @param layer the layer
   * @param input {@code [..., in.size]}
   * @param tolerance the largest relative error allowed
   * @return the report
   * @throws IllegalStateException if the relative error is larger, or not a number
   */
  public static Report checkThat(EquivariantLayer layer, Tensor input, double tolerance) {
    Report report = check(layer, input);
    if (!(report.relativeError <= tolerance)) {
      throw new IllegalStateException(
          String.format(
              java.util.Locale.ROOT,
              "%s is not equivariant: relative error %.3g at %s, allowed %.3g",
              layer,
              report.relativeError,
              report.element,
              tolerance));
    }
    return report;
  }

  /**
   * Transforms a batch: x rho(g)^T, which is rho(g) on every vector.
   *
   * @param representation rho
   * @param element g
   * @param input {@code [..., size]}
   * @return {@code [..., size]}
   */
  public static Tensor act(Representation representation, Element element, Tensor input) {
    return Scopes.compute(
        () ->
            input.matmul(
                Tensors.of(Dtype.FLOAT64, representation.at(element))
                    .to(input.device(), input.scalar_type())
                    .t()));
  }

  private static List<Element> elements(FiniteGroup group) {
    Set<Integer> chosen = new LinkedHashSet<>(group.generators());
    Random random = new Random(0);
    for (int i = 0; i < RANDOM_ELEMENTS; i++) {
      chosen.add(random.nextInt(group.order()));
    }
    List<Element> elements = new ArrayList<>();
    chosen.forEach(index -> elements.add(group.element(index)));
    return elements;
  }
}
