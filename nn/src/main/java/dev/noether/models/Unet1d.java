package dev.noether.models;

import static dev.noether.algebra.Checks.require;

import dev.noether.nn.Layer;
import dev.noether.nn.linear.DenseOptions;
import dev.noether.nn.linear.Linear;
import dev.noether.plain.Activation;
import dev.noether.plain.Axes;
import dev.noether.plain.NamedInputs;
import dev.noether.plain.PlainGraph;
import dev.noether.plain.PlainLayer;
import dev.noether.plain.Port;
import dev.noether.torch.Scopes;
import dev.noether.torch.Tensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * A U-Net over time that is told a diffusion step and conditions: {@code [batch, channels, time]}
 * to the same shape, as policies by diffusion and by flow matching use it. See Chi et al.,
 * <em>Diffusion Policy</em> (2023), and Janner et al., <em>Planning with Diffusion</em> (2022).
 *
 * <p>Of n levels, each with two residual blocks, all but the last halve time, and as many double it
 * again: the length must be a multiple of 2^(n - 1). Steps may be whole or not.
 */
public abstract sealed class Unet1d extends Layer implements NamedInputs, PlainLayer
    permits ConditionalUnet1d, EquivariantConditionalUnet1d {
  private static final String STEP = "diffusion_step_encoder.";

  private final UnetOptions options;
  private final StepEmbedding embedding;
  private final List<Linear> stepEncoder = new ArrayList<>();
  private final Tensor like;

  /** Begins with the encoder of the step. */
  Unet1d(UnetOptions options, DenseOptions dense) {
    this.options = options;
    int size = options.stepDim();
    embedding = new StepEmbedding(size, dense.dtype());
    registerBuffers("step.", embedding.buffers());
    like = embedding.buffers().tensors().values().iterator().next();
    stepEncoder.add(registerChild(STEP + 1, new Linear(size, 4 * size, dense.forPart(0))));
    stepEncoder.add(registerChild(STEP + 3, new Linear(4 * size, size, dense.forPart(1))));
  }

  /** The channels of the signal. */
  abstract int size();

  /** The size of global conditions, 0 without. */
  abstract int globalSize();

  /** The size of local conditions, 0 without. */
  abstract int localSize();

  /** What the axes of local conditions are in the plain form. */
  abstract Axes localAxes();

  abstract UnetLevels levels();

  /** What blocks see of the conditions, with the step's features last. */
  abstract Told told();

  /** From the signal to the width of the first level; {@code [batch, channels, time]}. */
  abstract Tensor entered(Tensor sample, @Nullable Tensor local);

  abstract <V> V plainEntered(PlainGraph<V> graph, V sample, @Nullable V local);

  /**
   * From the last level to the signal, of features whose channels are where the levels have them.
   */
  abstract Tensor left(Tensor x);

  abstract <V> V plainLeft(PlainGraph<V> graph, V x);

  /**
   * How the network was made.
   *
   * @return the options
   */
  public final UnetOptions options() {
    return options;
  }

  /**
   * Applies a network without conditions at one step.
   *
   * @param sample {@code [batch, channels, time]}
   * @param step the step of all samples, whole or not
   * @return a tensor of the same shape
   * @throws IllegalArgumentException if the shape, the length, the dtype or the device does not
   *     fit, the step is not finite, or conditions are missing
   */
  public final Tensor forward(Tensor sample, double step) {
    return forward(sample, step, UnetConditions.none());
  }

  /**
   * Applies the network at one step.
   *
   * @param sample {@code [batch, channels, time]}
   * @param step the step of all samples, whole or not
   * @param conditions those that the network was made for
   * @return a tensor of the same shape
   * @throws IllegalArgumentException if a shape, the length, a dtype or a device does not fit, the
   *     step is not finite, or conditions are missing or not configured
   */
  public final Tensor forward(Tensor sample, double step, UnetConditions conditions) {
    return Scopes.compute(() -> forward(sample, StepEmbedding.of(step), conditions));
  }

  /**
   * Applies a network without conditions.
   *
   * @param sample {@code [batch, channels, time]}
   * @param step {@code [batch]}, or one for all samples; whole or not
   * @return a tensor of the same shape
   * @throws IllegalArgumentException as the method with conditions
   */
  public final Tensor forward(Tensor sample, Tensor step) {
    return forward(sample, step, UnetConditions.none());
  }

  /**
   * Applies the network.
   *
   * @param sample {@code [batch, channels, time]}
   * @param step {@code [batch]}, or one for all samples; whole or not
   * @param conditions those that the network was made for
   * @return a tensor of the same shape
   * @throws IllegalArgumentException if a shape, the length, a dtype or a device does not fit, a
   *     step is not finite, or conditions are missing or not configured
   */
  public final Tensor forward(Tensor sample, Tensor step, UnetConditions conditions) {
    requireSample(sample);
    @Nullable Tensor global = requireGlobal(conditions.global(), sample.size(0));
    @Nullable Tensor local = requireLocal(conditions.local(), sample);
    return Scopes.compute(
        () -> {
          Tensor told = told().apply(conditions(step, sample.size(0), global));
          boolean last = levels().channelAxis() == 2;
          Tensor x = entered(sample, local);
          @Nullable Tensor signal =
              last && local != null ? local.transpose(1, 2).contiguous() : local;
          Tensor turned = last ? x.transpose(1, 2).contiguous() : x;
          Tensor y = left(levels().forward(turned, told, signal));
          return last ? y.transpose(1, 2).contiguous() : y;
        });
  }

  private void requireSample(Tensor sample) {
    long[] shape = Tensors.shape(sample);
    require(
        shape.length == 3 && shape[1] == size(),
        "the sample must be [batch, %d, time], channels of %s, got %s",
        size(),
        this,
        Arrays.toString(shape));
    Tensors.requireInput(sample, shape[2], "time", this, like);
    int factor = options.factor();
    require(
        shape[2] > 0 && shape[2] % factor == 0,
        "the length must be a multiple of %d, because %d levels halve it %d times, got %d in %s; pad "
            + "the signal or take fewer levels",
        factor,
        options.downDims().size(),
        options.downDims().size() - 1,
        shape[2],
        Arrays.toString(shape));
  }

  /** Both or neither: a network with a condition and the condition. */
  private static void requireConfigured(String name, @Nullable Tensor given, int size) {
    require(
        given != null || size == 0,
        "%s conditions are missing: the network was made for [batch, %d] of them; give them with "
            + "UnetConditions",
        name,
        size);
    require(
        given == null || size > 0,
        "the network was made without %s conditions, got %s; make one with them",
        name,
        given == null ? "none" : Arrays.toString(Tensors.shape(given)));
  }

  private @Nullable Tensor requireGlobal(@Nullable Tensor given, long batch) {
    requireConfigured("global", given, globalSize());
    if (given != null) {
      requireCondition("global conditions", given, globalSize(), batch, like);
    }
    return given;
  }

  /** As a signal {@code [batch, size, time]}. */
  private @Nullable Tensor requireLocal(@Nullable Tensor given, Tensor sample) {
    requireConfigured("local", given, localSize());
    if (given == null) {
      return null;
    }
    long batch = sample.size(0);
    long time = sample.size(2);
    if (given.dim() == 2) {
      requireCondition("local conditions", given, localSize(), batch, like);
      return given.unsqueeze(-1).expand(batch, localSize(), time);
    }
    long[] wanted = {batch, localSize(), time};
    require(
        Arrays.equals(Tensors.shape(given), wanted),
        "local conditions must be %s, or [%d, %d] for all steps of time, got %s",
        Arrays.toString(wanted),
        batch,
        localSize(),
        Arrays.toString(Tensors.shape(given)));
    Tensors.requireInput(given, time, "time", this, like);
    return given;
  }

  static void requireCondition(String name, Tensor given, int size, long batch, Tensor like) {
    long[] wanted = {batch, size};
    require(
        Arrays.equals(Tensors.shape(given), wanted),
        "%s must be %s, got %s",
        name,
        Arrays.toString(wanted),
        Arrays.toString(Tensors.shape(given)));
    Tensors.requireInput(given, size, name, "conditions", like);
  }

  /** Global conditions and the features of the step, {@code [batch, sizes]}. */
  private Tensor conditions(Tensor step, long batch, @Nullable Tensor global) {
    Tensor hidden = Activation.MISH.apply(stepEncoder.get(0).forward(embedding.apply(step, batch)));
    Tensor features = stepEncoder.get(1).forward(hidden).expand(batch, options.stepDim());
    return global == null ? features : Tensors.concatenate(-1, global, features);
  }

  @Override
  public final List<String> requiredInputs() {
    return inputs().stream().map(Port::name).toList();
  }

  @Override
  public final Tensor applyNamed(Map<String, Tensor> inputs) {
    return forward(
        inputs.getOrDefault("sample", new Tensor()),
        inputs.getOrDefault("timestep", new Tensor()),
        new UnetConditions(inputs.get("film_cond"), inputs.get("local_cond")));
  }

  /**
   * The inputs of the plain form.
   *
   * @return {@code sample}, {@code timestep} as {@code [batch, 1]}, and as far as the network was
   *     made for them {@code film_cond} (global) and {@code local_cond}
   */
  @Override
  public final List<Port> inputs() {
    List<Port> ports = new ArrayList<>();
    ports.add(new Port("sample", Axes.CHANNELS, size()));
    ports.add(new Port("timestep", Axes.FEATURES, 1));
    if (globalSize() > 0) {
      ports.add(new Port("film_cond", Axes.FEATURES, globalSize()));
    }
    if (localSize() > 0) {
      ports.add(new Port("local_cond", localAxes(), localSize()));
    }
    return ports;
  }

  @Override
  public final Port output() {
    return new Port("output", Axes.CHANNELS, size());
  }

  @Override
  public final <V> V plain(PlainGraph<V> graph, V x) {
    throw new IllegalArgumentException(this + " takes a sample and a timestep, got 1 input");
  }

  @Override
  public final <V> V plain(PlainGraph<V> graph, List<V> inputs) {
    require(
        inputs.size() == inputs().size(),
        "%s takes %s, got %d inputs",
        this,
        requiredInputs(),
        inputs.size());
    V hidden =
        graph.apply(
            Activation.MISH,
            stepEncoder.get(0).plain(graph.at(STEP + 1), embedding.plain(graph, inputs.get(1))));
    V step = stepEncoder.get(1).plain(graph.at(STEP + 3), hidden);
    V conditions = globalSize() > 0 ? graph.concatenate(inputs.get(2), step) : step;
    @Nullable V local = localSize() > 0 ? inputs.get(inputs.size() - 1) : null;
    V x = plainEntered(graph, inputs.get(0), local);
    return plainLeft(graph, levels().plain(graph, x, told().plain(graph, conditions), local));
  }

  /** A network without a condition has none to describe. */
  static int requireSize(String name, int size) {
    require(size >= 0, "%s must be at least 0, where 0 is none, got %d", name, size);
    return size;
  }
}
