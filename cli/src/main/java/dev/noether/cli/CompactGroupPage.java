package dev.noether.cli;

import dev.noether.group.CompactGroup;
import dev.noether.group.CompactIrrep;
import dev.noether.group.FiniteGroup;
import dev.noether.group.IrrepId;
import dev.noether.lie.CompactClebschGordan;
import dev.noether.lie.FiniteEmbedding;
import dev.noether.rep.Representation;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What there is to read about a compact group.
 *
 * @param group the group
 */
record CompactGroupPage(CompactGroup group) {
  private static final int HIGHEST = 6;
  private static final int HIGHEST_FACTOR = 2;

  /** The page for programs, as that of a finite group; what is infinite is null. */
  record Content(
      String name,
      @Nullable Integer order,
      @Nullable List<GroupCommand.ConjugacyClass> conjugacyClasses,
      List<GroupCommand.IrrepEntry> irreps,
      @Nullable List<List<Object>> characterTable) {}

  Content content() {
    return new Content(
        group.toString(),
        null,
        null,
        group.irreps(HIGHEST).stream()
            .map(
                irrep ->
                    new GroupCommand.IrrepEntry(
                        irrep.id().numbers(),
                        irrep.dimension(),
                        irrep.type().symbol(),
                        irrep.type().endomorphismDimension()))
            .toList(),
        null);
  }

  void print(Page out) {
    out.printf(
        "%s: the %s of %s, a compact group%n",
        group,
        group.hasImproperElements() ? "rotations and reflections" : "rotations",
        group.spaceDimension() == 2 ? "the plane" : "space");
    out.printf(
        "%nIrreps over the real numbers, to %s %d of infinitely many%n",
        group.spaceDimension() == 2 ? "frequency" : "degree", HIGHEST);
    Columns irreps =
        new Columns("irrep", "dimension", "<type", "<character, t the angle of the rotation");
    for (CompactIrrep irrep : group.irreps(HIGHEST)) {
      irreps.add(
          irrep.toString(),
          String.valueOf(irrep.dimension()),
          irrep.type().name().toLowerCase(Locale.ROOT),
          character(irrep));
    }
    out.print(irreps);
    products(out);
    restrictions(out);
  }

  /** The character in closed form; t is the angle of rotation. */
  private String character(CompactIrrep irrep) {
    int k = irrep.frequency();
    boolean space = group.spaceDimension() == 3;
    String rotation =
        space
            ? k == 0 ? "1" : "sin(" + (2 * k + 1) + "t/2) / sin(t/2)"
            : k == 0 ? "1" : "2 cos(" + (k == 1 ? "" : k) + "t)";
    if (!group.hasImproperElements()) {
      return rotation;
    }
    if (!space && k > 0) {
      return rotation + ", 0 for reflections";
    }
    String what = space ? "inversion" : "reflections";
    return rotation + (irrep.parity() == 1 ? ", times -1 for " : ", the same for ") + what;
  }

  private void products(Page out) {
    out.printf("%nTensor products%n");
    List<CompactIrrep> factors =
        group.irreps(HIGHEST_FACTOR).stream().filter(irrep -> !irrep.isTrivial()).toList();
    Columns columns = new Columns("left", "<right", "<their product is the sum of");
    for (int i = 0; i < factors.size(); i++) {
      for (CompactIrrep right : factors.subList(i, factors.size())) {
        columns.add(
            factors.get(i).toString(),
            right.toString(),
            CompactClebschGordan.series(factors.get(i), right).stream()
                .map(CompactIrrep::toString)
                .collect(Collectors.joining(" + ")));
      }
    }
    out.print(columns);
  }

  private void restrictions(Page out) {
    List<String> names =
        group.spaceDimension() == 2
            ? group.hasImproperElements() ? List.of("D4", "D5") : List.of("C4", "C5")
            : group.hasImproperElements()
                ? List.of("Td", "Oh", "Ih")
                : List.of("Tetrahedral", "Octahedral", "Icosahedral");
    out.printf("%nRestrictions to finite groups%n");
    List<String> header = new ArrayList<>(List.of("irrep"));
    names.forEach(name -> header.add("<on " + name));
    Columns columns = new Columns(header.toArray(String[]::new));
    List<FiniteEmbedding> finite =
        names.stream()
            .map(name -> FiniteEmbedding.standard(FiniteGroup.named(name), group))
            .toList();
    for (CompactIrrep irrep : group.irreps(HIGHEST)) {
      List<String> cells = new ArrayList<>(List.of(irrep.toString()));
      for (FiniteEmbedding embedding : finite) {
        cells.add(words(Representation.irrep(irrep).restrict(embedding)));
      }
      columns.add(cells.toArray(String[]::new));
    }
    out.print(columns);
  }

  private static String words(Representation restricted) {
    Map<IrrepId, Integer> sorted = new TreeMap<>(restricted.multiplicities());
    return sorted.entrySet().stream()
        .map(e -> (e.getValue() > 1 ? e.getValue() + " x " : "") + "irrep(" + e.getKey() + ")")
        .collect(Collectors.joining(" + "));
  }
}
