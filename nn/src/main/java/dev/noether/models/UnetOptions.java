package dev.noether.models;

import static dev.noether.algebra.Checks.require;

import dev.noether.nn.SettingGroup;
import dev.noether.nn.Settings;
import dev.noether.plain.Activation;
import java.util.Arrays;
import java.util.List;

/**
 * How a conditional U-Net is made, plain or equivariant. Start from {@link #plain} or {@link
 * #equivariant} and change what differs.
 *
 * @param downDims the channels of each level, first to last: n levels halve time n - 1 times; an
 *     equivariant network rounds each up to whole copies of the regular representation
 * @param stepDim the size of the embedding of the diffusion step, even
 * @param kernelSize the steps that the kernels of its blocks reach over, odd
 * @param predictScale whether conditions scale the features, and do not shift them only
 * @param activation the function after each norm
 * @param normalize whether norms stand before the activations
 * @param groups the groups of channels of a plain network's norms, which divide the channels of
 *     every level and of the input; 1 in an equivariant network, whose norms have none
 * @param downsample how levels make time shorter, and longer again
 */
public record UnetOptions(
    List<Integer> downDims,
    int stepDim,
    int kernelSize,
    boolean predictScale,
    Activation activation,
    boolean normalize,
    int groups,
    Downsample downsample) {
  private static final int STEP = 256;
  private static final int KERNEL = 3;

  /**
   * What norms add to mean squares: PyTorch's in plain networks, the Python package's in others.
   */
  static final double PLAIN_EPS = 1e-5;

  static final double EQUIVARIANT_EPS = 1e-6;

  /** The settings of a plain network. */
  static final SettingGroup<UnetOptions> PLAIN =
      settings(Activation.MISH).with("n_groups", UnetOptions::groups, 1);

  /** The settings of an equivariant network. */
  static final SettingGroup<UnetOptions> EQUIVARIANT = settings(Activation.RELU);

  /** The settings that a block has too. */
  static final SettingGroup<UnetOptions> BLOCK =
      block(Activation.MISH).with("n_groups", UnetOptions::groups, 1);

  /** The settings that an equivariant block has too. */
  static final SettingGroup<UnetOptions> EQUIVARIANT_BLOCK = block(Activation.RELU);

  /**
   * Checks the numbers.
   *
   * @param downDims the channels of each level
   * @param stepDim the size of the embedding of the diffusion step
   * @param kernelSize the steps that kernels reach over
   * @param predictScale whether conditions scale the features
   * @param activation the function after each norm
   * @param normalize whether norms stand before the activations
   * @param groups the groups of channels of a plain network's norms
   * @param downsample how levels make time shorter
   * @throws IllegalArgumentException if there is no level, a number is below 1, the embedding's
   *     size is odd or the kernel's even
   */
  public UnetOptions {
    downDims = List.copyOf(downDims);
    require(!downDims.isEmpty(), "a U-Net has at least one level, got none");
    MlpOptions.requireWidths(downDims, "channels of levels");
    StepEmbedding.requireEven("stepDim", stepDim);
    require(
        kernelSize >= 1 && kernelSize % 2 == 1,
        "kernelSize must be odd, so that a block keeps the length, got %d",
        kernelSize);
    require(groups >= 1, "groups must be at least 1, got %d", groups);
  }

  /**
   * As in diffusion policies: kernels of 3 steps, Mish, norms over all channels, an embedding of
   * size 256, convolutions with stride 2 between levels.
   *
   * @param downDims the channels of each level, first to last
   * @return the options
   * @throws IllegalArgumentException if there is none or one is below 1
   */
  public static UnetOptions plain(int... downDims) {
    return of(Activation.MISH, downDims);
  }

  /**
   * The same with ReLU, as in the Python package.
   *
   * @param downDims the channels of each level, first to last
   * @return the options
   * @throws IllegalArgumentException if there is none or one is below 1
   */
  public static UnetOptions equivariant(int... downDims) {
    return of(Activation.RELU, downDims);
  }

  private static UnetOptions of(Activation activation, int... downDims) {
    return new UnetOptions(
        Arrays.stream(downDims).boxed().toList(),
        STEP,
        KERNEL,
        true,
        activation,
        true,
        1,
        Downsample.STRIDE);
  }

  private static SettingGroup<UnetOptions> block(Activation activation) {
    return new SettingGroup<UnetOptions>()
        .with("kernel_size", UnetOptions::kernelSize, KERNEL)
        .with("cond_predict_scale", UnetOptions::predictScale, true)
        .with("activation", options -> options.activation.name(), activation.name())
        .with("normalize", UnetOptions::normalize, true);
  }

  private static SettingGroup<UnetOptions> settings(Activation activation) {
    return block(activation)
        .required("down_dims", UnetOptions::downDims)
        .with("diffusion_step_embed_dim", UnetOptions::stepDim, STEP)
        .with("downsample", UnetOptions::downsample, Downsample.STRIDE);
  }

  static UnetOptions of(Settings settings) {
    return block(settings)
        .withStepDim(settings.whole("diffusion_step_embed_dim"))
        .with(settings.constant(Downsample.class, "downsample"))
        .withDownDims(settings.wholes("down_dims"));
  }

  static UnetOptions block(Settings settings) {
    return new UnetOptions(
        List.of(1),
        STEP,
        settings.whole("kernel_size"),
        settings.flag("cond_predict_scale"),
        settings.constant(Activation.class, "activation"),
        settings.flag("normalize"),
        settings.has("n_groups") ? settings.whole("n_groups") : 1,
        Downsample.STRIDE);
  }

  UnetOptions withDownDims(List<Integer> dims) {
    return new UnetOptions(
        dims, stepDim, kernelSize, predictScale, activation, normalize, groups, downsample);
  }

  /**
   * The same with another embedding of the step.
   *
   * @param size its size, even
   * @return new options
   * @throws IllegalArgumentException if it is odd or below 2
   */
  public UnetOptions withStepDim(int size) {
    return new UnetOptions(
        downDims, size, kernelSize, predictScale, activation, normalize, groups, downsample);
  }

  /**
   * The same with another kernel.
   *
   * @param size the steps that it reaches over, odd
   * @return new options
   * @throws IllegalArgumentException if it is even or below 1
   */
  public UnetOptions withKernel(int size) {
    return new UnetOptions(
        downDims, stepDim, size, predictScale, activation, normalize, groups, downsample);
  }

  /**
   * The same with conditions that shift the features and do not scale them.
   *
   * @return new options
   */
  public UnetOptions withoutScale() {
    return new UnetOptions(
        downDims, stepDim, kernelSize, false, activation, normalize, groups, downsample);
  }

  /**
   * The same with another activation.
   *
   * @param other the function after each norm
   * @return new options
   */
  public UnetOptions with(Activation other) {
    return new UnetOptions(
        downDims, stepDim, kernelSize, predictScale, other, normalize, groups, downsample);
  }

  /**
   * The same without norms.
   *
   * @return new options
   */
  public UnetOptions withoutNorms() {
    return new UnetOptions(
        downDims, stepDim, kernelSize, predictScale, activation, false, groups, downsample);
  }

  /**
   * The same with norms over groups of channels: for plain networks.
   *
   * @param count how many groups
   * @return new options
   * @throws IllegalArgumentException if it is below 1
   */
  public UnetOptions withGroups(int count) {
    return new UnetOptions(
        downDims, stepDim, kernelSize, predictScale, activation, normalize, count, downsample);
  }

  /**
   * The same with another way to make time shorter.
   *
   * @param other the way
   * @return new options
   */
  public UnetOptions with(Downsample other) {
    return new UnetOptions(
        downDims, stepDim, kernelSize, predictScale, activation, normalize, groups, other);
  }

  /** What the length must be a multiple of. */
  int factor() {
    return 1 << (downDims.size() - 1);
  }

  /** What a network says of itself. */
  String words() {
    return downDims + ", kernel " + kernelSize;
  }
}
