package dev.noether.group;

import static dev.noether.algebra.Checks.require;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * A subgroup of a finite group: the elements of the parent that it holds, and itself as a group
 * with irreps of its own.
 *
 * <p>Where it is isomorphic to a group with a name, {@link #asGroup()} is that very group, and
 * {@link #embed} is an explicit isomorphism onto the subgroup. Immutable and safe from every
 * thread; equal when the parent and the elements are.
 */
public final class Subgroup {
  private final FiniteGroup group;
  private final BitSet members;
  private final int[] elements;
  private final Lazy<Recognition> recognition;
  private final Lazy<List<List<Integer>>> leftCosets;

  /** Takes ownership of the members, which must be closed. */
  Subgroup(FiniteGroup group, BitSet members) {
    this.group = group;
    this.members = members;
    this.elements = members.stream().toArray();
    this.recognition = new Lazy<>(() -> Recognition.of(this));
    this.leftCosets = new Lazy<>(() -> cosets(true));
  }

  /** {@return the parent: the group it is part of} */
  public FiniteGroup group() {
    return group;
  }

  /** {@return the order: the number of elements} */
  public int order() {
    return elements.length;
  }

  /** {@return the index: the number of cosets} */
  public int index() {
    return group.order() / elements.length;
  }

  /** {@return the elements as indices in the parent, ascending} */
  public List<Integer> elements() {
    return Arrays.stream(elements).boxed().toList();
  }

  /**
   * {@return indices in the parent of a few elements that generate it; none for the trivial
   * subgroup}
   */
  public List<Integer> generators() {
    return SubgroupSearch.generators(group, members);
  }

  /**
   * Whether an element of the parent lies in the subgroup.
   *
   * @param element an index in the parent
   * @return true if it does
   */
  public boolean contains(int element) {
    return members.get(element);
  }

  /**
   * Whether another subgroup lies in this one.
   *
   * @param other a subgroup of the same parent
   * @return true if all its elements are here
   * @throws IllegalArgumentException if the parents differ
   */
  public boolean contains(Subgroup other) {
    require(
        group.equals(other.group),
        "subgroups must be of one group, got %s and %s",
        group,
        other.group);
    return Arrays.stream(other.elements).allMatch(members::get);
  }

  /**
   * The subgroup as a group of its own, with its irreps.
   *
   * @return the named group it is isomorphic to, where there is one; else its elements in the order
   *     of the parent, under the name {@code <2, 5> in S6} with the numbers of {@link #generators}
   */
  public FiniteGroup asGroup() {
    return recognition.get().group();
  }

  /**
   * The inclusion: an injective homomorphism from {@link #asGroup()} into the parent.
   *
   * @param element an index in {@link #asGroup()}
   * @return the index in the parent
   * @throws IllegalArgumentException if there is no such element
   */
  public int embed(int element) {
    return recognition.get().embedding()[asGroup().element(element).index()];
  }

  /**
   * The name of the isomorphism type, where it has one: {@code D5}, {@code Tetrahedral}, {@code C2
   * x C4}.
   *
   * @return the name, as {@link FiniteGroup#named} reads it
   */
  public Optional<String> name() {
    return recognition.get().named() ? Optional.of(asGroup().name()) : Optional.empty();
  }

  /**
   * {@return the left cosets g H by their first elements, each ascending; H itself holds the
   * identity}
   */
  public List<List<Integer>> leftCosets() {
    return leftCosets.get();
  }

  /** {@return the right cosets H g by their first elements, each ascending} */
  public List<List<Integer>> rightCosets() {
    return cosets(false);
  }

  /**
   * One element of each left coset: the identity for H, the first element for the others.
   *
   * @return the indices in the parent, in the order of {@link #leftCosets()}
   */
  public List<Integer> leftCosetRepresentatives() {
    return representatives(leftCosets());
  }

  /**
   * One element of each right coset: the identity for H, the first element for the others.
   *
   * @return the indices in the parent, in the order of {@link #rightCosets()}
   */
  public List<Integer> rightCosetRepresentatives() {
    return representatives(rightCosets());
  }

  private List<Integer> representatives(List<List<Integer>> cosets) {
    return cosets.stream()
        .map(coset -> coset.contains(group.identity()) ? group.identity() : coset.get(0))
        .toList();
  }

  private List<List<Integer>> cosets(boolean left) {
    boolean[] seen = new boolean[group.order()];
    List<List<Integer>> cosets = new ArrayList<>();
    for (int g = 0; g < group.order(); g++) {
      if (!seen[g]) {
        int fixed = g;
        List<Integer> coset =
            Arrays.stream(elements)
                .map(h -> left ? group.multiply(fixed, h) : group.multiply(h, fixed))
                .sorted()
                .boxed()
                .toList();
        coset.forEach(element -> seen[element] = true);
        cosets.add(coset);
      }
    }
    return List.copyOf(cosets);
  }

  /**
   * The conjugate g H g^-1.
   *
   * @param element an index in the parent
   * @return the conjugate subgroup
   */
  public Subgroup conjugate(int element) {
    return new Subgroup(group, SubgroupSearch.conjugate(group, members, element));
  }

  /** {@return whether it is normal: the same as all its conjugates} */
  public boolean isNormal() {
    return group.generators().stream()
        .allMatch(g -> SubgroupSearch.conjugate(group, members, g).equals(members));
  }

  /**
   * {@return the largest subgroup of the parent in which this one is normal: all g with g H g^-1 =
   * H}
   */
  public Subgroup normalizer() {
    return group.subgroupWhere(g -> SubgroupSearch.conjugate(group, members, g).equals(members));
  }

  /** {@return the elements of the parent that commute with all of this subgroup} */
  public Subgroup centralizer() {
    return group.subgroupWhere(
        g -> Arrays.stream(elements).allMatch(h -> group.multiply(g, h) == group.multiply(h, g)));
  }

  /**
   * The elements that lie in both.
   *
   * @param other a subgroup of the same parent
   * @return the intersection
   * @throws IllegalArgumentException if the parents differ
   */
  public Subgroup intersection(Subgroup other) {
    require(
        group.equals(other.group),
        "subgroups must be of one group, got %s and %s",
        group,
        other.group);
    BitSet both = copy();
    both.and(other.members);
    return new Subgroup(group, both);
  }

  /**
   * The quotient by this normal subgroup.
   *
   * @return the group of cosets with its projection
   * @throws IllegalArgumentException if the subgroup is not normal; the message gives a witness
   */
  public Quotient quotient() {
    for (int g : group.generators()) {
      for (int h : elements) {
        int conjugate = group.multiply(group.multiply(g, h), group.inverse(g));
        require(
            contains(conjugate),
            "a quotient needs a normal subgroup, but %s conjugated by %s gives %s, which is not in "
                + "%s; its normalizer() has it as a normal subgroup",
            group.element(h),
            group.element(g),
            group.element(conjugate),
            this);
      }
    }
    return Quotient.of(this);
  }

  BitSet copy() {
    return (BitSet) members.clone();
  }

  /** The subgroup with its elements renumbered in the order of the parent. */
  FiniteGroup renumbered() {
    int n = elements.length;
    int[] place = new int[group.order()];
    for (int i = 0; i < n; i++) {
      place[elements[i]] = i;
    }
    Multiplication table =
        Multiplication.of(n, (i, j) -> place[group.multiply(elements[i], elements[j])]);
    List<Integer> generators = GroupTable.generators(table, n, place[group.identity()]);
    List<String> labels = IntStream.of(elements).mapToObj(group::label).toList();
    String name =
        generators().stream().map(String::valueOf).collect(Collectors.joining(", ", "<", "> in "))
            + group;
    return new FiniteGroup(name, table, labels, generators, new Origin.Table(), RealIrreps::of);
  }

  @Override
  public boolean equals(Object object) {
    return object instanceof Subgroup other
        && group.equals(other.group)
        && members.equals(other.members);
  }

  @Override
  public int hashCode() {
    return 31 * group.hashCode() + members.hashCode();
  }

  /** The name or the order, and the parent: {@code D5 in Icosahedral}. */
  @Override
  public String toString() {
    return name().orElse("a subgroup of order " + order()) + " in " + group;
  }
}
