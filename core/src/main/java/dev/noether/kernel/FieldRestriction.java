package dev.noether.kernel;

import static dev.noether.algebra.Checks.require;
import static dev.noether.algebra.Checks.requirePresent;

import dev.noether.algebra.Matrix;
import dev.noether.group.CompactElement;
import dev.noether.group.CompactGroup;
import dev.noether.group.Element;
import dev.noether.group.FiniteElement;
import dev.noether.group.FiniteGroup;
import dev.noether.group.Group;
import dev.noether.group.Irrep;
import dev.noether.group.Orthogonal2;
import dev.noether.group.Orthogonal3;
import dev.noether.rep.Representation;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * The same fields under a smaller group: channels as they are, of which less is known. The smaller
 * group lies in the larger one where its elements move points as elements of that one do.
 */
final class FieldRestriction {
  private static final double TOLERANCE = 1e-9;

  private final Space from;
  private final Space to;
  private final Map<Field, Field> known = new HashMap<>();

  private FieldRestriction(Space from, Space to) {
    require(
        from.dimension() == to.dimension(),
        "fields on %s cannot be restricted to %s: the dimensions differ",
        from,
        to);
    this.from = from;
    this.to = to;
  }

  static FieldType of(FieldType type, Space to) {
    if (type.space().equals(to)) {
      return type;
    }
    FieldRestriction restriction = new FieldRestriction(type.space(), to);
    return new FieldType(to, type.fields().stream().map(restriction::restricted).toList());
  }

  private Field restricted(Field field) {
    Field own = known.computeIfAbsent(field, f -> new Field(f.name(), of(f.representation())));
    return own.named(from.group() + ":" + field.name());
  }

  private Representation of(Representation rho) {
    if (to.group() instanceof FiniteGroup finite) {
      return ofFinite(finite, rho);
    }
    require(
        from.group() instanceof CompactGroup,
        "%s is no group inside %s: it has more elements",
        to,
        from);
    List<Representation> irreps =
        rho.irreps().stream().map(this::withoutImproper).map(Representation::irrep).toList();
    Representation sum = Representation.directSum(irreps);
    Matrix q = rho.changeOfBasis();
    return q.isIdentity() ? sum : sum.changeBasis(q);
  }

  /** An irrep of O(2) or O(3) under the rotations alone: by its frequency. */
  private Irrep withoutImproper(Irrep irrep) {
    CompactGroup whole = (CompactGroup) from.group();
    CompactGroup rotations = (CompactGroup) to.group();
    require(
        whole.hasImproperElements() && !rotations.hasImproperElements(),
        "%s is no group inside %s",
        to,
        from);
    List<Integer> id = irrep.id().numbers();
    return rotations.irrep(id.get(id.size() - 1));
  }

  /** Permutations stay what they are; other matrices are decomposed anew. */
  private Representation ofFinite(FiniteGroup group, Representation rho) {
    List<Matrix> matrices =
        IntStream.range(0, group.order())
            .mapToObj(h -> rho.at(element(to.action(group.element(h)))))
            .toList();
    List<Integer> points = IntStream.range(0, rho.size()).boxed().toList();
    if (matrices.stream().allMatch(FieldRestriction::isPermutation)) {
      return Representation.permutation(
          group, points, (h, point) -> image(matrices.get(h.index()), point));
    }
    for (Irrep irrep : group.irreps()) {
      Representation candidate = Representation.irrep(irrep);
      if (hasMatrices(candidate, matrices)) {
        return candidate;
      }
    }
    return Representation.of(group, matrices);
  }

  static boolean hasMatrices(Representation rho, List<Matrix> matrices) {
    FiniteGroup group = rho.finiteGroup();
    return rho.size() == matrices.get(0).rows()
        && group.generators().stream()
            .allMatch(g -> rho.at(group.element(g)).distance(matrices.get(g)) < TOLERANCE);
  }

  static boolean isPermutation(Matrix matrix) {
    for (int column = 0; column < matrix.columns(); column++) {
      int ones = 0;
      for (int row = 0; row < matrix.rows(); row++) {
        double entry = matrix.get(row, column);
        if (Math.abs(entry - 1) < TOLERANCE) {
          ones++;
        } else if (Math.abs(entry) >= TOLERANCE) {
          return false;
        }
      }
      if (ones != 1) {
        return false;
      }
    }
    return true;
  }

  static int image(Matrix permutation, int point) {
    return IntStream.range(0, permutation.rows())
        .filter(row -> permutation.get(row, point) > 0.5)
        .findFirst()
        .orElseThrow();
  }

  /** The element of the larger group that moves points as a matrix does. */
  private Element element(Matrix action) {
    Group group = from.group();
    if (group instanceof FiniteGroup finite) {
      Element found =
          IntStream.range(0, finite.order())
              .<Element>mapToObj(finite::element)
              .filter(g -> from.action(g).distance(action) < TOLERANCE)
              .findFirst()
              .orElse(null);
      return requirePresent(
          found, "%s is no group inside %s: no element acts as %s", to, from, action);
    }
    CompactElement image = from.dimension() == 2 ? Orthogonal2.of(action) : Orthogonal3.of(action);
    require(
        image.isProper() || ((CompactGroup) group).hasImproperElements(),
        "%s is no group inside %s: it reflects",
        to,
        from);
    // Space.action adds twice the axis to the angle of a reflection.
    return image instanceof Orthogonal2 planar && planar.reflected()
        ? new Orthogonal2(planar.angle() - 2 * from.axis(), true)
        : image;
  }

  /** Elements of a finite group and its matrices, for whoever needs them in this package. */
  static List<Matrix> matrices(Representation rho) {
    FiniteGroup group = rho.finiteGroup();
    return IntStream.range(0, group.order())
        .mapToObj(h -> rho.at(new FiniteElement(group, h)))
        .toList();
  }
}
