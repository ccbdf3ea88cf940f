package dev.noether.nn;

import dev.noether.algebra.Matrix;
import dev.noether.group.Irrep;
import dev.noether.rep.Representation;
import dev.noether.torch.Dtype;
import dev.noether.torch.Tensors;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/**
 * The copies of irreps in features {@code [..., size]} that are in the basis of the irreps, copy by
 * copy along the last axis.
 *
 * <p>Sums over copies and their way back are products with matrices of zeros and ones, because
 * LibTorch sums short stretches of the last axis several times slower.
 */
final class IrrepCopies implements Copies<Tensor> {
  /** Blocks of sums end where summands do, at about this width; equal ones share one product. */
  private static final int BLOCK = 32;

  /** The width of blocks where they are not equal: fewer products cost less. */
  private static final int WIDE_BLOCK = 256;

  private final List<Irrep> irreps;
  private final BlockDiagonal basis;
  private final BlockDiagonal sums;
  private final BlockDiagonal means;
  private final Tensor like;

  IrrepCopies(Representation representation, Dtype dtype) {
    irreps = representation.irreps();
    basis = BlockDiagonal.changeOfBasis(representation, dtype);
    List<Matrix> ones = new ArrayList<>();
    List<Matrix> shares = new ArrayList<>();
    List<List<Irrep>> blocks = blocks(representation, BLOCK);
    if (blocks.stream().distinct().count() > 1) {
      blocks = blocks(representation, WIDE_BLOCK);
    }
    for (List<Irrep> block : blocks) {
      ones.add(indicator(block, false));
      shares.add(indicator(block, true));
    }
    sums = new BlockDiagonal("copy_sums", ones, dtype);
    means = new BlockDiagonal("copy_means", shares, dtype);
    like = Tensors.of(dtype, new double[1], 1);
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

  /** How many copies there are. */
  int count() {
    return irreps.size();
  }

  /** The dimension of each copy. */
  long[] dimensions() {
    return irreps.stream().mapToLong(Irrep::dimension).toArray();
  }

  /** The tensors, for a layer to register. */
  Map<String, Tensor> buffers() {
    Map<String, Tensor> all = new LinkedHashMap<>(basis.buffers());
    all.putAll(sums.buffers());
    all.putAll(means.buffers());
    all.put("like", like);
    return all;
  }

  /** A tensor of the layer's dtype and device. */
  Tensor like() {
    return like;
  }

  /** Whether the representation's basis is the irreps'. */
  boolean isInIrrepBasis() {
    return basis.isIdentity();
  }

  /** {@code [..., size]} in the representation's basis to the irreps': x Q, or x itself. */
  Tensor spectrum(Tensor input) {
    return basis.times(input);
  }

  /** Back from the irreps' basis: x Q^T, or x itself. */
  Tensor back(Tensor spectrum) {
    return basis.timesTranspose(spectrum);
  }

  @Override
  public Tensor arranged(Tensor perCopy) {
    return perCopy;
  }

  @Override
  public Tensor squares(Tensor spectrum) {
    return sums.times(Tensors.squares(spectrum));
  }

  @Override
  public Tensor meanSquares(Tensor spectrum) {
    return means.times(Tensors.squares(spectrum));
  }

  @Override
  public Tensor scaled(Tensor spectrum, Tensor perCopy) {
    return spectrum.mul(sums.timesTranspose(perCopy));
  }

  /** Where an exported graph says {@link #spectrum}. */
  <V> V plainSpectrum(PlainGraph<V> graph, V x) {
    return plainProduct(graph, x, "Q", basis, false);
  }

  /** Where an exported graph says {@link #back}. */
  <V> V plainBack(PlainGraph<V> graph, V x) {
    return plainProduct(graph, x, "Q_inv", basis, true);
  }

  /** Where an exported graph says {@link #squares}. */
  <V> V plainSquares(PlainGraph<V> graph, V spectrum) {
    return plainProduct(graph, graph.multiply(spectrum, spectrum), "copy_sums", sums, false);
  }

  /** Where an exported graph says {@link #meanSquares}. */
  <V> V plainMeanSquares(PlainGraph<V> graph, V spectrum) {
    return plainProduct(graph, graph.multiply(spectrum, spectrum), "copy_means", means, false);
  }

  /** Where an exported graph says {@link #scaled}. */
  <V> V plainScaled(PlainGraph<V> graph, V spectrum, V perCopy) {
    return graph.multiply(spectrum, plainProduct(graph, perCopy, "spread", sums, true));
  }

  private static <V> V plainProduct(
      PlainGraph<V> graph, V x, String name, BlockDiagonal matrix, boolean transposed) {
    if (matrix.isIdentity()) {
      return x;
    }
    Tensor dense = matrix.dense();
    return graph.matmul(x, graph.constant(name, transposed ? dense.t() : dense));
  }
}
