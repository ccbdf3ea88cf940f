package dev.noether.cli;

import dev.noether.group.CharacterTable;
import dev.noether.group.CompactGroup;
import dev.noether.group.FiniteGroup;
import dev.noether.group.Group;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code noether group NAME}: what a group is made of, to read. */
@Command(
    name = "group",
    description = "Shows a group: classes, characters, irreps, subgroups.",
    footer = {
      "",
      "  noether group Icosahedral",
      "  noether group 'C2 x D4' --json",
      "",
      "In JSON the value of a character is a number where it is real, else {\"re\", \"im\"}."
    })
final class GroupCommand implements Callable<Integer>, PureJava {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(
      paramLabel = "NAME",
      description = "C8, D4, Icosahedral, S4, Q8, 2O, D3h, 'C2 x D4', 'C2 wr S3', 'SO(3)', ...")
  private String name = "";

  @Mixin private JsonOption json = new JsonOption();

  /** A class of conjugate elements. */
  record ConjugacyClass(String representative, int size, int elementOrder) {}

  /** A real irrep. */
  record IrrepEntry(List<Integer> id, int dimension, String type, int endomorphismDimension) {}

  /** A complex number that is not real. */
  record Complex(double re, double im) {}

  /** The whole group. */
  record Content(
      String name,
      int order,
      List<ConjugacyClass> conjugacyClasses,
      List<IrrepEntry> irreps,
      List<List<Object>> characterTable) {}

  @Override
  public Integer call() throws IOException {
    json.requireWritable();
    Page out = Page.of(spec);
    Group group = Group.named(name);
    if (group instanceof CompactGroup compact) {
      CompactGroupPage page = new CompactGroupPage(compact);
      if (!json.replacesPage()) {
        page.print(out);
      }
      json.write(out, page::content);
    } else if (group instanceof FiniteGroup finite) {
      if (!json.replacesPage()) {
        new FiniteGroupPage(finite, out).print();
      }
      json.write(out, () -> content(finite));
    }
    return 0;
  }

  private static Content content(FiniteGroup group) {
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
    return new Content(group.name(), group.order(), classes(group), irreps(group), values);
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
