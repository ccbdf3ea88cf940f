package dev.noether.cli;

import dev.noether.algebra.Cyclotomic;
import dev.noether.group.CharacterTable;
import dev.noether.group.FiniteGroup;
import dev.noether.group.FiniteIrrep;
import dev.noether.group.IrrepType;
import dev.noether.group.Subgroup;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** What there is to read about a finite group, for a person. */
final class FiniteGroupPage {
  /** Beyond this order a page of subgroups is no longer a page. */
  private static final int LARGEST_FOR_SUBGROUPS = 1000;

  private static final int WIDEST_TABLE = 24;
  private static final int MOST_ROWS = 60;

  /** Longer values stand as a letter, which a line below explains. */
  private static final int LONGEST_VALUE = 7;

  private final FiniteGroup group;
  private final List<List<Integer>> classes;
  private final List<String> classNames;
  private final Page out;

  FiniteGroupPage(FiniteGroup group, Page out) {
    this.group = group;
    this.classes = group.conjugacyClasses();
    this.classNames = classNames(group);
    this.out = out;
  }

  void print() {
    out.printf(
        "%s: %s, %s%n%n",
        group, counted(group.order(), "element"), group.isAbelian() ? "abelian" : "not abelian");
    Columns facts = new Columns("generators", "<" + generators());
    facts.add("exponent", String.valueOf(group.exponent()));
    facts.add("centre", named(group.center()));
    if (!group.isAbelian()) {
      facts.add("commutator subgroup", named(group.commutatorSubgroup()));
      facts.add("abelian quotient", group.commutatorSubgroup().quotient().group().name());
    }
    out.print(facts);
    irreps();
    conjugacyClasses();
    characters();
    subgroups();
  }

  private static String counted(int count, String noun) {
    String plural = noun.endsWith("s") ? noun + "es" : noun + "s";
    return count + " " + (count == 1 ? noun : plural);
  }

  private String generators() {
    String all = group.generators().stream().map(group::label).collect(Collectors.joining(", "));
    return all.isEmpty() ? "none" : all;
  }

  private String named(Subgroup subgroup) {
    return subgroup.order() == group.order()
        ? "the whole group"
        : subgroup.name().orElse("a group of order " + subgroup.order());
  }

  /** As the Atlas does: the order of the elements and a letter, 1a, 2a, 2b, ... */
  private static List<String> classNames(FiniteGroup group) {
    Map<Integer, Integer> seen = new HashMap<>();
    List<String> names = new ArrayList<>();
    for (List<Integer> members : group.conjugacyClasses()) {
      int order = group.elementOrder(members.get(0));
      names.add(order + letters(seen.merge(order, 1, Integer::sum) - 1, 'a'));
    }
    return names;
  }

  /** a to z, then aa, ab, ... */
  private static String letters(int number, char first) {
    String last = String.valueOf((char) (first + number % 26));
    return number < 26 ? last : letters(number / 26 - 1, first) + last;
  }

  private void irreps() {
    out.printf("%n%s over the real numbers%n", counted(group.irreps().size(), "irrep"));
    boolean withCharacters = classes.size() <= WIDEST_TABLE;
    Columns columns =
        new Columns(
            "irrep",
            "dimension",
            "<type",
            "endomorphisms",
            withCharacters ? "<complex characters" : "");
    int shown = Math.min(group.irreps().size(), MOST_ROWS);
    for (FiniteIrrep irrep : group.irreps().subList(0, shown)) {
      columns.add(
          irrep.toString(),
          String.valueOf(irrep.dimension()),
          irrep.type().name().toLowerCase(Locale.ROOT),
          String.valueOf(irrep.type().endomorphismDimension()),
          withCharacters ? constituents(irrep) : "");
    }
    out.print(columns);
    more(group.irreps().size() - shown);
  }

  private void more(int left) {
    if (left > 0) {
      out.printf("  and %d more; --json lists all%n", left);
    }
  }

  /** X2; X2 + X3 for a complex type; 2 X4 for a quaternionic one. */
  private String constituents(FiniteIrrep irrep) {
    CharacterTable table = group.characterTable();
    List<String> found = new ArrayList<>();
    for (int k = 0; k < table.size(); k++) {
      double inner = 0;
      for (int c = 0; c < table.size(); c++) {
        inner += classes.get(c).size() * irrep.character(classes.get(c).get(0)) * table.real(k, c);
      }
      if (inner > group.order() / 2.0) {
        found.add((irrep.type() == IrrepType.QUATERNIONIC ? "2 " : "") + "X" + (k + 1));
      }
    }
    return String.join(" + ", found);
  }

