package dev.noether.group;

/**
 * The traces of an irrep, element by element, without its matrices: of its real matrices, or for
 * the complex type [[A, -B], [B, A]] of the complex ones A + i B.
 */
interface IrrepCharacter {
  double real(int element);

  double imaginary(int element);

  /** The traces of matrices. */
  static IrrepCharacter of(TypedMatrices matrices) {
    boolean complex = matrices.type() == IrrepType.COMPLEX;
    return new IrrepCharacter() {
      @Override
      public double real(int element) {
        return complex ? matrices.trace(element) / 2 : matrices.trace(element);
      }

      @Override
      public double imaginary(int element) {
        return complex ? matrices.imaginaryTrace(element) : 0;
      }
    };
  }

  /** Given functions. */
  static IrrepCharacter of(Value real, Value imaginary) {
    return new IrrepCharacter() {
      @Override
      public double real(int element) {
        return real.at(element);
      }

      @Override
      public double imaginary(int element) {
        return imaginary.at(element);
      }
    };
  }

  /** A number for each element. */
  interface Value {
    double at(int element);
  }
}
