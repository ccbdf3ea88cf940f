package dev.noether.kernel;

import static dev.noether.algebra.Checks.require;

import dev.noether.algebra.Matrix;
import dev.noether.group.Irrep;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.function.ToDoubleBiFunction;
import java.util.stream.IntStream;

/**
 * A basis of the kernels between two fields that commute with the group of a space: k(g p) = out(g)
 * k(p) in(g)^-1, as functions of the point.
 *
 * <p>For every harmonic and ring these are the maps that commute with the group from the tensor
 * product of the input with the harmonics to the output. They are kept irrep by irrep, never as a
 * stack of dense kernels. The elements are numbered by frequency; copy of an irrep in the input, in
 * the output; irrep j of the product; endomorphism of j; copy of j in the product, in the
 * harmonics; ring.
 */
public final class KernelBasis {
  private final Space space;
  private final Field in;
  private final Field out;
  private final Rings rings;
  private final List<KernelBlock> blocks;
  private final int dim;

  private KernelBasis(Space space, Field in, Field out, Rings rings, List<KernelBlock> blocks) {
    this.space = space;
    this.in = in;
    this.out = out;
    this.rings = rings;
    this.blocks = blocks.stream().filter(block -> !block.elements().isEmpty()).toList();
    this.dim = number();
  }

  /** Numbers the weights, frequency by frequency; gives how many there are. */
  private int number() {
    int n = out.size();
    int m = in.size();
    int[] counts = new int[(rings.highestFrequency() + 1) * m * n];
    blocks.forEach(block -> block.count(counts, m, n));
    int next = 0;
    for (int i = 0; i < counts.length; i++) {
      int count = counts[i];
      counts[i] = next;
      next += count;
    }
    blocks.forEach(block -> block.number(counts, m, n));
    return next;
  }

  /**
   * The basis of a pair of fields.
   *
   * @param space where they live
   * @param in the field of the input
   * @param out the field of the output
   * @param rings the radial part
   * @return the basis; its dimension may be 0
   * @throws IllegalArgumentException if a field is of another group than the space's
   */
  public static KernelBasis of(Space space, Field in, Field out, Rings rings) {
    return of(space, in, out, rings, new AngularKernels(space));
  }

  static KernelBasis of(Space space, Field in, Field out, Rings rings, AngularKernels angular) {
    for (Field field : List.of(in, out)) {
      require(
          field.representation().group().equals(space.group()),
          "kernels on %s need fields of %s, got %s of %s",
          space,
          space.group(),
          field,
          field.representation().group());
    }
    List<KernelBlock> blocks = new ArrayList<>();
    for (Irrep n : new LinkedHashSet<>(out.representation().irreps())) {
      for (Irrep m : new LinkedHashSet<>(in.representation().irreps())) {
        blocks.add(new KernelBlock(in, out, m, n, angular.between(m, n, rings)));
      }
    }
    return new KernelBasis(space, in, out, rings, blocks);
  }

  /**
   * The elements that satisfy a condition.
   *
   * @param condition on the irreps, the frequency, the ring and so on
   * @return the basis without the others
   */
  public KernelBasis where(Predicate<KernelElement> condition) {
    return scaled((block, element) -> condition.test(element) ? 1 : 0);
  }

  /** Multiplies each element by a factor; 0 leaves it out. */
  KernelBasis scaled(ToDoubleBiFunction<KernelBlock, KernelElement> factor) {
    List<KernelBlock> changed = new ArrayList<>();
    for (KernelBlock block : blocks) {
      List<KernelElement> elements = new ArrayList<>();
      for (KernelElement element : block.elements()) {
        double scale = factor.applyAsDouble(block, element);
        if (scale != 0) {
          elements.add(element.scaled(scale));
        }
      }
      changed.add(block.with(in, out, elements));
    }
    return new KernelBasis(space, in, out, rings, changed);
  }

  /**
   * The number of kernels.
   *
   * @return the dimension, 0 where none commutes with the group
   */
  public int dim() {
    return dim;
  }

  /**
   * The kernels by pairs of irreps.
   *
   * @return the blocks that are not empty
   */
  public List<KernelBlock> blocks() {
    return blocks;
  }

  /**
   * The elements in the order of the weights.
   *
   * @return {@code dim()} elements; those of several copies of an irrep are listed for each
   */
  public List<KernelElement> elements() {
    TreeMap<Integer, KernelElement> ordered = new TreeMap<>();
    for (KernelBlock block : blocks) {
      int copies = block.outStarts().length * block.inStarts().length;
      for (int copy = 0; copy < copies; copy++) {
        for (int e = 0; e < block.elements().size(); e++) {
          int inCopies = block.inStarts().length;
          ordered.put(block.weight(copy / inCopies, copy % inCopies, e), block.elements().get(e));
        }
      }
    }
    return List.copyOf(ordered.values());
  }

  /**
   * All kernels in one point, not normalised.
   *
   * @param point (x, y) or (x, y, z)
   * @return k(point) of every element, each {@code [out.size, in.size]}
   * @throws IllegalArgumentException if the point has another dimension or is not finite
   */
  public List<Matrix> at(double... point) {
    Points points = Points.of(space.dimension(), point);
    require(points.count() == 1, "one point is needed, got %d", points.count());
    Features features = new Features(space, rings);
    Matrix values = features.at(points);
    Matrix[] kernels = new Matrix[dim];
    for (KernelBlock block : blocks) {
      int width = block.inDimension();
      for (int e = 0; e < block.elements().size(); e++) {
        KernelElement element = block.elements().get(e);
        int start = features.start(element);
        double[] small = new double[block.outDimension() * width];
        for (int i = 0; i < small.length; i++) {
          for (int y = 0; y < element.coefficients().columns(); y++) {
            small[i] += element.coefficients().get(i, y) * values.get(start + y, 0);
          }
        }
        Matrix kernel = Matrix.of(block.outDimension(), width, small);
        for (int a = 0; a < block.outStarts().length; a++) {
          for (int b = 0; b < block.inStarts().length; b++) {
            kernels[block.weight(a, b, e)] =
                columns(out, block.outStarts()[a], block.outDimension())
                    .times(kernel)
                    .timesTranspose(columns(in, block.inStarts()[b], width));
          }
        }
      }
    }
    return List.of(kernels);
  }

  private static Matrix columns(Field field, int start, int count) {
    return field
        .representation()
        .changeOfBasis()
        .columns(IntStream.range(start, start + count).toArray());
  }

  /**
   * Where the fields live.
   *
   * @return the space
   */
  public Space space() {
    return space;
  }

  /**
   * The field of the input.
   *
   * @return the field
   */
  public Field in() {
    return in;
  }

  /**
   * The field of the output.
   *
   * @return the field
   */
  public Field out() {
    return out;
  }

  /**
   * The radial part.
   *
   * @return the rings
   */
  public Rings rings() {
    return rings;
  }

  /** The two fields and the dimension. */
  @Override
  public String toString() {
    return dim + " kernels from " + in + " to " + out + " over " + space;
  }
}
