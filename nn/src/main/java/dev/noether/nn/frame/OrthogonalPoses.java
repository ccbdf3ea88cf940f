package dev.noether.nn.frame;

import dev.noether.algebra.Matrix;
import dev.noether.group.CompactGroup;
import dev.noether.group.CompactIrrep;
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
    TreeSet<CompactIrrep> needed = new TreeSet<>(IrrepTurns.ORDER);
    needed.addAll(toPose.irreps());
    needed.addAll(fromPose.irreps());
    for (CompactIrrep irrep : needed) {
      Tensor matrix = Objects.requireNonNull(degrees.get(irrep.frequency()));
      boolean is = irrep.equals(natural(irrep.frequency()));
      matrices.put(irrep, is ? matrix : matrix.mul(determinant(columns)));
    }
    return matrices;
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
    throw new IllegalArgumentException(
        "a canonicalization under " + group + " has no plain form; one under a finite group has");
  }
}
