package dev.noether;

import dev.noether.group.FiniteGroup;
import java.util.stream.Stream;

/** The groups over which the laws are tested: a new group is one line here. */
public final class TestedGroups {
  private TestedGroups() {}

  public static Stream<FiniteGroup> all() {
    return Stream.of(
            "trivial",
            "C2",
            "C3",
            "C4",
            "C5",
            "C6",
            "C8",
            "C12",
            "D1",
            "D2",
            "D3",
            "D4",
            "D5",
            "D6",
            "D9",
            "Octahedral",
            "Icosahedral",
            "Tetrahedral",
            "Td",
            "Th",
            "V4",
            "S4",
            "A4",
            "Q8",
            "Q16",
            "Dic3",
            "2T",
            "Cylinder3",
            "Cs",
            "C3v",
            "C3h",
            "D3h",
            "D2d",
            "Rotoreflection4",
            "C3 x C3",
            "C3 x Q8",
            "C7 semidirect(2) C3",
            "C2 wr C3")
        .map(FiniteGroup::named);
  }
}
