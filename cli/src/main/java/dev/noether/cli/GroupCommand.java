package dev.noether.cli;

import dev.noether.group.CharacterTable;
import dev.noether.group.FiniteGroup;
import dev.noether.group.Irrep;
import dev.noether.group.Subgroup;
import dev.noether.lie.CompactGroup;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code noether group NAME}: what a group is made of, to read. */
@Command(
    name = "group",
    description = "Shows a group: classes, characters, irreps, subgroups.",
    footer = {
      "",
      "In JSON the value of a character is a number where it is real, else {\"re\", \"im\"}."
    })
final class GroupCommand implements Callable<Integer> {
  /** Beyond this order a page of subgroups is no longer a page. */
  private static final int LARGEST_FOR_SUBGROUPS = 1000;

  private static final int WIDEST_TABLE = 24;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(
      paramLabel = "NAME",
      description = "C8, D4, Icosahedral, S4, Q8, 2O, 'C2 x D4', 'C2 wr S3', 'SO(3)', ...")
  private String name = "";

  @Option(names = "--json", description = "print JSON instead of a page")
  private boolean json;

  /** A class of conjugate elements. */
  record ConjugacyClass(String representative, int size, int elementOrder) {}

  /** A real irrep. */
  record IrrepEntry(List<Integer> id, int dimension, String type, int endomorphismDimension) {}

  /** A complex number that is not real. */
  record Complex(double re, double im) {}

  /** The whole group. */
  record Page(
      String name,
      int order,
      List<ConjugacyClass> conjugacyClasses,
      List<IrrepEntry> irreps,
      List<List<Object>> characterTable) {}

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    Optional<CompactGroup> compact = CompactGroup.named(name);
    if (compact.isPresent()) {
      new CompactGroupPage(compact.get()).print(out, json);
      return 0;
    }
    FiniteGroup group = FiniteGroup.named(name);
    if (json) {
      out.println(Json.text(page(group)));
    } else {
      print(group, out);
    }
    out.flush();
    return 0;
  }

  private static Page page(FiniteGroup group) {
    CharacterTable table = group.characterTable();
    List<List<Object>> values = new ArrayList<>();
    for (int row = 0; row < table.size(); row++) {
      List<Object> entries = new ArrayList<>();
      for (int column = 0; column < table.size(); column++) {
        double re = table.real(row, column);
        double im = table.imaginary(row, column);
        entries.add(im == 0 ? (Object) re : new Complex(re, im));
      }
      values.add(entries);
    }
    return new Page(group.name(), group.order(), classes(group), irreps(group), values);
  }

  private static List<ConjugacyClass> classes(FiniteGroup group) {
    return group.conjugacyClasses().stream()
        .map(c -> new ConjugacyClass(group.label(c.get(0)), c.size(), group.elementOrder(c.get(0))))
        .toList();
  }

  private static List<IrrepEntry> irreps(FiniteGroup group) {
    return group.irreps().stream()
        .map(
            irrep ->
                new IrrepEntry(
                    irrep.id().numbers(),
                    irrep.dimension(),
                    irrep.type().symbol(),
                    irrep.type().endomorphismDimension()))
        .toList();
  }

  private static void print(FiniteGroup group, PrintWriter out) {
    List<ConjugacyClass> classes = classes(group);
    out.printf(
        "%s: order %d, %d conjugacy classes, exponent %d, %s%n",
        group,
        group.order(),
        classes.size(),
        group.exponent(),
        group.isAbelian() ? "abelian" : "not abelian");
    out.printf(
        "Generators: %s%n",
        group.generators().stream().map(group::label).collect(Collectors.joining(", ")));
    out.printf(
        "Centre of order %d, commutator subgroup of order %d%n",
        group.center().order(), group.commutatorSubgroup().order());
    out.printf("%nIrreps over the reals%n");
    Columns irreps = new Columns("irrep", "dimension", "type", "endomorphisms");
    for (Irrep irrep : group.irreps()) {
      irreps.add(
          irrep.toString(),
          String.valueOf(irrep.dimension()),
          irrep.type().name().toLowerCase(java.util.Locale.ROOT),
          String.valueOf(irrep.type().endomorphismDimension()));
    }
    out.print(irreps);
    out.printf("%nConjugacy classes%n");
    Columns rows = new Columns("class", "size", "element order", "representative");
    for (int i = 0; i < classes.size(); i++) {
      ConjugacyClass c = classes.get(i);
      rows.add(
          String.valueOf(i + 1),
          String.valueOf(c.size()),
          String.valueOf(c.elementOrder()),
          c.representative());
    }
    out.print(rows);
    characters(group, out);
    subgroups(group, out);
  }

  private static void characters(FiniteGroup group, PrintWriter out) {
    CharacterTable table = group.characterTable();
    out.printf("%nComplex characters on the classes, E(n) = exp(2 pi i / n)%n");
    if (table.size() > WIDEST_TABLE) {
      out.printf("%d x %d values; --json prints them%n", table.size(), table.size());
      return;
    }
    List<String> header = new ArrayList<>(List.of("", "indicator"));
    IntStream.rangeClosed(1, table.size()).forEach(i -> header.add(String.valueOf(i)));
    Columns columns = new Columns(header.toArray(String[]::new));
    for (int row = 0; row < table.size(); row++) {
      List<String> cells = new ArrayList<>();
      cells.add("X" + (row + 1));
      cells.add(String.valueOf(table.indicator(row)));
      for (int column = 0; column < table.size(); column++) {
        cells.add(table.value(row, column).toString());
      }
      columns.add(cells.toArray(String[]::new));
    }
    out.print(columns);
  }

  private static void subgroups(FiniteGroup group, PrintWriter out) {
    out.printf("%nSubgroups up to conjugacy%n");
    if (group.order() > LARGEST_FOR_SUBGROUPS) {
      out.printf("left out beyond order %d%n", LARGEST_FOR_SUBGROUPS);
      return;
    }
    Columns columns = new Columns("subgroup", "order", "index", "normal");
    try {
      for (Subgroup subgroup : group.subgroups()) {
        columns.add(
            subgroup.name().orElse("-"),
            String.valueOf(subgroup.order()),
            String.valueOf(subgroup.index()),
            subgroup.isNormal() ? "yes" : "no");
      }
      out.print(columns);
    } catch (IllegalArgumentException e) {
      out.println(e.getMessage());
    }
  }
}
