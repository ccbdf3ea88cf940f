package dev.noether.nn.bilinear;

import static dev.noether.algebra.Checks.require;

import dev.noether.basis.BlockDiagonal;
import dev.noether.group.Irrep;
import dev.noether.nn.BasisUse;
import dev.noether.nn.linear.EquivariantLinear;
import dev.noether.plain.PlainGraph;
import dev.noether.rep.Representation;
import dev.noether.torch.Buffers;
import dev.noether.torch.Dtype;
import dev.noether.torch.Tensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * The products of two vectors of features in the irreps that they hold: (x_i (x) y_j) C, where i
 * and j go through copies of irreps and C holds Clebsch-Gordan coefficients. Every bilinear
 * equivariant map is a linear equivariant map of them.
 */
final class Products {
  private final Factor left;
  private final Factor right;
  private final List<Step> steps = new ArrayList<>();
  private final Representation representation;
  private final Buffers buffers = new Buffers();

  /** One factor: its way into the irreps, and where each copy of an irrep is there. */
  private static final class Factor {
    private final Representation representation;
    private final BlockDiagonal basis;
    private final @Nullable Tensor sorted;
    private final Map<Irrep, Integer> starts = new LinkedHashMap<>();

    Factor(Representation representation, String name, Dtype dtype, Buffers buffers) {
      this.representation = representation;
      basis = BlockDiagonal.changeOfBasis(representation, dtype);
      buffers.addAll(name + "_basis.", basis.buffers());
      List<Integer> order = new ArrayList<>();
      for (Irrep irrep : new LinkedHashSet<>(representation.irreps())) {
        starts.put(irrep, order.size());
        representation
            .copies(irrep)
            .forEach(copy -> IntStream.range(copy.start(), copy.end()).forEach(order::add));
      }
      int[] places = order.stream().mapToInt(place -> place).toArray();
      boolean identity = IntStream.range(0, places.length).allMatch(i -> places[i] == i);
      sorted = identity ? null : buffers.add(name + "_order", Tensors.ofIndices(places));
    }

    /** Features in the irreps, sorted by irrep. */
    Tensor enter(Tensor input) {
      Tensor turned = basis.times(input.reshape(-1, representation.size()));
      return sorted == null ? turned : turned.index_select(1, wide(sorted));
    }

    /** {@code [samples, copies, dimension]}. */
    Tensor copies(Tensor features, Irrep irrep) {
      long d = irrep.dimension();
      long copies = representation.copies(irrep).size();
      int start = starts.getOrDefault(irrep, 0);
      return features.narrow(1, start, copies * d).reshape(features.size(0), copies, d);
    }

    <V> V plain(PlainGraph<V> graph, String name, V x) {
      V turned =
          basis.isIdentity() ? x : graph.matmul(x, graph.constant(name + "_Q", basis.dense()));
      return sorted == null ? turned : graph.select(turned, longs(sorted));
    }

    private static long[] longs(Tensor indices) {
      return Arrays.stream(Tensors.toArray(indices)).mapToLong(index -> (long) index).toArray();
    }
  }

  /** One kind of products, with its tensors; indices are null where all copies meet all others. */
  private record Step(
      CopyProduct product,
      boolean grid,
      @Nullable Tensor leftCopies,
      @Nullable Tensor rightCopies,
      @Nullable Tensor coefficients) {}

  private Products(
      Factor left,
      Factor right,
      List<CopyProduct> products,
      Representation out,
      Dtype dtype,
      Buffers made) {
    this.left = left;
    this.right = right;
    buffers.addAll("", made);
    Map<Irrep, Integer> counts = new LinkedHashMap<>();
    for (Irrep irrep : new LinkedHashSet<>(out.irreps())) {
      for (CopyProduct product : products) {
        int times =
            (int) product.irreps().stream().filter(copy -> copy.irrep().equals(irrep)).count();
        counts.merge(irrep, times * product.pairs(), Math::addExact);
      }
    }
    counts.values().removeIf(count -> count == 0);
    require(
        !counts.isEmpty(),
        "no bilinear equivariant map leads from %s and %s to %s: their products hold no irrep of the"
            + " output within maxDegree",
        left.representation,
        right.representation,
        out);
    List<Representation> summands = new ArrayList<>();
    counts.forEach((irrep, count) -> summands.add(Representation.irrep(irrep).times(count)));
    representation = Representation.directSum(summands);
    products.forEach(product -> steps.add(step(product, dtype)));
  }

