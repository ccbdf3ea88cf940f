package dev.noether.kernel;

import static dev.noether.algebra.Checks.require;

import dev.noether.rep.Representation;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;

/**
 * The channels over a space: a list of fields, each with a representation of the space's group.
 *
 * @param space where the fields live, and the group that acts
 * @param fields the fields in the order of the channels, at least one
 */
public record FieldType(Space space, List<Field> fields) {
  /**
   * Checks and copies the list.
   *
   * @param space where the fields live
   * @param fields the fields in the order of the channels
   * @throws IllegalArgumentException if there is no field or one has a representation of another
   *     group
   */
  public FieldType {
    fields = List.copyOf(fields);
    require(!fields.isEmpty(), "a field type needs at least one field");
    for (Field field : fields) {
      require(
          field.representation().group().equals(space.group()),
          "fields on %s must be representations of %s, got %s of %s",
          space,
          space.group(),
          field,
          field.representation().group());
    }
  }

  /**
   * Fields of representations.
   *
   * @param space where the fields live
   * @param fields the representations in the order of the channels, at least one
   * @return the type
   * @throws IllegalArgumentException if there is no field or one is of another group
   */
  public static FieldType of(Space space, Representation... fields) {
    return new FieldType(space, Arrays.stream(fields).map(Field::of).toList());
  }

  /**
   * This list of fields several times over.
   *
   * @param copies at least 1
   * @return the type
   * @throws IllegalArgumentException if the number is below 1
   */
  public FieldType times(int copies) {
    require(copies >= 1, "a field type needs at least one copy, got %d", copies);
    List<Field> all = new ArrayList<>();
    for (int i = 0; i < copies; i++) {
      all.addAll(fields);
    }
    return new FieldType(space, all);
  }

  /**
   * These fields, then others.
   *
   * @param other fields on the same space
   * @return the type
   * @throws IllegalArgumentException if the spaces differ
   */
  public FieldType plus(FieldType other) {
    requireSameSpace(other);
    List<Field> all = new ArrayList<>(fields);
    all.addAll(other.fields);
    return new FieldType(space, all);
  }

  /**
   * The summands of a representation, a field each.
   *
   * @param space where the fields live
   * @param representation how all channels transform together
   * @return the type
   * @throws IllegalArgumentException if the representation is of another group
   */
  public static FieldType ofSummands(Space space, Representation representation) {
    return new FieldType(space, representation.summands().stream().map(Field::of).toList());
  }

  /**
   * How all channels transform together.
   *
   * @return the direct sum of the fields
   */
  public Representation representation() {
    return Representation.directSum(fields.stream().map(Field::representation).toList());
  }

  /**
   * The same channels under a smaller group, which lies in this one because its elements move
   * points as elements of this one do.
   *
   * @param smaller the plane or space with the smaller group
   * @return fields called {@code GROUP:NAME}; {@link Disentangling} takes them apart
   * @throws IllegalArgumentException if the group does not lie in this one
   */
  public FieldType restrict(Space smaller) {
    return FieldRestriction.of(this, smaller);
  }

  /**
   * The fields, equal neighbours once.
   *
   * @return a field for each entry of {@link #description}
   */
  public List<Field> kinds() {
    List<Field> kinds = new ArrayList<>();
    for (int i = 0; i < fields.size(); i = endOfRun(i)) {
      kinds.add(fields.get(i));
    }
    return kinds;
  }

  /** Where the equal neighbours of a field end: same name, same representation. */
  private int endOfRun(int first) {
    int end = first + 1;
    while (end < fields.size()
        && fields.get(end).name().equals(fields.get(first).name())
        && fields.get(end).equals(fields.get(first))) {
      end++;
    }
    return end;
  }

