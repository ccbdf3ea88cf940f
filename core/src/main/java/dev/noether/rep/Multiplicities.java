package dev.noether.rep;

import dev.noether.group.FiniteGroup;
import dev.noether.group.FiniteIrrep;
import java.util.Arrays;
import java.util.List;

/**
 * How often irreps occur, from characters alone, where the matrices permute the coordinates up to
 * signs: their traces are counted, and no irrep is made that does not occur.
 */
final class Multiplicities {
  /** Up to this many numbers the images of all coordinates under all elements are kept. */
  private static final long LARGEST_IMAGES = 1L << 26;

  private Multiplicities() {}

  /** For each irrep of the group how often it occurs, or a bound where that is not known. */
  static int[] of(FiniteGroup group, int size, List<LinearMap> generators) {
    List<FiniteIrrep> irreps = group.irreps();
    int[] counts = new int[irreps.size()];
    Arrays.fill(counts, Integer.MAX_VALUE);
    if ((long) group.order() * size > LARGEST_IMAGES
        || !generators.stream().allMatch(map -> map instanceof LinearMap.Signed)) {
      return counts;
    }
    int[][] targets =
        generators.stream().map(map -> ((LinearMap.Signed) map).targets()).toArray(int[][]::new);
    double[] traces = traces(group, size, targets);
    for (int k = 0; k < counts.length; k++) {
      FiniteIrrep irrep = irreps.get(k);
      double sum = 0;
      for (int c = 0; c < traces.length; c++) {
        if (traces[c] != 0) {
          List<Integer> members = group.conjugacyClasses().get(c);
          sum += members.size() * traces[c] * irrep.character(members.get(0));
        }
      }
      counts[k] = (int) Math.round(sum / group.order() / irrep.type().endomorphismDimension());
    }
    return counts;
  }

  private static double[] traces(FiniteGroup group, int size, int[][] targets) {
    Words words = Words.of(group);
    int[][] images = new int[group.order()][];
    double[] traces = new double[group.conjugacyClasses().size()];
    for (int place = 0; place < images.length; place++) {
      int g = words.at(place);
      int[] image = new int[size];
      for (int j = 0; j < size; j++) {
        if (place == 0) {
          image[j] = j;
        } else {
          int before = images[words.parent(g)][j];
          int[] step = targets[words.letter(g)];
          image[j] = before >= 0 ? step[before] : ~step[~before];
        }
      }
      images[g] = image;
      int c = group.conjugacyClass(g);
      if (group.conjugacyClasses().get(c).get(0) == g) {
        for (int j = 0; j < size; j++) {
          traces[c] += image[j] == j ? 1 : image[j] == ~j ? -1 : 0;
        }
      }
    }
    return traces;
  }
}
