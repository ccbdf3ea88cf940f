package dev.noether.kernel;

import java.util.Arrays;

/**
 * The sparse map from the weights of one pair of fields to their kernel in the irreps' bases, as
 * features: entry {@code i} adds {@code values[i] * weight[weights[i]]} to place {@code places[i]}
 * of {@code [out, in, features]}.
 *
 * <p>With tensors of many copies that is a selection, a product and an addition by index.
 */
public final class KernelCoefficients {
  private final int inputs;
  private final int outputs;
  private int count;
  private int[] weights = new int[64];
  private int[] places = new int[64];
  private double[] values = new double[64];

  private KernelCoefficients(int inputs, int outputs) {
    this.inputs = inputs;
    this.outputs = outputs;
  }

  static KernelCoefficients of(KernelBasis basis, Features layout) {
    int width = basis.in().size();
    KernelCoefficients all =
        new KernelCoefficients(basis.dim(), basis.out().size() * width * layout.size());
    for (KernelBlock block : basis.blocks()) {
      int[] rows = block.outStarts();
      int[] columns = block.inStarts();
      for (int e = 0; e < block.elements().size(); e++) {
        KernelElement element = block.elements().get(e);
        int feature = layout.start(element);
        for (int a = 0; a < rows.length; a++) {
          for (int b = 0; b < columns.length; b++) {
            int corner = (rows[a] * width + columns[b]) * layout.size() + feature;
            all.add(
                block.weight(a, b, e), element, block.inDimension(), width, layout.size(), corner);
          }
        }
      }
    }
    return all;
  }

  private void add(
      int weight, KernelElement element, int inDimension, int width, int features, int corner) {
    double[] entries = element.coefficients().toArray();
    int harmonics = element.coefficients().columns();
    for (int i = 0; i < entries.length; i++) {
      if (entries[i] != 0) {
        int pair = i / harmonics;
        int steps = pair / inDimension * width + pair % inDimension;
        add(weight, corner + steps * features + i % harmonics, entries[i]);
      }
    }
  }

  private void add(int weight, int place, double value) {
    if (count == values.length) {
      weights = Arrays.copyOf(weights, 2 * count);
      places = Arrays.copyOf(places, 2 * count);
      values = Arrays.copyOf(values, 2 * count);
    }
    weights[count] = weight;
    places[count] = place;
    values[count++] = value;
  }

  /**
   * The number of entries.
   *
   * @return how many are not zero
   */
  public int count() {
    return count;
  }

  /**
   * The weight that each entry reads.
   *
   * @return a fresh array
   */
  public int[] weights() {
    return Arrays.copyOf(weights, count);
  }

  /**
   * The place in {@code [out, in, features]} to which each entry adds.
   *
   * @return a fresh array
   */
  public int[] places() {
    return Arrays.copyOf(places, count);
  }

  /**
   * The factor of each entry.
   *
   * @return a fresh array
   */
  public double[] values() {
    return Arrays.copyOf(values, count);
  }

  /** The map applied to weights. */
  double[] times(double[] vector) {
    double[] sum = new double[outputs];
    for (int i = 0; i < count; i++) {
      sum[places[i]] += values[i] * vector[weights[i]];
    }
    return sum;
  }

  /** The transpose applied to features. */
  double[] transposeTimes(double[] vector) {
    double[] sum = new double[inputs];
    for (int i = 0; i < count; i++) {
      sum[weights[i]] += values[i] * vector[places[i]];
    }
    return sum;
  }
}
