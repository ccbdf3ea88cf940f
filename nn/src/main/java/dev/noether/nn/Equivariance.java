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
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
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
    return check(
        inputs -> layer.forward(inputs.get(0)),
        List.of(layer.in()),
        layer.out(),
        List.of(input),
        layer.featureAxis());
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
    return check(inputs -> function.apply(inputs.get(0)), List.of(in), out, List.of(input));
  }

  /**
   * Checks a function of several inputs: f(rho_1(g) x_1, rho_2(g) x_2, ...) = rho_out(g) f(x_1,
   * x_2, ...).
   *
   * @param function the function
   * @param in how each input transforms
   * @param out how the output transforms
   * @param inputs {@code [..., size]} each, features last
   * @return the largest error and both sides
   * @throws IllegalArgumentException if the counts or the groups differ or a last axis does not fit
   */
  public static Report check(
      Function<List<Tensor>, Tensor> function,
      List<Representation> in,
      Representation out,
      List<Tensor> inputs) {
    return check(function, in, out, inputs, -1);
  }

  /** The same with the features on another axis. */
  static Report check(
      Function<List<Tensor>, Tensor> function,
      List<Representation> in,
      Representation out,
      List<Tensor> inputs,
      int axis) {
    require(
        in.size() == inputs.size() && !in.isEmpty(),
        "a function needs a representation for each input, got %d for %d inputs",
        in.size(),
        inputs.size());
    for (int i = 0; i < in.size(); i++) {
      require(
          in.get(i).group().equals(out.group()),
          "in and out must be representations of one group, got %s and %s",
          in.get(i),
          out);
      requireFeatures(inputs.get(i), in.get(i), axis, "in.size()");
    }
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      Tensor output = function.apply(inputs);
      requireFeatures(output, out, axis, "out.size()");
      double largest = output.abs().max().item().toDouble();
      @Nullable Report worst = null;
      for (Element element : elements(out.group())) {
        List<Tensor> moved = new ArrayList<>();
        for (int i = 0; i < in.size(); i++) {
          moved.add(act(in.get(i), element, inputs.get(i), axis));
        }
        Tensor left = function.apply(moved);
        Tensor right = act(out, element, output, axis);
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

  private static void requireFeatures(
      Tensor tensor, Representation representation, int axis, String meaning) {
    if (axis == -1) {
      Tensors.requireInput(tensor, representation.size(), meaning, representation, tensor);
      return;
    }
    require(
        tensor.dim() >= -axis && tensor.size(axis) == representation.size(),
        "axis %d must be %s = %d (%s), got %s",
        axis,
        meaning,
        representation.size(),
        representation,
        Arrays.toString(Tensors.shape(tensor)));
  }

  /**
   * Checks every equivariant layer of a model by itself, on random inputs of its own, to find which
   * one breaks the symmetry.
   *
   * <p>Put the model in evaluation mode first: dropout draws anew at every call, and batch
   * statistics move.
   *
   * @param model the model
   * @return a report for every {@link EquivariantLayer} in it, by name, in the model's order
   */
  public static Map<String, Report> checkEach(Layer model) {
    Map<String, Report> reports = new LinkedHashMap<>();
    model
        .namedLayers()
        .forEach(
            (name, layer) -> {
              if (layer instanceof EquivariantAffine affine && affine.isFilm()) {
                reports.put(name, checkFilm(affine));
              } else if (layer instanceof EquivariantLayer equivariant) {
                reports.put(name, check(equivariant, example(layer, equivariant)));
              }
            });
    return Collections.unmodifiableMap(reports);
  }

  /** A FiLM layer with invariant scales and bias. */
  private static Report checkFilm(EquivariantAffine film) {
    Representation rho = film.in();
    Representation one = Representation.trivial(rho.group());
    Tensor x = random(film, 4, rho.size());
    Tensor scale = random(film, 4, film.scaleCount());
    if (film.biasCount() == 0) {
      List<Representation> in = List.of(rho, one.times(film.scaleCount()));
      return check(t -> film.forward(t.get(0), t.get(1)), in, rho, List.of(x, scale));
    }
    return check(
        t -> film.forward(t.get(0), t.get(1), t.get(2)),
        List.of(rho, one.times(film.scaleCount()), one.times(film.biasCount())),
        rho,
        List.of(x, scale, random(film, 4, film.biasCount())));
  }

  /** Four samples, with enough time for any kernel. */
  private static Tensor example(Layer layer, EquivariantLayer equivariant) {
    long time = 8;
    for (Layer inner : layer.namedLayers().values()) {
      if (inner instanceof EquivariantConvolution convolution) {
        ConvolutionOptions geometry = convolution.geometry();
        time += 2 * (geometry.span() + geometry.padding()) * geometry.stride();
      }
    }
    int size = equivariant.in().size();
    return equivariant.featureAxis() == -1 ? random(layer, 4, size) : random(layer, 4, size, time);
  }

  /** Numbers in the dtype and on the device of a layer. */
  private static Tensor random(Layer layer, long... shape) {
    int count = Math.toIntExact(Arrays.stream(shape).reduce(1, Math::multiplyExact));
    double[] values = new Random(count).doubles(count, -1, 1).toArray();
    Optional<Tensor> like =
        Stream.concat(
                layer.namedParameters().values().stream(), layer.namedBuffers().values().stream())
            .filter(Tensor::is_floating_point)
            .findFirst();
    Tensor input = Tensors.of(Dtype.FLOAT32, values, shape);
    return like.map(own -> input.to(own.device(), own.scalar_type())).orElse(input);
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
    return act(representation, element, input, -1);
  }

  private static Tensor act(
      Representation representation, Element element, Tensor input, int axis) {
    return Scopes.compute(
        () -> {
          Tensor matrix =
              Tensors.of(Dtype.FLOAT64, representation.at(element))
                  .to(input.device(), input.scalar_type());
          return axis == -1 ? input.matmul(matrix.t()) : matrix.matmul(input);
        });
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
