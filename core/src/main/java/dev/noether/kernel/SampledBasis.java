package dev.noether.kernel;

import static dev.noether.algebra.Checks.require;

import dev.noether.algebra.Matrix;
import java.util.Arrays;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;

/**
 * A basis of kernels between two fields, sampled on points.
 *
 * <p>Each element is scaled so that its squares over all points sum to the dimension of its output
 * irrep; elements that vanish on the points (norm below 1e-6) are left out. A kernel is linear in
 * the {@linkplain #features() features} of the points, harmonics times profiles of rings, which are
 * fewer than the points. So weights expand by two products, with {@link #featureElements()} and
 * with the features; for large groups by the sparse {@link #coefficients()} in the irreps' bases,
 * the two changes of basis and the features, which is small whatever the group.
 */
public final class SampledBasis {
  private static final double VANISHING = 1e-6;

  private final KernelBasis basis;
  private final Points points;
  private final Features layout;
  private final Matrix features;
  private final KernelCoefficients coefficients;

  private SampledBasis(KernelBasis basis, Points points, Features layout, Matrix features) {
    this.basis = basis;
    this.points = points;
    this.layout = layout;
    this.features = features;
    this.coefficients = KernelCoefficients.of(basis, layout);
  }

  /**
   * Samples a basis.
   *
   * @param basis the kernels
   * @param points where
   * @return the elements that do not vanish there, normalised
   * @throws IllegalArgumentException if the points have another dimension
   */
  public static SampledBasis of(KernelBasis basis, Points points) {
    requireDimension(basis.space(), points);
    Features layout = new Features(basis.space(), basis.rings());
    Matrix features = layout.at(points);
    Gram gram = new Gram(layout, features);
    KernelBasis normal =
        basis.scaled(
            (block, element) -> {
              double norm = Math.sqrt(gram.of(element, element) / block.outDimension());
              return norm < VANISHING ? 0 : 1 / norm;
            });
    return new SampledBasis(normal, points, layout, features);
  }

  /** The elements that are no combinations of those before them, on these points. */
  SampledBasis independent() {
    Gram gram = new Gram(layout, features);
    Set<KernelElement> kept = Collections.newSetFromMap(new IdentityHashMap<>());
    for (KernelBlock block : basis.blocks()) {
      List<KernelElement> elements = block.elements();
      Independent picked = new Independent((i, j) -> gram.of(elements.get(i), elements.get(j)));
      for (int e = 0; e < elements.size(); e++) {
        if (picked.add(e)) {
          kept.add(elements.get(e));
        }
      }
    }
    KernelBasis fewer = basis.scaled((block, element) -> kept.contains(element) ? 1 : 0);
    return new SampledBasis(fewer, points, layout, features);
  }

  private static void requireDimension(Space space, Points points) {
    require(
        points.dimension() == space.dimension(),
        "kernels on %s are sampled at points of dimension %d, got %d",
        space,
        space.dimension(),
        points.dimension());
  }

  /**
   * The same elements with the same scales at other points, such as those of a cloud.
   *
   * @param others the points, of this basis' dimension
   * @return the basis there
   * @throws IllegalArgumentException if the points have another dimension
   */
  public SampledBasis at(Points others) {
    requireDimension(basis.space(), others);
    return new SampledBasis(basis, others, layout, layout.at(others));
  }

  /**
   * The elements that are left, normalised.
   *
   * @return the basis as functions of the point, in the order of the weights
   */
  public KernelBasis basis() {
    return basis;
  }

  /**
   * Where the kernels are sampled.
   *
   * @return the points
   */
  public Points points() {
    return points;
  }

  /**
   * The number of weights.
   *
   * @return the dimension of the space of sampled kernels
   */
  public int dim() {
    return basis.dim();
  }

  /**
   * The harmonics times the profiles of the rings at all points.
   *
   * @return {@code [features, points]}
   */
  public Matrix features() {
    return features;
  }

