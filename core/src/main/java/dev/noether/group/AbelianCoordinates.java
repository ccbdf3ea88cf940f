package dev.noether.group;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The elements of an abelian group as products g_1^i_1 g_2^i_2 ... of a few generators, each power
 * below the index of the subgroup of the generators before it.
 *
 * <p>The numbers i_1, i_2, ... are the digits of a code, the first one fastest. Two elements
 * multiply by adding digits; where a digit reaches its index, g^index is a product of the
 * generators before, whose digits are added instead.
 */
final class AbelianCoordinates {
  private final List<Integer> generators = new ArrayList<>();
  private final List<Integer> indices = new ArrayList<>();
  private final List<int[]> carries = new ArrayList<>();
  private final int[] elements;
  private final int[] codes;

  private AbelianCoordinates(int order) {
    elements = new int[order];
    codes = new int[order];
    Arrays.fill(codes, -1);
  }

  /** The left product of an element with the i-th generator. */
  private interface Step {
    int from(int element, int generator);
  }

  static AbelianCoordinates of(FiniteGroup group) {
    List<Integer> letters = group.generators();
    return of(
        group.order(),
        group.identity(),
        letters.size(),
        (element, i) -> group.multiply(element, letters.get(i)));
  }

  /** The elements, the identity first, with the numbers of their products with the generators. */
  static AbelianCoordinates of(int order, int[][] images) {
    return of(order, 0, images[0].length, (element, i) -> images[element][i]);
  }

  private static AbelianCoordinates of(int order, int identity, int letters, Step step) {
    AbelianCoordinates found = new AbelianCoordinates(order);
    found.elements[0] = identity;
    found.codes[identity] = 0;
    int size = 1;
    for (int i = 0; i < letters; i++) {
      size = found.extend(i, step.from(identity, i), size, step);
    }
    return found;
  }

  /** Adds a generator; gives the number of elements reached. */
  private int extend(int letter, int generator, int before, Step step) {
    int size = before;
    if (codes[generator] >= 0) {
      return size;
    }
    int index = 1;
    int power = generator;
    while (codes[power] < 0 || codes[power] >= before) {
      for (int i = 0; i < before; i++, size++) {
        int next = step.from(elements[size - before], letter);
        elements[size] = next;
        codes[next] = size;
      }
      index++;
      power = step.from(power, letter);
    }
    carries.add(digits(codes[power]));
    generators.add(generator);
    indices.add(index);
    return size;
  }

  private int[] digits(int code) {
    int[] digits = new int[indices.size()];
    int rest = code;
    for (int t = 0; t < digits.length; t++) {
      digits[t] = rest % indices.get(t);
      rest /= indices.get(t);
    }
    return digits;
  }

  /** The generators in use. */
  List<Integer> generators() {
    return generators;
  }

  /** For each generator the index of the subgroup before. */
  int index(int t) {
    return indices.get(t);
  }

  /** For each generator the element that its power to the index is. */
  int carry(int t) {
    int code = 0;
    int[] digits = carries.get(t);
    for (int i = digits.length - 1; i >= 0; i--) {
      code = code * indices.get(i) + digits[i];
    }
    return elements[code];
  }

  /** The sum of the digits of an element times steps, modulo a number. */
  int sum(int element, int[] steps, int modulus) {
    long sum = 0;
    int rest = codes[element];
    for (int t = 0; t < steps.length; t++) {
      int index = indices.get(t);
      sum += (long) (rest % index) * steps[t];
      rest /= index;
    }
    return (int) (sum % modulus);
  }

  Multiplication multiplication() {
    int[] radix = indices.stream().mapToInt(Integer::intValue).toArray();
    int[][] carry = carries.toArray(int[][]::new);
    return (g, h) -> {
      int[] sum = new int[radix.length];
      int left = codes[g];
      int right = codes[h];
      for (int t = 0; t < radix.length; t++) {
        sum[t] = left % radix[t] + right % radix[t];
        left /= radix[t];
        right /= radix[t];
      }
      int code = 0;
      for (int t = radix.length - 1; t >= 0; t--) {
        while (sum[t] >= radix[t]) {
          sum[t] -= radix[t];
          for (int i = 0; i < t; i++) {
            sum[i] += carry[t][i];
          }
        }
        code = code * radix[t] + sum[t];
      }
      return elements[code];
    };
  }
}
