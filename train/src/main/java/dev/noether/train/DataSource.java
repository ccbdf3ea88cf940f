package dev.noether.train;

import static dev.noether.algebra.Checks.require;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongFunction;
import java.util.stream.LongStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * Numbered samples that need not be in memory: a {@link Dataset}, files that are larger than
 * memory, or samples that are computed when they are asked for.
 *
 * <p>A sample follows from its number alone, so a run can be resumed at any of them.
 */
public interface DataSource {
  /**
   * The number of samples.
   *
   * @return at least 1
   */
  long size();

  /**
   * Chosen samples. One thread at a time calls it, not always the same, so it draws nothing from
   * LibTorch's generators.
   *
   * @param samples their numbers, at least one
   * @return new tensors by name, {@code [samples, ...]} each, in this order
   */
  Map<String, Tensor> batch(long... samples);

  /**
   * Samples in a row.
   *
   * @param from the number of the first
   * @param count how many, at least 1
   * @return new tensors or views by name, {@code [count, ...]} each
   */
  default Map<String, Tensor> range(long from, int count) {
    return batch(LongStream.range(from, from + count).toArray());
  }

  /**
   * Tells data apart: a run is only resumed with data of the same number.
   *
   * @return such as 64 bits of a hash
   */
  long fingerprint();

  /**
   * Samples that are computed when they are asked for, such as those of a simulation. Its
   * fingerprint is that of its first and its last sample.
   *
   * @param size the number of samples in an epoch
   * @param sample tensors by name, without an axis of samples, as a function of the sample's number
   * @return the source
   * @throws IllegalArgumentException if the size is below 1
   */
  static DataSource computed(long size, LongFunction<Map<String, Tensor>> sample) {
    require(size >= 1, "a data source needs at least 1 sample, got %d", size);
    return new DataSource() {
      @Override
      public long size() {
        return size;
      }

      @Override
      public Map<String, Tensor> batch(long... samples) {
        Map<String, TensorVector> columns = new LinkedHashMap<>();
        for (long number : samples) {
          sample
              .apply(number)
              .forEach(
                  (name, tensor) ->
                      columns.computeIfAbsent(name, n -> new TensorVector()).push_back(tensor));
        }
        Map<String, Tensor> batch = new LinkedHashMap<>();
        columns.forEach((name, column) -> batch.put(name, torch.stack(column)));
        return batch;
      }

      @Override
      public long fingerprint() {
        try (PointerScope scope = new PointerScope()) {
          return 31 * size + new Dataset(batch(0, size - 1)).fingerprint();
        }
      }
    };
  }
}
