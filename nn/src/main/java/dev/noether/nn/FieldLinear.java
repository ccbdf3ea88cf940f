package dev.noether.nn;

import static dev.noether.algebra.Checks.require;

import dev.noether.hom.GroupHomomorphismBasis;
import dev.noether.rep.HomSpace;
import dev.noether.rep.Representation;
import dev.noether.torch.Scopes;
import dev.noether.torch.Tensors;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * A linear layer between lists of fields, as escnn's {@code Linear}: one small basis for each pair
 * of different fields, shared by all equal pairs.
 *
 * <p>The weight is a grid of blocks, one for every output field and input field. It is the same
 * space of maps as {@link EquivariantLinear} between the direct sums, in other coefficients.
 */
public final class FieldLinear extends Layer implements EquivariantLayer {
  /** One kind of field and the places where it stands. */
  private record Kind(Representation field, List<Integer> places) {}

  /** The maps from one kind of field to another; without a basis where only zero commutes. */
  private record Pair(@Nullable GroupHomomorphismBasis basis, long start, long out, long in) {
    long count() {
      return basis == null ? 0 : basis.dim() * out * in;
    }
  }

  private final FieldType inType;
  private final FieldType outType;
  private final Representation in;
  private final Representation out;
  private final List<Kind> inKinds;
  private final List<Kind> outKinds;
  private final List<List<Pair>> pairs = new ArrayList<>();
  private final Tensor weights;
  private final @Nullable Tensor rowOrder;
  private final @Nullable Tensor columnOrder;
  private final @Nullable InvariantBias bias;
  private final EvaluationCache cache = new EvaluationCache();

  /**
   * A layer between two field types.
   *
   * @param in the fields of the input
   * @param out the fields of the output
   * @param options bias, expansion, initialization, seed and dtype
   * @throws IllegalArgumentException if the groups differ or no pair of fields shares an irrep
   */
  public FieldLinear(FieldType in, FieldType out, LinearOptions options) {
    this.inType = in;
    this.outType = out;
    this.in = in.representation();
    this.out = out.representation();
    require(
        HomSpace.between(this.in, this.out).dim() > 0,
        "Hom_G(in, out) must not be empty: %s and %s share no irrep; give one side an irrep of the"
            + " other",
        in,
        out);
    inKinds = kinds(in);
    outKinds = kinds(out);
    List<Tensor> drawn = new ArrayList<>();
    long start = 0;
    for (Kind to : outKinds) {
      List<Pair> row = new ArrayList<>();
      for (Kind from : inKinds) {
        Pair pair = pair(from, to, start, options);
        row.add(pair);
        start += pair.count();
        if (pair.basis != null) {
          String name = "basis." + pairs.size() + "." + (row.size() - 1) + ".";
          pair.basis.buffers().forEach((key, b) -> registerBuffer(name + key, b, false));
          drawn.add(
              pair.basis
                  .initialize(options.initialization(), options.seed(), pair.out, pair.in)
                  .mul(new org.bytedeco.pytorch.Scalar(1 / Math.sqrt(in.fields().size())))
                  .flatten());
        }
      }
      pairs.add(row);
    }
    weights =
        registerParameter(
            "weights", Scopes.compute(() -> Tensors.concatenate(0, drawn.toArray(Tensor[]::new))));
    rowOrder = order("row_order", outKinds, out);
    columnOrder = order("column_order", inKinds, in);
    bias =
        options.bias()
            ? registerChild("bias_module", new InvariantBias(this.out, options.dtype()))
            : null;
  }

  private static List<Kind> kinds(FieldType type) {
    Map<Representation, List<Integer>> places = new LinkedHashMap<>();
    for (int i = 0; i < type.fields().size(); i++) {
      places.computeIfAbsent(type.fields().get(i), field -> new ArrayList<>()).add(i);
    }
    return places.entrySet().stream().map(e -> new Kind(e.getKey(), e.getValue())).toList();
  }

