package dev.noether.benchmarks;

import dev.noether.linalg.EquivariantLeastSquares;
import dev.noether.nn.EquivariantLayer;
import dev.noether.nn.EquivariantSequential;
import dev.noether.nn.Layer;
import dev.noether.nn.activation.EquivariantDropout;
import dev.noether.nn.activation.GatedNonlinearity;
import dev.noether.nn.activation.PointwiseNonlinearity;
import dev.noether.nn.attention.AttentionOptions;
import dev.noether.nn.attention.EquivariantMultiheadAttention;
import dev.noether.nn.conv.EquivariantConv1d;
import dev.noether.nn.conv.EquivariantConvTranspose1d;
import dev.noether.nn.linear.ChangeToIsotypicBasis;
import dev.noether.nn.linear.EquivariantAffine;
import dev.noether.nn.linear.EquivariantLinear;
import dev.noether.nn.linear.MapOptions;
import dev.noether.nn.norm.BatchStatisticsOptions;
import dev.noether.nn.norm.EquivariantBatchNorm1d;
import dev.noether.nn.norm.EquivariantLayerNorm;
import dev.noether.nn.norm.EquivariantRmsNorm;
import dev.noether.nn.norm.NormOptions;
import dev.noether.plain.Activation;
import dev.noether.plain.Axes;
import dev.noether.plain.ConvolutionOptions;
import dev.noether.rep.Representation;
import dev.noether.torch.Dtype;
import dev.noether.torch.LibTorch;
import dev.noether.torch.Scopes;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.UnaryOperator;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/**
 * Every layer against its plain counterpart at D = 240, batch 1024: medians of forward and backward
 * as ratios, the two taking turns; then a whole network and least squares over a stream. Arguments:
 * threads, iterations, and {@code network} for the network alone. {@link NormFloors} has the norms
 * beside the least that LibTorch's calls take.
 */
public final class Layers {
  private static final int BATCH = 1024;
  private static final int TIME = 8;

  private Layers() {}

  /** A plain layer made of LibTorch's own calls. */
  private static final class Plain extends Layer {
    private int count;

    private Tensor parameter(long... shape) {
      double scale = 0.1;
      return registerParameter(
              "p" + count++, Scopes.compute(() -> torch.randn(shape).mul(new Scalar(scale))))
          .original();
    }
  }

  /** Calls that stand for a layer. */
  private static final class Layered extends EquivariantLayer {
    private final UnaryOperator<Tensor> calls;

    Layered(Representation rho, UnaryOperator<Tensor> calls, Layer... children) {
      super(rho, rho);
      this.calls = calls;
      for (Layer child : children) {
        registerChild(child.toString(), child);
      }
    }

    @Override
    protected Tensor compute(Tensor input) {
      return calls.apply(input);
    }
  }

  private static final class Contestant {
    private final Layer layer;
    private final UnaryOperator<Tensor> forward;
    private final List<Double> times = new ArrayList<>();

    Contestant(Layer layer, UnaryOperator<Tensor> forward) {
      this.layer = layer;
      this.forward = forward;
    }

    void train(Tensor x, boolean record) {
      try (PointerScope scope = new PointerScope()) {
        layer.zeroGrad();
        Tensor leaf = x.detach().set_requires_grad(true);
        long start = System.nanoTime();
        Tensor y = forward.apply(leaf);
        long forwardDone = System.nanoTime();
        Tensor loss = y.pow(new Scalar(2)).mean();
        long lossDone = System.nanoTime();
        loss.backward();
        long end = System.nanoTime();
        if (record) {
          times.add((forwardDone - start + end - lossDone) / 1e6);
        }
      }
    }

    double median() {
      return times.stream().sorted().skip(times.size() / 2).findFirst().orElse(Double.NaN);
    }
  }

