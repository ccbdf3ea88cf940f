package dev.noether.spectral;

import dev.noether.algebra.Matrix;
import dev.noether.group.Irrep;
import dev.noether.group.IrrepType;
import dev.noether.hom.GroupHomomorphismBasis;
import dev.noether.rep.HomSpace;
import dev.noether.rep.Representation;
import dev.noether.torch.Buffers;
import dev.noether.torch.Dtype;
import dev.noether.torch.Tensors;
import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * An equivariant map between copies of representations that share irreps of one real dimension,
 * each once, as regular representations of C2 x C2 do: all irreps are one batched product, with the
 * coefficients as they are stored.
 */
public final class BatchedMap {
  private final Representation in;
  private final Representation out;
  private final long copiesIn;
  private final long copiesOut;
  private final List<Irrep> irreps;

  /**
   * What it computes with.
   *
   * @param enter from the coordinates of a summand to the irreps, of features in columns
   * @param leave back, of features in rows
   */
  public record Tables(Tensor enter, Tensor leave) {}

  private BatchedMap(HomSpace space) {
    Representation.Run from = space.in().representation().runs().get(0);
    Representation.Run to = space.out().representation().runs().get(0);
    in = from.summand();
    out = to.summand();
    copiesIn = from.count();
    copiesOut = to.count();
    irreps = space.blocks().stream().map(HomSpace.Block::irrep).toList();
  }

  /**
   * The map that a basis describes, if it is of this kind.
   *
   * @param basis the basis; its coefficients must be in the isotypic order
   * @return the map; empty for another kind
   */
  public static Optional<BatchedMap> of(GroupHomomorphismBasis basis) {
    return basis.isInIsotypicOrder() ? of(basis.space()) : Optional.empty();
  }

  /** The map of a space, its coefficients in the isotypic order. */
  static Optional<BatchedMap> of(HomSpace space) {
    List<Representation.Run> from = space.in().representation().runs();
    List<Representation.Run> to = space.out().representation().runs();
    boolean admitted =
        from.size() == 1
            && to.size() == 1
            && space.blocks().stream()
                .allMatch(
                    block ->
                        block.irrep().dimension() == 1
                            && block.irrep().type() == IrrepType.REAL
                            && block.in().multiplicity() == from.get(0).count()
                            && block.out().multiplicity() == to.get(0).count());
    return admitted ? Optional.of(new BatchedMap(space)) : Optional.empty();
  }

  /**
   * How often a batch is moved, with both changes of basis.
   *
   * @param samples the samples in a batch
   * @return numbers moved
   */
  long moved(long samples) {
    return samples * (copiesIn * in.size() + copiesOut * out.size());
  }

  /**
   * Applies the map, without a scope of its own.
   *
   * @param own the tensors of the map
   * @param input {@code [..., in.size]}
   * @param coefficients {@code [dim]}, in the isotypic order
   * @param bias {@code [out.size]}, or null
   * @return {@code [..., out.size]}
   */
  public Tensor apply(Tables own, Tensor input, Tensor coefficients, @Nullable Tensor bias) {
    long count = irreps.size();
    long samples = input.numel() / (copiesIn * in.size()); // none perhaps
    Tensor vectors = input.reshape(samples * copiesIn, in.size());
    Tensor inside = own.enter.mm(vectors.t()).view(count, samples, copiesIn);
    Tensor weights = coefficients.view(count, copiesOut, copiesIn).transpose(1, 2);
    Tensor mapped = inside.bmm(weights).view(count, samples * copiesOut);
    Tensor output =
        mapped.t().mm(own.leave).view(Tensors.shapeWithLast(input, copiesOut * out.size()));
    return bias == null ? output : output.add(bias);
  }

  /**
   * The tensors of the map.
   *
   * @param dtype their dtype
   * @param into takes them
   * @return the tensors
   */
  public Tables tables(Dtype dtype, Buffers into) {
    return new Tables(
        into.add("enter", Tensors.of(dtype, columns(in).transpose())),
        into.add("leave", Tensors.of(dtype, columns(out).transpose())));
  }

  private Matrix columns(Representation summand) {
    return summand
        .changeOfBasis()
        .columns(irreps.stream().mapToInt(irrep -> summand.copies(irrep).get(0).start()).toArray());
  }
}
