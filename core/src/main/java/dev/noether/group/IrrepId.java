package dev.noether.group;

import static dev.noether.algebra.Checks.require;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The name of an irrep inside its group: one integer or several.
 *
 * <p>C_n: the frequency. D_n: reflection, frequency. Polyhedral groups: a number. Direct products:
 * the factors' ids one after the other, and 0 or 1 where a tensor product splits in two. Semidirect
 * and wreath products and groups from generators: a number, the trivial irrep 0, then by dimension
 * and character. Ids are ordered lexicographically; that order arranges the coefficients of an
 * equivariant map.
 *
 * @param numbers the integers, at least one
 */
public record IrrepId(List<Integer> numbers) implements Comparable<IrrepId> {
  /**
   * Checks and copies the integers.
   *
   * @param numbers the integers, at least one
   * @throws IllegalArgumentException if there is none
   */
  public IrrepId {
    numbers = List.copyOf(numbers);
    require(!numbers.isEmpty(), "an irrep id needs at least one integer");
  }

  /**
   * An id from its integers.
   *
   * @param first the first integer
   * @param rest the others
   * @return the id
   */
  public static IrrepId of(int first, int... rest) {
    int[] all = new int[rest.length + 1];
    all[0] = first;
    System.arraycopy(rest, 0, all, 1, rest.length);
    return new IrrepId(Arrays.stream(all).boxed().toList());
  }

  /**
   * The id as Python prints the tuple: {@code (1,)} or {@code (1, 0)}. State-dict keys hold it.
   *
   * @return the text
   */
  public String toTuple() {
    return numbers.size() == 1
        ? "(" + numbers.get(0) + ",)"
        : numbers.stream().map(String::valueOf).collect(Collectors.joining(", ", "(", ")"));
  }

  @Override
  public int compareTo(IrrepId other) {
    for (int i = 0; i < Math.min(numbers.size(), other.numbers.size()); i++) {
      int comparison = Integer.compare(numbers.get(i), other.numbers.get(i));
      if (comparison != 0) {
        return comparison;
      }
    }
    return Integer.compare(numbers.size(), other.numbers.size());
  }

  /** The integers separated by commas: {@code 1} or {@code 1,0}. */
  @Override
  public String toString() {
    return numbers.stream().map(String::valueOf).collect(Collectors.joining(","));
  }
}
