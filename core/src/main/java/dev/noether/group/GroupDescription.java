package dev.noether.group;

import static dev.noether.algebra.Checks.require;

import dev.noether.algebra.Limits;
import java.util.List;
import java.util.stream.IntStream;

/**
 * How to make a group again, element by element: a text that a file can hold.
 *
 * <p>It tells what the group was made from, as short as that is: a name that {@link
 * FiniteGroup#named} reads, the permutations that generate it, the factors of a product with the
 * action, else where the generators take the elements; and labels of the user's own. The group that
 * comes back has the same name, table, generators, labels and irreps, and its {@linkplain
 * FiniteGroup#fingerprint() fingerprint} is compared with the one in the text.
 *
 * <pre>{@code
 * group 1 b3aa9a... permutations "turns" 4 [1 2 3 0] [1 0 3 2]
 *
 * group = "named", name
 *       | "permutations", name, points, { "[", images, "]" }
 *       | "words", name, order, { "[", left products of a generator, "]" }
 *       | "table", name, order, identity, { "[", left products of a generator, "]" }
 *       | "direct", name, "(", group, ")", "(", group, ")"
 *       | "semidirect", name, "(", group, ")", "(", group, ")",
 *             { "[", where a generator of the second takes the elements of the first, "]" }
 *       | "labelled", "(", group, ")", { label } ;
 * }</pre>
 *
 * <p>All numbers count from 0; names and labels stand in quotes, a quote or backslash in them after
 * a backslash.
 */
public final class GroupDescription {
  private static final String HEADER = "group 1 ";

  private final String text;
  private final FiniteGroup group;

  private GroupDescription(String text, FiniteGroup group) {
    this.text = text;
    this.group = group;
  }

  static GroupDescription of(FiniteGroup group) {
    StringBuilder text = new StringBuilder(HEADER).append(group.fingerprint()).append(' ');
    write(group, text);
    return new GroupDescription(text.toString(), group);
  }

  /**
   * Reads a description and makes the group.
   *
   * @param text what {@link #toString} gives
   * @return the description
   * @throws IllegalArgumentException if the text is none, asks for more than {@link Limits} allow,
   *     or gives a group of another fingerprint than it tells
   */
  public static GroupDescription parse(String text) {
    Limits.requireLength(text);
    String[] words = text.split(" ", 4);
    require(
        words.length == 4 && text.startsWith(HEADER),
        "the description of a group begins with '%s', its fingerprint and a construction, got '%s'",
        HEADER.strip(),
        Limits.shown(text));
    FiniteGroup group = new GroupDescriptionReader(words[3]).readAll();
    require(
        group.fingerprint().equals(words[2]),
        "the description of %s is damaged: its group has the fingerprint %s, not %s",
        Limits.shown(group.name()),
        group.fingerprint(),
        Limits.shown(words[2]));
    return new GroupDescription(text, group);
  }

  /**
   * The group.
   *
   * @return the group that was described, or the one made when the text was read
   */
  public FiniteGroup group() {
    return group;
  }

  /** Whether the name leads back to the very group, labels and irreps included. */
  private static boolean isNamed(FiniteGroup group) {
    return !(group.origin() instanceof Origin.Generators)
        && GroupNames.find(group.name()).filter(named -> Origin.areAlike(named, group)).isPresent();
  }

  private static void write(FiniteGroup group, StringBuilder text) {
    Origin origin = group.origin();
    if (isNamed(group)) {
      quoted(text.append("named "), group.name());
    } else if (origin instanceof Origin.Relabelled relabelled) {
      labelled(relabelled.group(), group.labels(), text);
    } else if (origin instanceof Origin.Generators generators) {
      boolean words = generators.labelledByWords();
      int[][] images = generators.images();
      quoted(text.append(words ? "words " : "permutations "), group.name());
      text.append(' ').append(images.length == 0 ? 0 : images[0].length);
      rows(images, text);
    } else if (origin instanceof Origin.Direct direct) {
      quoted(text.append("direct "), group.name());
      inside(direct.left(), text);
      inside(direct.right(), text);
    } else if (origin instanceof Origin.Semidirect semidirect) {
      quoted(text.append("semidirect "), group.name());
      inside(semidirect.normal(), text);
      inside(semidirect.acting(), text);
      rows(semidirect.action(), text);
    } else {
      table(group, text);
    }
  }

  private static void table(FiniteGroup group, StringBuilder text) {
    int n = group.order();
    List<String> numbers = IntStream.range(0, n).mapToObj(String::valueOf).toList();
    boolean plain = group.labels().equals(numbers);
    text.append(plain ? "" : "labelled (");
    quoted(text.append("table "), group.name());
    text.append(' ').append(n).append(' ').append(group.identity());
    rows(
        group.generators().stream()
            .map(s -> IntStream.range(0, n).map(x -> group.multiply(s, x)).toArray())
            .toArray(int[][]::new),
        text);
    if (!plain) {
      labels(text.append(')'), group.labels());
    }
  }

  private static void labelled(FiniteGroup group, List<String> labels, StringBuilder text) {
    text.append("labelled");
    inside(group, text);
    labels(text, labels);
  }

  private static void labels(StringBuilder text, List<String> labels) {
    for (String label : labels) {
      quoted(text.append(' '), label);
    }
  }

  private static void inside(FiniteGroup group, StringBuilder text) {
    text.append(" (");
    write(group, text);
    text.append(')');
  }

  private static void rows(int[][] rows, StringBuilder text) {
    for (int[] row : rows) {
      text.append(" [");
      for (int i = 0; i < row.length; i++) {
        text.append(i == 0 ? "" : " ").append(row[i]);
      }
      text.append(']');
    }
  }

  private static void quoted(StringBuilder text, String name) {
    text.append('"').append(name.replace("\\", "\\\\").replace("\"", "\\\"")).append('"');
  }

  /** The text, which {@link #parse} reads. */
  @Override
  public String toString() {
    return text;
  }

  @Override
  public boolean equals(Object object) {
    return object instanceof GroupDescription other && text.equals(other.text);
  }

  @Override
  public int hashCode() {
    return text.hashCode();
  }
}
