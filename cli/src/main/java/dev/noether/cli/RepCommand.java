package dev.noether.cli;

import dev.noether.group.FiniteGroup;
import dev.noether.group.Group;
import dev.noether.group.Irrep;
import dev.noether.rep.IsotypicDecomposition;
import dev.noether.rep.Representation;
import dev.noether.rep.SignedPermutations;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code noether rep SPEC}: what a representation is made of, to read. */
@Command(
    name = "rep",
    description = "Shows a representation: its decomposition into irreps.",
    footer = {
      "",
      "  noether rep 'Icosahedral: 2 x regular + irrep(1)'",
      "  noether rep 'SO(3): harmonics(2)' --json"
    })
final class RepCommand implements Callable<Integer>, PureJava {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(paramLabel = "SPEC", description = "as 'Icosahedral: 2 x regular + irrep(1)'")
  private String text = "";

  @Mixin private JsonOption json = new JsonOption();

  /** How often an irrep occurs. */
  record Multiplicity(List<Integer> id, int multiplicity) {}

  /** The whole representation. */
  record Content(String group, int size, List<Multiplicity> irreps) {}

  @Override
  public Integer call() throws IOException {
    json.requireWritable();
    Page out = Page.of(spec);
    Representation representation = Representation.parse(text);
    if (!json.replacesPage()) {
      print(representation, out);
    }
    json.write(out, () -> content(representation));
    return 0;
  }

  private static Content content(Representation representation) {
    List<Multiplicity> irreps = new ArrayList<>();
    representation
        .multiplicities()
        .forEach((id, count) -> irreps.add(new Multiplicity(id.numbers(), count)));
    return new Content(representation.group().name(), representation.size(), irreps);
  }

  private static void print(Representation representation, Page out) {
    Group group = representation.group();
    List<IsotypicDecomposition.Block> blocks = IsotypicDecomposition.of(representation).blocks();
    out.printf("%s%n", representation);
    if (group instanceof FiniteGroup finite) {
      out.printf("size %d, group of order %d%n", representation.size(), finite.order());
      out.printf("acts on coordinates by %s%n", action(representation));
    } else {
      out.printf("size %d, compact group%n", representation.size());
    }
    out.printf("%nIsotypic components, in their order%n");
    Columns columns =
        new Columns(
            "irrep", "dimension", "<type", "multiplicity", "<coordinates in the isotypic basis");
    for (IsotypicDecomposition.Block block : blocks) {
      Irrep irrep = block.irrep();
      columns.add(
          irrep.toString(),
          String.valueOf(irrep.dimension()),
          irrep.type().name().toLowerCase(Locale.ROOT),
          String.valueOf(block.multiplicity()),
          range(block.start(), block.start() + block.dimension() - 1));
    }
    out.print(columns);
    int invariant = representation.multiplicities().getOrDefault(group.trivialIrrep().id(), 0);
    out.printf("%nInvariant vectors: a space of dimension %d%n", invariant);
  }

  private static String range(int first, int last) {
    return first == last ? String.valueOf(first) : first + " to " + last;
  }

  private static String action(Representation representation) {
    Optional<SignedPermutations> found = SignedPermutations.of(representation);
    if (found.isEmpty()) {
      return "orthogonal matrices";
    }
    return found.get().isUnsigned() ? "permutations" : "permutations with signs";
  }
}
