package dev.noether.hom;

import dev.noether.algebra.Components;
import dev.noether.algebra.Matrix;
import dev.noether.group.Irrep;
import dev.noether.rep.Representation;
import dev.noether.rep.SignedPermutations;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * Coordinates of a summand that the group keeps among themselves, and the copies of irreps that
 * live on them alone: a direct summand of the summand.
 *
 * <p>Where a summand permutes its coordinates up to signs, its subsummands are the orbits; orbits
 * that share a copy of an irrep, as in tensor products, stay together. Any other summand is its own
 * only subsummand.
 *
 * @param isMonomial whether the group permutes the coordinates up to signs
 * @param coordinates the coordinates, ascending
 * @param targets for each generator, the place in {@code coordinates} that each coordinate goes to;
 *     ~place where its sign changes
 * @param copies the copies of each irrep that occurs, by ascending id
 */
@SuppressWarnings("ArrayRecordComponent") // internal, never compared
record Subsummand(boolean isMonomial, int[] coordinates, int[][] targets, List<Copies> copies) {
  /** Entries this small are the rounding of a zero. */
  private static final double NOISE = 1e-14;

  /**
   * A copy of an irrep.
   *
   * @param column its first column in the summand's change of basis
   * @param number how many copies of the irrep the summand has before it
   */
  record Copy(int column, int number) {}

  /** The copies of one irrep. */
  record Copies(Irrep irrep, List<Copy> copies) {}

  /** What decides the sizes of the spaces of maps from and to a subsummand. */
  record Type(boolean isMonomial, int size, List<Irrep> irreps, List<Integer> multiplicities) {}

  Type type() {
    return new Type(
        isMonomial,
        coordinates.length,
        copies.stream().map(Copies::irrep).toList(),
        copies.stream().map(own -> own.copies.size()).toList());
  }

  /** The subsummands of a summand, by their first coordinates. */
  static List<Subsummand> of(Representation summand, Optional<SignedPermutations> action) {
    int n = summand.size();
    Components components = new Components(n);
    int[][] targets = action.map(Subsummand::targets).orElse(new int[0][]);
    if (action.isEmpty()) {
      IntStream.range(1, n).forEach(j -> components.join(0, j));
    }
    for (int[] images : targets) {
      for (int j = 0; j < n; j++) {
        components.join(j, images[j] >= 0 ? images[j] : ~images[j]);
      }
    }
    int[] rows = joinAlongCopies(components, summand);
    List<int[]> members = components.members();
    int[] part = new int[n];
    int[] place = new int[n];
    for (int i = 0; i < members.size(); i++) {
      int[] own = members.get(i);
      for (int j = 0; j < own.length; j++) {
        part[own[j]] = i;
        place[own[j]] = j;
      }
    }
    List<SortedMap<Irrep, List<Copy>>> copies =
        copies(summand, Arrays.stream(rows).map(row -> part[row]).toArray(), members.size());
    List<Subsummand> parts = new ArrayList<>();
    for (int i = 0; i < members.size(); i++) {
      int[][] moves = restricted(targets, members.get(i), place);
      parts.add(
          new Subsummand(
              action.isPresent(),
              members.get(i),
              moves,
              copies.get(i).entrySet().stream()
                  .map(own -> new Copies(own.getKey(), own.getValue()))
                  .toList()));
    }
    return parts;
  }

  private static int[][] targets(SignedPermutations action) {
    int[][] targets = new int[action.group().generators().size()][];
    for (int a = 0; a < targets.length; a++) {
      int[] signs = action.signs(a);
      int[] images = action.images(a);
      targets[a] =
          IntStream.range(0, images.length)
              .map(j -> signs[j] > 0 ? images[j] : ~images[j])
              .toArray();
    }
    return targets;
  }

  private static int[][] restricted(int[][] targets, int[] own, int[] place) {
    int[][] moves = new int[targets.length][];
    for (int a = 0; a < moves.length; a++) {
      int[] images = targets[a];
      moves[a] =
          Arrays.stream(own)
              .map(j -> images[j] >= 0 ? place[images[j]] : ~place[~images[j]])
              .toArray();
    }
    return moves;
  }

  /** Puts the coordinates of each copy together; gives one coordinate of each. */
  private static int[] joinAlongCopies(Components components, Representation summand) {
    Matrix basis = summand.changeOfBasis();
    int[] copyOf = new int[summand.size()];
    int start = 0;
    for (int copy = 0; copy < summand.irreps().size(); copy++) {
      int end = start + summand.irreps().get(copy).dimension();
      Arrays.fill(copyOf, start, end, copy);
      start = end;
    }
    int[] rows = new int[summand.irreps().size()];
    Arrays.fill(rows, -1);
    for (int row = 0; row < copyOf.length && components.count() > 1; row++) {
      for (int column = 0; column < copyOf.length; column++) {
        if (Math.abs(basis.get(row, column)) > NOISE) {
          int copy = copyOf[column];
          rows[copy] = rows[copy] < 0 ? row : rows[copy];
          components.join(rows[copy], row);
        }
      }
    }
    return Arrays.stream(rows).map(row -> Math.max(row, 0)).toArray();
  }

  /** The copies that belong to each part. */
  private static List<SortedMap<Irrep, List<Copy>>> copies(
      Representation summand, int[] partOf, int parts) {
    List<SortedMap<Irrep, List<Copy>>> copies = new ArrayList<>();
    for (int i = 0; i < parts; i++) {
      copies.add(new TreeMap<>(Comparator.comparing(Irrep::id)));
    }
    Map<Irrep, Integer> counts = new HashMap<>();
    int column = 0;
    for (int copy = 0; copy < partOf.length; copy++) {
      Irrep irrep = summand.irreps().get(copy);
      int number = counts.merge(irrep, 1, Integer::sum) - 1;
      copies
          .get(partOf[copy])
          .computeIfAbsent(irrep, i -> new ArrayList<>())
          .add(new Copy(column, number));
      column += irrep.dimension();
    }
    return copies;
  }
}
