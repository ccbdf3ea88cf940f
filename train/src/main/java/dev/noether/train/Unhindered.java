package dev.noether.train;

import java.io.IOException;
import java.util.Locale;
import java.util.function.Consumer;

/** A callback whose files may fail while the run goes on. */
record Unhindered(Callback callback, Consumer<String> output) implements Callback {
  @FunctionalInterface
  private interface Writing {
    void run() throws IOException;
  }

  /** What cannot even begin is a mistake, not a disk that has become full. */
  @Override
  public void onStart(Run run) throws IOException {
    callback.onStart(run);
  }

  @Override
  public void onStep(Run run) {
    attempt(run, () -> callback.onStep(run));
  }

  @Override
  public void onEpochEnd(Run run, History.Epoch epoch) {
    attempt(run, () -> callback.onEpochEnd(run, epoch));
  }

  @Override
  public void onEnd(Run run) {
    attempt(run, () -> callback.onEnd(run));
  }

  private void attempt(Run run, Writing writing) {
    try {
      writing.run();
    } catch (IOException e) {
      output.accept(
          String.format(
              Locale.ROOT,
              "after step %d, a file could not be written, and the run goes on: %s",
              run.steps(),
              e.getMessage()));
    }
  }
}
