package dev.noether.nn.linear;

import static dev.noether.algebra.Checks.require;

import dev.noether.rep.Representation;
import java.util.Collections;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A list of fields: features that transform side by side, each by its own representation.
 *
 * @param fields the representations, in the order of the features
 */
public record FieldList(List<Representation> fields) {
  /**
   * Copies the list.
   *
   * @param fields the representations, in the order of the features
   * @throws IllegalArgumentException if there is no field or the groups differ
   */
  public FieldList {
    fields = List.copyOf(fields);
    require(!fields.isEmpty(), "a list of fields needs at least one");
    for (Representation field : fields) {
      require(
          field.group().equals(fields.get(0).group()),
          "fields must be representations of one group, got %s and %s",
          fields.get(0),
          field);
    }
  }

  /**
   * Copies of one field.
   *
   * @param field the representation of each
   * @param copies how many, at least 1
   * @return the list
   * @throws IllegalArgumentException if {@code copies} is below 1
   */
  public static FieldList of(Representation field, int copies) {
    require(copies >= 1, "a list of fields needs at least one copy, got %d", copies);
    return new FieldList(Collections.nCopies(copies, field));
  }

  /**
   * The number of features.
   *
   * @return the summed size of the fields
   */
  public int size() {
    return fields.stream().mapToInt(Representation::size).sum();
  }

  /**
   * How all features transform together.
   *
   * @return the direct sum of the fields
   */
  public Representation representation() {
    return Representation.directSum(fields);
  }

  /** The fields as text: {@code [C4: regular, C4: irrep(1)]}. */
  @Override
  public String toString() {
    return fields.stream()
        .map(Representation::toString)
        .collect(Collectors.joining(", ", "[", "]"));
  }
}
