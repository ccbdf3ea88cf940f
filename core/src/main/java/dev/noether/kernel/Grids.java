package dev.noether.kernel;

import dev.noether.group.CompactElement;
import dev.noether.group.CompactGroup;
import dev.noether.group.Element;
import dev.noether.group.Groups;
import dev.noether.group.Orthogonal2;
import dev.noether.lie.FiniteEmbedding;
import java.util.ArrayList;
import java.util.List;

/** The symmetries of a square or a cube inside a compact group. */
final class Grids {
  private Grids() {}

  static List<Element> symmetries(Space space) {
    return space.dimension() == 2 ? ofTheSquare(space) : ofTheCube(space.whole());
  }

  /** Quarter turns and, where there are reflections, the four of the square. */
  private static List<Element> ofTheSquare(Space space) {
    List<Element> all = new ArrayList<>();
    for (int quarter = 0; quarter < 4; quarter++) {
      all.add(Orthogonal2.rotation(quarter * Math.PI / 2));
    }
    if (space.whole().hasImproperElements()) {
      // space.action adds twice the axis to the angle of a reflection.
      for (int quarter = 0; quarter < 4; quarter++) {
        all.add(new Orthogonal2(quarter * Math.PI / 2 - 2 * space.axis(), true));
      }
    }
    return all;
  }

  private static List<Element> ofTheCube(CompactGroup whole) {
    List<CompactElement> images =
        FiniteEmbedding.standard(
                whole.hasImproperElements() ? Groups.fullOctahedral() : Groups.octahedral(), whole)
            .images();
    return List.copyOf(images);
  }
}
