package dev.noether.cli;

import dev.noether.group.CharacterTable;
import dev.noether.group.CompactGroup;
import dev.noether.group.FiniteGroup;
import dev.noether.group.Group;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
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
  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(
      paramLabel = "NAME",
      description = "C8, D4, Icosahedral, S4, Q8, 2O, D3h, 'C2 x D4', 'C2 wr S3', 'SO(3)', ...")
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
    Group group = Group.named(name);
    if (group instanceof CompactGroup compact) {
      new CompactGroupPage(compact).print(out, json);
    } else if (group instanceof FiniteGroup finite && json) {
      out.println(Json.text(page(finite)));
    } else {
      new FiniteGroupPage((FiniteGroup) group, out).print();
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
}
