package dev.noether.hom;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The equivariant maps between two kinds of summands, block by block: one block for each pair of
 * their subsummands, so that work and memory grow with the entries of the map, not with their
 * square.
 *
 * @param out the kind of the output
 * @param in the kind of the input
 * @param batches the blocks, those of one shape together; blocks without coefficients are left out
 */
record SummandPair(Summands.Kind out, Summands.Kind in, List<Batch> batches) {
  /** A pair may keep at least this many numbers, though its map may have fewer entries. */
  private static final long ALWAYS_ADMITTED = 1L << 18;

  /** Every pair of some subsummands of one type with some of another. */
  record Grid(List<Subsummand> out, List<Subsummand> in) {
    long count() {
      return (long) out.size() * in.size();
    }
  }

  /**
   * Blocks of one shape.
   *
   * @param dim the number of coefficients of each
   * @param slots how many different numbers the entries of each have; see {@link Slots}
   * @param isMonomial whether slots are orbits, so that a projection is a mean over each
   * @param grids the pairs of subsummands
   */
  record Batch(int dim, int slots, boolean isMonomial, List<Grid> grids) {
    long blocks() {
      return grids.stream().mapToLong(Grid::count).sum();
    }

    /** The numbers of the bases of all blocks. */
    long basisNumbers() {
      return blocks() * dim * slots;
    }

    /** The numbers that all blocks keep; see {@link SlotTable}. */
    long keptNumbers() {
      return blocks() == 1
          ? 2 * basisNumbers() + slots
          : basisNumbers() + blocks() * ((long) dim + slots);
    }
  }

  private record Shape(int dim, int slots, boolean isMonomial) {}

  static SummandPair of(Summands.Kind out, Summands.Kind in) {
    Map<Shape, List<Grid>> shapes = new LinkedHashMap<>();
    for (Map.Entry<Subsummand.Type, List<Subsummand>> to : out.parts().entrySet()) {
      for (Map.Entry<Subsummand.Type, List<Subsummand>> from : in.parts().entrySet()) {
        int dim = to.getKey().dimFrom(from.getKey());
        if (dim > 0) {
          boolean isMonomial = to.getKey().isMonomial() && from.getKey().isMonomial();
          int entries = Math.multiplyExact(to.getKey().size(), from.getKey().size());
          shapes
              .computeIfAbsent(
                  new Shape(dim, isMonomial ? dim : entries, isMonomial), s -> new ArrayList<>())
              .add(new Grid(to.getValue(), from.getValue()));
        }
      }
    }
    List<Batch> batches = new ArrayList<>();
    shapes.forEach(
        (shape, grids) ->
            batches.add(new Batch(shape.dim, shape.slots, shape.isMonomial, List.copyOf(grids))));
    return new SummandPair(out, in, List.copyOf(batches));
  }

  /** The number of pairs of summands that share these bases. */
  long pairs() {
    return (long) out.places().size() * in.places().size();
  }

  /**
   * Whether the bases are small enough to be kept: always between signed permutations whose copies
   * of irreps live on one orbit each.
   */
  boolean isAdmitted() {
    long numbers = batches.stream().mapToLong(Batch::basisNumbers).sum();
    long entries = (long) out.representation().size() * in.representation().size();
    return numbers <= Math.max(ALWAYS_ADMITTED, entries);
  }
}
