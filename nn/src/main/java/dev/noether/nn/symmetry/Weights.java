package dev.noether.nn.symmetry;

import dev.noether.algebra.Matrix;
import dev.noether.hom.GroupHomomorphismBasis;
import dev.noether.kernel.KernelExpansion;
import dev.noether.kernel.KernelPair;
import dev.noether.kernel.SampledBasis;
import dev.noether.nn.BasisUse;
import dev.noether.nn.linear.InvariantBias;
import dev.noether.rep.HomSpace;
import dev.noether.rep.Representation;
import dev.noether.torch.Dtype;
import dev.noether.torch.Scopes;
import dev.noether.torch.Tensors;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * What the numbers of a parameter stand for: a map, a vector, numbers of coordinates. All in
 * float64.
 */
sealed interface Weights {
  /** The dense numbers that they stand for. */
  Tensor dense(Tensor weights);

  /** Those that stand for what is nearest to dense numbers. */
  Tensor of(Tensor dense);

  /** The square of the length of what each number multiplies; a single one where all are one. */
  Tensor squares();

  /** The dense numbers, nearest to zero, of which the derivative by the numbers is this. */
  default Tensor dual(Tensor gradient) {
    return dense(gradient.div(squares()));
  }

  /** The derivative by the numbers, from one by the dense numbers. */
  default Tensor adjoint(Tensor gradient) {
    return of(gradient).mul(squares());
  }

  /** Coefficients of an equivariant map, {@code [..., out, in]} when dense. */
  record Map(GroupHomomorphismBasis basis, Tensor squares) implements Weights {
    static Map of(GroupHomomorphismBasis own) {
      GroupHomomorphismBasis wide = wide(own);
      double[] squares = new double[wide.dim()];
      int[] places = wide.placesOfIsotypic();
      for (HomSpace.Block block : wide.space().blocks()) {
        for (int i = 0; i < block.dim(); i++) {
          squares[places[block.start() + i]] = block.irrep().dimension();
        }
      }
      return new Map(wide, kept(squares));
    }

    @Override
    public Tensor dense(Tensor weights) {
      return basis.expand(weights);
    }

    @Override
    public Tensor of(Tensor dense) {
      return basis.coefficients(dense);
    }
  }

  /** Coefficients of an equivariant map of products; dense, a bilinear map of pairs. */
  record Bilinear(GroupHomomorphismBasis basis, Tensor products, Tensor inverse, Tensor squares)
      implements Weights {
    /** Numbers of the matrix of products that are inverted without thought. */
    static final long MOST = 1L << 23;

    static Bilinear of(BasisUse.Products use) {
      Map map = Map.of(use.basis());
      Tensor products = use.products().get().detach().cpu().to(ScalarType.Double).t().contiguous();
      return new Bilinear(
          map.basis, Scopes.keep(products), Scopes.keep(torch.linalg_pinv(products)), map.squares);
    }

    @Override
    public Tensor dense(Tensor weights) {
      return basis.expand(weights).matmul(products);
    }

    @Override
    public Tensor of(Tensor dense) {
      return basis.coefficients(dense.matmul(inverse).contiguous());
    }
  }

  /** Coefficients of steerable kernels, {@code [out, in, points]} when dense. */
  record Kernels(KernelExpansion expansion, List<Pair> pairs, Tensor squares) implements Weights {
    /** The kernels of a pair of fields, one below the other, and how to find what is nearest. */
    private record Pair(
        KernelPair pair, Tensor basis, Tensor inverse, Tensor rows, Tensor columns) {
      static Pair of(KernelPair pair, int points) {
        SampledBasis sampled = pair.basis();
        Tensor basis =
            Tensors.of(
                Dtype.FLOAT64,
                sampled.dense(),
                sampled.dim(),
                (long) sampled.basis().out().size() * sampled.basis().in().size() * points);
        return new Pair(
            pair,
            Scopes.keep(basis),
            Scopes.keep(torch.linalg_pinv(basis)),
            channels(pair.outStarts(), sampled.basis().out().size()),
            channels(pair.inStarts(), sampled.basis().in().size()));
      }

      private static Tensor channels(int[] starts, int size) {
        long[] all = new long[starts.length * size];
        Arrays.setAll(all, i -> starts[i / size] + i % size);
        return Scopes.keep(Tensors.of(all, all.length));
      }

      /** A kernel of each pair of copies, as rows. */
      Tensor taken(Tensor kernel) {
        long points = kernel.size(2);
        return kernel
            .index_select(0, rows)
            .index_select(1, columns)
            .view(pair.outCopies(), rows.numel() / pair.outCopies(), pair.inCopies(), -1, points)
            .permute(0, 2, 1, 3, 4)
            .reshape((long) pair.outCopies() * pair.inCopies(), -1);
      }

      /** The way back of {@link #taken}. */
      Tensor put(Tensor kernel, Tensor parts) {
        long points = kernel.size(2);
        Tensor block =
            parts
                .view(
                    pair.outCopies(),
                    pair.inCopies(),
                    rows.numel() / pair.outCopies(),
                    columns.numel() / pair.inCopies(),
                    points)
                .permute(0, 2, 1, 3, 4)
                .reshape(rows.numel(), columns.numel(), points);
        Tensor inRows = kernel.new_zeros(rows.numel(), kernel.size(1), points);
        return kernel.index_add(0, rows, inRows.index_add(1, columns, block));
      }
    }