  /**
   * Runs all layers.
   *
   * @param arguments threads, iterations, maybe {@code network}
   */
  public static void main(String[] arguments) {
    LibTorch.setThreads(arguments.length > 0 ? Integer.parseInt(arguments[0]) : 1);
    int iterations = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 30;
    if (arguments.length > 2) {
      network(iterations);
      return;
    }
    Representation rho = Representation.parse("Icosahedral: 4 x regular");
    int d = rho.size();
    MapOptions options = MapOptions.defaults().withSeed(0);
    System.out.printf("%s, D = %d, batch %d, %d threads%n", rho, d, BATCH, LibTorch.threads());

    Plain linear = new Plain();
    Tensor lw = linear.parameter(d, d);
    Tensor lb = linear.parameter(d);
    compare(
        "linear",
        linear,
        x -> torch.linear(x, lw, lb),
        new EquivariantLinear(rho, rho, options),
        iterations);

    Plain affine = new Plain();
    Tensor aw = affine.parameter(d);
    Tensor ab = affine.parameter(d);
    compare("affine", affine, x -> x.mul(aw).add(ab), new EquivariantAffine(rho), iterations);

    Plain conv = new Plain();
    Tensor cw = conv.parameter(d, d, 3);
    Tensor cb = conv.parameter(d);
    long[] one = {1};
    compare(
        "conv1d",
        conv,
        x -> torch.conv1d(x, cw, new TensorOptional(cb), one, one, one, 1),
        new EquivariantConv1d(rho, rho, ConvolutionOptions.kernel(3).withPadding(1), options),
        iterations);
    Plain up = new Plain();
    Tensor uw = up.parameter(d, d, 4);
    Tensor ub = up.parameter(d);
    long[] two = {2};
    compare(
        "conv_transpose1d",
        up,
        x -> torch.conv_transpose1d(x, uw, new TensorOptional(ub), two, one, new long[] {0}, 1, 1),
        new EquivariantConvTranspose1d(
            rho, rho, ConvolutionOptions.kernel(4).withStride(2).withPadding(1), options),
        iterations);

    Plain attention = new Plain();
    Tensor iw = attention.parameter(3L * d, d);
    Tensor ib = attention.parameter(3L * d);
    Tensor ow = attention.parameter(d, d);
    Tensor ob = attention.parameter(d);
    compare(
        "attention, 4 heads",
        attention,
        x -> attend(x, iw, ib, ow, ob, d),
        new EquivariantMultiheadAttention(rho, AttentionOptions.heads(4).with(options)),
        iterations);

    Representation isotypic = new ChangeToIsotypicBasis(rho, Dtype.FLOAT32).out();
    compare(
        "affine, isotypic basis",
        affine,
        x -> x.mul(aw).add(ab),
        new EquivariantAffine(isotypic),
        iterations);

    long[] shape = {d};
    Plain rms = new Plain();
    Tensor rw = rms.parameter(d);
    UnaryOperator<Tensor> rmsNorm =
        x -> torch.rms_norm(x, shape, new TensorOptional(rw), new DoubleOptional(1e-6));
    compare("rms_norm", rms, rmsNorm, new EquivariantRmsNorm(rho, 1e-6, Dtype.FLOAT32), iterations);
    compare(
        "rms_norm, isotypic basis",
        rms,
        rmsNorm,
        new EquivariantRmsNorm(isotypic, 1e-6, Dtype.FLOAT32),
        iterations);
    Plain norm = new Plain();
    Tensor nw = norm.parameter(d);
    Tensor nb = norm.parameter(d);
    UnaryOperator<Tensor> layerNorm =
        x ->
            torch.layer_norm(x, shape, new TensorOptional(nw), new TensorOptional(nb), 1e-6, false);
    compare(
        "layer_norm",
        norm,
        layerNorm,
        new EquivariantLayerNorm(rho, NormOptions.defaults()),
        iterations);
    compare(
        "layer_norm, isotypic basis",
        norm,
        layerNorm,
        new EquivariantLayerNorm(isotypic, NormOptions.defaults()),
        iterations);
    Plain batch = new Plain();
    UnaryOperator<Tensor> batchNorm = plainBatchNorm(batch, d);
    compare(
        "batch_norm",
        batch,
        batchNorm,
        new EquivariantBatchNorm1d(rho, BatchStatisticsOptions.defaults()),
        iterations);
    compare(
        "batch_norm, isotypic basis",
        batch,
        batchNorm,
        new EquivariantBatchNorm1d(isotypic, BatchStatisticsOptions.defaults()),
        iterations);
    compare(
        "relu",
        new Plain(),
        Tensor::relu,
        new PointwiseNonlinearity(rho, Activation.RELU),
        iterations);
    compare(
        "dropout",
        new Plain(),
        x -> torch.dropout(x, 0.1, true),
        new EquivariantDropout(rho, 0.1, Dtype.FLOAT32),
        iterations);
    network(iterations);
    leastSquares();
  }

