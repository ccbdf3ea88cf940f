package dev.noether.cli.bench;

import dev.noether.Noether;
import dev.noether.kernel.FieldType;
import dev.noether.kernel.Space;
import dev.noether.nn.conv.SteerableConv2d;
import dev.noether.nn.conv.SteerableConv3d;
import dev.noether.nn.conv.SteerableConvolution;
import dev.noether.nn.conv.SteerableOptions;
import dev.noether.plain.DenseConvolution;
import dev.noether.torch.ComputeDevice;
import dev.noether.torch.LibTorch;
import dev.noether.torch.Scopes;
import dev.noether.torch.Tensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Steerable convolutions beside LibTorch's plain one of the same width: forward and backward, and
 * forward in evaluation, turn by turn; and how long a layer takes to build.
 *
 * @param device where they run
 * @param iterations timed iterations; 0 for as many as fit into the budget, at least 7
 */
public record SteerableBenchmark(ComputeDevice device, int iterations) {
  private static final double BUDGET_MS = 1500;

  /** A step of the widest layer takes a second. */
  private static final int LEAST = 7;

  private static final int BUILDS = 9;

  /**
   * The figures of one layer.
   *
   * @param layer group, fields and kernel, to read
   * @param batch images in a batch
   * @param image cells of a side
   * @param buildMs median time to build another such layer
   * @param trainMs median forward and backward of the layer, for weights and inputs
   * @param plainTrainMs the same of the plain convolution
   * @param evalMs median forward in evaluation, without gradients
   * @param plainEvalMs the same of the plain convolution
   * @param basisBytes what the layer keeps to expand its weights
   */
  public record Row(
      String layer,
      int batch,
      int image,
      double buildMs,
      double trainMs,
      double plainTrainMs,
      double evalMs,
      double plainEvalMs,
      long basisBytes) {}

  /**
   * Everything that a run found.
   *
   * @param device where it ran
   * @param threads LibTorch's threads
   * @param rows the layers
   */
  public record Result(String device, int threads, List<Row> rows) {}

  /** A layer of so many copies of a field, and its inputs. */
  private record Case(
      String name, Space space, Function<Space, FieldType> type, int kernel, int batch, int image) {
    SteerableConvolution make() {
      FieldType fields = type.apply(space);
      SteerableOptions options =
          SteerableOptions.kernel(kernel).withPadding(kernel / 2).withSeed(0);
      return space.dimension() == 2
          ? new SteerableConv2d(fields, fields, options)
          : new SteerableConv3d(fields, fields, options);
    }

    long[] shape() {
      long[] shape = new long[2 + space.dimension()];
      Arrays.fill(shape, image);
      shape[0] = batch;
      shape[1] = type.apply(space).size();
      return shape;
    }
  }

  private static List<Case> cases() {
    List<Case> all = new ArrayList<>();
    all.add(regular("C4", Space.cyclic(4), 16, 5, 32, 28));
    for (int kernel : new int[] {3, 5, 7}) {
      all.add(regular("C8", Space.cyclic(8), 16, kernel, 32, 28));
    }
    all.add(regular("C8", Space.cyclic(8), 16, 5, 32, 14));
    all.add(regular("C8", Space.cyclic(8), 16, 5, 32, 7));
    all.add(regular("C8", Space.cyclic(8), 16, 5, 4, 7));
    all.add(regular("D4", Space.dihedral(4), 16, 5, 32, 28));
    all.add(regular("D8", Space.dihedral(8), 16, 5, 8, 28));
    all.add(regular("C16", Space.cyclic(16), 16, 5, 8, 28));
    all.add(
        new Case(
            "SO(2): 16 x irreps 0 to 4", Space.so2(), space -> irreps(space, 4, 16), 5, 32, 28));
    all.add(
        new Case("SO(3): 8 x irreps 0 to 2", Space.so3(), space -> irreps(space, 2, 8), 5, 4, 16));
    all.add(regular("Octahedral", Space.octahedral(), 4, 3, 4, 16));
    all.add(regular("Octahedral", Space.octahedral(), 4, 5, 4, 8));
    return all;
  }

  private static Case regular(
      String group, Space space, int copies, int kernel, int batch, int image) {
    return new Case(
        group + ": " + copies + " x regular",
        space,
        own -> own.type(own.regularField(), copies),
        kernel,
        batch,
        image);
  }

  private static FieldType irreps(Space space, int highest, int copies) {
    return IntStream.rangeClosed(0, highest)
        .mapToObj(k -> space.type(space.irrepField(k), copies))
        .reduce(FieldType::plus)
        .orElseThrow();
  }

  /**
   * Times all layers.
   *
   * @param onProgress is told of every layer when its turn comes
   * @return all figures
   */
  public Result run(Consumer<String> onProgress) {
    Noether.seed(0);
    List<Row> rows = new ArrayList<>();
    List<Case> cases = cases();
    for (Case one : cases) {
      onProgress.accept("bench: " + (rows.size() + 1) + " of " + cases.size() + ", " + name(one));
      try (PointerScope scope = new PointerScope()) {
        rows.add(row(one));
      }
    }
    return new Result(device.toString(), LibTorch.threads(), List.copyOf(rows));
  }

  private static String name(Case one) {
    return one.name + ", kernel " + one.kernel;
  }

  private Row row(Case one) {
    SteerableConvolution layer = one.make();
    double build = buildMs(one);
    long bytes = layer.basisBytes();
    layer.to(device);
    Tensor x = torch.randn(one.shape()).to(device.toTorch(), torch.ScalarType.Float);
    Tensor leaf = x.clone().detach().set_requires_grad(true);
    Tensor weight = layer.weight().detach().clone().set_requires_grad(true);
    Tensor bias = layer.weight().new_zeros(layer.out().size()).set_requires_grad(true);
    Turns turns = new Turns(device, iterations, LEAST, BUDGET_MS);
    double[] training =
        turns.medians(
            () -> train(() -> layer.forward(leaf)),
            () -> train(() -> plain(leaf, weight, bias, layer)));
    layer.eval();
    layer.zeroGrad();
    double[] evaluation =
        turns.medians(
            () -> evaluate(() -> layer.forward(x)),
            () -> evaluate(() -> plain(x, weight, bias, layer)));
    return new Row(
        name(one),
        one.batch,
        one.image,
        build,
        training[0],
        training[1],
        evaluation[0],
        evaluation[1],
        bytes);
  }

  private static Tensor plain(Tensor x, Tensor weight, Tensor bias, SteerableConvolution layer) {
    return Scopes.compute(
        () -> DenseConvolution.apply(x, weight, bias, layer.options().geometry(), false));
  }

  private static void train(Supplier<Tensor> forward) {
    try (PointerScope scope = new PointerScope()) {
      Tensors.squares(forward.get()).mean().backward();
    }
  }

  private static void evaluate(Supplier<Tensor> forward) {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      Tensor unused = forward.get();
    }
  }

  private double buildMs(Case one) {
    Clock clock = Clock.ofWork(ComputeDevice.CPU);
    double[] times = new double[BUILDS];
    for (int i = 0; i < BUILDS; i++) {
      try (PointerScope scope = new PointerScope()) {
        clock.start();
        one.make();
        clock.stop();
        times[i] = clock.milliseconds();
      }
    }
    return Spread.of(times).median();
  }
}
