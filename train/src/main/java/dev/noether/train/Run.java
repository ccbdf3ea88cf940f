package dev.noether.train;

import dev.noether.nn.Layer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.OptionalLong;

/** A run of the trainer as its callbacks see it. */
public sealed interface Run permits TrainingLoop {
  /**
   * The model.
   *
   * @return with the weights that train; in evaluation mode at the end of an epoch
   */
  Layer model();

  /**
   * What is done.
   *
   * @return the epochs that have ended
   */
  History history();

  /**
   * How far it is.
   *
   * @return the steps of the optimizer, those before a resume included
   */
  long steps();

  /**
   * What the last step had to learn from.
   *
   * @return the mean loss of its samples; not a number before the first step
   */
  double loss();

  /**
   * How fast the last step learned.
   *
   * @return the learning rate of the first parameter group in it
   */
  double learningRate();

  /**
   * How long an epoch is.
   *
   * @return the steps of the optimizer in it
   */
  long stepsPerEpoch();

  /**
   * How long the run will be.
   *
   * @return the step after which it ends, unless it is stopped earlier; empty where only the time
   *     is known
   */
  OptionalLong lastStep();

  /**
   * Whether it continues a run that was saved.
   *
   * @return false if it began anew
   */
  boolean isResumed();

  /**
   * Whether the epoch that has just ended has the lowest validation loss so far.
   *
   * @return false where it was not validated
   */
  boolean isBest();

  /** Ends the run after this step. */
  void stop();

  /**
   * Writes all that {@link Trainer.Builder#resume} needs to go on as if nothing had happened, whole
   * or not at all.
   *
   * @param path the file, replaced if it is there
   * @throws IllegalArgumentException if the model holds a layer that cannot be described
   * @throws IOException if the file cannot be written; an old one is then as it was
   */
  void save(Path path) throws IOException;

  /**
   * Writes the model as it is evaluated, with averaged weights if there are, for {@link
   * dev.noether.io.Checkpoint#load}; whole or not at all.
   *
   * @param path the file, replaced if it is there
   * @throws IllegalArgumentException if the model holds a layer that cannot be described
   * @throws IOException if the file cannot be written; an old one is then as it was
   */
  void saveModel(Path path) throws IOException;
}
