package dev.noether.hom;

import dev.noether.torch.Dtype;
import dev.noether.torch.Scopes;
import dev.noether.torch.Tensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * Maps between direct sums, pair by pair of summands: coefficients give the numbers of the slots,
 * and one gather lays them out as the dense map.
 *
 * <p>Between permutation representations a slot is an orbit, so that expanding costs little more
 * than a copy, and projecting is a sum over each orbit. Its coefficients are ordered [kind out,
 * kind in, summand out, summand in, coefficient of the pair].
 */
final class SlotRealization implements Realization {
  /** The most numbers that a pair may keep without orbits; beyond, changes of basis are cheaper. */
  private static final long LARGEST_DENSE_PAIR = 1L << 18;

  /** The tensors of a pair and where its coefficients and its slots begin. */
  private record Part(
      SummandPair pair, long start, long slotStart, Tensor basis, Tensor inverse, Tensor weight) {
    long count() {
      return (long) pair.pairs() * pair.dim();
    }

    long slotCount() {
      return (long) pair.pairs() * pair.slots();
    }
  }

  private final long rows;
  private final long columns;
  private final List<Part> parts = new ArrayList<>();
  private final long slots;
  private final boolean signed;
  private final boolean vanishing;
  private final Tensor gather;
  private final Tensor gatherRows;
  private final Map<String, Tensor> buffers = new LinkedHashMap<>();

  private SlotRealization(Summands in, Summands out, List<SummandPair> pairs, Dtype dtype) {
    rows = out.representation().size();
    columns = in.representation().size();
    long start = 0;
    long slotStart = 0;
    for (SummandPair pair : pairs) {
      Part part = part(pair, start, slotStart, dtype);
      parts.add(part);
      start += part.count();
      slotStart += part.slotCount();
    }
    slots = slotStart;
    long[] layout = layout(in, out);
    signed = Arrays.stream(layout).anyMatch(s -> s < 0 && s != Long.MIN_VALUE);
    vanishing = Arrays.stream(layout).anyMatch(s -> s == Long.MIN_VALUE);
    long zero = signed ? 2 * slots : slots;
    for (int i = 0; i < layout.length; i++) {
      layout[i] =
          layout[i] == Long.MIN_VALUE ? zero : layout[i] < 0 ? slots + ~layout[i] : layout[i];
    }
    gatherRows = keep("gather_rows", Tensors.ofIndices(layout));
    gather = keep("gather", Tensors.ofIndices(transposed(layout)));
  }

  /**
   * The realization of a pair of direct sums.
   *
   * @return empty where a pair would keep too many numbers
   */
  static Optional<SlotRealization> of(
      Summands in, Summands out, BasisExpansion expansion, Dtype dtype) {
    List<SummandPair> pairs = new ArrayList<>();
    for (Summands.Kind to : out.kinds()) {
      var rowPermutations = SummandPair.permutations(to);
      for (Summands.Kind from : in.kinds()) {
        var columnPermutations = SummandPair.permutations(from);
        if (rowPermutations.isPresent() && columnPermutations.isPresent()) {
          pairs.add(
              SummandPair.monomial(to, from, rowPermutations.get(), columnPermutations.get()));
        } else if (admits(SummandPair.denseNumbers(to, from), expansion)) {
          pairs.add(SummandPair.dense(to, from));
        } else {
          return Optional.empty();
        }
      }
    }
    return Optional.of(new SlotRealization(in, out, pairs, dtype));
  }

  /**
   * Whether a pair may keep so many numbers; the basis per summand keeps them whatever they are.
   */
  static boolean admits(long numbers, BasisExpansion expansion) {
    return expansion == BasisExpansion.PER_SUMMAND || numbers <= LARGEST_DENSE_PAIR;
  }

  private Part part(SummandPair pair, long start, long slotStart, Dtype dtype) {
    String name = "pair_" + parts.size();
    double[] inverse = new double[pair.slots() * pair.dim()];
    for (int element = 0; element < pair.dim(); element++) {
      for (int slot = 0; slot < pair.slots(); slot++) {
        inverse[slot * pair.dim() + element] =
            pair.basis()[element * pair.slots() + slot] / pair.normSquared()[element];
      }
    }
    double[] weight = Arrays.stream(pair.slotSizes()).map(size -> 1 / size).toArray();
    return new Part(
        pair,
        start,
        slotStart,
        keep(name + "_basis", Tensors.of(dtype, pair.basis(), pair.dim(), pair.slots())),
        keep(name + "_inverse", Tensors.of(dtype, inverse, pair.slots(), pair.dim())),
        keep(name + "_weight", Tensors.of(dtype, weight, weight.length)));
  }

