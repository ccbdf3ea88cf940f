package dev.noether.train;

import java.util.Locale;
import java.util.function.Consumer;

/**
 * Tells of each epoch in a line: {@code epoch 3, 300 steps, loss 0.1234, validation 0.1180 (best)}.
 */
public final class EpochLines implements Callback {
  private final Consumer<String> output;

  /**
   * Lines for a person.
   *
   * @param output takes each line, such as {@code System.out::println}
   */
  public EpochLines(Consumer<String> output) {
    this.output = output;
  }

  @Override
  public void onEpochEnd(Run run, History.Epoch epoch) {
    StringBuilder line = new StringBuilder();
    line.append("epoch ").append(epoch.number()).append(", ").append(epoch.steps());
    line.append(" steps, loss ").append(number(epoch.loss()));
    epoch.validation().ifPresent(x -> line.append(", validation ").append(number(x)));
    output.accept(line.append(run.isBest() ? " (best)" : "").toString());
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, "%.4g", value);
  }
}
