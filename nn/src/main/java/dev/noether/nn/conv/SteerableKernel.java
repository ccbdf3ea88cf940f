package dev.noether.nn.conv;

import dev.noether.kernel.FieldType;
import dev.noether.kernel.KernelExpansion;
import dev.noether.kernel.KernelPair;
import dev.noether.torch.Buffers;
import dev.noether.torch.Dtype;
import dev.noether.torch.Tensors;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** From the weights of a steerable convolution to its dense kernel, with gradients. */
final class SteerableKernel {
  private final FieldType in;
  private final FieldType out;
  private final int points;
  private final Map<List<Integer>, PairExpansion> pairs = new LinkedHashMap<>();
  private final List<Block> rows;
  private final List<Block> columns;
  private final @Nullable Tensor rowOrder;
  private final @Nullable Tensor columnOrder;
  private final Buffers buffers = new Buffers();

  /** The copies of one field, by their first channels. */
  private record Block(List<Integer> starts, int size) {
    int channels() {
      return starts.size() * size;
    }
  }

  SteerableKernel(KernelExpansion expansion, Dtype dtype) {
    in = expansion.in();
    out = expansion.out();
    points = expansion.points().count();
    rows = blocks(out);
    columns = blocks(in);
    for (KernelPair pair : expansion.pairs()) {
      PairExpansion own = new PairExpansion(pair, dtype);
      buffers.addAll(pairs.size() + ".", own.buffers());
      pairs.put(List.of(pair.outStarts()[0], pair.inStarts()[0]), own);
    }
    rowOrder = order("rows", rows);
    columnOrder = order("columns", columns);
  }

  private static List<Block> blocks(FieldType type) {
    List<Block> blocks = new ArrayList<>();
    int[] channels = type.starts();
    for (List<Integer> copies : type.copies()) {
      List<Integer> starts = copies.stream().map(i -> channels[i]).toList();
      blocks.add(new Block(starts, type.fields().get(copies.get(0)).size()));
    }
    return blocks;
  }

  /** Where each channel stands when the copies of each field are next to each other. */
  private @Nullable Tensor order(String name, List<Block> blocks) {
    int channels = blocks.stream().mapToInt(Block::channels).sum();
    long[] places = new long[channels];
    int next = 0;
    for (Block block : blocks) {
      for (int start : block.starts) {
        for (int i = 0; i < block.size; i++) {
          places[start + i] = next++;
        }
      }
    }
    boolean sorted = IntStream.range(0, channels).allMatch(i -> places[i] == i);
    return sorted ? null : buffers.add(name, Tensors.of(places, channels));
  }

  Buffers buffers() {
    return buffers;
  }

  /** The only pair, where the copies of one field lead to those of another in their order. */
  Optional<PairExpansion> only() {
    boolean sorted = rowOrder == null && columnOrder == null;
    return sorted && rows.size() == 1 && columns.size() == 1
        ? pairs.values().stream().findFirst()
        : Optional.empty();
  }

  /** The kernel {@code [out.size, in.size, points]}. */
  Tensor expand(Tensor weights) {
    Map<List<Integer>, Tensor> kernels = kernels(weights);
    List<Tensor> parts = new ArrayList<>();
    for (Block row : rows) {
      List<Tensor> blocks = new ArrayList<>();
      for (Block column : columns) {
        Tensor kernel = kernels.get(List.of(row.starts.get(0), column.starts.get(0)));
        blocks.add(
            kernel == null ? weights.new_zeros(row.channels(), column.channels(), points) : kernel);
      }
      parts.add(Tensors.join(1, blocks));
    }
    Tensor kernel = Tensors.join(0, parts);
    Tensor sorted = rowOrder == null ? kernel : kernel.index_select(0, rowOrder);
    return columnOrder == null ? sorted : sorted.index_select(1, columnOrder);
  }

  private Map<List<Integer>, Tensor> kernels(Tensor weights) {
    long[] counts = pairs.values().stream().mapToLong(PairExpansion::count).toArray();
    Iterator<Tensor> parts =
        counts.length == 0
            ? Collections.emptyIterator()
            : Tensors.split(weights, 0, counts).iterator();
    Map<List<Integer>, Tensor> kernels = new HashMap<>();
    pairs.forEach((place, pair) -> kernels.put(place, pair.expand(parts.next())));
    return kernels;
  }
}