  private long[] transposed(long[] layout) {
    long[] turned = new long[layout.length];
    int m = Math.toIntExact(columns);
    int n = Math.toIntExact(rows);
    for (int row = 0; row < n; row++) {
      for (int column = 0; column < m; column++) {
        turned[column * n + row] = layout[row * m + column];
      }
    }
    return turned;
  }

  private Tensor keep(String name, Tensor tensor) {
    buffers.put(name, Scopes.keep(tensor));
    return tensor;
  }

  /** The slot of every entry of the dense map; ~slot for its negative, MIN_VALUE for zero. */
  private long[] layout(Summands in, Summands out) {
    long[] layout = new long[Math.toIntExact(rows * columns)];
    for (Part part : parts) {
      SummandPair pair = part.pair;
      long first = part.slotStart;
      for (int o : pair.out().places()) {
        for (int i : pair.in().places()) {
          for (int row = 0; row < pair.rows(); row++) {
            int place = Math.toIntExact((out.start(o) + row) * columns + in.start(i));
            for (int column = 0; column < pair.columns(); column++) {
              int slot = pair.slot()[row * pair.columns() + column];
              layout[place + column] =
                  slot == SummandPair.ZERO
                      ? Long.MIN_VALUE
                      : slot >= 0 ? first + slot : ~(first + ~slot);
            }
          }
          first += pair.slots();
        }
      }
    }
    return layout;
  }

  @Override
  public Map<String, Tensor> buffers() {
    return buffers;
  }

  @Override
  public Tensor expand(Tensor coefficients) {
    List<Tensor> numbers = new ArrayList<>();
    for (Part part : parts) {
      if (part.pair.dim() > 0) {
        Tensor own =
            parts.size() == 1 ? coefficients : coefficients.narrow(0, part.start, part.count());
        numbers.add(own.view(part.pair.pairs(), part.pair.dim()).mm(part.basis).view(-1));
      }
    }
    return lay(numbers);
  }

  /** Slots, their negatives and a zero, as far as they occur, gathered into the transposed map. */
  private Tensor lay(List<Tensor> numbers) {
    List<Tensor> sources = new ArrayList<>(numbers);
    if (signed) {
      numbers.forEach(part -> sources.add(part.neg()));
    }
    if (vanishing) {
      sources.add(numbers.get(0).new_zeros(1));
    }
    Tensor source =
        sources.size() == 1
            ? sources.get(0)
            : Tensors.concatenate(0, sources.toArray(Tensor[]::new));
    return source.index_select(0, gather).view(columns, rows);
  }

  /** The sum of the entries of each slot. */
  private Tensor sums(Tensor weight) {
    long length = (signed ? 2 : 1) * slots + (vanishing ? 1 : 0);
    Tensor sums =
        weight.new_zeros(length).index_add_(0, gatherRows, weight.reshape(-1), new Scalar(1.0));
    return signed ? sums.narrow(0, 0, slots).sub(sums.narrow(0, slots, slots)) : sums;
  }

  private Tensor slotsOf(Part part, Tensor sums) {
    Tensor own =
        part.slotCount() == sums.size(0) ? sums : sums.narrow(0, part.slotStart, part.slotCount());
    return own.view(part.pair.pairs(), part.pair.slots());
  }

  @Override
  public Tensor coefficients(Tensor weight) {
    Tensor sums = sums(weight);
    List<Tensor> found = new ArrayList<>();
    for (Part part : parts) {
      if (part.pair.dim() > 0) {
        found.add(slotsOf(part, sums).mm(part.inverse).view(-1));
      }
    }
    return found.size() == 1 ? found.get(0) : Tensors.concatenate(0, found.toArray(Tensor[]::new));
  }

  @Override
  public Tensor project(Tensor weight) {
    Tensor sums = sums(weight);
    List<Tensor> numbers = new ArrayList<>();
    for (Part part : parts) {
      if (part.pair.dim() > 0) {
        Tensor own = slotsOf(part, sums);
        numbers.add(
            (part.pair.isMonomial() ? own.mul(part.weight) : own.mm(part.inverse).mm(part.basis))
                .view(-1));
      }
    }
    return lay(numbers);
  }
}
