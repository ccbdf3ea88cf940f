package dev.noether.lie;

import static dev.noether.algebra.Checks.require;

import dev.noether.algebra.SymmetricEigen;
import dev.noether.group.CompactElement;
import dev.noether.group.CompactGroup;
import dev.noether.group.Orthogonal2;
import dev.noether.group.Orthogonal3;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * Points and weights that integrate band-limited functions on a compact group exactly, in the
 * invariant (Haar) measure of total 1.
 *
 * @param exactness the frequency or degree up to which all entries of all irreps are integrated
 *     exactly
 * @param points the elements
 * @param weights positive, one for each point, of sum 1
 */
public record Quadrature(int exactness, List<CompactElement> points, List<Double> weights) {
  /**
   * Copies the lists.
   *
   * @param exactness the degree of exactness
   * @param points the elements
   * @param weights the weights
   */
  public Quadrature {
    points = List.copyOf(points);
    weights = List.copyOf(weights);
  }

  /**
   * A grid on a group: equal angles in the plane; in space equal Euler angles alpha and gamma and
   * Gauss-Legendre nodes in cos(beta). With reflections, twice.
   *
   * <p>A product of entries of degrees l_1 and l_2 is a sum of entries of degrees up to l_1 + l_2.
   *
   * @param group the group
   * @param exactness the frequency or degree, at least 0
   * @return the grid: exactness + 1 points for SO(2), about exactness^3 / 2 for SO(3)
   * @throws IllegalArgumentException if the degree is negative
   */
  public static Quadrature of(CompactGroup group, int exactness) {
    requireExactness(exactness);
    List<CompactElement> rotations = new ArrayList<>();
    List<Double> weights = new ArrayList<>();
    int n = exactness + 1;
    if (group.spaceDimension() == 2) {
      for (int i = 0; i < n; i++) {
        rotations.add(Orthogonal2.rotation(2 * Math.PI * i / n));
        weights.add(1.0 / n);
      }
    } else {
      euler(exactness, n, rotations, weights);
    }
    if (!group.hasImproperElements()) {
      return new Quadrature(exactness, rotations, weights);
    }
    List<CompactElement> all = new ArrayList<>(rotations);
    for (CompactElement element : rotations) {
      all.add(
          element instanceof Orthogonal2 planar
              ? new Orthogonal2(planar.angle(), true)
              : ((Orthogonal3) element).invertSpace());
    }
    List<Double> halves = new ArrayList<>();
    for (int copy = 0; copy < 2; copy++) {
      weights.forEach(weight -> halves.add(weight / 2));
    }
    return new Quadrature(exactness, all, halves);
  }

  /**
   * A grid on the sphere: rotations that take the north pole (0, 0, 1) to its points.
   *
   * @param exactness the degree of spherical harmonics, at least 0
   * @return the grid, of about exactness^2 / 2 points
   * @throws IllegalArgumentException if the degree is negative
   */
  public static Quadrature sphere(int exactness) {
    requireExactness(exactness);
    List<CompactElement> rotations = new ArrayList<>();
    List<Double> weights = new ArrayList<>();
    euler(exactness, 1, rotations, weights);
    return new Quadrature(exactness, rotations, weights);
  }

  private static void requireExactness(int exactness) {
    require(exactness >= 0, "frequency must be at least 0, got %d", exactness);
  }

  private static void euler(
      int exactness, int gammas, List<CompactElement> rotations, List<Double> weights) {
    int alphas = exactness + 1;
    double[][] nodes = gaussLegendre(exactness / 2 + 1);
    for (int i = 0; i < alphas; i++) {
      for (double[] node : nodes) {
        for (int k = 0; k < gammas; k++) {
          rotations.add(
              Orthogonal3.ofEulerZyz(
                  2 * Math.PI * i / alphas, StrictMath.acos(node[0]), 2 * Math.PI * k / gammas));
          weights.add(node[1] / alphas / gammas);
        }
      }
    }
  }

  /**
   * Nodes in [-1, 1] and weights of sum 1: the eigenvalues of the Jacobi matrix and the squares of
   * the first entries of its eigenvectors (Golub and Welsch, 1969).
   */
  private static double[][] gaussLegendre(int count) {
    double[] jacobi = new double[count * count];
    for (int i = 1; i < count; i++) {
      double entry = i / Math.sqrt(4.0 * i * i - 1);
      jacobi[i * count + i - 1] = entry;
      jacobi[(i - 1) * count + i] = entry;
    }
    SymmetricEigen eigen = SymmetricEigen.of(count, jacobi);
    double[][] nodes = new double[count][];
    for (int i = 0; i < count; i++) {
      double first = eigen.vector(i, 0);
      nodes[i] = new double[] {eigen.value(i), first * first};
    }
    return nodes;
  }

  /**
   * The integral of a function.
   *
   * @param function a function on the group
   * @return the weighted sum over the points
   */
  public double integrate(ToDoubleFunction<CompactElement> function) {
    double sum = 0;
    for (int i = 0; i < points.size(); i++) {
      sum += weights.get(i) * function.applyAsDouble(points.get(i));
    }
    return sum;
  }
}
