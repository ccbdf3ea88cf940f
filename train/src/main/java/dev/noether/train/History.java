package dev.noether.train;

import dev.noether.torch.Dtype;
import dev.noether.torch.Tensors;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;

/**
 * What a run has been through. It holds no times, so that two runs of one seed have equal ones.
 *
 * @param epochs the epochs that are done, in order
 */
public record History(List<Epoch> epochs) {
  private static final int COLUMNS = 5;

  /**
   * An epoch.
   *
   * @param number 1 for the first
   * @param steps the steps of the optimizer in the run up to its end
   * @param loss the mean of the losses of its batches, each by its number of samples, as they were
   *     while the weights changed
   * @param learningRate that of the first parameter group in its last step
   * @param validation the loss of the validation data at its end; empty where it was not asked for
   */
  public record Epoch(
      int number, long steps, double loss, double learningRate, OptionalDouble validation) {}

  /**
   * Copies the list.
   *
   * @param epochs the epochs that are done, in order
   */
  public History {
    epochs = List.copyOf(epochs);
  }

  /** The same with one more. */
  History plus(Epoch epoch) {
    return new History(Stream.concat(epochs.stream(), Stream.of(epoch)).toList());
  }

  /** As a tensor of float64, {@code [epochs, 5]}. */
  Tensor toTensor() {
    double[] numbers =
        epochs.stream()
            .flatMapToDouble(
                e ->
                    DoubleStream.of(
                        e.number,
                        (double) e.steps,
                        e.loss,
                        e.learningRate,
                        e.validation.orElse(Double.NaN)))
            .toArray();
    return Tensors.of(Dtype.FLOAT64, numbers, epochs.size(), COLUMNS);
  }

  /** What {@link #toTensor} gave. */
  static History of(Tensor tensor) {
    double[] numbers = Tensors.toArray(tensor);
    List<Epoch> epochs = new ArrayList<>();
    for (int i = 0; i < numbers.length; i += COLUMNS) {
      double validation = numbers[i + 4];
      epochs.add(
          new Epoch(
              (int) numbers[i],
              (long) numbers[i + 1],
              numbers[i + 2],
              numbers[i + 3],
              Double.isNaN(validation) ? OptionalDouble.empty() : OptionalDouble.of(validation)));
    }
    return new History(epochs);
  }
}
