package dev.noether.train;

import com.google.errorprone.annotations.CheckReturnValue;
import java.io.IOException;
import java.util.function.Consumer;

/** What happens besides training. A callback may draw random numbers; the run stays the same. */
public interface Callback {
  /**
   * Before the first step, after what is resumed has been read.
   *
   * @param run the run
   * @throws IOException if a file cannot be written; ends the run
   */
  default void onStart(Run run) throws IOException {}

  /**
   * After a step of the optimizer.
   *
   * @param run the run
   * @throws IOException if a file cannot be written; ends the run
   */
  default void onStep(Run run) throws IOException {}

  /**
   * After an epoch and its validation.
   *
   * @param run the run
   * @param epoch what has just ended
   * @throws IOException if a file cannot be written; ends the run
   */
  default void onEpochEnd(Run run, History.Epoch epoch) throws IOException {}

  /**
   * After the last step, before the model gets its final weights.
   *
   * @param run the run
   * @throws IOException if a file cannot be written; ends the run
   */
  default void onEnd(Run run) throws IOException {}

  /**
   * The same, except that what cannot be written once the run has begun, as on a full disk, does
   * not end it. Files stay as they were before.
   *
   * @param output takes a line that tells what and why
   * @return the callback
   */
  @CheckReturnValue
  default Callback goOnWithout(Consumer<String> output) {
    return new Unhindered(this, output);
  }
}
