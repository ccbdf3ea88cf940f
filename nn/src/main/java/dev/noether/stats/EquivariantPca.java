package dev.noether.stats;

import static dev.noether.algebra.Checks.require;

import dev.noether.algebra.Matrix;
import dev.noether.group.Irrep;
import dev.noether.rep.HomSpace;
import dev.noether.rep.IsotypicDecomposition;
import dev.noether.rep.Representation;
import dev.noether.torch.Scopes;
import dev.noether.torch.TensorKind;
import dev.noether.torch.Tensors;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.ejml.interfaces.decomposition.EigenDecomposition_F64;

/**
 * Principal components of symmetric data: orthogonal subspaces of largest variance, each of which
 * transforms by one irrep.
 *
 * <p>They are the eigenspaces of the covariance of the data augmented by the whole group, found
 * block by block in multiplicity space. The map to the components commutes with the group, so a
 * component is kept or dropped as a whole and the reduced data has a known representation.
 */
public final class EquivariantPca {
  /**
   * One principal component.
   *
   * @param irrep how it transforms; it has {@code irrep.dimension()} coordinates
   * @param variance the variance of each of its coordinates
   */
  public record Component(Irrep irrep, double variance) {
    /**
     * The variance of all its coordinates together.
     *
     * @return {@code dimension * variance}
     */
    public double totalVariance() {
      return irrep.dimension() * variance;
    }
  }

  private record Axis(Component component, Matrix rows) {}

  private final InvariantMean mean;
  private final List<Axis> axes;
  private final double totalVariance;

  private EquivariantPca(InvariantMean mean, List<Axis> axes, double totalVariance) {
    this.mean = mean;
    this.axes = List.copyOf(axes);
    this.totalVariance = totalVariance;
  }

  /**
   * All components of a covariance, by falling variance of a coordinate; ties in the order of the
   * isotypic blocks.
   *
   * @param covariance the statistics of the data
   * @return the components
   * @throws IllegalArgumentException if there are no samples or they do not vary
   */
  public static EquivariantPca of(Covariance covariance) {
    covariance.kind();
    List<Axis> axes = new ArrayList<>();
    List<Matrix> moments = covariance.normalisedMoments();
    IsotypicDecomposition decomposition = covariance.space().in();
    for (IsotypicDecomposition.Block block : decomposition.blocks()) {
      for (int b = 0; b < moments.size(); b++) {
        HomSpace.Block own = covariance.blocks().get(b);
        if (own.in().equals(block)) {
          axes.addAll(axes(block, moments.get(b), decomposition.changeOfBasis()));
        }
      }
    }
    axes.sort(Comparator.comparingDouble((Axis axis) -> -axis.component.variance));
    double total = axes.stream().mapToDouble(axis -> axis.component.totalVariance()).sum();
    require(total > 0, "principal components need samples that vary, got zero variance");
    return new EquivariantPca(covariance.invariantMean(), axes, total);
  }

  /** The eigenvectors of one block, one for each copy of its irrep. */
  private static List<Axis> axes(IsotypicDecomposition.Block block, Matrix moment, Matrix q) {
    int m = block.multiplicity();
    Irrep irrep = block.irrep();
    int s = irrep.type().endomorphismDimension();
    List<Matrix> small = irrep.units();
    DMatrixRMaj real = realified(moment, small, m);
    EigenDecomposition_F64<DMatrixRMaj> eigen =
        DecompositionFactory_DDRM.eig(real.numRows, true, true);
    require(eigen.decompose(real), "the covariance of %s has no eigenvectors", irrep);
    List<Integer> order = new ArrayList<>();
    for (int i = 0; i < real.numRows; i++) {
      order.add(i);
    }
    order.sort(Comparator.comparingDouble(i -> -eigen.getEigenvalue(i).real));
    List<double[]> span = new ArrayList<>();
    List<Axis> found = new ArrayList<>();
    for (int i : order) {
      double[] vector = eigen.getEigenVector(i).data.clone();
      // twice is enough: Gram-Schmidt against the copies that are taken
      double length = Math.min(remove(span, vector), remove(span, vector));
      if (found.size() < m && length * length > 1.0 / (2 * m)) {
        normalise(vector);
        double[][] unit = scalars(vector, small, m);
        span.addAll(line(unit, small, m, s));
        double variance = Math.max(0, eigen.getEigenvalue(i).real);
        found.add(new Axis(new Component(irrep, variance), rows(block, unit, q)));
      }
    }
    return found;
  }

  /** The Hermitian matrix over the irrep's endomorphisms as a real symmetric one. */
  private static DMatrixRMaj realified(Matrix moment, List<Matrix> small, int m) {
    int s = small.size();
    DMatrixRMaj real = new DMatrixRMaj(m * s, m * s);
    for (int row = 0; row < m * s; row++) {
      for (int column = 0; column <= row; column++) {
        double sum = 0;
        for (int e = 0; e < s; e++) {
          double entry = small.get(e).get(row % s, column % s);
          double mirrored = small.get(e).get(column % s, row % s);
          sum += moment.get(row / s, column / s * s + e) * entry;
          sum += moment.get(column / s, row / s * s + e) * mirrored;
        }
        real.set(row, column, sum / 2);
        real.set(column, row, sum / 2);
      }
    }
    return real;
  }

