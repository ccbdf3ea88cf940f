package dev.noether.kernel;

import dev.noether.algebra.Matrix;
import dev.noether.group.CompactElement;
import dev.noether.group.CompactGroup;
import dev.noether.group.Element;
import dev.noether.group.FiniteGroup;
import dev.noether.group.Irrep;
import dev.noether.group.Orthogonal2;
import dev.noether.group.Orthogonal3;
import dev.noether.lie.FiniteEmbedding;
import dev.noether.lie.Quadrature;
import dev.noether.rep.Representation;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import java.util.stream.Stream;

/** The spaces over which the laws are tested, with fields and elements: a new one is one line. */
final class Spaces {
  private Spaces() {}

  static Stream<Space> all() {
    return Stream.of(
        Space.trivialPlane(),
        Space.cyclic(2),
        Space.cyclic(3),
        Space.cyclic(4),
        Space.cyclic(6),
        Space.cyclic(8),
        Space.flip(),
        Space.flip(0.3),
        Space.dihedral(1),
        Space.dihedral(2),
        Space.dihedral(3),
        Space.dihedral(4, 0.2),
        Space.dihedral(6),
        Space.so2(),
        Space.o2(),
        Space.o2(1.1),
        Space.trivialSpace(),
        Space.octahedral(),
        Space.icosahedral(),
        Space.fullOctahedral(),
        Space.fullIcosahedral(),
        Space.so3(),
        Space.o3(),
        embedded("C4", CompactGroup.SO3),
        embedded("D3", CompactGroup.SO3),
        embedded("Tetrahedral", CompactGroup.SO3),
        embedded("Td", CompactGroup.O3),
        embedded("Cylinder3", CompactGroup.O3),
        embedded("V4", CompactGroup.O2));
  }

  private static Space embedded(String group, CompactGroup into) {
    return Space.of(FiniteEmbedding.standard(FiniteGroup.named(group), into));
  }

  /** An element: how it moves points, and how it acts on a field. */
  record Motion(double weight, Matrix onSpace, Function<Field, Matrix> onField) {}

  /** Elements anywhere in the group. */
  static List<Motion> random(Space space, int count, long seed) {
    List<Motion> motions = new ArrayList<>();
    Random random = new Random(seed);
    if (space.group() instanceof FiniteGroup group) {
      for (int i = 0; i < count; i++) {
        motions.add(motion(space, group.element(random.nextInt(group.order())), 1));
      }
    } else {
      space.whole().sample(count, seed).forEach(g -> motions.add(motion(space, g, 1)));
    }
    return motions;
  }

  /** Elements and weights that average products of characters over the whole group. */
  static List<Motion> average(Space space, int exactness) {
    if (space.group() instanceof FiniteGroup group) {
      return group.elements().stream().map(g -> motion(space, g, 1.0 / group.order())).toList();
    }
    Quadrature grid = Quadrature.of(space.whole(), exactness);
    List<Motion> motions = new ArrayList<>();
    for (int i = 0; i < grid.points().size(); i++) {
      motions.add(motion(space, grid.points().get(i), grid.weights().get(i)));
    }
    return motions;
  }

  private static Motion motion(Space space, Element g, double weight) {
    return new Motion(weight, space.action(g), field -> field.representation().at(g));
  }

  /** The trace of what an element does to the harmonics of a frequency. */
  static double harmonicCharacter(Space space, Motion g, int frequency) {
    CompactElement moved =
        space.dimension() == 2 ? Orthogonal2.of(g.onSpace()) : Orthogonal3.of(g.onSpace());
    return Restriction.harmonic(space.whole(), frequency).character(moved);
  }

  /** Six fields: the trivial one, irreps, sums in a turned basis, and functions on the group. */
  static List<Field> fields(Space space) {
    List<Field> irreps = irreps(space);
    Field last = irreps.get(irreps.size() - 1);
    Field middle = irreps.get(irreps.size() / 2);
    Field sum = sum(space);
    return List.of(space.trivialField(), middle, last, sum, turned(sum), functions(space));
  }

  /** Thirty pairs of an input and another field as the output. */
  static List<List<Field>> pairs(Space space) {
    List<Field> fields = fields(space);
    List<List<Field>> pairs = new ArrayList<>();
    for (int in = 0; in < fields.size(); in++) {
      for (int out = 0; out < fields.size(); out++) {
        if (in != out) {
          pairs.add(List.of(fields.get(in), fields.get(out)));
        }
      }
    }
    return pairs;
  }

  private static List<Field> irreps(Space space) {
    List<? extends Irrep> irreps =
        space.group() instanceof FiniteGroup group ? group.irreps() : space.whole().irreps(2);
    return irreps.stream().map(irrep -> Field.of(Representation.irrep(irrep))).toList();
  }

  private static Field sum(Space space) {
    if (space.group() instanceof FiniteGroup group) {
      Representation first = Representation.irrep(group.irreps().get(group.irreps().size() / 2));
      return Field.of(first.plus(Representation.trivial(group)).plus(first));
    }
    return all(space.whole().irreps(1));
  }

  private static Field all(List<? extends Irrep> irreps) {
    return Field.of(Representation.directSum(irreps.stream().map(Representation::irrep).toList()));
  }

  private static Field functions(Space space) {
    if (space.group() instanceof FiniteGroup group) {
      // The regular field of 120 elements takes long to turn, and holds nothing else.
      return group.order() <= 24 ? space.regularField() : all(group.irreps());
    }
    return Field.of(Representation.harmonics(space.whole(), 2));
  }

  /** The same field in a basis without zeros. */
  static Field turned(Field field) {
    return Field.of(field.representation().changeBasis(turn(field.size())));
  }

  /** An orthogonal matrix without zeros: a reflection. */
  static Matrix turn(int size) {
    double[] entries = new double[size * size];
    double length = 0;
    for (int i = 1; i <= size; i++) {
      length += i * i;
    }
    for (int i = 0; i < size; i++) {
      for (int j = 0; j < size; j++) {
        entries[i * size + j] = (i == j ? 1 : 0) - 2.0 * (i + 1) * (j + 1) / length;
      }
    }
    return Matrix.of(size, size, entries);
  }
}
