package dev.noether.benchmarks;

import dev.noether.nn.EquivariantLayer;
import dev.noether.nn.linear.EquivariantAffine;
import dev.noether.nn.norm.BatchNorm1d;
import dev.noether.nn.norm.EquivariantBatchNorm1d;
import dev.noether.nn.norm.EquivariantLayerNorm;
import dev.noether.nn.norm.EquivariantRmsNorm;
import dev.noether.nn.norm.LayerNorm;
import dev.noether.nn.norm.RmsNorm;
import dev.noether.rep.Representation;
import dev.noether.spectral.Coordinates;
import dev.noether.torch.Dtype;
import dev.noether.torch.LibTorch;
import dev.noether.torch.Scopes;
import dev.noether.torch.Tensors;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.UnaryOperator;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorArrayRefOptional;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * Affine layer and norms beside LibTorch's calls of the best formula that is known for them,
 * written down without Noether, and beside the plain layer: forward and gradients to input and
 * parameters, processor time of one thread, the three in turns, medians. Arguments: rounds, and
 * copies of the icosahedral regular representation.
 */
public final class NormFloors {
  private static final int BATCH = 1024;
  private static final int WARMUP = 200;
  private static final double EPS = 1e-6;
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

  private final Representation rho;
  private final int rounds;
  private final int summands;
  private final int width;
  private final int copies;
  private final Tensor x;
  private final Tensor gradient;
  private final Tensor basis;
  private final Tensor projections;
  private final Tensor sums;
  private final Tensor means;
  private final Tensor fixed;
  private final Tensor scales;
  private final Tensor bias;

  private NormFloors(Representation rho, int rounds) {
    this.rho = rho;
    this.rounds = rounds;
    Representation summand = rho.summands().get(0);
    summands = rho.summands().size();
    width = summand.size();
    copies = summand.irreps().size();
    x = kept(torch.randn(BATCH, rho.size())).set_requires_grad(true);
    gradient = kept(torch.randn(BATCH, rho.size()));
    basis = kept(Tensors.of(Dtype.FLOAT32, summand.changeOfBasis()));
    sums =
        kept(
            torch
                .zeros(width, copies)
                .scatter(1, Coordinates.copies(summand).view(-1, 1), new Scalar(1.0)));
    means = kept(sums.div(sums.sum(0)));
    // Row c is the projection onto copy c.
    projections =
        kept(
            torch
                .einsum("ik,jk,kc->cij", vector(basis, basis, sums))
                .reshape(copies, (long) width * width));
    fixed = kept(basis.narrow(1, 0, 1));
    scales = kept(torch.ones((long) summands * copies)).set_requires_grad(true);
    bias = kept(torch.zeros(summands)).set_requires_grad(true);
  }

  private static TensorVector vector(Tensor... tensors) {
    return new TensorVector(tensors);
  }

  private static Tensor kept(Tensor tensor) {
    return Scopes.keep(tensor);
  }

  /**
   * Prints a row for each layer.
   *
   * @param arguments rounds (60), copies (4)
   */
  public static void main(String[] arguments) {
    LibTorch.setThreads(1);
    int rounds = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 60;
    int copies = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 4;
    new NormFloors(Representation.parse("Icosahedral: " + copies + " x regular"), rounds).run();
  }

  private void run() {
    int size = rho.size();
    System.out.printf("%s, %d samples, float32, one thread%n", rho, BATCH);
    System.out.println("layer         plain us  floor us  ours us  of plain  floor  of the floor");
    compare("affine", new LayerNorm(size)::forward, this::affine, new EquivariantAffine(rho));
    compare("rms_norm", new RmsNorm(size)::forward, this::rmsNorm, new EquivariantRmsNorm(rho));
    compare(
        "batch_norm",
        new BatchNorm1d(size)::forward,
        this::batchNorm,
        new EquivariantBatchNorm1d(rho));
    compare(
        "layer_norm", new LayerNorm(size)::forward, this::layerNorm, new EquivariantLayerNorm(rho));
  }

