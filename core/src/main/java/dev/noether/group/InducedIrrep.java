package dev.noether.group;

import java.util.function.Supplier;

/**
 * An irrep of a semidirect product that is induced from a smaller one: its traces are kept class by
 * class, its matrices are made when asked for.
 */
final class InducedIrrep {
  private final IrrepType type;
  private final int dimension;
  private final double[] real;
  private final double[] imaginary;
  private final boolean conjugated;
  private final Supplier<TypedMatrices> matrices;

  private InducedIrrep(
      IrrepType type,
      int dimension,
      double[] real,
      double[] imaginary,
      boolean conjugated,
      Supplier<TypedMatrices> matrices) {
    this.type = type;
    this.dimension = dimension;
    this.real = real;
    this.imaginary = imaginary;
    this.conjugated = conjugated;
    this.matrices = matrices;
  }

  /**
   * Induces a small irrep.
   *
   * @param small its matrices, of which only traces are kept
   * @param classes the conjugacy classes of the whole group
   * @param again gives the same matrices again
   */
  static InducedIrrep of(
      Induction induction,
      TypedMatrices small,
      ConjugacyClasses classes,
      Supplier<TypedMatrices> again) {
    boolean complex = small.type() == IrrepType.COMPLEX;
    double[] real = new double[classes.count()];
    double[] imaginary = new double[complex ? real.length : 0];
    for (int c = 0; c < real.length; c++) {
      int g = classes.representative(c);
      real[c] = induction.sumOverFixedCosets(g, small::trace);
      if (complex) {
        imaginary[c] = induction.sumOverFixedCosets(g, small::imaginaryTrace);
      }
    }
    return new InducedIrrep(
        small.type(),
        small.dimension() * induction.index(),
        real,
        imaginary,
        false,
        () -> induction.of(again.get()));
  }

  /** The complex conjugate, for the complex type. */
  InducedIrrep conjugate() {
    return new InducedIrrep(type, dimension, real, imaginary, !conjugated, matrices);
  }

  IrrepType type() {
    return type;
  }

  int dimension() {
    return dimension;
  }

  double trace(int conjugacyClass) {
    return real[conjugacyClass];
  }

  double imaginaryTrace(int conjugacyClass) {
    if (type != IrrepType.COMPLEX) {
      return 0;
    }
    return conjugated ? 0.0 - imaginary[conjugacyClass] : imaginary[conjugacyClass];
  }

  /** The irrep under a number. */
  FiniteIrrep of(FiniteGroup group, IrrepId id) {
    double scale = type == IrrepType.COMPLEX ? 0.5 : 1;
    return new FiniteIrrep(
        group,
        id,
        type,
        dimension,
        IrrepCharacter.of(
            g -> scale * trace(group.classes().of(g)), g -> imaginaryTrace(group.classes().of(g))),
        () -> conjugated ? matrices.get().conjugate() : matrices.get());
  }
}
