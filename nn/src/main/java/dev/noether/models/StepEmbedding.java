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
 * <p>An odd size lacks the last cosine. A single sine is that of k / 100, which tells steps apart.
 */
final class StepEmbedding {
  private static final double SLOWEST = 1e-4;

  private final int cosines;
  private final Buffers buffers = new Buffers();
  private final Tensor frequencies;

  /**
   * The embedding.
   *
   * @param size how many sines and cosines
   */
  StepEmbedding(int size, Dtype dtype) {
    int sines = (size + 1) / 2;
    cosines = size - sines;
    double[] speed = new double[sines];
    Arrays.setAll(speed, i -> Math.pow(SLOWEST, i / Math.max(sines - 1.0, 1)));
    if (size == 1) {
      speed[0] = Math.sqrt(SLOWEST);
    }
    frequencies =
        buffers.add(
            "frequencies",
            Tensors.of(dtype, speed, 1, sines),
            () -> Tensors.of(Dtype.FLOAT64, speed, 1, sines));
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

  /**
   * Sines and cosines.
   *
   * @param step {@code []}, {@code [1]}, {@code [batch]} or {@code [batch, 1]}, whole or not
   * @return {@code [batch, size]}, or {@code [1, size]} of one step for all
   * @throws IllegalArgumentException if a step is not finite, or their number is not the batch's
   */
  Tensor apply(Tensor step, long batch) {
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

  /** From steps {@code [batch, 1]} to {@code [batch, size]}. */
  <V> V plain(PlainGraph<V> graph, V step) {
    V angles = graph.multiply(step, graph.constant("frequencies", frequencies));
    V sines = graph.sin(angles);
    return cosines == 0
        ? sines
        : graph.concatenate(sines, graph.cos(graph.narrow(angles, 0, cosines)));
  }
}