  /**
   * Four blocks of a linear layer, batch norm and gates at D = 960, as a chain and layer by layer,
   * against linear layers, batch norm and SiLU of that width.
   */
  private static void network(int iterations) {
    Representation rho = Representation.parse("Icosahedral: 16 x regular");
    int d = rho.size();
    List<EquivariantLayer> layers = new ArrayList<>();
    Plain plain = new Plain();
    UnaryOperator<Tensor> forward = x -> x;
    for (int block = 0; block < 4; block++) {
      GatedNonlinearity gated = new GatedNonlinearity(rho, Dtype.FLOAT32);
      layers.add(new EquivariantLinear(rho, gated.in(), MapOptions.defaults().withSeed(block)));
      layers.add(new EquivariantBatchNorm1d(gated.in(), BatchStatisticsOptions.defaults()));
      layers.add(gated);
      Tensor weight = plain.parameter(d, d);
      Tensor bias = plain.parameter(d);
      UnaryOperator<Tensor> norm = plainBatchNorm(plain, d);
      UnaryOperator<Tensor> before = forward;
      forward = x -> torch.silu(norm.apply(torch.linear(before.apply(x), weight, bias)));
    }
    EquivariantSequential chain = new EquivariantSequential(layers);
    compare("network, 4 blocks, D = 960", plain, forward, chain, iterations);
    UnaryOperator<Tensor> each =
        x -> {
          Tensor y = x;
          for (EquivariantLayer layer : layers) {
            y = layer.forward(y);
          }
          return y;
        };
    compare("the same, layer by layer", plain, forward, new Layered(rho, each, chain), iterations);
  }

  private static UnaryOperator<Tensor> plainBatchNorm(Plain plain, int d) {
    Tensor weight = plain.parameter(d);
    Tensor bias = plain.parameter(d);
    Tensor mean = Scopes.keep(torch.zeros(d));
    Tensor variance = Scopes.keep(torch.ones(d));
    return x ->
        torch.batch_norm(
            x,
            new TensorOptional(weight),
            new TensorOptional(bias),
            new TensorOptional(mean),
            new TensorOptional(variance),
            true,
            0.1,
            1e-5,
            false);
  }

  private static Tensor attend(Tensor x, Tensor iw, Tensor ib, Tensor ow, Tensor ob, int d) {
    Tensor all = torch.linear(x, iw, ib);
    Tensor[] heads = new Tensor[3];
    for (int i = 0; i < 3; i++) {
      heads[i] =
          all.narrow(-1, (long) i * d, d).unflatten(-1, new long[] {4, d / 4}).permute(0, 2, 1, 3);
    }
    Tensor attended = torch.scaled_dot_product_attention(heads[0], heads[1], heads[2]);
    return torch.linear(attended.permute(0, 2, 1, 3).flatten(-2, -1), ow, ob);
  }

  private static void compare(
      String name,
      Layer plain,
      UnaryOperator<Tensor> forward,
      EquivariantLayer layer,
      int iterations) {
    Contestant reference = new Contestant(plain, forward);
    Contestant ours = new Contestant((Layer) layer, layer::forward);
    int d = layer.in().size();
    try (PointerScope scope = new PointerScope()) {
      Tensor x =
          layer.axes() == Axes.CHANNELS
              ? torch.randn(BATCH, d, TIME)
              : layer instanceof EquivariantMultiheadAttention
                  ? torch.randn(BATCH, TIME, d)
                  : torch.randn(BATCH, d);
      for (int i = -5; i < iterations; i++) {
        reference.train(x, false);
        reference.train(x, i >= 0);
        ours.train(x, false);
        ours.train(x, i >= 0);
      }
    }
    System.out.printf(
        Locale.ROOT,
        "%-28s plain %8.3f ms, ours %8.3f ms, ratio %.2f%n",
        name,
        reference.median(),
        ours.median(),
        ours.median() / reference.median());
  }

  /** 100,000 samples of 600 dimensions in batches of 10,000. */
  private static void leastSquares() {
    Representation rho = Representation.parse("Icosahedral: 10 x regular");
    EquivariantLeastSquares problem = EquivariantLeastSquares.between(rho, rho);
    long start = System.nanoTime();
    for (int i = 0; i < 10; i++) {
      try (PointerScope scope = new PointerScope()) {
        problem = problem.plus(torch.randn(10_000, 600), torch.randn(10_000, 600));
      }
    }
    long streamed = System.nanoTime();
    try (PointerScope scope = new PointerScope()) {
      Tensor map = problem.solve();
      System.out.printf(
          Locale.ROOT,
          "least squares, 100,000 x 600 in batches: %.1f s, solve %.2f s, |A| %.3f%n",
          (streamed - start) / 1e9,
          (System.nanoTime() - streamed) / 1e9,
          map.norm().item().toDouble());
    }
  }
}
