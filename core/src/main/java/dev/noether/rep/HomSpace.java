package dev.noether.rep;

import static dev.noether.algebra.Checks.require;

import dev.noether.algebra.Sizes;
import dev.noether.group.Irrep;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * The space of linear maps that commute with a group: Hom_G(in, out) = {W : rho_out(g) W = W
 * rho_in(g) for all g}.
 *
 * <p>In the isotypic bases such a map has one free block for each irrep that both sides contain,
 * and zeros elsewhere (Schur's lemma). This class knows the blocks, the dimension and the work
 * before anything is allocated.
 *
 * @param in the decomposition of the input
 * @param out the decomposition of the output
 * @param blocks the common irreps by ascending id, which is the order of the coefficients
 */
public record HomSpace(IsotypicDecomposition in, IsotypicDecomposition out, List<Block> blocks) {
  /**
   * The maps between the copies of one irrep.
   *
   * @param irrep the irrep
   * @param in the isotypic block of the input
   * @param out the isotypic block of the output
   * @param start the place of the block's first coefficient
   */
  public record Block(
      Irrep irrep, IsotypicDecomposition.Block in, IsotypicDecomposition.Block out, int start) {
    /**
     * The number of free coefficients, S_k m_in m_out.
     *
     * @return the dimension of the block
     */
    public int dim() {
      return Sizes.total(
          "the maps between copies of " + irrep,
          (long) irrep.type().endomorphismDimension() * in.multiplicity() * out.multiplicity());
    }
  }

  /**
   * Copies the list.
   *
   * @param in the decomposition of the input
   * @param out the decomposition of the output
   * @param blocks the common irreps by ascending id
   */
  public HomSpace {
    blocks = List.copyOf(blocks);
  }

  /**
   * The space of equivariant maps between two representations.
   *
   * @param in the representation of the input
   * @param out the representation of the output
   * @return the space; its dimension is zero where the two share no irrep
   * @throws IllegalArgumentException if the groups differ or the dimension is 2^31 or more
   */
  @SuppressWarnings("ReferenceEquality") // one representation is decomposed once
  public static HomSpace between(Representation in, Representation out) {
    require(
        in.group().equals(out.group()),
        "in and out must be representations of one group, got %s and %s",
        in,
        out);
    IsotypicDecomposition left = IsotypicDecomposition.of(in);
    IsotypicDecomposition right = in == out ? left : IsotypicDecomposition.of(out);
    List<Block> blocks = new ArrayList<>();
    int start = 0;
    for (Irrep irrep :
        in.irreps().stream().distinct().sorted(Comparator.comparing(Irrep::id)).toList()) {
      Optional<IsotypicDecomposition.Block> from = left.block(irrep);
      Optional<IsotypicDecomposition.Block> to = right.block(irrep);
      if (from.isPresent() && to.isPresent()) {
        Block block = new Block(irrep, from.get(), to.get(), start);
        blocks.add(block);
        start = Sizes.total("the maps from " + in + " to " + out, (long) start + block.dim());
      }
    }
    return new HomSpace(left, right, blocks);
  }

  /**
   * {@return the number of free parameters of an equivariant map: the sum of S_k m_in m_out over
   * the blocks}
   */
  public int dim() {
    return blocks.stream().mapToInt(Block::dim).sum();
  }

  /**
   * The multiply-adds that one sample needs in the isotypic bases, without the changes of basis.
   *
   * @return the sum of S_k m_in m_out d_k over the blocks
   */
  public long multiplyAddsPerSample() {
    return blocks.stream().mapToLong(b -> (long) b.dim() * b.irrep().dimension()).sum();
  }

  /**
   * The multiply-adds that one sample needs with the dense map.
   *
   * @return {@code out.size * in.size}
   */
  public long denseMultiplyAddsPerSample() {
    return (long) in.representation().size() * out.representation().size();
  }

  /**
   * The bytes of a full stack of dense basis elements with their norms.
   *
   * @param bytesPerNumber 4 for float32, 8 for float64
   * @return the bytes; the largest long where there are more
   */
  public long denseBasisBytes(int bytesPerNumber) {
    double bytes = (denseMultiplyAddsPerSample() + 1.0) * dim() * bytesPerNumber;
    return bytes >= Long.MAX_VALUE
        ? Long.MAX_VALUE
        : dim() * (denseMultiplyAddsPerSample() + 1) * bytesPerNumber;
  }

  /** The two representations. */
  @Override
  public String toString() {
    return "Hom_G of " + in.representation() + " and " + out.representation();
  }
}
