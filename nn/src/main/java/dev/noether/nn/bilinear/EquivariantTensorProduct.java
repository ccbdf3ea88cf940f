package dev.noether.nn.bilinear;

import static dev.noether.algebra.Checks.require;
import static dev.noether.algebra.Checks.requirePresent;

import dev.noether.nn.EquivariantFunction;
import dev.noether.nn.Layer;
import dev.noether.nn.LayerType;
import dev.noether.nn.linear.EquivariantLinear;
import dev.noether.plain.Axes;
import dev.noether.plain.PlainGraph;
import dev.noether.plain.PlainLayer;
import dev.noether.plain.Port;
import dev.noether.rep.Representation;
import dev.noether.torch.Scopes;
import dev.noether.torch.Tensors;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;

/**
 * A bilinear layer that commutes with a group, the equivariant {@code torch.nn.Bilinear}: z = B(x,
 * y) with B in Hom_G(left (x) right, out).
 *
 * <p>Copies of irreps are multiplied pair by pair, Clebsch-Gordan coefficients take the products
 * into irreps, and an equivariant linear layer mixes them; the tensor product itself and its Hom
 * space are never formed. With the default options every bilinear equivariant map is reached;
 * {@link TensorProductOptions} takes fewer pairs or irreps of small degree only. See Finzi, Welling
 * and Wilson, <em>A Practical Method for Constructing Equivariant MLPs</em> (2021).
 */
public final class EquivariantTensorProduct extends Layer implements PlainLayer {
  /** How an architecture describes it. */
  public static final LayerType<EquivariantTensorProduct> TYPE =
      LayerType.of(EquivariantTensorProduct.class, layer -> layer.map.bases())
          .representation("left", layer -> layer.left)
          .representation("right", layer -> layer.right)
          .representation("out", layer -> layer.whole)
          .settings(TensorProductOptions.SETTINGS, EquivariantTensorProduct::options)
          .builds(
              s ->
                  new EquivariantTensorProduct(
                      s.representation("left"),
                      s.representation("right"),
                      s.representation("out"),
                      TensorProductOptions.of(s)));

  private static final int EXAMPLE = 4;

  private final Representation left;
  private final Representation right;
  private final Representation whole;
  private final TensorProductOptions options;
  private final BilinearMap map;

  /**
   * A layer of two inputs.
   *
   * @param left how the first input transforms
   * @param right how the second input transforms
   * @param out how the output transforms
   * @param options which products are formed, and how they are mixed
   * @throws IllegalArgumentException if the groups differ or no such map exists
   */
  public EquivariantTensorProduct(
      Representation left, Representation right, Representation out, TensorProductOptions options) {
    this.left =
        requirePresent(left, "a tensor product needs a representation on its left, got null");
    this.right =
        requirePresent(right, "a tensor product needs a representation on its right, got null");
    requirePresent(out, "a tensor product needs the representation of its output, got null");
    require(
        left.group().equals(right.group()) && left.group().equals(out.group()),
        "left, right and out must be representations of one group, got %s, %s and %s",
        left,
        right,
        out);
    whole = out;
    this.options = options;
    Products products = Products.of(left, right, out, options);
    registerBuffers("", products.buffers());
    EquivariantLinear mixing = new EquivariantLinear(products.representation(), out, options.map());
    map = new BilinearMap(products, registerChild("mixing", mixing));
  }

  /**
   * A layer without a bias that reaches all bilinear equivariant maps, in float32.
   *
   * @param left how the first input transforms
   * @param right how the second input transforms
   * @param out how the output transforms
   * @throws IllegalArgumentException if the groups differ or no such map exists
   */
  public EquivariantTensorProduct(Representation left, Representation right, Representation out) {
    this(left, right, out, TensorProductOptions.defaults());
  }

  /**
   * How the first input transforms.
   *
   * @return the representation
   */
  public Representation left() {
    return options.map().restricted(left);
  }

  /**
   * How the second input transforms.
   *
   * @return the representation
   */
  public Representation right() {
    return options.map().restricted(right);
  }

  /**
   * How the output transforms.
   *
   * @return the representation
   */
  public Representation out() {
    return map.mixing().out();
  }

  /**
   * How the layer was made.
   *
   * @return the options
   */
  public TensorProductOptions options() {
    return options;
  }

  /**
   * The linear layer from the products to the output; its coefficients are all that trains.
   *
   * @return the layer
   */
  public EquivariantLinear mixing() {
    return map.mixing();
  }

  /**
   * Applies the layer.
   *
   * @param x {@code [..., left.size]}
   * @param y {@code [..., right.size]}, leading axes as x
   * @return {@code [..., out.size]}
   * @throws IllegalArgumentException if features, leading axes, the dtype or the device do not fit
   */
  public Tensor forward(Tensor x, Tensor y) {
    Tensors.requireInput(x, left.size(), "left.size()", left, map.mixing().coefficients());
    Tensors.requireInput(y, right.size(), "right.size()", right, map.mixing().coefficients());
    long[] wanted = Tensors.shapeWithLast(x, right.size());
    require(
        Arrays.equals(wanted, Tensors.shape(y)),
        "both inputs must have the same leading axes, got %s and %s",
        Arrays.toString(Tensors.shape(x)),
        Arrays.toString(Tensors.shape(y)));
    return Scopes.compute(() -> map.apply(x, y));
  }

  @Override
  public List<Port> inputs() {
    return List.of(
        new Port("left", Axes.FEATURES, left.size()),
        new Port("right", Axes.FEATURES, right.size()));
  }

  @Override
  public Port output() {
    return map.mixing().output();
  }

  @Override
  public <V> V plain(PlainGraph<V> graph, V x) {
    throw new IllegalArgumentException(this + " takes two inputs, got 1");
  }

  @Override
  public <V> V plain(PlainGraph<V> graph, List<V> inputs) {
    require(inputs.size() == 2, "%s takes two inputs, got %d", this, inputs.size());
    return map.plain(graph, inputs.get(0), inputs.get(1));
  }

  /** With four samples of both inputs. */
  @Override
  public Optional<EquivariantFunction> equivariance() {
    return Optional.of(
        new EquivariantFunction(
            List.of(example(left()), example(right())),
            out(),
            Axes.FEATURES,
            inputs -> forward(inputs.get(0), inputs.get(1))));
  }

  private EquivariantFunction.Input example(Representation rho) {
    Tensor numbers =
        EquivariantFunction.random(Optional.of(map.mixing().coefficients()), EXAMPLE, rho.size());
    return new EquivariantFunction.Input(rho, Axes.FEATURES, numbers);
  }

  @Override
  public String toString() {
    return "EquivariantTensorProduct(" + left + ", " + right + " -> " + out() + ")";
  }
}
