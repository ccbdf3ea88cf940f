package dev.noether.kernel;

import static dev.noether.algebra.Checks.require;

import dev.noether.algebra.Matrix;
import dev.noether.group.Irrep;
import dev.noether.rep.Representation;
import java.util.List;

/**
 * Channels that transform together at a point: a representation, and the name that state dicts give
 * it.
 *
 * <p>Two fields of one name may still differ: what is shared between fields is shared by their
 * matrices, never by their names alone.
 *
 * @param name as {@code regular} or {@code irrep_1,0}
 * @param representation how the channels transform
 */
public record Field(String name, Representation representation) {
  /**
   * Checks the name.
   *
   * @param name as {@code regular} or {@code irrep_1,0}
   * @param representation how the channels transform
   * @throws IllegalArgumentException if the name is blank
   */
  public Field {
    require(!name.isBlank(), "a field's name must not be blank");
  }

  /**
   * A field named as in escnn: {@code regular}, {@code irrep_1}, {@code irrep_0} for the trivial
   * one; other representations by their text.
   *
   * @param representation how the channels transform
   * @return the field
   */
  public static Field of(Representation representation) {
    List<Irrep> irreps = representation.irreps();
    Matrix identity = Matrix.identity(representation.size());
    if (irreps.size() == 1 && representation.changeOfBasis().equals(identity)) {
      return new Field("irrep_" + irreps.get(0).id(), representation);
    }
    String text = representation.toString();
    return new Field(text.substring(text.indexOf(": ") + 2).replace("\"", ""), representation);
  }

  /**
   * The same field under another name. Weights are arranged by names (see {@link KernelExpansion}),
   * so a field that stands for one of a Python model takes that one's name.
   *
   * @param text the name, not blank
   * @return the field
   * @throws IllegalArgumentException if the name is blank
   */
  public Field named(String text) {
    return new Field(text, representation);
  }

  /**
   * The number of channels.
   *
   * @return the dimension of the representation
   */
  public int size() {
    return representation.size();
  }

  /**
   * The columns of the representation's Q on which the group does nothing: one invariant bias each.
   *
   * @return {@code [size, number of trivial irreps]}, without columns where there is none
   */
  public Matrix invariants() {
    Irrep trivial = representation.group().trivialIrrep();
    return representation
        .changeOfBasis()
        .columns(
            representation.copies(trivial).stream().mapToInt(Representation.Copy::start).toArray());
  }

  /** Two fields are equal when their representations are. */
  @Override
  public boolean equals(Object object) {
    return object instanceof Field other && representation.equals(other.representation);
  }

  @Override
  public int hashCode() {
    return representation.hashCode();
  }

  /** The name. */
  @Override
  public String toString() {
    return name;
  }
}
