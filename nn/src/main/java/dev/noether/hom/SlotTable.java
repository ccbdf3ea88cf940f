package dev.noether.hom;

import dev.noether.torch.Dtype;
import dev.noether.torch.Tensors;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/**
 * The bases of a batch of blocks as tensors: coefficients times a table are the numbers of the
 * slots.
 *
 * <p>Coefficients are ordered [block, summand out, summand in, coefficient of the block], slots
 * likewise.
 */
final class SlotTable {
  private final SummandPair pair;
  private final SummandPair.Batch batch;
  private final long start;
  private final long slotStart;
  private final Tensor basis;
  private final Tensor norms;
  private final Tensor weight;

  /** Computes the bases of a batch and enters their slots into the layout. */
  SlotTable(
      SummandPair pair,
      SummandPair.Batch batch,
      long start,
      long slotStart,
      SlotLayout layout,
      Dtype dtype) {
    this.pair = pair;
    this.batch = batch;
    this.start = start;
    this.slotStart = slotStart;
    int blocks = Math.toIntExact(batch.blocks());
    int dim = batch.dim();
    int slots = batch.slots();
    BlockBasis bases = new BlockBasis(pair, dim, slots);
    double[] normSquared = new double[Math.multiplyExact(blocks, dim)];
    double[] weights = new double[Math.multiplyExact(blocks, slots)];
    int first = Math.toIntExact(slotStart);
    int step = Math.multiplyExact(Math.toIntExact(pair.pairs()), slots);
    // Block by block: all bases as doubles would be twice as large as the tensor.
    Tensor rows =
        Tensors.ofRows(
            dtype,
            blocks,
            Math.multiplyExact(dim, slots),
            (block, values) -> {
              Block own = block(batch, block);
              Slots of = Slots.of(own.out, own.in);
              layout.enter(pair, own.out, own.in, of, first + block * step);
              bases.write(own.shared, own.out, own.in, of, values, normSquared, block);
              int[] sizes = of.sizes();
              for (int s = 0; s < sizes.length; s++) {
                weights[block * slots + s] = 1.0 / sizes[s];
              }
            });
    if (blocks == 1) {
      basis = rows.view(dim, slots);
      norms = Tensors.of(dtype, normSquared, dim);
      weight = Tensors.of(dtype, weights, slots);
    } else {
      basis = rows.view(blocks, dim, slots);
      norms = Tensors.of(dtype, normSquared, blocks, 1, dim);
      weight = Tensors.of(dtype, weights, blocks, 1, slots);
    }
  }

  /** A subsummand of the output, one of the input, and what they have in common. */
  private record Block(List<SummandPair.Shared> shared, Subsummand out, Subsummand in) {}

  private static Block block(SummandPair.Batch batch, int number) {
    int left = number;
    for (SummandPair.Grid grid : batch.grids()) {
      int columns = grid.in().size();
      int count = grid.out().size() * columns;
      if (left < count) {
        return new Block(
            grid.shared(), grid.out().get(left / columns), grid.in().get(left % columns));
      }
      left -= count;
    }
    throw new IndexOutOfBoundsException(number);
  }

  /** The tensors, by name. */
  Map<String, Tensor> buffers() {
    Map<String, Tensor> buffers = new LinkedHashMap<>();
    buffers.put("basis", basis);
    buffers.put("norms", norms);
    buffers.put("weight", weight);
    return buffers;
  }

  /** The place of the first coefficient behind this table's. */
  long end() {
    return start + count(batch.dim());
  }

  /** The first slot behind this table's. */
  long slotEnd() {
    return slotStart + count(batch.slots());
  }

  private long count(int ofBlock) {
    return batch.blocks() * pair.pairs() * ofBlock;
  }

  /** This table's part of a vector, as a matrix or a batch of matrices with a row for each pair. */
  private Tensor own(Tensor all, long from, int ofBlock) {
    Tensor own = count(ofBlock) == all.size(0) ? all : all.narrow(0, from, count(ofBlock));
    return batch.blocks() == 1
        ? own.view(pair.pairs(), ofBlock)
        : own.view(batch.blocks(), pair.pairs(), ofBlock);
  }

  /** The numbers of the slots, flat, from all coefficients. */
  Tensor slots(Tensor coefficients) {
    return own(coefficients, start, batch.dim()).matmul(basis).view(-1);
  }

  /** The numbers of the slots of each of several maps, map by map in one flat tensor. */
  Tensor slotsOfEach(Tensor coefficients) {
    long maps = coefficients.size(0);
    boolean all = count(batch.dim()) == coefficients.size(1);
    Tensor own = all ? coefficients : coefficients.narrow(1, start, count(batch.dim()));
    Tensor rows =
        batch.blocks() == 1
            ? own.reshape(maps * pair.pairs(), batch.dim())
            : own.reshape(maps, batch.blocks(), pair.pairs(), batch.dim());
    return rows.matmul(basis).reshape(-1);
  }

  /** Where {@link #slotsOfEach} puts the slots of one of several maps, all tables in a row. */
  void placesOf(int map, int maps, int[] places) {
    int own = Math.toIntExact(count(batch.slots()));
    int first = Math.toIntExact(slotStart);
    for (int slot = 0; slot < own; slot++) {
      places[first + slot] = maps * first + map * own + slot;
    }
  }

  /** The coefficients, flat, from the sums of the entries of all slots. */
  Tensor coefficients(Tensor sums) {
    return inverted(own(sums, slotStart, batch.slots())).view(-1);
  }

  private Tensor inverted(Tensor sums) {
    return sums.matmul(basis.transpose(-1, -2)).div(norms);
  }

  /** The numbers of the slots of the closest equivariant map, flat. */
  Tensor projected(Tensor sums) {
    Tensor own = own(sums, slotStart, batch.slots());
    return (batch.isMonomial() ? own.mul(weight) : inverted(own).matmul(basis)).view(-1);
  }
}
