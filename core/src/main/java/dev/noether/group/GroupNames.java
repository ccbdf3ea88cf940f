package dev.noether.group;

import static dev.noether.algebra.Checks.require;

import dev.noether.algebra.TextBounds;
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
  private static final Pattern FAMILY =
      Pattern.compile("(c|z|d|s|a|q|dic|cylinder|fullcylinder)([0-9]{1,9})");
  private static final Pattern WORD = Pattern.compile("semidirect\\([0-9]{1,5}\\)|[()]|[^\\s()]+");
  private static final Pattern SUBGROUP = Pattern.compile("<([0-9, ]*)>\\s+in\\s+(.+)");
  private static final Pattern COMPACT = Pattern.compile("(?i)s?o ?\\(?[23]\\)?");
  private static final Pattern SEMIDIRECT = Pattern.compile("semidirect\\(([0-9]{1,5})\\)");

  private final String text;
  private final List<String> words = new ArrayList<>();
  private int next;
  private int factors;

  private GroupNames(String text) {
    this.text = text;
    Matcher matcher = WORD.matcher(text.toLowerCase(Locale.ROOT));
    while (matcher.find()) {
      words.add(matcher.group());
    }
  }

  static FiniteGroup parse(String text) {
    TextBounds.require(text);
    return parse(text, 0);
  }

  private static FiniteGroup parse(String text, int depth) {
    TextBounds.requireNesting(depth, text);
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
        TextBounds.shown(text));
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
    require(!word.isEmpty(), "a group is missing at the end of '%s'", TextBounds.shown(text));
    TextBounds.requireAtMost("factors of a group", ++factors, TextBounds.FACTORS, text);
    next++;
    if (word.equals("(")) {
      FiniteGroup inside = product();
      require(peek().equals(")"), "a parenthesis is left open in '%s'", TextBounds.shown(text));
      next++;
      return inside;
    }
    Matcher family = FAMILY.matcher(word);
    return family.matches() ? family(family) : solid(word);
  }

  private FiniteGroup family(Matcher family) {
    int n = Integer.parseInt(family.group(2));
    return switch (family.group(1)) {
      case "c", "z" -> FiniteGroup.cyclic(n);
      case "d" -> FiniteGroup.dihedral(n);
      case "s" -> GroupFamilies.symmetric(n);
      case "a" -> GroupFamilies.alternating(n);
      case "cylinder" -> GroupFamilies.cylinder(n);
      case "fullcylinder" -> GroupFamilies.fullCylinder(n);
      case "q" -> {
        require(n % 4 == 0, "Qn needs n divisible by 4, as Q8 or Q16, got Q%d", n);
        yield GroupFamilies.dicyclic(n / 4);
      }
      default -> GroupFamilies.dicyclic(n);
    };
  }

  private FiniteGroup solid(String word) {
    return switch (word) {
      case "trivial" -> FiniteGroup.trivial();
      case "v4", "k4", "klein", "kleinfour" -> GroupFamilies.kleinFour();
      case "t", "tetrahedral" -> GroupFamilies.tetrahedral();
      case "o", "octahedral" -> FiniteGroup.octahedral();
      case "i", "icosahedral" -> FiniteGroup.icosahedral();
      case "td", "fulltetrahedral" -> GroupFamilies.fullTetrahedral();
      case "th", "pyritohedral" -> GroupFamilies.pyritohedral();
      case "oh", "fulloctahedral" -> GroupFamilies.fullOctahedral();
      case "ih", "fullicosahedral" -> GroupFamilies.fullIcosahedral();
      case "2t", "binarytetrahedral" -> GroupFamilies.binaryTetrahedral();
      case "2o", "binaryoctahedral" -> GroupFamilies.binaryOctahedral();
      case "2i", "binaryicosahedral" -> GroupFamilies.binaryIcosahedral();
      default -> throw new IllegalArgumentException(unknown(word));
    };
  }

  private String unknown(String word) {
    String part = words.size() > 1 ? " at '" + TextBounds.shown(word) + "'" : "";
    return "unknown group '"
        + TextBounds.shown(text)
        + "'"
        + part
        + ": know trivial, Cn (as C5), Dn (as D4), Sn, An, Qn (as Q8), Dicn, V4, Tetrahedral, "
        + "Octahedral, Icosahedral, Td, Th, Oh, Ih, 2T, 2O, 2I, Cylindern, FullCylindern, and "
        + "products 'C2 x D4', 'C2 wr S3', 'C7 semidirect(2) C3'";
  }
}
