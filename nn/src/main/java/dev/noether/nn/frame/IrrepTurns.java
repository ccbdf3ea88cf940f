package dev.noether.nn.frame;

import dev.noether.basis.BlockDiagonal;
import dev.noether.group.CompactIrrep;
import dev.noether.group.Irrep;
import dev.noether.plain.PlainGraph;
import dev.noether.rep.Representation;
import dev.noether.torch.Buffers;
import dev.noether.torch.Dtype;
import dev.noether.torch.Tensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Turns features by matrices of irreps, other ones for each sample. */
final class IrrepTurns {
  /** By degree, then parity. */
  static final Comparator<CompactIrrep> ORDER =
      Comparator.comparingInt(CompactIrrep::frequency).thenComparingInt(CompactIrrep::parity);

  private final BlockDiagonal basis;
  private final Tensor sorted;
  private final Tensor back;
  private final Map<CompactIrrep, Integer> copies = new LinkedHashMap<>();
  private final Buffers buffers = new Buffers();

  IrrepTurns(Representation rho, Dtype dtype) {
    basis = BlockDiagonal.changeOfBasis(rho, dtype);
    buffers.addAll("basis.", basis.buffers());
    List<Integer> places = new ArrayList<>();
    for (Irrep irrep : new LinkedHashSet<>(rho.irreps())) {
      List<Representation.Copy> own = rho.copies(irrep);
      copies.put((CompactIrrep) irrep, own.size());
      for (Representation.Copy copy : own) {
        for (int i = copy.start(); i < copy.end(); i++) {
          places.add(i);
        }
      }
    }
    int[] there = new int[places.size()];
    int[] again = new int[places.size()];
    for (int i = 0; i < there.length; i++) {
      there[i] = places.get(i);
      again[places.get(i)] = i;
    }
    sorted = buffers.add("sorted", Tensors.ofIndices(there));
    back = buffers.add("back", Tensors.ofIndices(again));
  }

  Buffers buffers() {
    return buffers;
  }

  Set<CompactIrrep> irreps() {
    return copies.keySet();
  }

  int highestFrequency() {
    return copies.keySet().stream().mapToInt(CompactIrrep::frequency).max().orElse(0);
  }

  /**
   * Turns.
   *
   * @param rows {@code [samples, size]}
   * @param matrices {@code [samples, dimension, dimension]} of each irrep
   * @param transposed whether by their transposes
   */
  Tensor turn(Tensor rows, Map<CompactIrrep, Tensor> matrices, boolean transposed) {
    Tensor features = basis.times(rows).index_select(1, sorted.to(ScalarType.Long));
    List<Tensor> turned = new ArrayList<>();
    long start = 0;
    for (Map.Entry<CompactIrrep, Integer> entry : copies.entrySet()) {
      long d = entry.getKey().dimension();
      long size = d * entry.getValue();
      Tensor matrix = Objects.requireNonNull(matrices.get(entry.getKey()));
      turned.add(
          features
              .narrow(1, start, size)
              .reshape(-1, entry.getValue(), d)
              .matmul(transposed ? matrix : matrix.transpose(1, 2))
              .reshape(-1, size));
      start += size;
    }
    return basis.timesTranspose(Tensors.join(1, turned).index_select(1, back.to(ScalarType.Long)));
  }

  /** The same in a graph; an irrep without a matrix stays as it is. */
  <V> V plain(PlainGraph<V> graph, V x, Map<CompactIrrep, V> matrices, boolean transposed) {
    V turned = basis.isIdentity() ? x : graph.matmul(x, graph.constant("basis", basis.dense()));
    V features = graph.select(turned, longs(sorted));
    List<V> parts = new ArrayList<>();
    long start = 0;
    for (Map.Entry<CompactIrrep, Integer> entry : copies.entrySet()) {
      long d = entry.getKey().dimension();
      long size = d * entry.getValue();
      V own = graph.narrow(features, start, size);
      V matrix = matrices.get(entry.getKey());
      if (matrix != null) {
        V rows = graph.split(own, entry.getValue(), d);
        V by = transposed ? matrix : graph.permute(matrix, 1, 0);
        own = graph.join(graph.matmul(rows, by), 2, size);
      }
      parts.add(own);
      start += size;
    }
    V joined = parts.stream().reduce(graph::concatenate).orElseThrow();
    V placed = graph.select(joined, longs(back));
    return basis.isIdentity()
        ? placed
        : graph.matmul(
            placed, graph.constant("basis_t", basis.dense().transpose(0, 1).contiguous()));
  }

  private static long[] longs(Tensor places) {
    return Arrays.stream(Tensors.toArray(places)).mapToLong(place -> (long) place).toArray();
  }
}
