package dev.noether.group;

import static dev.noether.algebra.Checks.require;

import dev.noether.algebra.Limits;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Reads the construction in a {@link GroupDescription}, by recursive descent. */
final class GroupDescriptionReader {
  private static final GroupOptions LARGEST =
      GroupOptions.defaults().withLimit(GroupOptions.LARGEST_ORDER);

  private final String text;
  private int position;
  private int depth;

  GroupDescriptionReader(String text) {
    this.text = text;
  }

  FiniteGroup readAll() {
    FiniteGroup group = group();
    skipSpaces();
    require(position == text.length(), "%s", unexpected("the end"));
    return group;
  }

  private FiniteGroup group() {
    String kind = word();
    return switch (kind) {
      case "named" -> FiniteGroup.named(quoted());
      case "permutations" -> permutations();
      case "words" -> words();
      case "table" -> table();
      case "direct" -> direct();
      case "semidirect" -> semidirect();
      case "labelled" -> labelled();
      default ->
          throw new IllegalArgumentException(
              "the description of a group knows named, permutations, words, table, direct, "
                  + "semidirect and labelled, got '"
                  + Limits.shown(kind)
                  + "'");
    };
  }

  private FiniteGroup permutations() {
    String name = name();
    int points = number(Limits.TEXT_CHARACTERS);
    List<int[]> generators = rows(points);
    Limits.requireAtMost("points of " + name, generators.isEmpty() ? points : 0, 0, text);
    long numbers = Math.max(1, (long) points * generators.size());
    long limit = Math.min(GroupOptions.LARGEST_ORDER, Limits.WORK / numbers);
    return Generated.fromPermutations(
        name, generators, LARGEST.withLimit((int) Math.max(1, limit)));
  }

  private FiniteGroup words() {
    String name = name();
    int order = number(GroupOptions.LARGEST_ORDER);
    return Generated.fromRegular(name, order, rows(order));
  }

  private FiniteGroup table() {
    String name = name();
    int order = number(GroupOptions.LARGEST_ORDER);
    int identity = number(GroupOptions.LARGEST_ORDER);
    return Generated.fromLeftProducts(name, order, identity, rows(order));
  }

  private FiniteGroup direct() {
    String name = name();
    FiniteGroup left = inside();
    return GroupProducts.direct(name, left, inside(), LARGEST);
  }

  private FiniteGroup semidirect() {
    String name = name();
    FiniteGroup normal = inside();
    FiniteGroup acting = inside();
    List<int[]> images = rows(normal.order());
    List<Integer> letters = acting.generators();
    require(
        images.size() == letters.size(),
        "the description of %s needs an action of the %d generators of %s, got %d",
        name,
        letters.size(),
        acting,
        images.size());
    int[][] action = new int[acting.order()][];
    action[acting.identity()] = identity(normal.order());
    ArrayDeque<Integer> open = new ArrayDeque<>(List.of(acting.identity()));
    while (!open.isEmpty()) {
      int h = open.remove();
      for (int i = 0; i < images.size(); i++) {
        int next = acting.multiply(letters.get(i), h);
        if (action[next] == null) {
          int[] step = images.get(i);
          action[next] = Arrays.stream(action[h]).map(x -> step[x]).toArray();
          open.add(next);
        }
      }
    }
    return GroupProducts.semidirect(normal, acting, action, name, LARGEST);
  }

  private static int[] identity(int n) {
    return java.util.stream.IntStream.range(0, n).toArray();
  }

  private FiniteGroup labelled() {
    FiniteGroup group = inside();
    List<String> labels = new ArrayList<>();
    while (peek() == '"') {
      labels.add(quoted());
    }
    return group.withLabels(labels);
  }

  private FiniteGroup inside() {
    expect('(');
    Limits.requireNesting(++depth, text);
    FiniteGroup group = group();
    depth--;
    expect(')');
    return group;
  }

  /** Rows of numbers from 0 to below {@code size}. */
  private List<int[]> rows(int size) {
    List<int[]> rows = new ArrayList<>();
    while (peek() == '[') {
      position++;
      int[] row = new int[Math.min(size, text.length())];
      int filled = 0;
      while (peek() != ']') {
        require(filled < row.length, "%s", unexpected("']' after " + size + " numbers"));
        row[filled++] = number(size - 1);
      }
      require(filled == size, "%s", unexpected(size + " numbers, not " + filled + ","));
      position++;
      rows.add(row);
    }
    return rows;
  }

  private String name() {
    String name = quoted();
    require(!name.isBlank(), "a group needs a name that is not blank");
    return name;
  }

  private String quoted() {
    expect('"');
    StringBuilder result = new StringBuilder();
    while (position < text.length() && text.charAt(position) != '"') {
      position += text.charAt(position) == '\\' && position + 1 < text.length() ? 1 : 0;
      result.append(text.charAt(position++));
    }
    expect('"');
    return result.toString();
  }

  private int number(int largest) {
    skipSpaces();
    int start = position;
    long value = 0;
    while (position < text.length()
        && text.charAt(position) >= '0'
        && text.charAt(position) <= '9') {
      value = Math.min(value * 10 + text.charAt(position) - '0', Integer.MAX_VALUE);
      position++;
    }
    require(
        position > start && value <= largest, "%s", unexpected("a number from 0 to " + largest));
    return (int) value;
  }

  private String word() {
    skipSpaces();
    int start = position;
    while (position < text.length() && Character.isLetter(text.charAt(position))) {
      position++;
    }
    return text.substring(start, position);
  }

  /** The next character that is no space; 0 at the end. */
  private char peek() {
    skipSpaces();
    return position < text.length() ? text.charAt(position) : 0;
  }

  private void expect(char symbol) {
    require(peek() == symbol, "%s", unexpected("'" + symbol + "'"));
    position++;
  }

  private void skipSpaces() {
    while (position < text.length() && text.charAt(position) == ' ') {
      position++;
    }
  }

  private String unexpected(String wanted) {
    return "the description of a group must go on with "
        + wanted
        + " at character "
        + position
        + ", got '"
        + Limits.shown(text.substring(Math.min(position, text.length())))
        + "'";
  }
}
