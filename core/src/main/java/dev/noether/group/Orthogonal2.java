package dev.noether.group;

import static dev.noether.algebra.Checks.require;

import dev.noether.algebra.Matrix;

/**
 * An orthogonal transformation of the plane: the rotation by an angle, after the reflection (x, y)
 * to (x, -y) where it is reflected.
 *
 * @param angle in radians, in [0, 2 pi)
 * @param reflected whether the determinant is -1
 */
public record Orthogonal2(double angle, boolean reflected) implements CompactElement {
  /** The identity. */
  public static final Orthogonal2 IDENTITY = new Orthogonal2(0, false);

  /**
   * Brings the angle into [0, 2 pi).
   *
   * @param angle in radians
   * @param reflected whether the determinant is -1
   * @throws IllegalArgumentException if the angle is NaN or infinite
   */
  public Orthogonal2 {
    require(Double.isFinite(angle), "an angle must be finite, got %s", angle);
    double turn = 2 * Math.PI;
    angle %= turn;
    angle = angle < 0 ? angle + turn : angle;
    angle = angle >= turn ? 0 : angle;
  }

  /**
   * A rotation.
   *
   * @param angle in radians
   * @return the rotation
   */
  public static Orthogonal2 rotation(double angle) {
    return new Orthogonal2(angle, false);
  }

  /**
   * The transformation of an orthogonal matrix.
   *
   * @param matrix 2 x 2, orthogonal to 1e-9
   * @return the transformation
   * @throws IllegalArgumentException if the matrix is of another size, not finite or not orthogonal
   */
  public static Orthogonal2 of(Matrix matrix) {
    Orthogonal3.requireOrthogonal(matrix, 2);
    double determinant = matrix.get(0, 0) * matrix.get(1, 1) - matrix.get(0, 1) * matrix.get(1, 0);
    return new Orthogonal2(StrictMath.atan2(matrix.get(1, 0), matrix.get(0, 0)), determinant < 0);
  }

  /**
   * The product: first the other, then this.
   *
   * @param other a transformation of the plane
   * @return this other
   */
  public Orthogonal2 times(Orthogonal2 other) {
    double second = reflected ? -other.angle : other.angle;
    return new Orthogonal2(angle + second, reflected != other.reflected);
  }

  @Override
  public Orthogonal2 times(Element other) {
    require(
        other instanceof Orthogonal2,
        "a product needs two transformations of the plane, got %s and %s",
        this,
        other);
    return times((Orthogonal2) other);
  }

  @Override
  public boolean isProper() {
    return !reflected;
  }

  @Override
  public Orthogonal2 inverse() {
    return reflected ? this : new Orthogonal2(-angle, false);
  }

  @Override
  public Matrix matrix() {
    double c = StrictMath.cos(angle);
    double s = StrictMath.sin(angle);
    double sign = reflected ? -1 : 1;
    return Matrix.of(2, 2, c, -s * sign, s, c * sign);
  }
}
