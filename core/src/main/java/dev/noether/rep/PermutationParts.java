package dev.noether.rep;

import dev.noether.algebra.Matrix;
import dev.noether.algebra.Sizes;
import dev.noether.group.FiniteGroup;
import dev.noether.group.FiniteIrrep;
import dev.noether.group.Irrep;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Representations that permute coordinates, up to signs. */
final class PermutationParts {
  private PermutationParts() {}

  /** The regular representation, its irreps in closed form. */
  static Part regular(FiniteGroup group) {
    List<Irrep> irreps = new ArrayList<>();
    int n = group.order();
    double[] basis = new double[Sizes.entries("the regular representation of " + group, n, n)];
    int column = 0;
    for (FiniteIrrep irrep : group.irreps()) {
      int d = irrep.dimension();
      double scale = Math.sqrt((double) d / n);
      for (int copy = 0; copy < d / irrep.type().endomorphismDimension(); copy++) {
        irreps.add(irrep);
        for (int row = 0; row < d; row++, column++) {
          for (int g = 0; g < n; g++) {
            basis[g * n + column] = scale * irrep.entry(g, row, copy);
          }
        }
      }
    }
    int[][] targets =
        group.generators().stream()
            .map(a -> IntStream.range(0, n).map(h -> group.multiply(a, h)).toArray())
            .toArray(int[][]::new);
    return new Part(
        group, irreps, Matrix.of(n, n, basis), SignedPermutations.ofTargets(group, n, targets));
  }

  /** Decomposes an action by signed permutations. */
  static Part split(SignedPermutations action) {
    List<LinearMap> generators = new ArrayList<>();
    for (int[] targets : action.targets()) {
      generators.add(LinearMap.ofSignedPermutation(targets));
    }
    return Decomposer.split(action.group(), action.size(), generators).withAction(action);
  }

  /** An action by signed permutations, with its text. */
  static Representation representation(SignedPermutations action) {
    String images =
        Arrays.stream(action.targets())
            .map(
                targets ->
                    Arrays.stream(targets)
                        .mapToObj(t -> String.valueOf(t >= 0 ? t + 1 : t))
                        .collect(Collectors.joining(" ", "; ", "")))
            .collect(Collectors.joining());
    return new Representation(
        action.group(),
        Term.of("permutation(" + action.size() + images + ")"),
        List.of(split(action)));
  }
}
