package dev.noether.spectral;

import dev.noether.algebra.Matrix;
import dev.noether.basis.BlockDiagonal;
import dev.noether.group.Irrep;
import dev.noether.rep.Representation;
import dev.noether.torch.Autocast;
import dev.noether.torch.Buffers;
import dev.noether.torch.Dtype;
import dev.noether.torch.Tensors;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * The copies of irreps in features {@code [..., size]} that are in the basis of the irreps, copy by
 * copy along the last axis.
 *
 * <p>Sums over copies and their way back are products with matrices of zeros and ones, because
 * LibTorch sums short stretches of the last axis several times slower.
 */
public final class CopiesInARow implements CopyLayout<Tensor> {
  /**
   * Blocks of sums are summands, or end where summands do at about these widths, so that all are
   * equal and share one product; the last width is taken in any case, as few products cost less.
   */
  private static final int[] WIDTHS = {1, 32, 256};

  private final Representation representation;
  private final BlockDiagonal basis;
  private final BlockDiagonal sums;
  private final @Nullable BlockDiagonal means;
  private final Tensor like;
  private final Buffers buffers = new Buffers();

  /**
   * The copies of a representation, without means.
   *
   * @param representation how the features transform
   * @param dtype the dtype of the tensors
   */
  public CopiesInARow(Representation representation, Dtype dtype) {
    this(representation, dtype, false);
  }

  private CopiesInARow(Representation representation, Dtype dtype, boolean averages) {
    this.representation = representation;
    basis = BlockDiagonal.changeOfBasis(representation, dtype);
    List<List<Irrep>> blocks = blocks(representation);
    sums = new BlockDiagonal(indicators(blocks, false), dtype);
    means = averages ? new BlockDiagonal(indicators(blocks, true), dtype) : null;
    like = buffers.add("like", Tensors.of(dtype, new double[1], 1));
    buffers.addAll("irrep_basis.", basis.buffers());
    buffers.addAll("copy_sums.", sums.buffers());
    if (means != null) {
      buffers.addAll("copy_means.", means.buffers());
    }
  }

  /**
   * The copies of a representation, with means.
   *
   * @param representation how the features transform
   * @param dtype the dtype of the tensors
   * @return the copies
   */
  public static CopiesInARow withMeans(Representation representation, Dtype dtype) {
    return new CopiesInARow(representation, dtype, true);
  }

  private static List<List<Irrep>> blocks(Representation representation) {
    List<List<Irrep>> blocks = List.of();
    for (int width : WIDTHS) {
      blocks = blocks(representation, width);
      if (blocks.stream().distinct().count() == 1) {
        break;
      }
    }
    return blocks;
  }

  /** The irreps of as many summands as give a width, block by block. */
  private static List<List<Irrep>> blocks(Representation representation, int width) {
    List<List<Irrep>> blocks = new ArrayList<>();
    int end = width;
    for (Representation summand : representation.summands()) {
      if (end >= width) {
        blocks.add(new ArrayList<>());
        end = 0;
      }
      blocks.get(blocks.size() - 1).addAll(summand.irreps());
      end += summand.size();
    }
    return blocks;
  }

  private static List<Matrix> indicators(List<List<Irrep>> blocks, boolean mean) {
    return blocks.stream().map(block -> indicator(block, mean)).toList();
  }

  /** Column c is 1, or 1 / d_c, at the coordinates of copy c. */
  private static Matrix indicator(List<Irrep> copies, boolean mean) {
    int rows = copies.stream().mapToInt(Irrep::dimension).sum();
    int columns = copies.size();
    double[] entries = new double[rows * columns];
    int row = 0;
    for (int c = 0; c < columns; c++) {
      int d = copies.get(c).dimension();
      for (int i = 0; i < d; i++) {
        entries[row++ * columns + c] = mean ? 1.0 / d : 1;
      }
    }
    return Matrix.of(rows, columns, entries);
  }

  /**
   * How many copies there are.
   *
   * @return the length of the last axis of numbers of copies
   */
  public int count() {
    return representation.irreps().size();
  }

  /**
   * The tensors, for a layer to register.
   *
   * @return the buffers
   */
  public Buffers buffers() {
    return buffers;
  }

  /**
   * A tensor of the layer's dtype and device.
   *
   * @return {@code [1]}
   */
  public Tensor like() {
    return like;
  }

  /**
   * The change of basis to the irreps.
   *
   * @return Q, summand by summand
   */
  public BlockDiagonal basis() {
    return basis;
  }

  /**
   * The matrix that sums the coordinates of each copy.
   *
   * @return zeros and ones, {@code [size, copies]}
   */
  public BlockDiagonal sums() {
    return sums;
  }

  /**
   * The matrix that averages the coordinates of each copy.
   *
   * @return zeros and 1 / d, {@code [size, copies]}
   * @throws NullPointerException if these copies were made without means
   */
  public BlockDiagonal means() {
    return Objects.requireNonNull(means, "made without means");
  }

  /**
   * Features in the basis of the irreps: x Q.
   *
   * @param input {@code [..., size]} in the representation's basis
   * @return {@code [..., size]}; the input itself where the bases are one
   */
  public Tensor enter(Tensor input) {
    return basis.times(input);
  }

  /**
   * Back from the basis of the irreps: y Q^T.
   *
   * @param features {@code [..., size]} in the basis of the irreps
   * @return {@code [..., size]}; the features themselves where the bases are one
   */
  public Tensor leave(Tensor features) {
    return basis.timesTranspose(features);
  }

  @Override
  public Tensor arranged(Tensor perCopy) {
    return perCopy;
  }

  @Override
  public Tensor squares(Tensor features) {
    Tensor squares = Tensors.squares(features);
    return Autocast.without(squares, () -> sums.times(squares));
  }

  @Override
  public Tensor meanSquares(Tensor features) {
    Tensor squares = Tensors.squares(features);
    return Autocast.without(squares, () -> means().times(squares));
  }

  @Override
  public Tensor scaled(Tensor features, Tensor perCopy) {
    return features.mul(sums.timesTranspose(Tensors.inDtypeOf(features, perCopy)));
  }
}
