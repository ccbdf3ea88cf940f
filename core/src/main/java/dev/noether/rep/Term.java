package dev.noether.rep;

import static dev.noether.algebra.Checks.require;

import dev.noether.group.FiniteGroup;
import dev.noether.group.Irrep;
import dev.noether.group.IrrepId;

/**
 * One summand of a direct sum, as text shows it: {@code 2 x regular}, {@code trivial}, {@code
 * irrep(1)}.
 *
 * @param multiplicity how many copies, at least 1
 * @param kind what is copied
 */
record Term(int multiplicity, Kind kind) {
  Term {
    require(multiplicity >= 1, "a multiplicity must be at least 1, got %d", multiplicity);
  }

  /** What a summand is. */
  sealed interface Kind {
    /** The representation of one copy. */
    Representation of(FiniteGroup group);
  }

  /** The regular representation. */
  record Regular() implements Kind {
    @Override
    public Representation of(FiniteGroup group) {
      return Representation.regular(group);
    }

    @Override
    public String toString() {
      return "regular";
    }
  }

  /** The trivial representation on a line. */
  record Trivial() implements Kind {
    @Override
    public Representation of(FiniteGroup group) {
      return Representation.trivial(group);
    }

    @Override
    public String toString() {
      return "trivial";
    }
  }

  /** An irrep. */
  record Irreducible(IrrepId id) implements Kind {
    @Override
    public Representation of(FiniteGroup group) {
      Irrep irrep = group.irrep(id);
      return Representation.irrep(irrep);
    }

    @Override
    public String toString() {
      return "irrep(" + id + ")";
    }
  }

  /** A representation seen in another orthonormal basis, which text cannot give. */
  record Rotated(String inside) implements Kind {
    @Override
    public Representation of(FiniteGroup group) {
      throw new IllegalArgumentException(
          "a change of basis is a matrix, not a text: parse '"
              + inside
              + "' and call changeBasis on it");
    }

    @Override
    public String toString() {
      return "rotated(" + inside + ")";
    }
  }

  @Override
  public String toString() {
    return multiplicity == 1 ? kind.toString() : multiplicity + " x " + kind;
  }
}
