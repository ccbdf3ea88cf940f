package dev.noether.group;

/**
 * The Frobenius-Schur type of a real irreducible representation: which division algebra its
 * endomorphisms form.
 *
 * <p>By Schur's lemma and Frobenius' theorem the matrices that commute with a real irrep form the
 * real numbers, the complex numbers or the quaternions. See Serre, <em>Linear Representations of
 * Finite Groups</em>, section 13.2.
 */
public enum IrrepType {
  /** Endomorphisms are the real numbers. */
  REAL("R", 1),
  /** Endomorphisms are the complex numbers. */
  COMPLEX("C", 2),
  /** Endomorphisms are the quaternions. */
  QUATERNIONIC("H", 4);

  private final String symbol;
  private final int endomorphismDimension;

  IrrepType(String symbol, int endomorphismDimension) {
    this.symbol = symbol;
    this.endomorphismDimension = endomorphismDimension;
  }

  /**
   * The letter of the division algebra.
   *
   * @return {@code R}, {@code C} or {@code H}
   */
  public String symbol() {
    return symbol;
  }

  /**
   * The real dimension of the endomorphism space.
   *
   * @return 1, 2 or 4
   */
  public int endomorphismDimension() {
    return endomorphismDimension;
  }
}
