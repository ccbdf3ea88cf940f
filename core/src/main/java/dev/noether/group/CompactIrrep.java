package dev.noether.group;

import static dev.noether.algebra.Checks.require;

import dev.noether.algebra.Matrix;

/**
 * A real irreducible representation of a compact group, by orthogonal matrices.
 *
 * <p>Plane: frequency k turns by k times the angle, and the reflection acts as diag(1, -1);
 * frequency 0 is trivial, or the determinant. Space: degree l is how spherical harmonics of that
 * degree turn (Wigner's D, real, m = -l..l, the basis (y, z, x) for l = 1); the inversion
 * multiplies by 1 or -1. Matrices are accurate to 1e-12 up to degree 20.
 *
 * @param group the group
 * @param parity 0, or 1 where reflections (O(2)) or the inversion (O(3)) act by another sign; 1 for
 *     all frequencies above 0 of O(2)
 * @param frequency the frequency k or the degree l
 */
public record CompactIrrep(CompactGroup group, int parity, int frequency) implements Irrep {
  /**
   * Checks the numbers.
   *
   * @param group the group
   * @param parity 0 or 1
   * @param frequency at least 0
   * @throws IllegalArgumentException if there is no such irrep
   */
  public CompactIrrep {
    CompactGroup.requireFrequency(frequency);
    require(parity == 0 || parity == 1, "parity must be 0 or 1, got %d", parity);
    require(parity == 0 || group.hasImproperElements(), "%s has irreps of parity 0 only", group);
    require(
        group != CompactGroup.O2 || frequency == 0 || parity == 1,
        "O(2) has no irrep(0,%d): frequencies above 0 have parity 1",
        frequency);
  }

  @Override
  public IrrepId id() {
    return group.hasImproperElements() ? IrrepId.of(parity, frequency) : IrrepId.of(frequency);
  }

  @Override
  public int dimension() {
    if (group.spaceDimension() == 3) {
      return 2 * frequency + 1;
    }
    return frequency == 0 ? 1 : 2;
  }

  @Override
  public IrrepType type() {
    return group == CompactGroup.SO2 && frequency > 0 ? IrrepType.COMPLEX : IrrepType.REAL;
  }

  @Override
  public boolean isTrivial() {
    return frequency == 0 && parity == 0;
  }

  @Override
  public Matrix at(Element element) {
    CompactElement g = group.requireOwn(element);
    double sign = parity == 1 && !g.isProper() ? -1 : 1;
    if (g instanceof Orthogonal3 rotation) {
      Matrix matrix = Wigner.of(frequency, rotation);
      return sign > 0 ? matrix : matrix.scale(-1);
    }
    Orthogonal2 planar = (Orthogonal2) g;
    if (frequency == 0) {
      return Matrix.of(1, 1, sign);
    }
    double c = StrictMath.cos(frequency * planar.angle());
    double s = StrictMath.sin(frequency * planar.angle());
    return Matrix.of(2, 2, c, -s * sign, s, c * sign);
  }

  @Override
  public double character(Element element) {
    CompactElement g = group.requireOwn(element);
    double sign = parity == 1 && !g.isProper() ? -1 : 1;
    if (g instanceof Orthogonal2 planar) {
      if (frequency == 0) {
        return sign;
      }
      return planar.reflected() ? 0 : 2 * StrictMath.cos(frequency * planar.angle());
    }
    double angle = ((Orthogonal3) g).angle();
    double sum = 1;
    for (int k = 1; k <= frequency; k++) {
      sum += 2 * StrictMath.cos(k * angle);
    }
    return sign * sum;
  }

  /** The id in words, as {@code irrep(2)} or {@code irrep(1,2)}. */
  @Override
  public String toString() {
    return "irrep(" + id() + ")";
  }
}
