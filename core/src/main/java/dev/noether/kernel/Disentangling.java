package dev.noether.kernel;

import dev.noether.algebra.Components;
import dev.noether.algebra.Matrix;
import dev.noether.group.FiniteGroup;
import dev.noether.group.Irrep;
import dev.noether.rep.Representation;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Fields that fall apart, as restricted ones do: channels that no element mixes become fields of
 * their own. A regular field of D_4 is two regular ones of C_4.
 *
 * @param in the fields
 * @param out the smaller fields that they are made of
 * @param order the channel of the input at each channel of the output
 */
public record Disentangling(FieldType in, FieldType out, List<Integer> order) {
  private static final double TOLERANCE = 1e-9;

  /**
   * Copies the list.
   *
   * @param in the fields
   * @param out the smaller fields that they are made of
   * @param order the channel of the input at each channel of the output
   */
  public Disentangling {
    order = List.copyOf(order);
  }

  /** Of one field: its smaller fields, and its channels in their order. */
  private record Parts(List<Field> fields, List<Integer> order) {}

  /**
   * Takes fields apart.
   *
   * @param type the fields
   * @return the smaller fields; those of one field follow each other, by their first channels
   */
  public static Disentangling of(FieldType type) {
    Map<Field, Parts> known = new HashMap<>();
    List<Field> fields = new ArrayList<>();
    List<Integer> order = new ArrayList<>();
    int[] starts = type.starts();
    for (int i = 0; i < starts.length; i++) {
      Field field = type.fields().get(i);
      Parts parts = known.computeIfAbsent(field, Disentangling::parts);
      int start = starts[i];
      fields.addAll(parts.fields);
      parts.order.forEach(channel -> order.add(start + channel));
    }
    return new Disentangling(type, new FieldType(type.space(), fields), order);
  }

  private static Parts parts(Field field) {
    Representation rho = field.representation();
    return rho.group() instanceof FiniteGroup
        ? finite(field, FieldRestriction.matrices(rho))
        : compact(rho, field);
  }

  /** Where Q joins no channels of different irreps, they are fields of their own. */
  private static Parts compact(Representation rho, Field field) {
    if (!rho.changeOfBasis().isIdentity()) {
      return new Parts(List.of(field), IntStream.range(0, rho.size()).boxed().toList());
    }
    return new Parts(
        rho.irreps().stream().map(irrep -> Field.of(Representation.irrep(irrep))).toList(),
        IntStream.range(0, rho.size()).boxed().toList());
  }

  private static Parts finite(Field field, List<Matrix> matrices) {
    FiniteGroup group = field.representation().finiteGroup();
    Components joined = new Components(field.size());
    for (Matrix matrix : matrices) {
      for (int row = 0; row < matrix.rows(); row++) {
        for (int column = 0; column < matrix.columns(); column++) {
          if (Math.abs(matrix.get(row, column)) > TOLERANCE) {
            joined.join(row, column);
          }
        }
      }
    }
    if (joined.count() == 1 && !matrices.stream().allMatch(FieldRestriction::isPermutation)) {
      return new Parts(List.of(field), IntStream.range(0, field.size()).boxed().toList());
    }
    List<Field> fields = new ArrayList<>();
    List<Integer> order = new ArrayList<>();
    for (int[] channels : joined.members()) {
      fields.add(part(group, channels, matrices));
      IntStream.of(channels).forEach(order::add);
    }
    return new Parts(fields, order);
  }

  private static Field part(FiniteGroup group, int[] channels, List<Matrix> matrices) {
    List<Matrix> own = matrices.stream().map(matrix -> block(matrix, channels)).toList();
    for (Irrep irrep : group.irreps()) {
      if (FieldRestriction.hasMatrices(Representation.irrep(irrep), own)) {
        return Field.of(Representation.irrep(irrep));
      }
    }
    if (own.stream().allMatch(FieldRestriction::isPermutation)) {
      Representation regular = Representation.regular(group);
      return Field.of(FieldRestriction.hasMatrices(regular, own) ? regular : quotient(group, own));
    }
    return Field.of(Representation.of(group, own));
  }

  /** Functions on the cosets of what keeps the first channel, if they come in that order. */
  private static Representation quotient(FiniteGroup group, List<Matrix> matrices) {
    int[] stabilizer =
        IntStream.range(0, group.order()).filter(h -> matrices.get(h).get(0, 0) > 0.5).toArray();
    Representation quotient = Representation.quotient(group.subgroupGeneratedBy(stabilizer));
    return FieldRestriction.hasMatrices(quotient, matrices)
        ? quotient
        : Representation.permutation(
            group,
            IntStream.range(0, matrices.get(0).rows()).boxed().toList(),
            (h, point) -> FieldRestriction.image(matrices.get(h.index()), point));
  }

  private static Matrix block(Matrix matrix, int[] channels) {
    int size = channels.length;
    double[] entries = new double[size * size];
    for (int row = 0; row < size; row++) {
      for (int column = 0; column < size; column++) {
        entries[row * size + column] = matrix.get(channels[row], channels[column]);
      }
    }
    return Matrix.of(size, size, entries);
  }
}