  /**
   * This type as text that {@link #parse} reads back beside the representations of {@link #kinds}:
   * how the group acts, then numbers and names.
   *
   * @return as {@code rotations: 16 regular; 2 irrep_1}
   */
  public String description() {
    List<String> runs = new ArrayList<>();
    for (int i = 0; i < fields.size(); i = endOfRun(i)) {
      String name = fields.get(i).name().replace("%", "%25").replace(";", "%3B");
      runs.add(endOfRun(i) - i + " " + name);
    }
    return space.action() + ": " + String.join("; ", runs);
  }

  /**
   * A type from the text of {@link #description} and the representations of its kinds.
   *
   * @param text how the group acts, numbers and names
   * @param kinds a representation for each number
   * @return the type
   * @throws IllegalArgumentException if the text does not read or does not fit the representations
   */
  public static FieldType parse(String text, List<Representation> kinds) {
    int colon = text.indexOf(": ");
    String[] runs = text.substring(colon + 2).split("; ", -1);
    require(
        colon > 0 && runs.length == kinds.size() && !kinds.isEmpty(),
        "a field type reads as 'rotations: 16 regular; 2 irrep_1' with a representation for each"
            + " number, got '%s' with %d",
        text,
        kinds.size());
    List<Field> all = new ArrayList<>();
    for (int i = 0; i < runs.length; i++) {
      int blank = runs[i].indexOf(' ');
      require(
          blank > 0 && runs[i].substring(0, blank).chars().allMatch(Character::isDigit),
          "fields read as a number and a name, as '16 regular', got '%s'",
          runs[i]);
      String name = runs[i].substring(blank + 1).replace("%3B", ";").replace("%25", "%");
      int count = Integer.parseInt(runs[i].substring(0, blank));
      all.addAll(Collections.nCopies(count, new Field(name, kinds.get(i))));
    }
    return new FieldType(Space.parse(kinds.get(0).group(), text.substring(0, colon)), all);
  }

  /**
   * Checks that other fields live on the same space.
   *
   * @param other the other fields
   * @throws IllegalArgumentException if they do not
   */
  public void requireSameSpace(FieldType other) {
    require(
        space.equals(other.space),
        "field types must live on one space, got fields on %s and on %s; restrict one of them, or"
            + " build both from the same space",
        space,
        other.space);
  }

  /**
   * The number of channels.
   *
   * @return the summed size of the fields
   */
  public int size() {
    return fields.stream().mapToInt(Field::size).sum();
  }

  /**
   * The places of equal fields of one name, which share what concerns them.
   *
   * @return for each kind, sorted by name, which of the fields it is; kinds of one name in the
   *     order in which they appear
   */
  public List<List<Integer>> copies() {
    List<List<Integer>> kinds = new ArrayList<>();
    for (int i = 0; i < fields.size(); i++) {
      Field field = fields.get(i);
      kinds.stream()
          .filter(kind -> isSame(fields.get(kind.get(0)), field))
          .findFirst()
          .orElseGet(
              () -> {
                kinds.add(new ArrayList<>());
                return kinds.get(kinds.size() - 1);
              })
          .add(i);
    }
    kinds.sort(Comparator.comparing(kind -> fields.get(kind.get(0)).name()));
    return kinds.stream().map(List::copyOf).toList();
  }

  private static boolean isSame(Field a, Field b) {
    return a.name().equals(b.name()) && a.equals(b);
  }

  /**
   * Where each field begins.
   *
   * @return the first channel of every field
   */
  public int[] starts() {
    int[] starts = new int[fields.size()];
    for (int i = 1; i < starts.length; i++) {
      starts[i] = starts[i - 1] + fields.get(i - 1).size();
    }
    return starts;
  }

  /** The space and the fields, equal neighbours counted: {@code C8 on R^2: 16 x regular}. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder(space + ": ");
    for (int i = 0, end; i < fields.size(); i = end) {
      end = i + 1;
      while (end < fields.size() && fields.get(end).name().equals(fields.get(i).name())) {
        end++;
      }
      text.append(i == 0 ? "" : " + ").append(end - i > 1 ? end - i + " x " : "");
      text.append(fields.get(i));
    }
    return text.toString();
  }
}
