package dev.noether.group;

import static dev.noether.algebra.Checks.require;

import dev.noether.algebra.Limits;
import dev.noether.algebra.Spelling;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads groups from their names: families, products written with x, semidirect(k) and wr, and
 * subgroups written {@code <2, 5> in S6}.
 */
final class GroupNames {
  private static final Pattern WORD = Pattern.compile("semidirect\\([0-9]{1,5}\\)|[()]|[^\\s()]+");
  private static final Pattern SUBGROUP = Pattern.compile("<([0-9, ]*)>\\s+in\\s+(.+)");
  private static final Pattern COMPACT = Pattern.compile("(?i)s?o ?\\(?[23]\\)?");
  private static final Pattern SEMIDIRECT = Pattern.compile("semidirect\\(([0-9]{1,5})\\)");

  /** A name with a number that no family takes. */
  private static final Pattern NO_NUMBER = Pattern.compile("([a-z]+)(-\\d+|\\d{7,})([a-z]*)");

  private final String text;
  private final List<String> words = new ArrayList<>();
  private int next;
  private int factors;

  private GroupNames(String text) {
    this.text = text;
    String spaced =
        text.toLowerCase(Locale.ROOT)
            .replaceAll("[*\u00d7]", " x ")
            .replace("x(", " x (")
            .replace(")x", ") x ");
    Matcher matcher = WORD.matcher(spaced);
    while (matcher.find()) {
      addWord(matcher.group());
    }
  }

  /** Adds a word; one like c2xc2 as the factors that it joins. */
  private void addWord(String word) {
    List<String> factors = List.of(word.split("x", -1));
    if (factors.size() == 1 || !factors.stream().allMatch(Families::isKnown)) {
      words.add(word);
      return;
    }
    words.add(factors.get(0));
    for (String factor : factors.subList(1, factors.size())) {
      words.add("x");
      words.add(factor);
    }
  }

  static FiniteGroup parse(String text) {
    Limits.require(text);
    return parse(text, 0);
  }

  private static FiniteGroup parse(String text, int depth) {
    Limits.requireNesting(depth, text);
    require(!text.isBlank(), "a group needs a name, as C5, Icosahedral or 'C2 x D4'");
    Matcher subgroup = SUBGROUP.matcher(text.strip());
    if (subgroup.matches()) {
      return subgroup(parse(subgroup.group(2), depth + 1), subgroup.group(1));
    }
    require(
        !COMPACT.matcher(text.strip()).matches(),
        "%s is compact, not finite: represent a finite group inside it, as "
            + "'Octahedral: restrict(SO(3): irrep(2))'",
        text.strip());
    GroupNames names = new GroupNames(text.strip());
    FiniteGroup group = names.product();
    require(names.next == names.words.size(), "%s", names.unknown(names.peek()));
    return group;
  }

  /** The subgroup of the elements of some numbers, as a group of its own. */
  private static FiniteGroup subgroup(FiniteGroup parent, String numbers) {
    int[] elements =
        Pattern.compile("[0-9]{1,9}")
            .matcher(numbers)
            .results()
            .mapToInt(number -> Integer.parseInt(number.group()))
            .toArray();
    return parent.subgroupGeneratedBy(elements).asGroup();
  }

  /** The group of a name, or nothing where a name is not one that is read. */
  static Optional<FiniteGroup> find(String text) {
    try {
      return Optional.of(parse(text));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private String peek() {
    return next < words.size() ? words.get(next) : "";
  }

  private FiniteGroup product() {
    FiniteGroup left = wreath();
    while (true) {
      Matcher semidirect = SEMIDIRECT.matcher(peek());
      if (semidirect.matches()) {
        next++;
        left = semidirect(left, Integer.parseInt(semidirect.group(1)), wreath());
      } else if (peek().equals("x")) {
        next++;
        left = GroupProducts.direct(left, wreath());
      } else {
        return left;
      }
    }
  }

  private FiniteGroup semidirect(FiniteGroup left, int step, FiniteGroup right) {
    require(
        left.name().matches("C[0-9]+") && right.name().matches("C[0-9]+"),
        "semidirect(k) joins two cyclic groups, got %s and %s in '%s'; build others with "
            + "GroupProducts.semidirect",
        left,
        right,
        Limits.shown(text));
    return GroupProducts.metacyclic(left.order(), step, right.order());
  }

  private FiniteGroup wreath() {
    FiniteGroup left = atom();
    while (peek().equals("wr")) {
      next++;
      left = GroupProducts.wreath(left, atom());
    }
    return left;
  }

  private FiniteGroup atom() {
    String word = peek();
    require(!word.isEmpty(), "a group is missing at the end of '%s'", Limits.shown(text));
    Limits.requireAtMost("factors of a group", ++factors, Limits.FACTORS, text);
    next++;
    if (word.equals("(")) {
      FiniteGroup inside = product();
      require(peek().equals(")"), "a parenthesis is left open in '%s'", Limits.shown(text));
      next++;
      return inside;
    }
    return Families.find(word).orElseThrow(() -> new IllegalArgumentException(unknown(word)));
  }

  private String unknown(String word) {
    Optional<String> limit = limit(word);
    if (limit.isPresent()) {
      return limit.get();
    }
    String part = words.size() > 1 ? " at '" + Limits.shown(word) + "'" : "";
    return "unknown group '"
        + Limits.shown(text)
        + "'"
        + part
        + Spelling.nearest(word, Families.namesLike(word))
            .map(name -> "; did you mean " + name + "? Known are ")
            .orElse(": know ")
        + Families.known()
        + " (n a number, as C5), the Hermann-Mauguin names of point groups (as -43m), products "
        + "'C2 x D4', 'C2 wr S3', 'C7 semidirect(2) C3', and the compact SO(2), O(2), SO(3), O(3)";
  }

  /** What a family says of its number where that is negative, or beyond all numbers. */
  private static Optional<String> limit(String word) {
    Matcher numbered = NO_NUMBER.matcher(word);
    if (numbered.matches()) {
      try {
        return Families.find(numbered.group(1) + "0" + numbered.group(3))
            .map(group -> "a group has no number such as " + numbered.group(2));
      } catch (IllegalArgumentException e) {
        String message = String.valueOf(e.getMessage());
        int got = message.indexOf("got 0");
        return got < 0
            ? Optional.empty()
            : Optional.of(message.substring(0, got) + "got " + Limits.shown(numbered.group(2)));
      }
    }
    return Optional.empty();
  }
}
