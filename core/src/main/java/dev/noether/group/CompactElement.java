package dev.noether.group;

import dev.noether.algebra.Matrix;

/** An element of a compact group: an orthogonal transformation of the plane or of space. */
public sealed interface CompactElement extends Element permits Orthogonal2, Orthogonal3 {
  /** {@return whether it is a rotation: the determinant is 1, not -1} */
  boolean isProper();

  @Override
  CompactElement times(Element other);

  @Override
  CompactElement inverse();

  /**
   * {@return the orthogonal matrix, 2 x 2 or 3 x 3, acting on column vectors (x, y) or (x, y, z)}
   */
  Matrix matrix();
}
