package dev.noether.nn.bilinear;

import dev.noether.nn.EquivariantLayer;
import dev.noether.nn.LayerType;
import dev.noether.nn.linear.EquivariantLinear;
import dev.noether.plain.PlainGraph;
import dev.noether.plain.PlainLayer;
import dev.noether.rep.Representation;
import org.bytedeco.pytorch.Tensor;

/**
 * A quadratic layer that commutes with a group: z = B(x, x) with B in Hom_G(Sym^2(in), out), the
 * {@link EquivariantTensorProduct} of a vector with itself in which each product stands once.
 *
 * <p>With the default options every homogeneous quadratic equivariant map is reached.
 */
public final class EquivariantTensorSquare extends EquivariantLayer implements PlainLayer {
  /** How an architecture describes it. */
  public static final LayerType<EquivariantTensorSquare> TYPE =
      LayerType.of(EquivariantTensorSquare.class, layer -> layer.map.bases())
          .representation("in", layer -> layer.whole)
          .representation("out", layer -> layer.wholeOut)
          .settings(TensorProductOptions.SETTINGS, EquivariantTensorSquare::options)
          .builds(
              s ->
                  new EquivariantTensorSquare(
                      s.representation("in"), s.representation("out"), TensorProductOptions.of(s)));

  private final Representation whole;
  private final Representation wholeOut;
  private final TensorProductOptions options;
  private final BilinearMap map;

  /**
   * A layer.
   *
   * @param in how the input transforms
   * @param out how the output transforms
   * @param options which products are formed, and how they are mixed
   * @throws IllegalArgumentException if the groups differ or no such map exists
   */
  public EquivariantTensorSquare(
      Representation in, Representation out, TensorProductOptions options) {
    super(options.map().restricted(in), options.map().restricted(out));
    whole = in;
    wholeOut = out;
    this.options = options;
    Products products = Products.square(in, out, options);
    registerBuffers("", products.buffers());
    EquivariantLinear mixing = new EquivariantLinear(products.representation(), out, options.map());
    map = new BilinearMap(products, registerChild("mixing", mixing));
  }

  /**
   * A layer without a bias that reaches all quadratic equivariant maps, in float32.
   *
   * @param in how the input transforms
   * @param out how the output transforms
   * @throws IllegalArgumentException if the groups differ or no such map exists
   */
  public EquivariantTensorSquare(Representation in, Representation out) {
    this(in, out, TensorProductOptions.defaults());
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

  @Override
  protected Tensor compute(Tensor input) {
    return map.apply(input, input);
  }

  @Override
  public <V> V plain(PlainGraph<V> graph, V x) {
    return map.plain(graph, x, x);
  }

  @Override
  public String toString() {
    return "EquivariantTensorSquare(" + in() + " -> " + out() + ")";
  }
}
