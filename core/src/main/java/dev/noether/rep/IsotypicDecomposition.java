package dev.noether.rep;

import dev.noether.algebra.Matrix;
import dev.noether.group.Irrep;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * A representation sorted by irrep: equal irreps stand together, one block for each.
 *
 * <p>The trivial block comes first, then blocks by dimension, ties in the group's order of irreps;
 * inside a block the copies keep their order in the representation. With the matrix Q of {@link
 * #changeOfBasis()}, rho(g) = Q (block_1(g) + block_2(g) + ...) Q^T.
 *
 * @param representation what is decomposed
 * @param blocks the isotypic blocks, in order
 */
public record IsotypicDecomposition(Representation representation, List<Block> blocks) {
  /**
   * The copies of one irrep.
   *
   * @param irrep the irrep
   * @param multiplicity how many copies
   * @param start the first coordinate of the block
   */
  public record Block(Irrep irrep, int multiplicity, int start) {
    /**
     * The number of coordinates.
     *
     * @return {@code multiplicity * irrep.dimension()}
     */
    public int dimension() {
      return multiplicity * irrep.dimension();
    }

    /**
     * Where the next block begins.
     *
     * @return {@code start + dimension()}
     */
    public int end() {
      return start + dimension();
    }
  }

  /**
   * Copies the list.
   *
   * @param representation what is decomposed
   * @param blocks the isotypic blocks, in order
   */
  public IsotypicDecomposition {
    blocks = List.copyOf(blocks);
  }

  /**
   * Decomposes a representation.
   *
   * @param representation any representation
   * @return its isotypic blocks and the basis in which they appear
   */
  public static IsotypicDecomposition of(Representation representation) {
    Irrep trivial = representation.group().trivialIrrep();
    List<Copies> found =
        representation.group().inOrder(representation.irreps()).stream()
            .map(irrep -> new Copies(irrep, columnsOf(irrep, representation)))
            .sorted(
                Comparator.comparing((Copies copies) -> !copies.irrep.equals(trivial))
                    .thenComparing(copies -> copies.columns.length))
            .toList();
    List<Block> blocks = new ArrayList<>();
    for (Copies copies : found) {
      int start = blocks.isEmpty() ? 0 : blocks.get(blocks.size() - 1).end();
      int count = copies.columns.length / copies.irrep.dimension();
      blocks.add(new Block(copies.irrep, count, start));
    }
    return new IsotypicDecomposition(representation, blocks);
  }

  /**
   * The isotypic basis, computed when asked for: it is the one thing here that grows with the
   * square of the size.
   *
   * @return Q, orthogonal, {@code [size, size]}
   */
  public Matrix changeOfBasis() {
    return representation.changeOfBasis().columns(order());
  }

  /** The columns of Q that belong to the copies of one irrep. */
  @SuppressWarnings("ArrayRecordComponent") // private, never compared
  private record Copies(Irrep irrep, int[] columns) {}

  private static int[] columnsOf(Irrep irrep, Representation representation) {
    return representation.copies(irrep).stream()
        .flatMapToInt(copy -> IntStream.range(copy.start(), copy.end()))
        .toArray();
  }

  /**
   * Where the columns of Q come from: they are those of the representation's own change of basis,
   * sorted.
   *
   * @return at each column of {@link #changeOfBasis()} its place in {@link
   *     Representation#changeOfBasis()}
   */
  public int[] order() {
    return blocks.stream()
        .flatMapToInt(block -> Arrays.stream(columnsOf(block.irrep(), representation)))
        .toArray();
  }

  /**
   * The representation as the isotypic basis shows it.
   *
   * @return the sum of the irreps, block after block: Q^T rho(g) Q
   */
  public Representation sorted() {
    return Representation.directSum(
        blocks.stream()
            .map(block -> Representation.irrep(block.irrep()).times(block.multiplicity()))
            .toList());
  }

  /**
   * The block of an irrep.
   *
   * @param irrep an irrep of the group
   * @return its block, empty where the irrep does not occur
   */
  public Optional<Block> block(Irrep irrep) {
    return blocks.stream().filter(block -> block.irrep().equals(irrep)).findFirst();
  }
}
