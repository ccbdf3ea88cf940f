package dev.noether.nn.frame;

import dev.noether.algebra.Matrix;
import dev.noether.group.CompactGroup;
import dev.noether.group.CompactIrrep;
import dev.noether.plain.Activation;
import dev.noether.plain.PlainGraph;
import dev.noether.rep.ClebschGordan;
import dev.noether.rep.Representation;
import dev.noether.torch.Buffers;
import dev.noether.torch.Dtype;
import dev.noether.torch.Tensors;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * The elements of a group of rotations, or of rotations and reflections, as matrices whose columns
 * are vectors that the frame gives, made orthonormal one after the other (Gram and Schmidt).
 *
 * <p>An irrep of degree l is a polynomial of the matrix: of the vector and the irrep of degree l -
 * 1, through Clebsch-Gordan coefficients. The polynomial takes products to products for all
 * matrices, so that nothing is lost where vectors do not span space and columns are zero.
 */
final class OrthogonalPoses implements Poses {
  /** Added to squares in a graph, so that nothing is divided by zero. */
  private static final double SMALLEST = 1e-30;

  private static final double STEEP = 1e6;

  private final CompactGroup group;
  private final int space;
  private final IrrepTurns toPose;
  private final IrrepTurns fromPose;
  private final Tensor vectors;
  private final List<Tensor> coefficients = new ArrayList<>();
  private final Buffers buffers = new Buffers();

  OrthogonalPoses(Representation in, Representation out, Dtype dtype) {
    group = (CompactGroup) in.group();
    space = group.spaceDimension();
    toPose = new IrrepTurns(in, dtype);
    fromPose = new IrrepTurns(out, dtype);
    vectors = buffers.add("vectors", dtype, Representation.vectors(group).changeOfBasis());
    int highest = Math.max(toPose.highestFrequency(), fromPose.highestFrequency());
    for (int l = 2; l <= highest; l++) {
      Matrix own = ClebschGordan.of(natural(1), natural(l - 1)).coefficients(natural(l), 0);
      coefficients.add(buffers.add("coefficients." + l, dtype, own));
    }
    buffers.addAll("to_pose.", toPose.buffers());
    buffers.addAll("from_pose.", fromPose.buffers());
  }

  /** As many vectors as tell an element: rotations follow from one fewer. */
  static Representation frame(CompactGroup group) {
    int count = group.spaceDimension() - (group.hasImproperElements() ? 0 : 1);
    return Representation.vectors(group).times(count);
  }

  /** The irrep of a degree that is a polynomial of that degree of the matrix. */
  private CompactIrrep natural(int degree) {
    boolean odd = group.spaceDimension() == 2 ? degree > 0 : degree % 2 == 1;
    return new CompactIrrep(group, group.hasImproperElements() && odd ? 1 : 0, degree);
  }

  @Override
  public Buffers buffers() {
    return buffers;
  }

  /** A choice by vectors has a gradient of its own. */
  @Override
  public Chosen choose(Tensor numbers, Tensor like, boolean learns) {
    Tensor columns = columns(numbers.unflatten(-1, new long[] {-1, space}), tolerance(like));
    Map<CompactIrrep, Tensor> matrices = matrices(Tensors.inDtypeOf(like, columns));
    return new Chosen() {
      @Override
      public Tensor enter(Tensor rows) {
        return toPose.turn(rows, matrices, true);
      }

      @Override
      public Tensor leave(Tensor rows) {
        return fromPose.turn(rows, matrices, false);
      }
    };
  }

  /** {@code [samples, space, space]} of {@code [samples, vectors, space]}; zero where none is. */
  private Tensor columns(Tensor given, double tolerance) {
    List<Tensor> columns = new ArrayList<>();
    for (long i = 0; i < given.size(1); i++) {
      Tensor own = given.select(1, i);
      Tensor rest = own;
      for (Tensor column : columns) {
        rest = rest.sub(column.mul(dot(column, rest)));
      }
      columns.add(unit(rest, dot(own, own).detach(), tolerance));
    }
    if (!group.hasImproperElements()) {
      Tensor first = columns.get(0);
      columns.add(
          space == 2
              ? torch.stack(new TensorVector(first.select(1, 1).neg(), first.select(1, 0)), 1)
              : torch.linalg_cross(first, columns.get(1)));
    }
    return torch.stack(new TensorVector(columns.toArray(Tensor[]::new)), 2);
  }

