package dev.noether.train;

import dev.noether.nn.Layer;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.Supplier;
import org.bytedeco.pytorch.Tensor;

/** One process by itself. */
enum Alone implements Ranks {
  ONE;

  @Override
  public int rank() {
    return 0;
  }

  @Override
  public int size() {
    return 1;
  }

  @Override
  public void begin(Layer model, Map<String, Long> told) {}

  @Override
  public void share(Map<String, Tensor> tensors) {}

  @Override
  public Path received(Path file) {
    return file;
  }

  @Override
  public void compute(Share share, boolean last, Runnable body) {
    body.run();
  }

  @Override
  public Supplier<double[]> reduce(double... numbers) {
    return () -> numbers;
  }

  @Override
  public double sum(double own) {
    return own;
  }

  @Override
  public boolean ofFirst(boolean own) {
    return own;
  }

  @Override
  public void end() {}

  @Override
  public RuntimeException failed(RuntimeException reason) {
    return reason;
  }
}
