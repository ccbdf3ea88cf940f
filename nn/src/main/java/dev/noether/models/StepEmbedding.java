package dev.noether.models;

import static dev.noether.algebra.Checks.require;

import dev.noether.plain.PlainGraph;
import dev.noether.torch.Buffers;
import dev.noether.torch.Dtype;
import dev.noether.torch.Tensors;
import java.util.Arrays;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Sines and cosines of a step of diffusion, or of a time of a flow: sin(k w_i) of all frequencies
 * w_i = 10000^(-i / (h - 1)), i below h, then cos(k w_i). See Ho et al., <em>Denoising Diffusion
 * Probabilistic Models</em> (2020).
 *
 * <p>Few frequencies are spaced as in Vaswani et al., <em>Attention Is All You Need</em> (2017),
 * w_i = 10000^(-i / h), which tells steps apart where the other spacing has nothing between 1 and
 * 0.0001.
 */
final class StepEmbedding implements EmbeddedStep {
  private static final double SLOWEST = 1e-4;

  /** Of a single pair: a turn takes 100 steps. */
  private static final double OF_A_PAIR = 1.0 / 16;

  /** Of a single sine, which rises over 150 steps. */
  private static final double OF_A_SINE = 1.0 / 100;

  private final int cosines;
  private final Buffers buffers = new Buffers();
  private final Tensor frequencies;

  private StepEmbedding(int cosines, double[] speed, Dtype dtype) {
    this.cosines = cosines;
    frequencies =
        buffers.add(
            "frequencies",
            Tensors.of(dtype, speed, 1, speed.length),
            () -> Tensors.of(Dtype.FLOAT64, speed, 1, speed.length));
  }

  /**
   * The embedding.
   *
   * @param size how many sines and cosines, even
   */
  StepEmbedding(int size, Dtype dtype) {
    this(size / 2, ladder(size / 2, Math.max(size / 2, 2) - 1), dtype);
  }

  /** The embedding in few numbers; an odd one lacks the last cosine. */
  static StepEmbedding ofFew(int size, Dtype dtype) {
    int sines = (size + 1) / 2;
    double[] speed = ladder(sines, sines);
    if (sines == 1) {
      speed[0] = size == 1 ? OF_A_SINE : OF_A_PAIR;
    }
    return new StepEmbedding(size - sines, speed, dtype);
  }

  private static double[] ladder(int count, int rungs) {
    double[] speed = new double[count];
    Arrays.setAll(speed, i -> StrictMath.pow(SLOWEST, i / (double) rungs));
    return speed;
  }

  /** The frequencies, for the layer to register. */
  Buffers buffers() {
    return buffers;
  }

  /** Refuses an odd size, which has a sine without its cosine. */
  static void requireEven(String name, int size) {
    require(
        size >= 2 && size % 2 == 0,
        "%s must be even, half sines and half cosines of the step, got %d",
        name,
        size);
  }

  /** A step as a tensor. */
  static Tensor of(double step) {
    return Tensors.of(Dtype.FLOAT64, new double[] {step}, 1);
  }

  @Override
  public Tensor apply(Tensor step, long batch) {
    requireSteps(step, batch);
    Tensor angles = step.to(frequencies.device(), frequencies.scalar_type()).reshape(-1, 1);
    return joined(angles.mul(frequencies));
  }

  private Tensor joined(Tensor angles) {
    Tensor sines = angles.sin();
    return cosines == 0
        ? sines
        : Tensors.concatenate(-1, sines, angles.narrow(-1, 0, cosines).cos());
  }

  private static void requireSteps(Tensor step, long batch) {
    require(
        Tensors.scalarType(step) != ScalarType.Bool && !step.is_complex(),
        "steps must be numbers, got %s",
        Tensors.dtypeName(step));
    long[] shape = Tensors.shape(step);
    boolean column = shape.length == 2 && shape[1] == 1;
    require(
        step.numel() == 1 || (step.numel() == batch && (shape.length == 1 || column)),
        "steps must be one for all, [%d] or [%d, 1], got %s",
        batch,
        batch,
        Arrays.toString(shape));
    require(
        step.isfinite().all().item().toBool(),
        "steps must be finite, got %s",
        Arrays.toString(Tensors.toArray(step)));
  }

  @Override
  public <V> V plain(PlainGraph<V> graph, V step) {
    V angles = graph.multiply(step, graph.constant("frequencies", frequencies));
    V sines = graph.sin(angles);
    return cosines == 0
        ? sines
        : graph.concatenate(sines, graph.cos(graph.narrow(angles, 0, cosines)));
  }
}