  private static Tensor dot(Tensor one, Tensor other) {
    return one.mul(other).sum(-1).unsqueeze(-1);
  }

  /** Of length one, or zero where hardly anything is left of what it was. */
  private static Tensor unit(Tensor vector, Tensor before, double tolerance) {
    Tensor square = dot(vector, vector);
    Tensor some =
        square.detach().gt(before.mul(new Scalar(tolerance * tolerance))).to(square.scalar_type());
    Tensor safe = square.mul(some).add(some.neg().add(new Scalar(1)));
    return vector.mul(safe.rsqrt()).mul(some);
  }

  /** Below which share of a vector's length what others leave of it counts as nothing. */
  private static double tolerance(Tensor like) {
    return switch (Dtype.of(like)) {
      case FLOAT64 -> 1e-7;
      case FLOAT32 -> 1e-3;
      default -> 0.05;
    };
  }

  /** The matrices of all irreps that are needed, {@code [samples, dimension, dimension]}. */
  private Map<CompactIrrep, Tensor> matrices(Tensor columns) {
    Tensor one = vectors.t().matmul(columns).matmul(vectors);
    List<Tensor> degrees = new ArrayList<>();
    degrees.add(columns.new_ones(columns.size(0), 1, 1));
    degrees.add(one);
    for (Tensor own : coefficients) {
      degrees.add(own.t().matmul(product(one, degrees.get(degrees.size() - 1))).matmul(own));
    }
    Map<CompactIrrep, Tensor> matrices = new LinkedHashMap<>();
    for (CompactIrrep irrep : needed()) {
      Tensor matrix = Objects.requireNonNull(degrees.get(irrep.frequency()));
      boolean is = irrep.equals(natural(irrep.frequency()));
      matrices.put(irrep, is ? matrix : matrix.mul(determinant(columns)));
    }
    return matrices;
  }

  private Set<CompactIrrep> needed() {
    Set<CompactIrrep> needed = new TreeSet<>(IrrepTurns.ORDER);
    needed.addAll(toPose.irreps());
    needed.addAll(fromPose.irreps());
    return needed;
  }

  /** The Kronecker products of matrices, one for each sample. */
  private static Tensor product(Tensor one, Tensor other) {
    long size = one.size(1) * other.size(1);
    return one.unsqueeze(2)
        .unsqueeze(4)
        .mul(other.unsqueeze(1).unsqueeze(3))
        .reshape(-1, size, size);
  }

  /** {@code [samples, 1, 1]}; zero where a column is. */
  private Tensor determinant(Tensor columns) {
    Tensor first = columns.select(2, 0);
    Tensor second = columns.select(2, 1);
    Tensor value =
        space == 2
            ? first
                .select(1, 0)
                .mul(second.select(1, 1))
                .sub(first.select(1, 1).mul(second.select(1, 0)))
                .unsqueeze(-1)
            : dot(torch.linalg_cross(first, second), columns.select(2, 2));
    return value.unsqueeze(-1);
  }

  @Override
  public <V> V plain(PlainGraph<V> graph, V numbers, V x, UnaryOperator<V> inner) {
    PlainGraph<V> pose = graph.at("pose");
    List<V> columns = plainColumns(pose, numbers);
    V joined = columns.stream().reduce(pose::concatenate).orElseThrow();
    V matrix = pose.permute(pose.split(joined, space, space), 1, 0);
    Map<CompactIrrep, V> matrices = plainMatrices(pose, matrix, columns);
    V posed = toPose.plain(graph.at("to_pose"), x, matrices, true);
    return fromPose.plain(graph.at("from_pose"), inner.apply(posed), matrices, false);
  }

  private <V> List<V> plainColumns(PlainGraph<V> graph, V numbers) {
    List<V> columns = new ArrayList<>();
    int given = frame(group).size() / space;
    for (int i = 0; i < given; i++) {
      V own = graph.narrow(numbers, (long) i * space, space);
      V rest = own;
      for (V column : columns) {
        rest = minus(graph, rest, graph.multiply(column, plainDot(graph, column, rest)));
      }
      columns.add(plainUnit(graph, rest, plainDot(graph, own, own)));
    }
    if (!group.hasImproperElements()) {
      V first = columns.get(0);
      columns.add(
          space == 2
              ? graph.concatenate(
                  graph.multiply(graph.select(first, 1), graph.number(-1)), graph.select(first, 0))
              : plainCross(graph, first, columns.get(1)));
    }
    return columns;
  }