  private void conjugacyClasses() {
    out.printf("%n%s%n", counted(classes.size(), "conjugacy class"));
    Columns columns = new Columns("class", "size", "<representative");
    int shown = Math.min(classes.size(), MOST_ROWS);
    for (int c = 0; c < shown; c++) {
      List<Integer> members = classes.get(c);
      columns.add(classNames.get(c), String.valueOf(members.size()), group.label(members.get(0)));
    }
    out.print(columns);
    more(classes.size() - shown);
  }

  private void characters() {
    out.printf("%nComplex characters, with the types of their irreps%n");
    if (classes.size() > WIDEST_TABLE) {
      out.printf("  %d x %d values; --json prints them%n", classes.size(), classes.size());
      return;
    }
    CharacterTable table = group.characterTable();
    List<String> header = new ArrayList<>(List.of("", "<"));
    header.addAll(classNames);
    Columns columns = new Columns(header.toArray(String[]::new));
    Legend legend = new Legend();
    for (int row = 0; row < table.size(); row++) {
      List<String> cells = new ArrayList<>();
      cells.add("X" + (row + 1));
      cells.add(table.type(row).name().toLowerCase(Locale.ROOT));
      for (int column = 0; column < table.size(); column++) {
        cells.add(legend.symbol(table.value(row, column)));
      }
      columns.add(cells.toArray(String[]::new));
    }
    out.print(columns);
    legend.print(out);
  }

  /** The letters that stand for values too long for the table. */
  private static final class Legend {
    private final Map<String, String> letters = new LinkedHashMap<>();
    private final List<Cyclotomic> values = new ArrayList<>();
    private boolean hasRoots;

    private String symbol(Cyclotomic value) {
      String text = value.toString();
      hasRoots |= text.contains("E(");
      if (text.length() <= LONGEST_VALUE) {
        return text;
      }
      if (!letters.containsKey(text)) {
        letters.put(text, letters(letters.size(), 'A'));
        values.add(value);
      }
      return letters.get(text);
    }

    private void print(Page out) {
      int next = 0;
      for (Map.Entry<String, String> letter : letters.entrySet()) {
        out.printf(
            "  %s = %s = %s%n", letter.getValue(), letter.getKey(), decimal(values.get(next++)));
      }
      if (hasRoots) {
        out.printf("  E(n) = exp(2 pi i / n)%n");
      }
    }

    private static String decimal(Cyclotomic value) {
      double im = value.imaginary();
      String real = String.format(Locale.ROOT, "%.4f", value.real());
      return Math.abs(im) < 1e-9
          ? real
          : String.format(Locale.ROOT, "%s %s %.4f i", real, im < 0 ? "-" : "+", Math.abs(im));
    }
  }

  private void subgroups() {
    out.printf("%nSubgroups up to conjugacy%n");
    if (group.order() > LARGEST_FOR_SUBGROUPS) {
      out.printf("  left out beyond order %d%n", LARGEST_FOR_SUBGROUPS);
      return;
    }
    List<Subgroup> subgroups;
    try {
      subgroups = group.subgroups();
    } catch (IllegalArgumentException tooMany) {
      out.printf("  %s%n", String.valueOf(tooMany.getMessage()));
      return;
    }
    Columns columns =
        new Columns("subgroup", "order", "index", "conjugates", "<", "<by element numbers");
    for (Subgroup subgroup : subgroups) {
      int conjugates = subgroup.normalizer().index();
      columns.add(
          subgroup.name().orElse("-"),
          String.valueOf(subgroup.order()),
          String.valueOf(subgroup.index()),
          String.valueOf(conjugates),
          conjugates == 1 ? "normal" : "",
          byNumbers(subgroup));
    }
    out.print(columns);
    hint(subgroups);
  }

  private static String byNumbers(Subgroup subgroup) {
    return subgroup.generators().stream()
        .map(String::valueOf)
        .collect(Collectors.joining(", ", "<", ">"));
  }

  /** How a subgroup is used, by the largest one that has a name. */
  private void hint(List<Subgroup> subgroups) {
    for (int i = subgroups.size() - 2; i > 0; i--) {
      Subgroup subgroup = subgroups.get(i);
      if (subgroup.name().isPresent()) {
        String name = subgroup.name().get();
        out.printf(
            "  \"%s: quotient(%s)\" is the action on the cosets of the first %s of these,%n"
                + "  \"%s: quotient(%s)\" on those of the subgroup of such generators%n",
            group, name, name, group, byNumbers(subgroup));
        return;
      }
    }
  }
}