    static Kernels of(KernelExpansion own) {
      int points = own.points().count();
      return new Kernels(
          own, own.pairs().stream().map(pair -> Pair.of(pair, points)).toList(), one());
    }

    private Tensor expanded(Tensor weights, Function<Pair, Tensor> map) {
      Tensor kernel =
          weights.new_zeros(
              expansion.out().size(), expansion.in().size(), expansion.points().count());
      for (Pair own : pairs) {
        KernelPair pair = own.pair;
        Tensor part = weights.narrow(0, pair.start(), pair.stop() - pair.start());
        kernel = own.put(kernel, part.reshape(-1, pair.basis().dim()).matmul(map.apply(own)));
      }
      return kernel;
    }

    private Tensor collected(Tensor kernel, Function<Pair, Tensor> map) {
      return Tensors.join(
          0,
          pairs.stream().map(own -> own.taken(kernel).matmul(map.apply(own)).reshape(-1)).toList());
    }

    @Override
    public Tensor dense(Tensor weights) {
      return expanded(weights, Pair::basis);
    }

    @Override
    public Tensor of(Tensor dense) {
      return collected(dense, Pair::inverse);
    }

    @Override
    public Tensor dual(Tensor gradient) {
      return expanded(gradient, own -> own.inverse.t());
    }

    @Override
    public Tensor adjoint(Tensor gradient) {
      return collected(gradient, own -> own.basis.t());
    }
  }

  /** Coordinates of an invariant vector. */
  record Vector(Tensor columns, Tensor squares) implements Weights {
    static Vector of(Representation representation) {
      return of(InvariantBias.fixedVectors(representation));
    }

    static Vector of(Matrix fixed) {
      return new Vector(Scopes.keep(Tensors.of(Dtype.FLOAT64, fixed)), one());
    }

    @Override
    public Tensor dense(Tensor weights) {
      return columns.mv(weights);
    }

    @Override
    public Tensor of(Tensor dense) {
      return columns.t().mv(dense);
    }
  }

  /** A number for each copy of an irrep; dense, one for each coordinate in the irreps' basis. */
  record Copies(Tensor copyOf, Tensor squares) implements Weights {
    static Copies of(Representation representation) {
      List<Representation.Copy> copies = representation.copies();
      long[] owner = new long[representation.size()];
      double[] sizes = new double[copies.size()];
      for (int i = 0; i < sizes.length; i++) {
        sizes[i] = copies.get(i).irrep().dimension();
        Arrays.fill(owner, copies.get(i).start(), copies.get(i).end(), i);
      }
      return new Copies(Scopes.keep(Tensors.of(owner, owner.length)), kept(sizes));
    }

    @Override
    public Tensor dense(Tensor weights) {
      return weights.index_select(0, copyOf);
    }

    @Override
    public Tensor of(Tensor dense) {
      return squares.new_zeros(squares.numel()).index_add(0, copyOf, dense).div(squares);
    }
  }

  /** Dense maps that a layer projects before it uses them. */
  record Projected(GroupHomomorphismBasis basis, Tensor squares) implements Weights {
    static Projected of(GroupHomomorphismBasis own) {
      return new Projected(wide(own), one());
    }

    @Override
    public Tensor dense(Tensor weights) {
      return basis.project(weights);
    }

    @Override
    public Tensor of(Tensor dense) {
      return dense;
    }
  }

  /** Vectors that a layer projects on the invariant ones. */
  record Rows(Tensor columns, Tensor squares) implements Weights {
    static Rows of(Representation representation) {
      return new Rows(Vector.of(representation).columns, one());
    }

    @Override
    public Tensor dense(Tensor weights) {
      return weights.matmul(columns).matmul(columns.t());
    }

    @Override
    public Tensor of(Tensor dense) {
      return dense;
    }
  }

  private static GroupHomomorphismBasis wide(GroupHomomorphismBasis own) {
    GroupHomomorphismBasis wide =
        GroupHomomorphismBasis.of(own.in(), own.out(), own.expansion(), Dtype.FLOAT64);
    wide.buffers().tensors().values().forEach(Scopes::keep);
    return wide;
  }

  private static Tensor one() {
    return kept(1.0);
  }

  private static Tensor kept(double... numbers) {
    return Scopes.keep(Tensors.of(Dtype.FLOAT64, numbers, numbers.length));
  }
}
