package dev.noether.group;

import static dev.noether.algebra.Checks.require;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A finite group: elements numbered from 0, a multiplication table, inverses, and the real irreps.
 *
 * <p>Immutable and safe from every thread. The irreps are computed when first asked for and kept;
 * they are the same bytes on every run. Two groups are equal when they have the same name and the
 * same table.
 */
public final class FiniteGroup {
  private static final int LARGEST_ORDER = 10_000;
  private static final Pattern FAMILY = Pattern.compile("([CD])([1-9][0-9]{0,5})");

  private final String name;
  private final int order;
  private final int[] table;
  private final int[] inverses;
  private final int identity;
  private final List<String> labels;
  private final List<Integer> generators;
  private final Function<FiniteGroup, List<Irrep>> irrepFactory;
  private volatile @Nullable List<Irrep> irreps;

  FiniteGroup(
      String name,
      int[] table,
      List<String> labels,
      List<Integer> generators,
      Function<FiniteGroup, List<Irrep>> irrepFactory) {
    this.name = name;
    this.order = labels.size();
    this.table = table;
    this.labels = List.copyOf(labels);
    this.generators = List.copyOf(generators);
    this.irrepFactory = irrepFactory;
    this.identity =
        IntStream.range(0, order).filter(e -> table[e * order + e] == e).findFirst().orElseThrow();
    this.inverses = new int[order];
    for (int g = 0; g < order; g++) {
      for (int h = 0; h < order; h++) {
        if (table[g * order + h] == identity) {
          inverses[g] = h;
        }
      }
    }
  }

  /**
   * The group of one element.
   *
   * @return C_1
   */
  public static FiniteGroup trivial() {
    return cyclic(1);
  }

  /**
   * The cyclic group C_n of rotations by multiples of 2 pi / n.
   *
   * <p>Element k is the rotation by 2 pi k / n. Irreps are named by frequency 0 to n/2.
   *
   * @param n the order
   * @return C_n
   * @throws IllegalArgumentException if n is below 1 or above 10000
   */
  public static FiniteGroup cyclic(int n) {
    requireSize("C_n", n, LARGEST_ORDER);
    return PlanarGroups.cyclic(n);
  }

  /**
   * The dihedral group D_n of the n-gon's n rotations and n reflections; its order is 2n.
   *
   * <p>Elements 0 to n-1 are the rotations r^k; elements n to 2n-1 are r^k f with f the reflection
   * of the second axis. Irreps are named by (reflection, frequency).
   *
   * @param n the number of rotations
   * @return D_n
   * @throws IllegalArgumentException if n is below 1 or above 5000
   */
  public static FiniteGroup dihedral(int n) {
    requireSize("D_n", n, LARGEST_ORDER / 2);
    return PlanarGroups.dihedral(n);
  }

  /**
   * The rotations of the cube and of the octahedron, 24 elements.
   *
   * @return the octahedral group
   */
  public static FiniteGroup octahedral() {
    return PolyhedralGroups.octahedral();
  }

  /**
   * The rotations of the icosahedron and of the dodecahedron, 60 elements.
   *
   * @return the icosahedral group
   */
  public static FiniteGroup icosahedral() {
    return PolyhedralGroups.icosahedral();
  }

  /**
   * The group of a name: {@code C5}, {@code D4}, {@code Octahedral}, {@code Icosahedral} or {@code
   * trivial}, in any letter case.
   *
   * @param name the name
   * @return the group
   * @throws IllegalArgumentException if no group has that name; the message lists those that exist
   */
  public static FiniteGroup named(String name) {
    String text = name.strip();
    return switch (text.toLowerCase(Locale.ROOT)) {
      case "trivial" -> trivial();
      case "octahedral" -> octahedral();
      case "icosahedral" -> icosahedral();
      default -> {
        Matcher family = FAMILY.matcher(text.toUpperCase(Locale.ROOT));
        require(
            family.matches(),
            "unknown group '%s': know trivial, Cn (as C5), Dn (as D4), Octahedral, Icosahedral",
            name);
        int n = Integer.parseInt(family.group(2));
        yield family.group(1).equals("C") ? cyclic(n) : dihedral(n);
      }
    };
  }

  private static void requireSize(String family, int n, int largest) {
    require(n >= 1 && n <= largest, "%s needs n from 1 to %d, got %d", family, largest, n);
  }

