package dev.noether.group;

import java.util.ArrayList;
import java.util.List;

/**
 * A quotient group with its projection.
 *
 * @param group the group of cosets; the named group it is isomorphic to, where there is one
 * @param kernel the normal subgroup
 * @param projection for each element of the parent the index of its coset in {@code group}
 */
public record Quotient(FiniteGroup group, Subgroup kernel, List<Integer> projection) {
  /**
   * Copies the projection.
   *
   * @param group the group of cosets; the named group it is isomorphic to, where there is one
   * @param kernel the normal subgroup
   * @param projection for each element of the parent the index of its coset in {@code group}
   */
  public Quotient {
    projection = List.copyOf(projection);
  }

  static Quotient of(Subgroup kernel) {
    FiniteGroup parent = kernel.group();
    List<List<Integer>> cosets = kernel.leftCosets();
    List<Integer> representatives = kernel.leftCosetRepresentatives();
    int n = cosets.size();
    int[] cosetOf = new int[parent.order()];
    for (int c = 0; c < n; c++) {
      for (int g : cosets.get(c)) {
        cosetOf[g] = c;
      }
    }
    Multiplication table =
        Multiplication.of(
            n, (a, b) -> cosetOf[parent.multiply(representatives.get(a), representatives.get(b))]);
    List<String> labels =
        representatives.stream().map(g -> parent.label(g) + " " + kernelLabel(kernel)).toList();
    List<Integer> generators = GroupTable.generators(table, n, cosetOf[parent.identity()]);
    FiniteGroup raw =
        new FiniteGroup(
            parent + " / " + kernelLabel(kernel),
            table,
            labels,
            generators,
            new Origin.Table(),
            RealIrreps::of);
    Recognition recognition = Recognition.of(raw, false);
    int[] inverse = new int[n];
    for (int i = 0; i < n; i++) {
      inverse[recognition.embedding()[i]] = i;
    }
    List<Integer> projection = new ArrayList<>();
    for (int c : cosetOf) {
      projection.add(inverse[c]);
    }
    return new Quotient(recognition.group(), kernel, projection);
  }

  private static String kernelLabel(Subgroup kernel) {
    return kernel.name().orElse("N" + kernel.order());
  }

  /**
   * The image of an element of the parent.
   *
   * @param element an index in the parent
   * @return the index of its coset in {@link #group()}
   */
  public int project(int element) {
    return projection.get(element);
  }
}
