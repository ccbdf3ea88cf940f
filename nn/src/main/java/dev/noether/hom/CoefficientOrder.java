package dev.noether.hom;

import dev.noether.group.Irrep;
import dev.noether.rep.HomSpace;
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
    Filling places = new Filling(space.dim());
    for (HomSpace.Block block : space.blocks()) {
      for (int s = 0; s < block.irrep().type().endomorphismDimension(); s++) {
        for (int o = 0; o < block.out().multiplicity(); o++) {
          for (int i = 0; i < block.in().multiplicity(); i++) {
            places.add(place(block, o, i, s));
          }
        }
      }
    }
    return places.all;
  }

  /** [kind out, kind in, summand out, summand in, block, copy out, copy in, endomorphism]. */
  private static int[] perSummand(HomSpace space, Summands in, Summands out) {
    Filling places = new Filling(space.dim());
    for (Summands.Kind to : out.kinds()) {
      for (Summands.Kind from : in.kinds()) {
        for (int o : to.places()) {
          for (int i : from.places()) {
            for (HomSpace.Block block : space.blocks()) {
              Summands.Copies rows = out.copies(o, block.irrep());
              Summands.Copies columns = in.copies(i, block.irrep());
              for (int j = rows.first(); j < rows.end(); j++) {
                for (int k = columns.first(); k < columns.end(); k++) {
                  places.addAll(block, j, k);
                }
              }
            }
          }
        }
      }
    }
    return places.all;
  }

  /**
   * [pair of kinds, batch, block of the batch, summand out, summand in, irrep, copy out, copy in,
   * endomorphism].
   */
  static int[] ofBlocks(HomSpace space, Summands in, Summands out, List<SummandPair> pairs) {
    Filling places = new Filling(space.dim());
    for (SummandPair pair : pairs) {
      for (SummandPair.Batch batch : pair.batches()) {
        for (SummandPair.Grid grid : batch.grids()) {
          List<HomSpace.Block> blocks =
              grid.shared().stream().map(both -> block(space, both.irrep())).toList();
          for (Subsummand to : grid.out()) {
            for (Subsummand from : grid.in()) {
              for (int o : pair.out().places()) {
                for (int i : pair.in().places()) {
                  for (int k = 0; k < blocks.size(); k++) {
                    SummandPair.Shared both = grid.shared().get(k);
                    places.addAll(
                        blocks.get(k),
                        out.copies(o, both.irrep()).first(),
                        to.copies().get(both.out()).copies(),
                        in.copies(i, both.irrep()).first(),
                        from.copies().get(both.in()).copies());
                  }
                }
              }
            }
          }
        }
      }
    }
    return places.all;
  }

  private static HomSpace.Block block(HomSpace space, Irrep irrep) {
    return space.blocks().stream()
        .filter(block -> block.irrep().equals(irrep))
        .findFirst()
        .orElseThrow();
  }

  /** Places, written one after another. */
  private static final class Filling {
    private final int[] all;
    private int next;

    private Filling(int size) {
      all = new int[size];
    }

    private void add(int place) {
      all[next++] = place;
    }

    /** Every endomorphism between two copies. */
    private void addAll(HomSpace.Block block, int out, int in) {
      for (int s = 0; s < block.irrep().type().endomorphismDimension(); s++) {
        add(place(block, out, in, s));
      }
    }

    private void addAll(
        HomSpace.Block block,
        int firstOut,
        List<Subsummand.Copy> out,
        int firstIn,
        List<Subsummand.Copy> in) {
      for (Subsummand.Copy to : out) {
        for (Subsummand.Copy from : in) {
          addAll(block, firstOut + to.number(), firstIn + from.number());
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