  /** The same for every copy of the summand, {@code [summands, 1, width]}. */
  private Tensor shift() {
    return bias.view(summands, 1, 1).mul(fixed.view(1, 1, width));
  }

  /** A map for each summand and three products: forward, and the gradients of both factors. */
  private Tensor mapped(Tensor input, Tensor perCopy, boolean shifted) {
    Tensor maps = perCopy.view(summands, copies).mm(projections).view(summands, width, width);
    Tensor each = input.view(BATCH, summands, width).transpose(0, 1);
    Tensor mapped = shifted ? torch.baddbmm(shift(), each, maps) : each.bmm(maps);
    return mapped.transpose(0, 1).reshape(BATCH, rho.size());
  }

  private Tensor affine(Tensor input) {
    return mapped(input, scales, true);
  }

  private static Tensor squares(Tensor input) {
    return torch.mse_loss(input, input.new_zeros(1), 0);
  }

  private Tensor rmsNorm(Tensor input) {
    Tensor sum = squares(input).sum(new long[] {-1}, true, new ScalarTypeOptional());
    Tensor factor = sum.div(new Scalar((double) rho.size())).add(new Scalar(EPS)).rsqrt();
    return mapped(input.mul(factor), scales, false);
  }

  private Tensor batchNorm(Tensor input) {
    Tensor mean = input.mean(0).view(summands, width).mm(fixed).mm(fixed.t()).view(rho.size());
    Tensor centred = input.add(mean.neg());
    Tensor total = squares(centred).sum(0).view(summands, width).sum(new long[] {1});
    Tensor variance = total.div(new Scalar((BATCH - 1.0) * width));
    Tensor factors = variance.add(new Scalar(EPS)).rsqrt().view(summands, 1);
    return mapped(centred, scales.view(summands, copies).mul(factors), true);
  }

  /** Into the irreps and back, and sums over copies and their way back: eight products in all. */
  private Tensor layerNorm(Tensor input) {
    Tensor features = input.view(-1, width).mm(basis);
    Tensor factors = squares(features).mm(means).add(new Scalar(EPS)).rsqrt();
    Tensor scaled = factors.view(BATCH, (long) summands * copies).mul(scales).view(-1, copies);
    Tensor result = features.mul(scaled.mm(sums.t())).mm(basis.t());
    return result.view(BATCH, summands, width).add(shift().view(summands, width));
  }

  private void compare(
      String name,
      UnaryOperator<Tensor> plain,
      UnaryOperator<Tensor> floor,
      EquivariantLayer layer) {
    UnaryOperator<Tensor> ours = layer::forward;
    double[] medians = medians(List.of(plain, floor, ours));
    System.out.printf(
        Locale.ROOT,
        "%-12s %9.0f %9.0f %8.0f %9.2f %6.2f %13.2f%n",
        name,
        medians[0],
        medians[1],
        medians[2],
        medians[2] / medians[0],
        medians[1] / medians[0],
        medians[2] / medians[1]);
  }

  private double[] medians(List<UnaryOperator<Tensor>> ways) {
    double[][] times = new double[ways.size()][rounds];
    for (int round = -WARMUP; round < rounds; round++) {
      for (int way = 0; way < times.length; way++) {
        double time = microseconds(ways.get(way));
        if (round >= 0) {
          times[way][round] = time;
        }
      }
    }
    return Arrays.stream(times).mapToDouble(own -> median(own)).toArray();
  }

  private static double median(double[] times) {
    Arrays.sort(times);
    return times[times.length / 2];
  }

  private double microseconds(UnaryOperator<Tensor> way) {
    try (PointerScope scope = new PointerScope()) {
      x.mutable_grad().put(new Tensor());
      long start = THREADS.getCurrentThreadCpuTime();
      way.apply(x)
          .reshape(BATCH, rho.size())
          .backward(gradient, new BoolOptional(false), false, new TensorArrayRefOptional());
      return (THREADS.getCurrentThreadCpuTime() - start) / 1e3;
    }
  }
}
