package dev.noether.nn;

import static dev.noether.algebra.Checks.require;

import dev.noether.grid.FieldAction;
import dev.noether.group.Element;
import dev.noether.group.FiniteGroup;
import dev.noether.group.Group;
import dev.noether.kernel.FieldType;
import dev.noether.plain.Axes;
import dev.noether.rep.Representation;
import dev.noether.torch.Dtype;
import dev.noether.torch.Scopes;
import dev.noether.torch.Tensors;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Measures whether a layer or a function has the symmetry that it claims.
 *
 * <pre>{@code
 * Representation rho = Representation.parse("C4: 2 x regular");
 * EquivariantLinear layer = new EquivariantLinear(rho, rho);
 * Tensor x = torch.randn(16, 8);
 * System.out.println(Equivariance.checkThat(layer, x, 1e-5)); // or an error that names the element
 * Tensor moved = Equivariance.act(rho, rho.finiteGroup().element(1), x);
 * }</pre>
 */
public final class Equivariance {
  private static final int RANDOM_ELEMENTS = 4;

  /** What part of the radius a turned image is judged on. */
  private static final double INSIDE = 0.7;

  private Equivariance() {}

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
      Tensor transformedOutput) {
    /** As {@code equivariant to 4.6e-07 (worst at (r, r))}. */
    @Override
    public String toString() {
      return String.format(
          Locale.ROOT, "equivariant to %.1e (worst at %s)", relativeError, element);
    }
  }

  /**
   * Checks a layer on an input of your own.
   *
   * <p>A generating set decides equivariance, because the elements at which it holds form a
   * subgroup; some random elements are tried besides. Fields on a grid are moved by the elements
   * that permute its places, such as quarter turns. No mode is changed, and what calls in training
   * mode do to running statistics is taken back.
   *
   * @param layer the layer
   * @param input {@code [..., in.size]}, or as the layer's axes say
   * @return the largest error and both sides
   * @throws IllegalArgumentException if the input does not fit or holds no sample
   */
  public static Report check(EquivariantLayer layer, Tensor input) {
    return withoutTrace(
        layer,
        () ->
            check(
                new EquivariantFunction(
                    List.of(
                        new EquivariantFunction.Input(
                            layer.in(), layer.axes(), input, layer.inFields())),
                    layer.out(),
                    layer.axes(),
                    layer.outFields(),
                    inputs -> layer.forward(inputs.get(0)))));
  }

  /** Runs a check and gives the layer's buffers their numbers back. */
  private static Report withoutTrace(Layer layer, Supplier<Report> check) {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      IdentityHashMap<Tensor, Tensor> before = new IdentityHashMap<>();
      if (layer.namedLayers().values().stream().anyMatch(Layer::isTraining)) {
        layer.namedBuffers().values().forEach(buffer -> before.put(buffer, buffer.clone()));
      }
      try {
        return check.get();
      } finally {
        before.forEach(
            (buffer, numbers) -> {
              if (!buffer.equal(numbers)) {
                buffer.copy_(numbers);
              }
            });
      }
    }
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
    require(
        in.size() == inputs.size() && !in.isEmpty(),
        "a function needs a representation for each input, got %d for %d inputs",
        in.size(),
        inputs.size());
    List<EquivariantFunction.Input> examples = new ArrayList<>();
    for (int i = 0; i < in.size(); i++) {
      examples.add(new EquivariantFunction.Input(in.get(i), Axes.FEATURES, inputs.get(i)));
    }
    return check(new EquivariantFunction(examples, out, Axes.FEATURES, function));
  }

  /**
   * Checks a function on the example that comes with it.
   *
   * @param claim the function, how its inputs and its output transform, and an example
   * @return the largest error and both sides
   * @throws IllegalArgumentException if the output has another number of features
   */
  public static Report check(EquivariantFunction claim) {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      List<Tensor> inputs =
          claim.inputs().stream().map(EquivariantFunction.Input::example).toList();
      Tensor output = claim.function().apply(inputs);
      EquivariantFunction.requireFeatures(output, claim.out(), claim.axes(), "out.size()");
      double largest = output.abs().max().item().toDouble();
      @Nullable Report worst = null;
      for (Element element : elements(claim)) {
        List<Tensor> moved = new ArrayList<>();
        for (EquivariantFunction.Input input : claim.inputs()) {
          moved.add(
              input.fields().isPresent()
                  ? FieldAction.act(input.fields().get(), element, input.example())
                  : act(input.representation(), element, input.example(), input.axes()));
        }
        Tensor left = claim.function().apply(moved);
        Tensor right =
            claim.fields().isPresent()
                ? FieldAction.act(claim.fields().get(), element, output)
                : act(claim.out(), element, output, claim.axes());
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
   * How far a layer is from commuting with one element of its group.
   *
   * @param element the element
   * @param exact whether it permutes the places of the grid, so that nothing was interpolated
   * @param relativeError |f(g x) - g f(x)| / |f(x)|, the norms over the places inside the disc or
   *     ball of 0.7 times the largest radius, which stay in the image
   */
  public record Turned(Element element, boolean exact, double relativeError) {}

  /**
   * Checks a layer of fields at elements that move places of the grid between others too, by
   * interpolation in float64. What is found there is the discretization of the layer and of the
   * image, not an error: it shrinks with smoother images and larger kernels. Where the input is not
   * zero near its border, padding adds to it.
   *
   * @param layer a layer of fields
   * @param input an image or a volume, smooth and zero near its border
   * @return the figures of all elements of a finite group, or of eight of a compact one
   * @throws IllegalArgumentException if the layer is none of fields, or the input does not fit
   */
  public static List<Turned> checkTurned(EquivariantLayer layer, Tensor input) {
    FieldType in =
        layer
            .inFields()
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        layer + " is no layer of fields: nothing is turned; use check"));
    FieldType out = layer.outFields().orElse(in);
    Group group = in.space().group();
    List<? extends Element> elements =
        group instanceof FiniteGroup finite ? finite.elements() : group.sample(8, 0);
    List<Element> grid = in.space().gridElements();
    List<Turned> figures = new ArrayList<>();
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      Tensor output = layer.forward(input);
      Tensor inside = FieldAction.inside(out, output, INSIDE);
      double size = output.mul(inside).norm().item().toDouble();
      for (Element element : elements) {
        Tensor left = layer.forward(FieldAction.turn(in, element, input));
        Tensor right = FieldAction.turn(out, element, output);
        double error = left.sub(right).mul(inside).norm().item().toDouble();
        figures.add(new Turned(element, grid.contains(element), size == 0 ? error : error / size));
      }
    }
    return figures;
  }

  /**
   * Checks every layer of a model by itself, on the example that it gives, to find which one breaks
   * the symmetry.
   *
   * <p>Put the model in evaluation mode first: dropout draws anew at every call.
   *
   * @param model the model
   * @return a report for every layer with a claim, by name, in the model's order
   */
  public static Map<String, Report> checkEach(Layer model) {
    Map<String, Report> reports = new LinkedHashMap<>();
    model
        .namedLayers()
        .forEach(
            (name, layer) -> {
              Optional<EquivariantFunction> claim = layer.equivariance();
              claim.ifPresent(own -> reports.put(name, withoutTrace(layer, () -> check(own))));
            });
    return Collections.unmodifiableMap(reports);
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
              Locale.ROOT,
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
    return act(representation, element, input, Axes.FEATURES);
  }

  private static Tensor act(
      Representation representation, Element element, Tensor input, Axes axes) {
    return Scopes.compute(
        () -> {
          Tensor matrix =
              Tensors.of(Dtype.FLOAT64, representation.at(element))
                  .to(input.device(), input.scalar_type());
          Tensor last = axes.to(Axes.FEATURES, input).matmul(matrix.t());
          return Axes.FEATURES.to(axes, last);
        });
  }

  /** On a grid those that permute its places. */
  private static List<? extends Element> elements(EquivariantFunction claim) {
    Optional<FieldType> fields =
        claim.inputs().stream().flatMap(input -> input.fields().stream()).findFirst();
    return fields.isPresent() ? fields.get().space().gridElements() : elements(claim.out().group());
  }

  /** Generators and some more elements; of a compact group a sample of its Haar measure. */
  private static List<? extends Element> elements(Group any) {
    if (!(any instanceof FiniteGroup group)) {
      return any.sample(RANDOM_ELEMENTS, 0);
    }
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
