package dev.noether.hom;

import dev.noether.rep.HomSpace;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The order of coefficients as a permutation of the isotypic one, which is [block, copy out, copy
 * in, endomorphism].
 */
final class CoefficientOrder {
  private CoefficientOrder() {}

  /** At each place of the given order, the place in the isotypic order. */
  static int[] of(BasisExpansion expansion, HomSpace space, Summands in, Summands out) {
    return switch (expansion) {
      case ISOTYPIC_EXPANSION -> IntStream.range(0, space.dim()).toArray();
      case MEMORY_HEAVY -> memoryHeavy(space);
      case PER_SUMMAND -> perSummand(space, in, out);
    };
  }

  private static int place(HomSpace.Block block, int out, int in, int endomorphism) {
    int s = block.irrep().type().endomorphismDimension();
    return block.start() + (out * block.in().multiplicity() + in) * s + endomorphism;
  }

  private static int[] memoryHeavy(HomSpace space) {
    IntStream.Builder places = IntStream.builder();
    for (HomSpace.Block block : space.blocks()) {
      for (int s = 0; s < block.irrep().type().endomorphismDimension(); s++) {
        for (int o = 0; o < block.out().multiplicity(); o++) {
          for (int i = 0; i < block.in().multiplicity(); i++) {
            places.add(place(block, o, i, s));
          }
        }
      }
    }
    return places.build().toArray();
  }

  /** [kind out, kind in, summand out, summand in, block, copy out, copy in, endomorphism]. */
  static int[] perSummand(HomSpace space, Summands in, Summands out) {
    List<Integer> places = new ArrayList<>(space.dim());
    for (Summands.Kind to : out.kinds()) {
      for (Summands.Kind from : in.kinds()) {
        for (int o : to.places()) {
          for (int i : from.places()) {
            addPair(places, space, in, out, o, i);
          }
        }
      }
    }
    return places.stream().mapToInt(Integer::intValue).toArray();
  }

  private static void addPair(
      List<Integer> places, HomSpace space, Summands in, Summands out, int o, int i) {
    for (HomSpace.Block block : space.blocks()) {
      Summands.Copies to = out.copies(o, block.irrep());
      Summands.Copies from = in.copies(i, block.irrep());
      for (int j = to.first(); j < to.end(); j++) {
        for (int k = from.first(); k < from.end(); k++) {
          for (int s = 0; s < block.irrep().type().endomorphismDimension(); s++) {
            places.add(place(block, j, k, s));
          }
        }
      }
    }
  }

  static int[] inverse(int[] permutation) {
    int[] inverse = new int[permutation.length];
    for (int i = 0; i < permutation.length; i++) {
      inverse[permutation[i]] = i;
    }
    return inverse;
  }

  static boolean isIdentity(int[] permutation) {
    return IntStream.range(0, permutation.length).allMatch(i -> permutation[i] == i);
  }
}