  /**
   * The name, as {@link #named} reads it.
   *
   * @return the name
   */
  public String name() {
    return name;
  }

  /**
   * The number of elements.
   *
   * @return the order
   */
  public int order() {
    return order;
  }

  /**
   * The index of the identity.
   *
   * @return the element e with e g = g e = g
   */
  public int identity() {
    return identity;
  }

  /**
   * The product of two elements.
   *
   * @param g the index of the left factor
   * @param h the index of the right factor
   * @return the index of g h
   */
  public int multiply(int g, int h) {
    return table[g * order + h];
  }

  /**
   * The inverse of an element.
   *
   * @param g the index of the element
   * @return the index of its inverse
   */
  public int inverse(int g) {
    return inverses[g];
  }

  /**
   * The text that stands for an element.
   *
   * @param g the index of the element
   * @return its label
   */
  public String label(int g) {
    return labels.get(g);
  }

  /**
   * One element.
   *
   * @param index its number, from 0
   * @return the element
   * @throws IllegalArgumentException if there is no such number
   */
  public Element element(int index) {
    return new Element(this, index);
  }

  /**
   * All elements in order.
   *
   * @return {@code order()} elements
   */
  public List<Element> elements() {
    return IntStream.range(0, order).mapToObj(this::element).toList();
  }

  /**
   * A few elements whose products give all others.
   *
   * @return the indices of a generating set; empty for the trivial group
   */
  public List<Integer> generators() {
    return generators;
  }

  /**
   * The conjugacy classes: g and h lie in one class when h = a g a^-1 for some a.
   *
   * @return the classes in the order of their first elements, each ascending
   */
  public List<List<Integer>> conjugacyClasses() {
    boolean[] seen = new boolean[order];
    List<List<Integer>> classes = new ArrayList<>();
    for (int g = 0; g < order; g++) {
      if (seen[g]) {
        continue;
      }
      boolean[] member = new boolean[order];
      ArrayDeque<Integer> open = new ArrayDeque<>(List.of(g));
      member[g] = true;
      while (!open.isEmpty()) {
        int h = open.remove();
        for (int a : generators) {
          int conjugate = multiply(multiply(a, h), inverse(a));
          if (!member[conjugate]) {
            member[conjugate] = true;
            open.add(conjugate);
          }
        }
      }
      List<Integer> conjugates = IntStream.range(0, order).filter(h -> member[h]).boxed().toList();
      conjugates.forEach(h -> seen[h] = true);
      classes.add(conjugates);
    }
    return List.copyOf(classes);
  }

  /**
   * All real irreps, the trivial one first, in the order of their numbering.
   *
   * @return the irreps; the same instances at every call
   */
  public List<Irrep> irreps() {
    List<Irrep> known = irreps;
    if (known == null) {
      List<Irrep> computed = irrepFactory.apply(this);
      synchronized (this) {
        known = irreps;
        if (known == null) {
          known = List.copyOf(computed);
          irreps = known;
        }
      }
    }
    return known;
  }

  /**
   * The irrep of an id.
   *
   * @param id the id
   * @return the irrep
   * @throws IllegalArgumentException if there is none; the message lists those that exist
   */
  public Irrep irrep(IrrepId id) {
    for (Irrep irrep : irreps()) {
      if (irrep.id().equals(id)) {
        return irrep;
      }
    }
    throw new IllegalArgumentException(
        String.format(
            Locale.ROOT,
            "%s has no irrep(%s); it has %s",
            name,
            id,
            irreps().stream().map(Irrep::toString).collect(Collectors.joining(", "))));
  }

  /**
   * The irrep of an id given by its integers.
   *
   * @param first the first integer
   * @param rest the others
   * @return the irrep
   * @throws IllegalArgumentException if there is none; the message lists those that exist
   */
  public Irrep irrep(int first, int... rest) {
    return irrep(IrrepId.of(first, rest));
  }

  /**
   * The trivial irrep.
   *
   * @return the irrep that sends every element to 1
   */
  public Irrep trivialIrrep() {
    return irreps().get(0);
  }

  @Override
  public boolean equals(Object object) {
    return this == object
        || (object instanceof FiniteGroup other
            && name.equals(other.name)
            && Arrays.equals(table, other.table));
  }

  @Override
  public int hashCode() {
    return 31 * name.hashCode() + order;
  }

  /** The name. */
  @Override
  public String toString() {
    return name;
  }
}
