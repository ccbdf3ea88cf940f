package dev.noether.basis;

import dev.noether.algebra.EqualRun;
import dev.noether.algebra.Matrix;
import dev.noether.rep.Representation;
import dev.noether.torch.Buffers;
import dev.noether.torch.Dtype;
import dev.noether.torch.Scopes;
import dev.noether.torch.Tensors;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * A fixed block-diagonal matrix on the last axis: one product for every run of equal blocks, none
 * for a run of identities.
 */
public final class BlockDiagonal {
  /** Products with smaller blocks take longer than with some of them as one, up to three times. */
  private static final int SMALLEST_BLOCK = 12;

  private static final int LARGEST_JOINED = 32;

  /** Equal blocks next to each other; identities of any size are one. */
  private record Run(int count, BasisChange block) {
    Tensor apply(Tensor input, boolean transposed) {
      if (count == 1 || block.isIdentity()) {
        return transposed ? block.timesTranspose(input) : block.times(input);
      }
      int from = transposed ? block.columns() : block.rows();
      int to = transposed ? block.rows() : block.columns();
      Tensor rows = input.reshape(-1, from);
      Tensor turned = transposed ? block.timesTranspose(rows) : block.times(rows);
      return turned.reshape(Tensors.shapeWithLast(input, (long) count * to));
    }
  }

  private final List<Run> runs = new ArrayList<>();
  private final Buffers buffers = new Buffers();
  private final Dtype dtype;

  /**
   * The blocks on a diagonal.
   *
   * @param blocks the blocks in order, those in a run one instance or equal
   * @param dtype the dtype of the tensors
   */
  public BlockDiagonal(List<Matrix> blocks, Dtype dtype) {
    this.dtype = dtype;
    for (EqualRun<Optional<Matrix>> run : equalRuns(blocks)) {
      List<Matrix> own = blocks.subList(run.first(), run.first() + run.count());
      if (run.value().isEmpty()) {
        runs.add(new Run(1, new BasisChange.Identity(own.stream().mapToInt(Matrix::rows).sum())));
      } else {
        int joined = joined(own.get(0), run.count());
        BasisChange change = BasisChange.of(repeated(own.get(0), joined), dtype);
        buffers.addAll(runs.size() + ".", change.buffers());
        runs.add(new Run(run.count() / joined, change));
      }
    }
  }

  private static int joined(Matrix block, int count) {
    return joined(Math.max(block.rows(), block.columns()), count, SMALLEST_BLOCK, LARGEST_JOINED);
  }

  /**
   * How many equal blocks are best taken as one: as few as are large enough, so that none are left
   * over.
   *
   * @param size the size of a block
   * @param count how many there are
   * @param least blocks of this size are large enough
   * @param most larger ones are not made
   * @return a divisor of count
   */
  public static int joined(int size, int count, int least, int most) {
    int joined = 1;
    for (int n = 2; joined * size < least && n * size <= most; n++) {
      joined = count % n == 0 ? n : joined;
    }
    return joined;
  }

  private static Matrix repeated(Matrix block, int times) {
    return times == 1 ? block : Matrix.blockDiagonal(Collections.nCopies(times, block));
  }

  private static List<EqualRun<Optional<Matrix>>> equalRuns(List<Matrix> blocks) {
    return EqualRun.of(blocks.stream().map(BlockDiagonal::turning).toList());
  }

  /** How many numbers the tensors hold. */
  static long predictedNumbers(List<Matrix> blocks) {
    return equalRuns(blocks).stream()
        .filter(run -> run.value().isPresent())
        .mapToLong(
            run -> {
              Matrix block = run.value().orElseThrow();
              long joined = joined(block, run.count());
              return joined * block.rows() * joined * block.columns();
            })
        .sum();
  }

  /** Nothing for identities, which are a run whatever their sizes. */
  private static Optional<Matrix> turning(Matrix block) {
    return Optional.of(block).filter(matrix -> !BasisChange.isIdentity(matrix));
  }

  /**
   * Q, summand by summand: x Q is x in the basis of the irreps.
   *
   * @param representation the representation
   * @param dtype the dtype of the tensors
   * @return the change of basis
   */
  public static BlockDiagonal changeOfBasis(Representation representation, Dtype dtype) {
    return new BlockDiagonal(
        representation.summands().stream().map(Representation::changeOfBasis).toList(), dtype);
  }

  /**
   * The tensors that it computes with.
   *
   * @return the buffers
   */
  public Buffers buffers() {
    return buffers;
  }

  /**
   * Whether the whole matrix is the identity.
   *
   * @return true where nothing is done
   */
  public boolean isIdentity() {
    return buffers.tensors().isEmpty();
  }

  /**
   * The matrix itself.
   *
   * @return {@code [rows, columns]} in its present dtype and on its present device
   */
  public Tensor dense() {
    long size = runs.stream().mapToLong(run -> (long) run.count * run.block.rows()).sum();
    return Scopes.compute(
        () -> {
          Tensor eye = torch.eye(size).to(dtype.scalarType());
          if (isIdentity()) {
            return eye;
          }
          Tensor any = buffers.tensors().values().iterator().next();
          return times(eye.to(any.device(), any.scalar_type()));
        });
  }

  /**
   * The block that all are equal to.
   *
   * @param size the size of the block that is wanted
   * @return the block; empty where blocks differ, or have another size
   */
  public Optional<BasisChange> onlyBlock(int size) {
    return runs.stream()
        .filter(run -> runs.size() == 1 && run.block.rows() == size)
        .map(Run::block)
        .findFirst();
  }

  /**
   * x B.
   *
   * @param x {@code [..., rows]}
   * @return {@code [..., columns]}; x itself where B is the identity
   */
  public Tensor times(Tensor x) {
    return apply(x, false);
  }

  /**
   * y B^T.
   *
   * @param y {@code [..., columns]}
   * @return {@code [..., rows]}; y itself where B is the identity
   */
  public Tensor timesTranspose(Tensor y) {
    return apply(y, true);
  }

  private Tensor apply(Tensor input, boolean transposed) {
    if (isIdentity()) {
      return input;
    }
    long[] widths =
        runs.stream()
            .mapToLong(
                run -> (long) run.count * (transposed ? run.block.columns() : run.block.rows()))
            .toArray();
    List<Tensor> parts = Tensors.split(input, -1, widths);
    List<Tensor> results = new ArrayList<>();
    for (int i = 0; i < parts.size(); i++) {
      results.add(runs.get(i).apply(parts.get(i), transposed));
    }
    return Tensors.join(-1, results);
  }
}