  private static Pair pair(Kind from, Kind to, long start, LinearOptions options) {
    boolean empty = HomSpace.between(from.field, to.field).dim() == 0;
    return new Pair(
        empty
            ? null
            : GroupHomomorphismBasis.of(from.field, to.field, options.expansion(), options.dtype()),
        start,
        to.places.size(),
        from.places.size());
  }

  /** Where each feature stands once equal fields are side by side; null where nothing moves. */
  private @Nullable Tensor order(String name, List<Kind> kinds, FieldType type) {
    int[] starts = new int[type.fields().size()];
    for (int i = 1; i < starts.length; i++) {
      starts[i] = starts[i - 1] + type.fields().get(i - 1).size();
    }
    long[] place = new long[type.size()];
    int next = 0;
    for (Kind kind : kinds) {
      for (int field : kind.places) {
        for (int i = 0; i < kind.field.size(); i++) {
          place[starts[field] + i] = next++;
        }
      }
    }
    boolean sorted = IntStream.range(0, place.length).allMatch(i -> place[i] == i);
    return sorted ? null : registerBuffer(name, Tensors.of(place, place.length), false);
  }

  @Override
  public Representation in() {
    return in;
  }

  @Override
  public Representation out() {
    return out;
  }

  /**
   * The fields of the input.
   *
   * @return the type
   */
  public FieldType inType() {
    return inType;
  }

  /**
   * The fields of the output.
   *
   * @return the type
   */
  public FieldType outType() {
    return outType;
  }

  /**
   * The dense weight and bias that the coefficients stand for.
   *
   * @param weight {@code [out.size, in.size]}
   * @param bias {@code [out.size]}, or null where there is none
   */
  public record Parameters(Tensor weight, @Nullable Tensor bias) {}

  /**
   * Expands the coefficients; with gradients where they are enabled.
   *
   * @return the dense weight and bias
   */
  public Parameters expandParameters() {
    return new Parameters(weight(), bias == null ? null : bias.bias());
  }

  private Tensor weight() {
    return cache.get(isTraining(), weights, () -> Scopes.compute(this::expand));
  }

  private Tensor expand() {
    List<Tensor> rows = new ArrayList<>();
    for (int to = 0; to < pairs.size(); to++) {
      List<Tensor> blocks = new ArrayList<>();
      for (int from = 0; from < inKinds.size(); from++) {
        blocks.add(block(pairs.get(to).get(from), outKinds.get(to), inKinds.get(from)));
      }
      rows.add(join(-1, blocks));
    }
    Tensor weight = join(0, rows);
    if (rowOrder != null) {
      weight = weight.index_select(0, rowOrder);
    }
    return columnOrder == null ? weight : weight.index_select(1, columnOrder);
  }

  private static Tensor join(long axis, List<Tensor> tensors) {
    return tensors.size() == 1
        ? tensors.get(0)
        : Tensors.concatenate(axis, tensors.toArray(Tensor[]::new));
  }

  private Tensor block(Pair pair, Kind to, Kind from) {
    long rows = pair.out * to.field.size();
    long columns = pair.in * from.field.size();
    if (pair.basis == null) {
      return weights.new_zeros(rows, columns);
    }
    Tensor coefficients =
        weights.narrow(0, pair.start, pair.count()).reshape(pair.out, pair.in, pair.basis.dim());
    return pair.basis.expand(coefficients).transpose(1, 2).reshape(rows, columns);
  }

  @Override
  public Tensor forward(Tensor input) {
    Tensors.requireInput(input, in.size(), "in.size()", in, weights);
    return Scopes.compute(() -> Affine.apply(input, weight(), bias == null ? null : bias.bias()));
  }

  @Override
  protected void stateChanged() {
    cache.clear();
  }

  @Override
  public String toString() {
    return "FieldLinear(" + inType + " -> " + outType + ")";
  }

  /**
   * The number of coefficients.
   *
   * @return the length of the parameter {@code weights}
   */
  public long dim() {
    return pairs.stream().flatMap(List::stream).mapToLong(Pair::count).sum();
  }
}
