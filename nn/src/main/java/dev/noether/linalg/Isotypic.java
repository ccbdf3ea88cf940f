package dev.noether.linalg;

import static dev.noether.algebra.Checks.require;

import dev.noether.basis.IsotypicBasis;
import dev.noether.group.Irrep;
import dev.noether.rep.IsotypicDecomposition;
import dev.noether.rep.Representation;
import dev.noether.torch.Scopes;
import dev.noether.torch.Tensors;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * The parts of a signal that transform by one irrep, and the lengths of its irreducible parts.
 *
 * <p>Gradients flow through every function here.
 */
public final class Isotypic {
  private Isotypic() {}

  /**
   * Projects a signal onto the subspace that transforms by copies of one irrep.
   *
   * <p>The parts over all irreps are orthogonal and sum to the signal.
   *
   * @param x {@code [..., size]}
   * @param representation how it transforms
   * @param irrep an irrep of the same group
   * @return {@code [..., size]}; zero where the irrep does not occur
   * @throws IllegalArgumentException if the last axis does not fit or the irrep is of another group
   */
  public static Tensor project(Tensor x, Representation representation, Irrep irrep) {
    requireSignal(x, representation, irrep);
    return Scopes.compute(
        () -> {
          IsotypicBasis basis = IsotypicBasis.of(representation, x);
          return basis
              .decomposition()
              .block(irrep)
              .map(
                  block -> {
                    Tensor all = basis.coordinates(x);
                    Tensor part = all.narrow(-1, block.start(), block.dimension());
                    long after = (long) representation.size() - block.start() - block.dimension();
                    return basis.vectors(
                        torch.constant_pad_nd(part, new long[] {block.start(), after}));
                  })
              .orElseGet(() -> x.mul(new Scalar(0.0)));
        });
  }

  /**
   * The copies of one irrep in a signal.
   *
   * @param x {@code [..., size]}
   * @param representation how it transforms
   * @param irrep an irrep that occurs in it
   * @return {@code [..., multiplicity, dimension]}, each row transforms by the irrep's own matrices
   * @throws IllegalArgumentException if the last axis does not fit or the irrep does not occur
   */
  public static Tensor copies(Tensor x, Representation representation, Irrep irrep) {
    return ofIrrep(x, representation, irrep, IsotypicBasis::copies);
  }

  /**
   * The samples of one irrep with its coordinates counted as samples: column i holds copy i.
   *
   * @param x {@code [N, size]}
   * @param representation how it transforms
   * @param irrep an irrep that occurs in it
   * @return {@code [N * dimension, multiplicity]}
   * @throws IllegalArgumentException if the last axis does not fit or the irrep does not occur
   */
  public static Tensor stacked(Tensor x, Representation representation, Irrep irrep) {
    return ofIrrep(x, representation, irrep, IsotypicBasis::stacked);
  }

  private static Tensor ofIrrep(
      Tensor x,
      Representation representation,
      Irrep irrep,
      BiFunction<Tensor, IsotypicDecomposition.Block, Tensor> part) {
    requireSignal(x, representation, irrep);
    return Scopes.compute(
        () -> {
          IsotypicBasis basis = IsotypicBasis.of(representation, x);
          return part.apply(basis.coordinates(x), occurring(basis, irrep));
        });
  }

  /**
   * The Euclidean length of every irreducible part of a signal. The group leaves it as it is.
   *
   * <p>At a part that is zero the gradient is zero.
   *
   * @param x {@code [..., size]}
   * @param representation how it transforms
   * @return {@code [..., copies]}, in the order of {@link Representation#irreps()}
   * @throws IllegalArgumentException if the last axis does not fit
   */
  public static Tensor radii(Tensor x, Representation representation) {
    requireSignal(x, representation, representation.group().trivialIrrep());
    return Scopes.compute(
        () -> {
          IsotypicBasis basis = IsotypicBasis.of(representation, x);
          Tensor coordinates = basis.coordinates(x);
          List<Tensor> parts = new ArrayList<>();
          for (IsotypicDecomposition.Block block : basis.decomposition().blocks()) {
            parts.add(
                torch.linalg_vector_norm(
                    IsotypicBasis.copies(coordinates, block),
                    new Scalar(2.0),
                    new long[] {-1},
                    false,
                    new ScalarTypeOptional()));
          }
          Tensor byBlock = Tensors.concatenate(-1, parts.toArray(Tensor[]::new));
          Tensor order = Tensors.of(places(basis.decomposition()), representation.irreps().size());
          return byBlock.index_select(-1, order.to(x.device(), torch.ScalarType.Long));
        });
  }

  /** For every copy in the representation's order, its place in the order of the blocks. */
  private static long[] places(IsotypicDecomposition decomposition) {
    List<Representation.Copy> copies = decomposition.representation().copies();
    long[] places = new long[copies.size()];
    int place = 0;
    for (IsotypicDecomposition.Block block : decomposition.blocks()) {
      for (int copy = 0; copy < places.length; copy++) {
        if (copies.get(copy).irrep().equals(block.irrep())) {
          places[copy] = place++;
        }
      }
    }
    return places;
  }

  private static IsotypicDecomposition.Block occurring(IsotypicBasis basis, Irrep irrep) {
    return basis
        .decomposition()
        .block(irrep)
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    irrep
                        + " does not occur in "
                        + basis.decomposition().representation()
                        + "; it has "
                        + basis.decomposition().blocks().stream()
                            .map(block -> block.irrep().toString())
                            .toList()));
  }

  private static void requireSignal(Tensor x, Representation representation, Irrep irrep) {
    Tensors.requireInput(x, representation.size(), "representation.size()", representation, x);
    require(
        irrep.group().equals(representation.group()),
        "the irrep must be of %s, got %s of %s",
        representation.group(),
        irrep,
        irrep.group());
  }
}