  /** Products of two factors, those that lead to irreps of the output. */
  static Products of(
      Representation left, Representation right, Representation out, TensorProductOptions options) {
    Dtype dtype = options.map().dtype();
    Buffers buffers = new Buffers();
    Factor first = new Factor(left, "left", dtype, buffers);
    Factor second = new Factor(right, "right", dtype, buffers);
    List<CopyProduct> products = CopyProduct.of(left, right, wanted(out, options), options);
    return new Products(first, second, products, out, dtype, buffers);
  }

  /** Products of a factor with itself. */
  static Products square(Representation in, Representation out, TensorProductOptions options) {
    Dtype dtype = options.map().dtype();
    Buffers buffers = new Buffers();
    Factor factor = new Factor(in, "in", dtype, buffers);
    List<CopyProduct> products = CopyProduct.square(in, wanted(out, options), options);
    return new Products(factor, factor, products, out, dtype, buffers);
  }

  private static Set<Irrep> wanted(Representation out, TensorProductOptions options) {
    Set<Irrep> wanted = new LinkedHashSet<>(out.irreps());
    wanted.removeIf(irrep -> irrep.dimension() > options.maxDegree());
    return wanted;
  }

  private Step step(CopyProduct product, Dtype dtype) {
    String name = "products." + steps.size() + ".";
    long copies = left.representation.copies(product.left()).size();
    long others = right.representation.copies(product.right()).size();
    boolean grid = isGrid(product, copies, others);
    return new Step(
        product,
        grid,
        grid ? null : indices(name + "left", product.leftCopies(), copies),
        grid ? null : indices(name + "right", product.rightCopies(), others),
        product.coefficients().isIdentity()
            ? null
            : buffers.add(name + "coefficients", dtype, product.coefficients()));
  }

  /** Whether every copy meets every other, the right ones fastest. */
  private static boolean isGrid(CopyProduct product, long copies, long others) {
    return product.pairs() == copies * others
        && IntStream.range(0, product.pairs())
            .allMatch(
                i ->
                    product.leftCopies().get(i) == i / others
                        && product.rightCopies().get(i) == i % others);
  }

  private @Nullable Tensor indices(String name, List<Integer> copies, long count) {
    int[] places = copies.stream().mapToInt(copy -> copy).toArray();
    boolean identity =
        places.length == count && IntStream.range(0, places.length).allMatch(i -> places[i] == i);
    return identity ? null : buffers.add(name, Tensors.ofIndices(places));
  }

  private boolean isSquare() {
    return left.equals(right);
  }

  /** How the products transform: copies of irreps, one irrep after the other. */
  Representation representation() {
    return representation;
  }

  Buffers buffers() {
    return buffers;
  }

  /** How many pairs of basis vectors there are; a square has each unordered pair once. */
  long pairs() {
    long n = left.representation.size();
    return isSquare() ? n * (n + 1) / 2 : n * right.representation.size();
  }

  /** What the map of the products, a part of a layer, trains. */
  List<BasisUse> bases(String part, EquivariantLinear mixing) {
    return List.of(
        new BasisUse.Products(
            part + ".weight_dof", mixing.basis(), () -> ofPairs(mixing.coefficients()), pairs()),
        new BasisUse.Unstored());
  }

  /** The products of an orthonormal basis of pairs, {@code [pairs, representation.size]}. */
  Tensor ofPairs(Tensor like) {
    long n = left.representation.size();
    Tensor unit = torch.eye(n).to(like.device(), like.scalar_type());
    if (!isSquare()) {
      long m = right.representation.size();
      Tensor other = torch.eye(m).to(like.device(), like.scalar_type());
      return apply(
          unit.repeat_interleave(m, new LongOptional(0), new LongOptional()), other.repeat(n, 1));
    }
    Tensor squares = apply(unit, unit);
    List<Tensor> rows = new ArrayList<>();
    for (long i = 0; i < n; i++) {
      rows.add(squares.narrow(0, i, 1));
      long rest = n - 1 - i;
      if (rest > 0) {
        Tensor sums = unit.narrow(0, i + 1, rest).add(unit.narrow(0, i, 1));
        Tensor both =
            apply(sums, sums).sub(squares.narrow(0, i + 1, rest)).sub(squares.narrow(0, i, 1));
        rows.add(both.mul(new Scalar(Math.sqrt(0.5))));
      }
    }
    return Tensors.join(0, rows);
  }