  private static <V> V minus(PlainGraph<V> graph, V one, V other) {
    return graph.add(one, graph.multiply(other, graph.number(-1)));
  }

  private <V> V plainDot(PlainGraph<V> graph, V one, V other) {
    return graph.multiply(graph.mean(graph.multiply(one, other)), graph.number(space));
  }

  private static <V> V plainCross(PlainGraph<V> graph, V one, V other) {
    return minus(
        graph,
        graph.multiply(graph.select(one, 1, 2, 0), graph.select(other, 2, 0, 1)),
        graph.multiply(graph.select(one, 2, 0, 1), graph.select(other, 1, 2, 0)));
  }

  /** The step from zero to one is as steep as numbers tell. */
  private <V> V plainUnit(PlainGraph<V> graph, V vector, V before) {
    double tolerance = tolerance(vectors);
    V square = plainDot(graph, vector, vector);
    V tiny = graph.number(SMALLEST);
    V inverse =
        graph.rsqrt(graph.add(graph.multiply(before, graph.number(tolerance * tolerance)), tiny));
    V share = graph.multiply(square, graph.multiply(inverse, inverse));
    V above = relu(graph, graph.multiply(graph.add(share, graph.number(-1)), graph.number(STEEP)));
    V one = graph.number(1);
    V some = minus(graph, one, relu(graph, minus(graph, one, above)));
    V length = graph.rsqrt(graph.add(square, tiny));
    return graph.multiply(graph.multiply(vector, length), some);
  }

  private static <V> V relu(PlainGraph<V> graph, V x) {
    return graph.apply(Activation.RELU, x);
  }

  /** Of all irreps but those that do nothing. */
  private <V> Map<CompactIrrep, V> plainMatrices(PlainGraph<V> graph, V matrix, List<V> columns) {
    V turned = graph.matmul(graph.constant("vectors_t", vectors.t().contiguous()), matrix);
    List<V> degrees = new ArrayList<>();
    degrees.add(graph.matmul(turned, graph.constant("vectors", vectors)));
    for (int l = 2; l < coefficients.size() + 2; l++) {
      Tensor own = coefficients.get(l - 2);
      V product =
          plainProduct(
              graph, degrees.get(0), natural(1).dimension(), degrees.get(l - 2), natural(l - 1));
      V left = graph.matmul(graph.constant("left." + l, own.t().contiguous()), product);
      degrees.add(graph.matmul(left, graph.constant("right." + l, own)));
    }
    Map<CompactIrrep, V> matrices = new LinkedHashMap<>();
    for (CompactIrrep irrep : needed()) {
      boolean is = irrep.equals(natural(irrep.frequency()));
      if (irrep.frequency() > 0) {
        V own = degrees.get(irrep.frequency() - 1);
        matrices.put(irrep, is ? own : graph.multiply(own, plainDeterminant(graph, columns)));
      } else if (!is) {
        matrices.put(irrep, plainDeterminant(graph, columns));
      }
    }
    return matrices;
  }

  private <V> V plainProduct(PlainGraph<V> graph, V one, int a, V other, CompactIrrep of) {
    int b = of.dimension();
    int size = a * b;
    long[] ofOne = new long[size * size];
    long[] ofOther = new long[size * size];
    for (int i = 0; i < ofOne.length; i++) {
      int row = i / size;
      int column = i % size;
      ofOne[i] = (long) (row / b) * a + column / b;
      ofOther[i] = (long) (row % b) * b + column % b;
    }
    V left = graph.select(graph.join(one, 2, (long) a * a), ofOne);
    V right = graph.select(graph.join(other, 2, (long) b * b), ofOther);
    return graph.split(graph.multiply(left, right), size, size);
  }

  private <V> V plainDeterminant(PlainGraph<V> graph, List<V> columns) {
    V first = columns.get(0);
    V second = columns.get(1);
    V value =
        space == 2
            ? minus(
                graph,
                graph.multiply(graph.select(first, 0), graph.select(second, 1)),
                graph.multiply(graph.select(first, 1), graph.select(second, 0)))
            : plainDot(graph, plainCross(graph, first, second), columns.get(2));
    return graph.split(value, 1, 1);
  }
}
