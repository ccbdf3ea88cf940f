package dev.noether.nn.activation;

import static dev.noether.algebra.Checks.require;

import dev.noether.group.CompactGroup;
import dev.noether.group.Element;
import dev.noether.group.FiniteElement;
import dev.noether.group.FiniteGroup;
import dev.noether.group.Group;
import dev.noether.group.Orthogonal2;
import dev.noether.group.Orthogonal3;
import dev.noether.group.Subgroup;
import dev.noether.lie.Quadrature;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Where functions on a group, on cosets or on the sphere are sampled, and how much each sample
 * counts: what a {@link FourierPointwise} reads its functions at.
 *
 * @param points elements of the group; on cosets and on the sphere, elements that move their origin
 *     to the places of the samples
 * @param weights one for each point, up to a common factor
 */
public record SamplePoints(List<Element> points, List<Double> weights) {
  private static final int PLANAR = 2;
  private static final int SPATIAL = 5;

  /**
   * Keeps copies.
   *
   * @param points elements of the group
   * @param weights one for each point
   * @throws IllegalArgumentException if there are not as many weights as points
   */
  public SamplePoints {
    points = List.copyOf(points);
    weights = List.copyOf(weights);
    require(
        points.size() == weights.size(),
        "%d samples need as many weights, got %d",
        points.size(),
        weights.size());
  }

  /**
   * Points that are spread evenly.
   *
   * @param points elements of the group
   * @return samples that all count the same
   */
  public static SamplePoints of(List<? extends Element> points) {
    return new SamplePoints(List.copyOf(points), Collections.nCopies(points.size(), 1.0));
  }

  /**
   * Points with weights for which polynomials up to a degree are integrated exactly.
   *
   * @param rule points and weights; the more exact, the nearer to equivariance
   * @return samples that count by their weights
   */
  public static SamplePoints of(Quadrature rule) {
    return new SamplePoints(List.copyOf(rule.points()), rule.weights());
  }

  /**
   * Evenly spaced turns of the plane and, where the group reflects, as many reflections.
   *
   * @param group SO(2) or O(2)
   * @param count the number of turns, at least 1
   * @return samples for {@link FourierPointwise#onGroup}: 2 frequency + 1 turns are the fewest,
   *     more are better
   * @throws IllegalArgumentException if the group is another one, or the number below 1
   */
  public static SamplePoints turns(CompactGroup group, int count) {
    require(group.spaceDimension() == 2, "turns of the plane are of SO(2) or O(2), got %s", group);
    require(count >= 1, "the number of turns must be at least 1, got %d", count);
    int all = group.hasImproperElements() ? 2 * count : count;
    return of(
        IntStream.range(0, all)
            .mapToObj(i -> new Orthogonal2(2 * Math.PI * (i % count) / count, i >= count))
            .toList());
  }

  /**
   * All elements of a finite group: samples for which the layer is exact.
   *
   * @param group a finite group
   * @return its elements, which all count the same
   */
  public static SamplePoints all(FiniteGroup group) {
    return of(group.elements());
  }

  /**
   * One element of each coset gH: samples for which {@link FourierPointwise#onCosets} is exact.
   *
   * @param subgroup H
   * @return the representatives of the left cosets
   */
  public static SamplePoints cosets(Subgroup subgroup) {
    return of(subgroup.leftCosetRepresentatives().stream().map(subgroup.group()::element).toList());
  }

  /** The points as numbers. */
  List<Double> numbers() {
    List<Double> numbers = new ArrayList<>();
    for (Element sample : points) {
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

  /** Reads {@link #numbers} again. */
  static SamplePoints read(Group group, List<Double> numbers, List<Double> weights) {
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
    return new SamplePoints(samples, weights);
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
