package dev.noether.hom;

import dev.noether.group.Irrep;
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

  /** An irrep that two subsummands have, and its places in their lists of copies. */
  record Shared(Irrep irrep, int out, int in) {}

  /**
   * Every pair of some subsummands of one type with some of another.
   *
   * @param out the subsummands of the output
   * @param in the subsummands of the input
   * @param shared the irreps that they have in common, by ascending id
   */
  record Grid(List<Subsummand> out, List<Subsummand> in, List<Shared> shared) {
    static Grid of(List<Subsummand> out, List<Subsummand> in) {
      List<Irrep> sources = in.get(0).type().irreps();
      List<Irrep> targets = out.get(0).type().irreps();
      List<Shared> shared = new ArrayList<>();
      for (int i = 0; i < targets.size(); i++) {
        int place = sources.indexOf(targets.get(i));
        if (place >= 0) {
          shared.add(new Shared(targets.get(i), i, place));
        }
      }
      return new Grid(out, in, List.copyOf(shared));
    }

    /** The dimension of the space of equivariant maps of each pair. */
    int dim() {
      return shared.stream()
          .mapToInt(
              both ->
                  both.irrep.type().endomorphismDimension()
                      * out.get(0).copies().get(both.out).copies().size()
                      * in.get(0).copies().get(both.in).copies().size())
          .sum();
    }

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
      return basisNumbers() + blocks() * ((long) dim + slots);
    }
  }

  private record Shape(int dim, int slots, boolean isMonomial) {
    static Shape of(Grid grid) {
      Subsummand to = grid.out.get(0);
      Subsummand from = grid.in.get(0);
      boolean isMonomial = to.isMonomial() && from.isMonomial();
      return new Shape(
          grid.dim(),
          isMonomial
              ? grid.dim()
              : Math.multiplyExact(to.coordinates().length, from.coordinates().length),
          isMonomial);
    }
  }

  static SummandPair of(Summands.Kind out, Summands.Kind in) {
    Map<Shape, List<Grid>> shapes = new LinkedHashMap<>();
    for (List<Subsummand> to : out.parts().values()) {
      for (List<Subsummand> from : in.parts().values()) {
        Grid grid = Grid.of(to, from);
        if (grid.dim() > 0) {
          shapes.computeIfAbsent(Shape.of(grid), shape -> new ArrayList<>()).add(grid);
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
