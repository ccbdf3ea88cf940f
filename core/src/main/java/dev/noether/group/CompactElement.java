package dev.noether.group;

import dev.noether.algebra.Matrix;

/** An element of a compact group: an orthogonal transformation of the plane or of space. */
public sealed interface CompactElement permits Orthogonal2, Orthogonal3 {
  /**
   * Whether it is a rotation.
   *
   * @return true where the determinant is 1, false where it is -1
   */
  boolean isProper();

  /**
   * The inverse.
   *
   * @return the transformation that undoes this one
   */
  CompactElement inverse();

  /**
   * The orthogonal matrix, acting on column vectors (x, y) or (x, y, z).
   *
   * @return 2 x 2 or 3 x 3
   */
  Matrix matrix();
}
