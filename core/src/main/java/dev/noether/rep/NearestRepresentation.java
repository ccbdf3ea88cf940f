package dev.noether.rep;

import dev.noether.algebra.Matrix;
import dev.noether.group.FiniteElement;
import dev.noether.group.FiniteGroup;
import dev.noether.group.Irrep;
import java.util.ArrayList;
import java.util.List;

/**
 * The orthogonal representation nearest to rounded matrices, by least squares over the generators.
 *
 * <p>The irreps are known, and a basis Q of their copies up to the rounding. Q exp(K) with K
 * antisymmetric is sought that makes the sum over the generators of |Q^T A Q - M + (M K - K M)|^2
 * smallest, with A the given matrix and M the irreps: a linear problem, solved by conjugate
 * gradients, and repeated (Gauss and Newton).
 */
final class NearestRepresentation {
  private static final int ROUNDS = 6;
  private static final int STEPS = 300;
  private static final double SMALL = 1e-13;
  private static final double ORTHOGONAL = 1e-14;

  private final FiniteGroup group;
  private final List<Irrep> irreps;
  private final List<Matrix> given;
  private final int size;

  private NearestRepresentation(FiniteGroup group, Part part, List<Matrix> given) {
    this.group = group;
    this.irreps = part.irreps();
    this.given = given;
    this.size = part.size();
  }

  /** The irreps of a part in the basis that fits the matrices of the generators best. */
  static Part of(FiniteGroup group, Part part, List<Matrix> given) {
    return new NearestRepresentation(group, part, given).refined(part);
  }

  private Part refined(Part part) {
    Matrix basis = orthonormal(part.basis());
    double distance = distance(basis);
    for (int round = 0; round < ROUNDS; round++) {
      Matrix turn = step(basis);
      Matrix next = orthonormal(basis.plus(basis.times(turn)));
      double reached = distance(next);
      if (!(reached < distance)) {
        break;
      }
      basis = next;
      boolean done = reached > 0.99 * distance;
      distance = reached;
      if (done) {
        break;
      }
    }
    return new Part(group, irreps, basis, null);
  }

  /** The nearest orthogonal matrix to one that is almost so, by Newton's iteration. */
  private static Matrix orthonormal(Matrix matrix) {
    Matrix result = matrix;
    for (int i = 0; i < 30 && result.orthogonalityDefect() > ORTHOGONAL; i++) {
      Matrix gram = result.transpose().times(result);
      result = result.times(Matrix.identity(gram.rows()).scale(3).plus(gram.scale(-1))).scale(0.5);
    }
    return result;
  }

  private double distance(Matrix basis) {
    double sum = 0;
    for (Matrix error : errors(basis)) {
      sum += dot(error, error);
    }
    return Math.sqrt(sum);
  }

  /** Q^T A Q - M for each generator. */
  private List<Matrix> errors(Matrix basis) {
    Matrix transposed = basis.transpose();
    List<Matrix> errors = new ArrayList<>();
    for (int a = 0; a < given.size(); a++) {
      Matrix turned = transposed.times(given.get(a)).times(basis);
      errors.add(turned.plus(Matrix.blockDiagonal(blocks(a)).scale(-1)));
    }
    return errors;
  }

  private List<Matrix> blocks(int generator) {
    FiniteElement g = group.element(group.generators().get(generator));
    return irreps.stream().map(irrep -> irrep.at(g)).toList();
  }

  /** The antisymmetric K, by conjugate gradients on the normal equations. */
  private Matrix step(Matrix basis) {
    Matrix solution = Matrix.identity(size).scale(0);
    Matrix residual = adjoint(errors(basis)).scale(-1);
    Matrix direction = residual;
    double square = dot(residual, residual);
    double first = square;
    for (int i = 0; i < STEPS && square > SMALL * SMALL * first && square > 0; i++) {
      Matrix image = adjoint(commutators(direction));
      double length = dot(direction, image);
      if (!(length > 0)) {
        break;
      }
      solution = solution.plus(direction.scale(square / length));
      residual = residual.plus(image.scale(-square / length));
      double next = dot(residual, residual);
      direction = residual.plus(direction.scale(next / square));
      square = next;
    }
    return solution;
  }

  /** M K - K M for each generator. */
  private List<Matrix> commutators(Matrix k) {
    List<Matrix> result = new ArrayList<>();
    for (int a = 0; a < given.size(); a++) {
      result.add(times(a, false, k).plus(timesRight(k, a, false).scale(-1)));
    }
    return result;
  }

  /** The antisymmetric part of the sum of M^T X - X M^T. */
  private Matrix adjoint(List<Matrix> terms) {
    Matrix sum = Matrix.identity(size).scale(0);
    for (int a = 0; a < given.size(); a++) {
      sum = sum.plus(times(a, true, terms.get(a)));
      sum = sum.plus(timesRight(terms.get(a), a, true).scale(-1));
    }
    return sum.plus(sum.transpose().scale(-1)).scale(0.5);
  }

  /** M X or M^T X, block by block. */
  private Matrix times(int generator, boolean transposed, Matrix x) {
    double[] from = x.toArray();
    double[] result = new double[from.length];
    int start = 0;
    for (Matrix block : blocks(generator)) {
      int d = block.rows();
      for (int i = 0; i < d; i++) {
        for (int j = 0; j < d; j++) {
          double entry = transposed ? block.get(j, i) : block.get(i, j);
          for (int c = 0; entry != 0 && c < size; c++) {
            result[(start + i) * size + c] += entry * from[(start + j) * size + c];
          }
        }
      }
      start += d;
    }
    return Matrix.of(size, size, result);
  }

  /** X M or X M^T, as (M^T X^T)^T. */
  private Matrix timesRight(Matrix x, int generator, boolean transposed) {
    return times(generator, !transposed, x.transpose()).transpose();
  }

  private static double dot(Matrix a, Matrix b) {
    double[] left = a.toArray();
    double[] right = b.toArray();
    double sum = 0;
    for (int i = 0; i < left.length; i++) {
      sum += left[i] * right[i];
    }
    return sum;
  }
}