  /** All products of a batch, {@code [samples, representation.size]}. */
  Tensor apply(Tensor x, Tensor y) {
    Tensor first = left.enter(x);
    Tensor second = isSquare() ? first : right.enter(y);
    long samples = first.size(0);
    Map<Irrep, List<Tensor>> parts = parts();
    for (Step step : steps) {
      CopyProduct product = step.product;
      Tensor rows =
          multiplied(
              step, left.copies(first, product.left()), right.copies(second, product.right()));
      Tensor taken =
          (step.coefficients == null ? rows : rows.mm(step.coefficients))
              .reshape(samples, product.pairs(), product.coefficients().columns());
      for (Representation.Copy copy : product.irreps()) {
        long d = copy.irrep().dimension();
        parts
            .getOrDefault(copy.irrep(), new ArrayList<>())
            .add(taken.narrow(2, copy.start(), d).reshape(samples, product.pairs() * d));
      }
    }
    return Tensors.join(1, parts.values().stream().flatMap(List::stream).toList());
  }

  private <V> Map<Irrep, List<V>> parts() {
    Map<Irrep, List<V>> parts = new LinkedHashMap<>();
    representation.irreps().forEach(irrep -> parts.putIfAbsent(irrep, new ArrayList<>()));
    return parts;
  }

  /** The gradient of a gather of columns is many times slower with 32-bit places. */
  private static Tensor wide(Tensor places) {
    return places.to(ScalarType.Long);
  }

  /** The products of coordinates, {@code [samples pairs, left.dimension right.dimension]}. */
  private static Tensor multiplied(Step step, Tensor first, Tensor second) {
    Tensor own = step.leftCopies == null ? first : first.index_select(1, wide(step.leftCopies));
    Tensor other =
        step.rightCopies == null ? second : second.index_select(1, wide(step.rightCopies));
    Tensor products =
        step.grid
            ? own.unsqueeze(2).unsqueeze(-1).mul(other.unsqueeze(1).unsqueeze(-2))
            : own.unsqueeze(-1).mul(other.unsqueeze(-2));
    return products.reshape(-1, step.product.coefficients().rows());
  }

  /** The products in a graph. */
  <V> V plain(PlainGraph<V> graph, V x, V y) {
    V first = left.plain(graph, isSquare() ? "in" : "left", x);
    V second = isSquare() ? first : right.plain(graph, "right", y);
    Map<Irrep, List<V>> parts = parts();
    for (int i = 0; i < steps.size(); i++) {
      Step step = steps.get(i);
      CopyProduct product = step.product;
      V rows =
          graph.multiply(
              graph.select(first, places(product, true)),
              graph.select(second, places(product, false)));
      V taken = graph.split(rows, product.pairs(), product.coefficients().rows());
      if (step.coefficients != null) {
        taken =
            graph.matmul(
                taken, graph.constant("products." + i + ".coefficients", step.coefficients));
      }
      for (Representation.Copy copy : product.irreps()) {
        long d = copy.irrep().dimension();
        parts
            .getOrDefault(copy.irrep(), new ArrayList<>())
            .add(graph.join(graph.narrow(taken, copy.start(), d), 2, product.pairs() * d));
      }
    }
    return parts.values().stream().flatMap(List::stream).reduce(graph::concatenate).orElseThrow();
  }

  /** The places of one side's coordinates in [pair, left coordinate, right coordinate]. */
  private long[] places(CopyProduct product, boolean ofLeft) {
    int d = product.left().dimension();
    int e = product.right().dimension();
    Factor factor = ofLeft ? left : right;
    int start = factor.starts.getOrDefault(ofLeft ? product.left() : product.right(), 0);
    List<Integer> copies = ofLeft ? product.leftCopies() : product.rightCopies();
    long[] places = new long[product.pairs() * d * e];
    for (int i = 0; i < places.length; i++) {
      int pair = i / (d * e);
      places[i] =
          ofLeft
              ? start + (long) copies.get(pair) * d + i / e % d
              : start + (long) copies.get(pair) * e + i % e;
    }
    return places;
  }
}