  /**
   * The sparse map from the weights of one pair of fields to the features of their kernel in the
   * irreps' bases.
   *
   * @return its entries
   */
  public KernelCoefficients coefficients() {
    return coefficients;
  }

  /**
   * The same kernels as sums of products, frequency by frequency: what layers expand weights with.
   *
   * @return the parts that have kernels
   */
  public List<KernelPart> parts() {
    return FrequencyPart.of(this, layout);
  }

  /**
   * The kernel of some weights.
   *
   * @param weights {@code dim()} numbers
   * @return the kernel {@code [out, in, points]}, row by row
   * @throws IllegalArgumentException if the number of weights is another one
   */
  public double[] expand(double... weights) {
    require(weights.length == dim(), "%s need as many weights, got %d", basis, weights.length);
    Matrix kernel = turned(coefficients.times(weights), out(), in());
    return Matrix.of(out().rows() * in().rows(), features.rows(), kernel.toArray())
        .times(features)
        .toArray();
  }

  /**
   * Every element as features, in the fields' own bases: the kernel of some weights is their
   * product with this, times {@link #features()}. For small groups these two products are the
   * fastest way to expand the weights of many copies.
   *
   * @return {@code [dim, out, in, features]}, row by row
   */
  public double[] featureElements() {
    int size = out().rows() * in().rows() * features.rows();
    double[] all = new double[Math.multiplyExact(dim(), size)];
    for (int b = 0; b < dim(); b++) {
      double[] unit = new double[dim()];
      unit[b] = 1;
      Matrix element = turned(coefficients.times(unit), out(), in());
      System.arraycopy(element.toArray(), 0, all, b * size, size);
    }
    return all;
  }

  /**
   * Every element by itself at all points, as escnn keeps them. This is large: see {@link
   * #denseBytes}.
   *
   * @return {@code [dim, out, in, points]}, row by row
   */
  public double[] dense() {
    if (dim() == 0) {
      return new double[0];
    }
    Math.multiplyExact(dim(), kernelSize());
    int rows = dim() * out().rows() * in().rows();
    return Matrix.of(rows, features.rows(), featureElements()).times(features).toArray();
  }

  private Matrix out() {
    return basis.out().representation().changeOfBasis();
  }

  private Matrix in() {
    return basis.in().representation().changeOfBasis();
  }

  private int kernelSize() {
    return out().rows() * in().rows() * points.count();
  }

  /** Multiplies the first axis of {@code [n, m, features]} by one matrix, the second by another. */
  private Matrix turned(double[] values, Matrix left, Matrix right) {
    int n = left.rows();
    int width = right.rows() * features.rows();
    double[] rows = left.times(Matrix.of(n, width, values)).toArray();
    double[] all = new double[rows.length];
    for (int row = 0; row < n; row++) {
      double[] part = Arrays.copyOfRange(rows, row * width, (row + 1) * width);
      Matrix turned = right.times(Matrix.of(right.rows(), features.rows(), part));
      System.arraycopy(turned.toArray(), 0, all, row * width, width);
    }
    return Matrix.of(n, width, all);
  }

  /**
   * The change from another basis of the same kernels, such as the one that a Python checkpoint
   * holds, by least squares.
   *
   * @param other the elements of the other basis, {@code [count, out, in, points]}, row by row
   * @return each of them in this basis, and how well that went
   * @throws IllegalArgumentException if the numbers are no multiple of the size of a kernel, or
   *     this basis is not linearly independent on its points
   */
  public SampledBasisChange changeFrom(double... other) {
    int size = kernelSize();
    require(
        other.length % size == 0 && other.length > 0,
        "elements of a basis must be [count, %d, %d, %d], got %d numbers",
        out().rows(),
        in().rows(),
        points.count(),
        other.length);
    Gram gram = new Gram(layout, features);
    List<Matrix> solvers =
        basis.blocks().stream().map(block -> inverse(gram, block.elements())).toList();
    int count = other.length / size;
    double[] change = new double[count * dim()];
    double largest = 1e-30;
    double worst = 0;
    for (int c = 0; c < count; c++) {
      double[] kernel = Arrays.copyOfRange(other, c * size, (c + 1) * size);
      double[] weights = weights(kernel, solvers);
      double[] projection = expand(weights);
      System.arraycopy(weights, 0, change, c * dim(), dim());
      for (int i = 0; i < size; i++) {
        largest = Math.max(largest, Math.abs(kernel[i]));
        worst = Math.max(worst, Math.abs(kernel[i] - projection[i]));
      }
    }
    return new SampledBasisChange(Matrix.of(count, dim(), change), worst / largest);
  }

