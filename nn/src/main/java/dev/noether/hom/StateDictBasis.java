package dev.noether.hom;

import static dev.noether.algebra.Checks.require;

import dev.noether.algebra.Matrix;
import dev.noether.rep.HomSpace;
import dev.noether.torch.Dtype;
import dev.noether.torch.Scopes;
import dev.noether.torch.Tensors;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/** The bases as the Python package names and shapes them in its state dicts, in float64. */
final class StateDictBasis {
  /** A stack of basis elements that is made at all. */
  private static final long MOST_BYTES = 1L << 31;

  private StateDictBasis() {}

  static Map<String, Supplier<Tensor>> entries(HomSpace space, BasisExpansion expansion) {
    Map<String, Supplier<Tensor>> entries = new LinkedHashMap<>();
    switch (expansion) {
      case ISOTYPIC_EXPANSION -> isotypic(space, entries);
      case MEMORY_HEAVY -> {
        entries.put("basis_elements", () -> elements(space));
        entries.put("basis_norm_sq", () -> norms(space));
      }
      case PER_SUMMAND -> {}
    }
    return Collections.unmodifiableMap(entries);
  }

  private static void isotypic(HomSpace space, Map<String, Supplier<Tensor>> entries) {
    for (HomSpace.Block block : space.blocks()) {
      String id = block.irrep().id().toTuple();
      double[] norms = new double[block.irrep().type().endomorphismDimension()];
      Arrays.fill(norms, block.irrep().dimension());
      entries.put(
          "endo_basis_flat_" + id, () -> IsotypicRealization.endomorphisms(block, Dtype.FLOAT64));
      entries.put("endo_basis_norm_sq_" + id, () -> Tensors.of(Dtype.FLOAT64, norms, norms.length));
    }
    entries.put(
        "Q_in_inv", () -> Tensors.of(Dtype.FLOAT64, space.in().changeOfBasis().transpose()));
    entries.put("Q_out", () -> Tensors.of(Dtype.FLOAT64, space.out().changeOfBasis()));
  }

  private static Tensor norms(HomSpace space) {
    double[] norms = new double[space.dim()];
    for (HomSpace.Block block : space.blocks()) {
      Arrays.fill(norms, block.start(), block.start() + block.dim(), block.irrep().dimension());
    }
    return Tensors.of(Dtype.FLOAT64, norms, norms.length);
  }

  /** The stack of dense basis elements Q_out[:, o] Psi_s Q_in[:, i]^T. */
  private static Tensor elements(HomSpace space) {
    long bytes = space.denseBasisBytes(Double.BYTES);
    require(
        bytes <= MOST_BYTES,
        "the state dict of MEMORY_HEAVY would hold %,d basis elements of %,d entries, %,d bytes of "
            + "at most %,d; take ISOTYPIC_EXPANSION, whose state dict holds two changes of basis",
        space.dim(),
        space.denseMultiplyAddsPerSample(),
        bytes,
        MOST_BYTES);
    return Scopes.compute(
        () -> {
          Tensor left = Tensors.of(Dtype.FLOAT64, space.out().changeOfBasis());
          Tensor right = Tensors.of(Dtype.FLOAT64, space.in().changeOfBasis());
          List<Tensor> blocks = new ArrayList<>();
          // In ASCII, whatever the JVM's default charset is.
          BytePointer pairs = new BytePointer("roa,cia->oirc", StandardCharsets.US_ASCII);
          for (HomSpace.Block block : space.blocks()) {
            int d = block.irrep().dimension();
            int mIn = block.in().multiplicity();
            int mOut = block.out().multiplicity();
            Tensor columnsOut =
                left.narrow(1, block.out().start(), (long) mOut * d).reshape(-1, mOut, d);
            Tensor columnsIn =
                right.narrow(1, block.in().start(), (long) mIn * d).reshape(-1, mIn, d);
            for (Matrix endomorphism : block.irrep().endomorphismBasis()) {
              Tensor turned = columnsOut.matmul(Tensors.of(Dtype.FLOAT64, endomorphism));
              blocks.add(
                  torch
                      .einsum(pairs, new TensorVector(turned, columnsIn))
                      .reshape((long) mOut * mIn, left.size(0), right.size(0)));
            }
          }
          return Tensors.concatenate(0, blocks.toArray(Tensor[]::new)).contiguous();
        });
  }
}
