package dev.noether.nn.pooling;

import static dev.noether.algebra.Checks.require;

import dev.noether.kernel.FieldType;
import dev.noether.nn.EquivariantLayer;
import dev.noether.nn.LayerType;
import dev.noether.plain.PlainGraph;
import dev.noether.plain.PlainLayer;
import dev.noether.torch.Dtype;
import dev.noether.torch.Tensors;
import java.util.Arrays;
import org.bytedeco.pytorch.Tensor;

/**
 * Multiplies fields by a disc, or a ball, that fills the grid, as escnn's {@code MaskModule}: what
 * lies in the corners would leave the grid when the image is turned.
 *
 * <p>With c = (size - 1) / 2 the mask is 1 up to the radius r = c (1 - margin / 100), beyond it
 * exp((r^2 - p^2) / sigma^2) at a distance p from the centre. In the state dict it is {@code mask}.
 */
public final class Mask extends EquivariantLayer implements PlainLayer {
  /** How an architecture describes it. */
  public static final LayerType<Mask> TYPE =
      LayerType.independentOfBases(Mask.class)
          .fields("in", layer -> layer.type)
          .setting("size", layer -> layer.size)
          .setting("margin", layer -> layer.margin, 0)
          .setting("sigma", layer -> layer.sigma, 2)
          .builds(
              s ->
                  new Mask(
                      s.fields("in"),
                      s.whole("size"),
                      s.number("margin"),
                      s.number("sigma"),
                      s.dtype()));

  private static final double USUAL_SIGMA = 2;
  private static final int LARGEST = 4096;

  private final FieldType type;
  private final int size;
  private final double margin;
  private final double sigma;
  private final Tensor mask;

  /**
   * A mask without parameters.
   *
   * @param type the fields
   * @param size the number of cells of a side of the grid, from 1 to 4096
   * @param margin how much smaller the disc is than the grid, in percent of its radius, from 0 to
   *     100
   * @param sigma how fast it fades outside, in cells, above 0
   * @param dtype the dtype of the layer
   * @throws IllegalArgumentException if a number is out of its range
   */
  public Mask(FieldType type, int size, double margin, double sigma, Dtype dtype) {
    super(type, type);
    require(size >= 1 && size <= LARGEST, "a mask has 1 to %d cells a side, got %d", LARGEST, size);
    require(margin >= 0 && margin <= 100, "the margin is from 0 to 100 percent, got %s", margin);
    require(sigma > 0 && Double.isFinite(sigma), "the width sigma must be positive, got %s", sigma);
    this.type = type;
    this.size = size;
    this.margin = margin;
    this.sigma = sigma;
    mask = registerFixed("mask", mask(dtype));
  }

  /**
   * A mask in float32 that fades over two cells.
   *
   * @param type the fields
   * @param size the number of cells of a side of the grid
   * @param margin how much smaller the disc is than the grid, in percent of its radius
   * @throws IllegalArgumentException if a number is out of its range
   */
  public Mask(FieldType type, int size, double margin) {
    this(type, size, margin, USUAL_SIGMA, Dtype.FLOAT32);
  }

  private Tensor mask(Dtype dtype) {
    int d = type.space().dimension();
    int cells = 1;
    for (int i = 0; i < d; i++) {
      cells = Math.multiplyExact(cells, size);
    }
    double centre = (size - 1) / 2.0;
    double inner = centre - margin / 100 * centre;
    double[] values = new double[cells];
    for (int cell = 0; cell < cells; cell++) {
      double square = 0;
      for (int axis = 0, rest = cell; axis < d; axis++, rest /= size) {
        square += (rest % size - centre) * (rest % size - centre);
      }
      double beyond = square - inner * inner;
      values[cell] = beyond > 0 ? StrictMath.exp(-beyond / (sigma * sigma)) : 1;
    }
    long[] shape = new long[d + 2];
    Arrays.fill(shape, size);
    shape[0] = 1;
    shape[1] = 1;
    return Tensors.of(dtype, values, shape);
  }

  @Override
  protected Tensor compute(Tensor input) {
    int d = type.space().dimension();
    for (int axis = 1; axis <= d; axis++) {
      require(
          input.size(-axis) == size,
          "the mask is for grids of %d cells a side, got %s",
          size,
          Arrays.toString(Tensors.shape(input)));
    }
    return input.mul(input.dim() == d + 1 ? mask.squeeze(0) : mask);
  }

  @Override
  protected long exampleTime() {
    return size;
  }

  @Override
  public <V> V plain(PlainGraph<V> graph, V x) {
    return graph.multiply(x, graph.constant("mask", mask));
  }

  @Override
  public String toString() {
    return "Mask(" + size + ", margin " + margin + " %, " + type + ")";
  }
}
