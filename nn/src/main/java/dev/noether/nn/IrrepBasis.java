package dev.noether.nn;

import dev.noether.algebra.Matrix;
import dev.noether.rep.Representation;
import dev.noether.torch.Dtype;
import dev.noether.torch.Scopes;
import dev.noether.torch.Tensors;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * The change to the basis of the irreps and back, in the order of the representation: one product
 * for every run of equal summands, none where a summand is in that basis already.
 */
final class IrrepBasis {
  /** Equal summands next to each other; no basis where it is the identity. */
  private record Run(int start, int width, int size, @Nullable Tensor basis) {}

  private final List<Run> runs = new ArrayList<>();
  private final Map<String, Tensor> buffers = new LinkedHashMap<>();

  IrrepBasis(Representation representation, Dtype dtype) {
    List<Representation> summands = representation.summands();
    int start = 0;
    for (int first = 0, end; first < summands.size(); first = end) {
      Representation summand = summands.get(first);
      Matrix q = summand.changeOfBasis();
      boolean identity = isIdentity(summand);
      end = first + 1;
      while (end < summands.size()
          && (summands.get(end).equals(summand) || (identity && isIdentity(summands.get(end))))) {
        end++;
      }
      int width = summands.subList(first, end).stream().mapToInt(Representation::size).sum();
      Tensor basis = null;
      if (!identity) {
        basis = Tensors.of(dtype, q);
        buffers.put("irrep_basis_" + runs.size(), basis);
      }
      runs.add(new Run(start, width, summand.size(), basis));
      start += width;
    }
  }

  private static boolean isIdentity(Representation summand) {
    return summand.changeOfBasis().equals(Matrix.identity(summand.size()));
  }

  /** The tensors, for a layer to register. */
  Map<String, Tensor> buffers() {
    return buffers;
  }

  /** The multiply-adds of one change for one sample. */
  long multiplyAdds() {
    return runs.stream()
        .filter(run -> run.basis != null)
        .mapToLong(run -> (long) run.width * run.size)
        .sum();
  }

  /** Q, {@code [size, size]}. */
  Tensor dense() {
    int size = runs.stream().mapToInt(Run::width).sum();
    return Scopes.compute(
        () -> {
          Tensor any = buffers.values().iterator().next();
          return spectrum(torch.eye(size).to(any.device(), any.scalar_type()));
        });
  }

  /** x Q, or x itself where Q is the identity. */
  Tensor spectrum(Tensor input) {
    return turn(input, false);
  }

  /** y Q^T, or y itself where Q is the identity. */
  Tensor back(Tensor spectrum) {
    return turn(spectrum, true);
  }

  private Tensor turn(Tensor input, boolean back) {
    if (buffers.isEmpty()) {
      return input;
    }
    if (runs.size() == 1) {
      return turn(input, runs.get(0), back);
    }
    return Tensors.concatenate(
        -1,
        runs.stream()
            .map(run -> turn(input.narrow(-1, run.start, run.width), run, back))
            .toArray(Tensor[]::new));
  }

  private static Tensor turn(Tensor input, Run run, boolean back) {
    Tensor basis = run.basis;
    if (basis == null) {
      return input;
    }
    Tensor matrix = back ? basis.t() : basis;
    if (run.width == run.size) {
      return input.matmul(matrix);
    }
    return input.reshape(-1, run.size).mm(matrix).reshape(Tensors.shape(input));
  }
}