  private static double remove(List<double[]> span, double[] vector) {
    for (double[] taken : span) {
      double inner = 0;
      for (int i = 0; i < vector.length; i++) {
        inner += taken[i] * vector[i];
      }
      for (int i = 0; i < vector.length; i++) {
        vector[i] -= inner * taken[i];
      }
    }
    return length(vector);
  }

  private static double length(double[] vector) {
    double sum = 0;
    for (double entry : vector) {
      sum += entry * entry;
    }
    return Math.sqrt(sum);
  }

  private static void normalise(double[] vector) {
    double length = length(vector);
    for (int i = 0; i < vector.length; i++) {
      vector[i] /= length;
    }
  }

  /** The u with vector_i = sum over s of u[i][s] small_s e_0. */
  private static double[][] scalars(double[] vector, List<Matrix> small, int m) {
    int s = small.size();
    double[][] unit = new double[m][s];
    for (int i = 0; i < m; i++) {
      for (int e = 0; e < s; e++) {
        for (int a = 0; a < s; a++) {
          unit[i][e] += small.get(e).get(a, 0) * vector[i * s + a];
        }
      }
    }
    return unit;
  }

  /** The orthonormal columns of sum over s of u_s (x) small_s. */
  private static List<double[]> line(double[][] unit, List<Matrix> small, int m, int s) {
    List<double[]> columns = new ArrayList<>();
    for (int column = 0; column < s; column++) {
      double[] entries = new double[m * s];
      for (int row = 0; row < m * s; row++) {
        for (int e = 0; e < s; e++) {
          entries[row] += unit[row / s][e] * small.get(e).get(row % s, column);
        }
      }
      columns.add(entries);
    }
    return columns;
  }

  /** The map from signals to the component, {@code [d, size]}. */
  private static Matrix rows(IsotypicDecomposition.Block block, double[][] unit, Matrix q) {
    int d = block.irrep().dimension();
    List<Matrix> endomorphisms = block.irrep().endomorphismBasis();
    double[] embedding = new double[q.columns() * d];
    for (int i = 0; i < unit.length; i++) {
      for (int e = 0; e < endomorphisms.size(); e++) {
        for (int a = 0; a < d * d; a++) {
          int row = block.start() + i * d + a / d;
          embedding[row * d + a % d] += unit[i][e] * endomorphisms.get(e).get(a / d, a % d);
        }
      }
    }
    return q.times(Matrix.of(q.columns(), d, embedding)).transpose();
  }

  /**
   * The first components only.
   *
   * @param count how many, at least 1 and at most as many as there are
   * @return the reduced map; ratios of variance still refer to all the variance
   * @throws IllegalArgumentException if there are not so many
   */
  public EquivariantPca first(int count) {
    require(
        count >= 1 && count <= axes.size(),
        "the number of components must be from 1 to %d, got %d",
        axes.size(),
        count);
    return new EquivariantPca(mean, axes.subList(0, count), totalVariance);
  }

  /**
   * The components, largest variance first.
   *
   * @return irreps with their variances
   */
  public List<Component> components() {
    return axes.stream().map(Axis::component).toList();
  }

  /**
   * The share of the whole variance that these components hold.
   *
   * @return from 0 to 1
   */
  public double explainedVarianceRatio() {
    return axes.stream().mapToDouble(axis -> axis.component.totalVariance()).sum() / totalVariance;
  }

  /**
   * How the data transforms.
   *
   * @return in
   */
  public Representation in() {
    return mean.representation();
  }

  /**
   * How the components transform: their irreps side by side.
   *
   * @return out
   */
  public Representation out() {
    return Representation.directSum(
        axes.stream().map(axis -> Representation.irrep(axis.component.irrep)).toList());
  }

  /**
   * The map from centred data to components.
   *
   * @return an equivariant matrix {@code [out.size, in.size]} with orthonormal rows, in the
   *     samples' dtype
   */
  public Tensor map() {
    TensorKind kind = mean.requireSamples();
    TensorKind wide = new TensorKind(ScalarType.Double, kind.device());
    return Scopes.compute(
        () ->
            kind.convert(
                Tensors.concatenate(
                    0, axes.stream().map(axis -> wide.float64(axis.rows)).toArray(Tensor[]::new))));
  }

  /**
   * The components of samples.
   *
   * @param x {@code [..., in.size]}
   * @return (x - mean) times the map's transpose, {@code [..., out.size]}
   * @throws IllegalArgumentException if the last axis, the dtype or the device do not fit
   */
  public Tensor transform(Tensor x) {
    return Scopes.compute(
        () -> {
          Tensor map = map();
          Tensors.requireInput(x, in().size(), "in.size()", in(), map);
          return x.sub(mean.mean()).matmul(map.t());
        });
  }

  /**
   * Samples from their components.
   *
   * @param components {@code [..., out.size]}
   * @return components times the map, plus the mean, {@code [..., in.size]}
   * @throws IllegalArgumentException if the last axis, the dtype or the device do not fit
   */
  public Tensor inverseTransform(Tensor components) {
    return Scopes.compute(
        () -> {
          Tensor map = map();
          Tensors.requireInput(components, out().size(), "out.size()", out(), map);
          return components.matmul(map).add(mean.mean());
        });
  }
}
