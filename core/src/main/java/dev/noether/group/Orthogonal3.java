package dev.noether.group;

import static dev.noether.algebra.Checks.require;

import dev.noether.algebra.Matrix;
import java.util.Arrays;

/**
 * An orthogonal transformation of space: the rotation of a unit quaternion, times -1 where it is
 * inverted.
 *
 * <p>Of the two quaternions q and -q of a rotation the one is kept whose first number that is not
 * zero is positive, so that equal quaternions mean equal rotations.
 *
 * @param w the real part
 * @param x the coefficient of i
 * @param y the coefficient of j
 * @param z the coefficient of k
 * @param inverted whether the determinant is -1
 */
public record Orthogonal3(double w, double x, double y, double z, boolean inverted)
    implements CompactElement {
  private static final double TOLERANCE = 1e-9;

  /** The identity. */
  public static final Orthogonal3 IDENTITY = new Orthogonal3(1, 0, 0, 0, false);

  /**
   * Normalises the quaternion.
   *
   * @param w the real part
   * @param x the coefficient of i
   * @param y the coefficient of j
   * @param z the coefficient of k
   * @param inverted whether the determinant is -1
   * @throws IllegalArgumentException if the quaternion is zero, NaN or infinite
   */
  public Orthogonal3 {
    double length = Math.sqrt(w * w + x * x + y * y + z * z);
    require(
        length > 0 && Double.isFinite(length),
        "a rotation needs a finite quaternion other than zero, got (%s, %s, %s, %s)",
        w,
        x,
        y,
        z);
    double first = w != 0 ? w : x != 0 ? x : y != 0 ? y : z;
    double scale = first < 0 ? -length : length;
    w = w / scale + 0.0;
    x = x / scale + 0.0;
    y = y / scale + 0.0;
    z = z / scale + 0.0;
  }

  /**
   * A rotation from a quaternion of any length.
   *
   * @param w the real part
   * @param x the coefficient of i
   * @param y the coefficient of j
   * @param z the coefficient of k
   * @return the rotation
   * @throws IllegalArgumentException if the quaternion is zero, NaN or infinite
   */
  public static Orthogonal3 ofQuaternion(double w, double x, double y, double z) {
    return new Orthogonal3(w, x, y, z, false);
  }

  /**
   * The rotation by an angle about an axis, anticlockwise seen from the axis' tip.
   *
   * @param x the axis, of any length
   * @param y its second coordinate
   * @param z its third coordinate
   * @param angle in radians
   * @return the rotation
   * @throws IllegalArgumentException if the axis is zero, or a number NaN or infinite
   */
  public static Orthogonal3 ofAxisAngle(double x, double y, double z, double angle) {
    double length = Math.sqrt(x * x + y * y + z * z);
    require(
        length > 0 && Double.isFinite(length) && Double.isFinite(angle),
        "a rotation needs a finite axis other than zero and a finite angle, got (%s, %s, %s) and"
            + " %s",
        x,
        y,
        z,
        angle);
    double s = StrictMath.sin(angle / 2) / length;
    return ofQuaternion(StrictMath.cos(angle / 2), s * x, s * y, s * z);
  }

  /**
   * The rotation of Euler angles: first by gamma about z, then by beta about y, then by alpha about
   * z, all fixed axes.
   *
   * @param alpha in radians
   * @param beta in radians
   * @param gamma in radians
   * @return R_z(alpha) R_y(beta) R_z(gamma)
   * @throws IllegalArgumentException if an angle is NaN or infinite
   */
  public static Orthogonal3 ofEulerZyz(double alpha, double beta, double gamma) {
    double c = StrictMath.cos(beta / 2);
    double s = StrictMath.sin(beta / 2);
    double sum = (alpha + gamma) / 2;
    double difference = (alpha - gamma) / 2;
    return ofQuaternion(
        c * StrictMath.cos(sum),
        -s * StrictMath.sin(difference),
        s * StrictMath.cos(difference),
        c * StrictMath.sin(sum));
  }

  /**
   * The transformation of an orthogonal matrix.
   *
   * @param matrix 3 x 3, acting on (x, y, z), orthogonal to 1e-9
   * @return the transformation
   * @throws IllegalArgumentException if the matrix is of another size, not finite or not orthogonal
   */
  public static Orthogonal3 of(Matrix matrix) {
    requireOrthogonal(matrix, 3);
    double[] m = matrix.toArray();
    double determinant =
        m[0] * (m[4] * m[8] - m[5] * m[7])
            - m[1] * (m[3] * m[8] - m[5] * m[6])
            + m[2] * (m[3] * m[7] - m[4] * m[6]);
    boolean inverted = determinant < 0;
    if (inverted) {
      for (int i = 0; i < 9; i++) {
        m[i] = -m[i];
      }
    }
    // Shepperd's method: four times the square of each part, the largest of which is safe.
    double[] squares = {
      1 + m[0] + m[4] + m[8], 1 + m[0] - m[4] - m[8], 1 - m[0] + m[4] - m[8], 1 - m[0] - m[4] + m[8]
    };
    double a = m[7] - m[5];
    double b = m[2] - m[6];
    double c = m[3] - m[1];
    double d = m[1] + m[3];
    double e = m[2] + m[6];
    double f = m[5] + m[7];
    int best = 0;
    for (int i = 1; i < 4; i++) {
      best = squares[i] > squares[best] ? i : best;
    }
    double p = squares[best];
    return switch (best) {
      case 0 -> new Orthogonal3(p, a, b, c, inverted);
      case 1 -> new Orthogonal3(a, p, d, e, inverted);
      case 2 -> new Orthogonal3(b, d, p, f, inverted);
      default -> new Orthogonal3(c, e, f, p, inverted);
    };
  }

  static void requireOrthogonal(Matrix matrix, int size) {
    require(
        matrix.rows() == size && matrix.columns() == size,
        "the matrix must be %d x %d, got %d x %d",
        size,
        size,
        matrix.rows(),
        matrix.columns());
    require(
        matrix.isFinite(), "the matrix must be finite, got %s", Arrays.toString(matrix.toArray()));
    double defect = matrix.orthogonalityDefect();
    require(
        defect <= TOLERANCE,
        "the matrix must be orthogonal to %.0e, got a defect of %.3g",
        TOLERANCE,
        defect);
  }

  /**
   * The product: first the other, then this.
   *
   * @param o a transformation of space
   * @return this o
   */
  public Orthogonal3 times(Orthogonal3 o) {
    return new Orthogonal3(
        w * o.w - x * o.x - y * o.y - z * o.z,
        w * o.x + x * o.w + y * o.z - z * o.y,
        w * o.y - x * o.z + y * o.w + z * o.x,
        w * o.z + x * o.y - y * o.x + z * o.w,
        inverted != o.inverted);
  }

  /** {@return this times -1: the transformation after the inversion of space} */
  public Orthogonal3 invertSpace() {
    return new Orthogonal3(w, x, y, z, !inverted);
  }

  @Override
  public Orthogonal3 times(Element other) {
    require(
        other instanceof Orthogonal3,
        "a product needs two transformations of space, got %s and %s",
        this,
        other);
    return times((Orthogonal3) other);
  }

  @Override
  public boolean isProper() {
    return !inverted;
  }

  @Override
  public Orthogonal3 inverse() {
    return new Orthogonal3(w, -x, -y, -z, inverted);
  }

  /** {@return the angle of the rotation in radians, from 0 to pi, the inversion left out} */
  public double angle() {
    return 2 * StrictMath.atan2(Math.sqrt(x * x + y * y + z * z), Math.abs(w));
  }

  /**
   * {@return the axis of the rotation, the inversion left out: a unit vector (x, y, z); (0, 0, 1)
   * for the identity}
   */
  public double[] axis() {
    double length = Math.sqrt(x * x + y * y + z * z);
    return length == 0 ? new double[] {0, 0, 1} : new double[] {x / length, y / length, z / length};
  }

  /**
   * The Euler angles of the rotation, the inversion left out: R_z(alpha) R_y(beta) R_z(gamma).
   *
   * @return alpha, beta, gamma in radians, beta from 0 to pi; where beta is 0 or pi one of many
   *     choices
   */
  public double[] toEulerZyz() {
    double beta = 2 * StrictMath.atan2(StrictMath.hypot(x, y), StrictMath.hypot(w, z));
    double sum = StrictMath.atan2(z, w);
    double difference = StrictMath.atan2(-x, y);
    return new double[] {sum + difference, beta, sum - difference};
  }

  /** {@return the matrix of the rotation, 3 x 3 of determinant 1, the inversion left out} */
  public Matrix rotationMatrix() {
    return Matrix.of(
        3,
        3,
        1 - 2 * (y * y + z * z),
        2 * (x * y - w * z),
        2 * (x * z + w * y),
        2 * (x * y + w * z),
        1 - 2 * (x * x + z * z),
        2 * (y * z - w * x),
        2 * (x * z - w * y),
        2 * (y * z + w * x),
        1 - 2 * (x * x + y * y));
  }

  @Override
  public Matrix matrix() {
    return inverted ? rotationMatrix().scale(-1) : rotationMatrix();
  }
}
