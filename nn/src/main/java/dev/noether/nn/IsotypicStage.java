package dev.noether.nn;

import dev.noether.algebra.Matrix;
import dev.noether.group.Irrep;
import dev.noether.hom.CostModel;
import dev.noether.hom.SpectralBasis;
import dev.noether.hom.Spectrum;
import dev.noether.rep.Representation;
import dev.noether.torch.Dtype;
import dev.noether.torch.Tensors;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.BinaryOperator;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * The work of a layer from a representation to itself that treats every copy of an irrep by itself,
 * on features in the isotypic basis.
 */
final class IsotypicStage implements SpectralStage {
  private final Representation representation;
  private final SpectralBasis basis;
  private final BiFunction<IsotypicStage, Spectrum, Spectrum> body;
  private final Tensor like;
  private final Tensor copyOf;
  private final long[] widths;
  private final Map<Integer, Integer> numberOf = new LinkedHashMap<>();
  private final Map<String, Tensor> buffers = new LinkedHashMap<>();

  /**
   * The stage of a layer.
   *
   * @param representation what the layer acts on
   * @param like a tensor of the layer, whose dtype and device an input must share
   * @param body what the layer does to features, with the help of this stage
   */
  IsotypicStage(
      Representation representation,
      Tensor like,
      BiFunction<IsotypicStage, Spectrum, Spectrum> body) {
    this.representation = representation;
    this.body = body;
    this.like = like;
    Dtype dtype = Dtype.of(like);
    List<Irrep> irreps = representation.irreps().stream().distinct().toList();
    basis = SpectralBasis.of(representation, irreps, dtype);
    basis.buffers().forEach((name, tensor) -> buffers.put("basis_" + name, tensor));
    List<Long> copies = new ArrayList<>();
    widths = new long[irreps.size()];
    for (int k = 0; k < irreps.size(); k++) {
      numberOf.put(basis.place(k), k);
      List<Integer> own = places(irreps.get(k));
      int s = irreps.get(k).type().endomorphismDimension();
      for (int column : basis.columns(k)) {
        copies.add((long) own.get(column / s));
      }
      widths[k] = basis.columns(k).size();
      if (s > 1) {
        buffers.put("sums_" + k, Tensors.of(dtype, sums(basis.columns(k), s)));
      }
    }
    copyOf = Tensors.ofIndices(copies.stream().mapToLong(copy -> copy).toArray());
    buffers.put("copies", copyOf);
    if (like.is_cuda()) {
      buffers.values().forEach(b -> b.set_data(b.to(like.device(), b.scalar_type())));
    }
  }

  /** Adds the columns that belong to one copy, at each of them. */
  private static Matrix sums(List<Integer> columns, int s) {
    int n = columns.size();
    double[] entries = new double[n * n];
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        entries[i * n + j] = columns.get(i) / s == columns.get(j) / s ? 1 : 0;
      }
    }
    return Matrix.of(n, n, entries);
  }

  /** The places of an irrep's copies in the representation. */
  private List<Integer> places(Irrep irrep) {
    List<Integer> places = new ArrayList<>();
    for (int i = 0; i < representation.irreps().size(); i++) {
      if (representation.irreps().get(i).equals(irrep)) {
        places.add(i);
      }
    }
    return places;
  }

  @Override
  public Map<String, Tensor> buffers() {
    return buffers;
  }

  @Override
  public SpectralBasis in() {
    return basis;
  }

  @Override
  public SpectralBasis out() {
    return basis;
  }

  @Override
  public Cost cost(long samples, boolean training) {
    double side = CostModel.side(basis, samples, training);
    double inside = CostModel.pass(basis, samples, training);
    return new Cost(2 * side + inside, inside, side);
  }

  @Override
  public Spectrum enter(Tensor input) {
    Tensors.requireInput(input, representation.size(), "in.size()", representation, like);
    return basis.enter(input.dim() == 2 ? input : input.reshape(-1, representation.size()));
  }

  @Override
  public Spectrum apply(Spectrum features) {
    return body.apply(this, features);
  }

  @Override
  public Tensor leave(Spectrum features, Tensor input) {
    Tensor flat = basis.leave(features, input);
    return input.dim() == 2 ? flat : flat.reshape(Tensors.shape(input));
  }

  private int number(int place) {
    return Objects.requireNonNull(numberOf.get(place));
  }

  /** The numbers of the copies, {@code [..., copies]}, at the columns of each irrep. */
  private List<Tensor> atColumns(Tensor perCopy) {
    Tensor all = perCopy.index_select(-1, copyOf);
    if (widths.length == 1) {
      return List.of(all);
    }
    TensorVector parts = torch.split_with_sizes(all, widths, -1);
    List<Tensor> list = new ArrayList<>();
    for (long k = 0; k < parts.size(); k++) {
      list.add(parts.get(k));
    }
    return list;
  }

  /** Multiplies every copy by its number, {@code perCopy [copies]}. */
  Spectrum scaled(Spectrum features, Tensor perCopy) {
    List<Tensor> factors = atColumns(perCopy);
    return features.map((place, tensor) -> tensor.mul(factors.get(number(place))));
  }

  /**
   * Multiplies every copy of every sample by a function of its length.
   *
   * @param perCopy a number for each copy, {@code [copies]}
   * @param factor from |x_c|^2, {@code [samples, n]}, and the numbers of the copies, {@code [n]}
   */
  Spectrum scaledByLengths(Spectrum features, Tensor perCopy, BinaryOperator<Tensor> factor) {
    List<Tensor> numbers = atColumns(perCopy);
    return features.map(
        (place, tensor) -> {
          int k = number(place);
          Tensor rows = rows(tensor, features.samples());
          Tensor squares = rows.mul(rows).sum(1);
          Tensor sums = buffers.get("sums_" + k);
          Tensor lengths = sums == null ? squares : squares.mm(sums);
          return rows.mul(factor.apply(lengths, numbers.get(k)).unsqueeze(1))
              .view(tensor.size(0), tensor.size(1));
        });
  }

  /** Multiplies every sample by its number, {@code [samples, 1]}. */
  static Spectrum multiplied(Spectrum features, Tensor perSample) {
    return features.map(
        (place, tensor) ->
            rows(tensor, features.samples())
                .mul(perSample.unsqueeze(2))
                .view(tensor.size(0), tensor.size(1)));
  }

  /** {@code [samples, rows of the irrep, columns]}. */
  private static Tensor rows(Tensor tensor, long samples) {
    return tensor.reshape(samples, samples == 0 ? 1 : tensor.size(0) / samples, tensor.size(1));
  }

  /** |x|^2 of every sample, {@code [samples, 1]}. */
  Tensor squaredLengths(Spectrum features) {
    Tensor sum = like.new_zeros(features.samples(), 1);
    for (int k = 0; k < widths.length; k++) {
      Optional<Tensor> own = features.of(basis.place(k));
      if (own.isPresent()) {
        Tensor flat = rows(own.get(), features.samples()).flatten(1, 2);
        sum = sum.add(flat.mul(flat).sum(new long[] {1}, true, new ScalarTypeOptional()));
      }
    }
    return sum;
  }
}
