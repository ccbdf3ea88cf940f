package dev.noether.nn.activation;

import static dev.noether.algebra.Checks.require;

import dev.noether.group.CompactGroup;
import dev.noether.group.Element;
import dev.noether.group.FiniteElement;
import dev.noether.group.FiniteGroup;
import dev.noether.group.Group;
import dev.noether.group.Orthogonal2;
import dev.noether.group.Orthogonal3;
import java.util.ArrayList;
import java.util.List;

/** Elements of a group as a list of numbers. */
final class Samples {
  private static final int PLANAR = 2;
  private static final int SPATIAL = 5;

  private Samples() {}

  static List<Double> write(List<Element> samples) {
    List<Double> numbers = new ArrayList<>();
    for (Element sample : samples) {
      if (sample instanceof FiniteElement finite) {
        numbers.add((double) finite.index());
      } else if (sample instanceof Orthogonal2 planar) {
        numbers.addAll(List.of(planar.angle(), planar.reflected() ? 1.0 : 0.0));
      } else {
        Orthogonal3 o = (Orthogonal3) sample;
        numbers.addAll(List.of(o.w(), o.x(), o.y(), o.z(), o.inverted() ? 1.0 : 0.0));
      }
    }
    return numbers;
  }

  static List<Element> read(Group group, List<Double> numbers) {
    int width =
        group instanceof CompactGroup compact
            ? compact.spaceDimension() == 2 ? PLANAR : SPATIAL
            : 1;
    require(
        numbers.size() % width == 0,
        "samples of %s are %d numbers each, got %d numbers",
        group,
        width,
        numbers.size());
    List<Element> samples = new ArrayList<>();
    for (int i = 0; i < numbers.size(); i += width) {
      samples.add(element(group, numbers.subList(i, i + width)));
    }
    return samples;
  }

  private static Element element(Group group, List<Double> n) {
    if (group instanceof FiniteGroup finite) {
      return finite.element((int) Math.rint(n.get(0)));
    }
    return n.size() == PLANAR
        ? new Orthogonal2(n.get(0), n.get(1) != 0)
        : new Orthogonal3(n.get(0), n.get(1), n.get(2), n.get(3), n.get(4) != 0);
  }
}
