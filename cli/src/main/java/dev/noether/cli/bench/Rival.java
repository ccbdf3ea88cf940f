package dev.noether.cli.bench;

import java.nio.file.Path;

/**
 * Another runtime to be timed beside ours, found through {@link java.util.ServiceLoader}: it is not
 * a part of the commands, so that nobody fetches it who does not compare.
 */
public interface Rival {
  /**
   * Loads a model with one input and one output, on one thread.
   *
   * @param onnx the file
   * @return the model
   * @throws Exception if it cannot
   */
  Model load(Path onnx) throws Exception;

  /** A loaded model. */
  interface Model extends AutoCloseable {
    /**
     * Runs it.
     *
     * @param in the numbers of the input
     * @param shape its shape
     * @return the numbers of the output
     * @throws Exception if it cannot
     */
    float[] run(float[] in, long[] shape) throws Exception;
  }
}