  /** The weights of a kernel's orthogonal projection on the span. */
  private double[] weights(double[] kernel, List<Matrix> solvers) {
    Matrix seen =
        Matrix.of(out().rows() * in().rows(), points.count(), kernel).timesTranspose(features);
    Matrix values = turned(seen.toArray(), out().transpose(), in().transpose());
    double[] products = coefficients.transposeTimes(values.toArray());
    double[] weights = new double[dim()];
    for (int k = 0; k < solvers.size(); k++) {
      solve(basis.blocks().get(k), solvers.get(k), products, weights);
    }
    return weights;
  }

  private static void solve(KernelBlock block, Matrix solver, double[] products, double[] weights) {
    int n = solver.rows();
    for (int a = 0; a < block.outStarts().length; a++) {
      for (int b = 0; b < block.inStarts().length; b++) {
        for (int e = 0; e < n; e++) {
          double sum = 0;
          for (int o = 0; o < n; o++) {
            sum += solver.get(e, o) * products[block.weight(a, b, o)];
          }
          weights[block.weight(a, b, e)] = sum;
        }
      }
    }
  }

  private Matrix inverse(Gram gram, List<KernelElement> elements) {
    int n = elements.size();
    double[] entries = new double[n * n];
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        entries[i * n + j] = gram.of(elements.get(i), elements.get(j));
      }
    }
    return Matrix.of(n, n, entries)
        .inverse()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "the "
                        + basis
                        + " are not linearly independent on the points: take fewer rings or lower"
                        + " cutoffs"));
  }

  /**
   * The multiply-adds to expand the weights of one pair of fields in the irreps' bases.
   *
   * @return the entries, the two changes of basis and the product with the features
   */
  public long multiplyAdds() {
    long n = out().rows();
    long m = in().rows();
    return coefficients.count() + n * m * features.rows() * (n + m + points.count());
  }

  /**
   * The multiply-adds to do the same with a dense basis.
   *
   * @return dim * out * in * points
   */
  public long denseMultiplyAdds() {
    return (long) dim() * kernelSize();
  }

  /**
   * The bytes of what the expansion in the irreps' bases keeps: the entries with two indices of 8
   * bytes each, the changes of basis and the features.
   *
   * @param bytesPerNumber 4 for float32, 8 for float64
   * @return the bytes
   */
  public long bytes(int bytesPerNumber) {
    long n = out().rows();
    long m = in().rows();
    long numbers = n * n + m * m + (long) features.rows() * points.count();
    return coefficients.count() * (16L + bytesPerNumber) + numbers * bytesPerNumber;
  }

  /**
   * The bytes of {@link #featureElements()} and {@link #features()}.
   *
   * @param bytesPerNumber 4 for float32, 8 for float64
   * @return the bytes
   */
  public long featureBytes(int bytesPerNumber) {
    long elements = (long) dim() * out().rows() * in().rows();
    return (elements + points.count()) * features.rows() * bytesPerNumber;
  }

  /**
   * The bytes of a dense basis.
   *
   * @param bytesPerNumber 4 for float32, 8 for float64
   * @return the bytes
   */
  public long denseBytes(int bytesPerNumber) {
    return denseMultiplyAdds() * bytesPerNumber;
  }

  /** The basis and the number of points. */
  @Override
  public String toString() {
    return basis + " at " + points.count() + " points";
  }
}
