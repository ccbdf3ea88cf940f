package dev.noether.grid;

import dev.noether.algebra.Matrix;
import dev.noether.kernel.Field;
import dev.noether.kernel.FieldType;
import dev.noether.torch.Dtype;
import dev.noether.torch.Tensors;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/** The invariant vectors of fields: what a mean may be and a bias may add. */
public final class FieldInvariants {
  private FieldInvariants() {}

  /**
   * An orthogonal basis of each field's invariant vectors, of squared length the size of the field:
   * of a field whose channels the group permutes among each other, the vector of ones.
   *
   * @param type the fields
   * @param dtype the dtype of the numbers
   * @return vectors {@code [channels]}: the j-th holds every field's j-th invariant vector, zeros
   *     where a field has fewer; empty where no field has any
   */
  public static List<Tensor> of(FieldType type, Dtype dtype) {
    Map<Field, Matrix> known = new HashMap<>();
    int[] starts = type.starts();
    List<double[]> all = new ArrayList<>();
    for (int f = 0; f < starts.length; f++) {
      Matrix own = known.computeIfAbsent(type.fields().get(f), FieldInvariants::of);
      for (int j = 0; j < own.columns(); j++) {
        if (all.size() == j) {
          all.add(new double[type.size()]);
        }
        for (int row = 0; row < own.rows(); row++) {
          all.get(j)[starts[f] + row] = own.get(row, j);
        }
      }
    }
    return all.stream().map(numbers -> Tensors.of(dtype, numbers, numbers.length)).toList();
  }

  /** Columns of Q, turned so that their sums are not negative. */
  private static Matrix of(Field field) {
    Matrix q = field.invariants();
    double[] entries = new double[q.rows() * q.columns()];
    for (int column = 0; column < q.columns(); column++) {
      double sum = 0;
      for (int row = 0; row < q.rows(); row++) {
        sum += q.get(row, column);
      }
      double scale = Math.sqrt(q.rows()) * (sum < -1e-9 ? -1 : 1);
      for (int row = 0; row < q.rows(); row++) {
        entries[row * q.columns() + column] = scale * q.get(row, column);
      }
    }
    return Matrix.of(q.rows(), q.columns(), entries);
  }
}
