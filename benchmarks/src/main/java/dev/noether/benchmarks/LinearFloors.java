package dev.noether.benchmarks;

import dev.noether.group.Irrep;
import dev.noether.nn.linear.EquivariantLinear;
import dev.noether.nn.linear.Linear;
import dev.noether.nn.linear.MapOptions;
import dev.noether.rep.Representation;
import dev.noether.spectral.Execution;
import dev.noether.torch.LibTorch;
import dev.noether.torch.Scopes;
import dev.noether.torch.Tensors;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.UnaryOperator;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorArrayRefOptional;
import org.bytedeco.pytorch.global.torch;

/**
 * Linear layers between copies of a regular representation beside LibTorch's calls for them alone,
 * which read the layer's own tables, and beside the plain layer: forward and gradients to input and
 * parameters, the three in turns, medians; processor time on one thread, else the clock.
 */
public final class LinearFloors {
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
  private static final double WARM_UP_MICROSECONDS = 3e6;
  private static final String SMALL = "C10: 2 x regular|dense|";
  private static final List<String> CASES =
      List.of(
          SMALL + 1,
          SMALL + 16,
          "D4: 2 x regular|dense|1",
          "D4: 2 x regular|dense|16",
          "C10: 10 x regular|dense|1024",
          "Icosahedral: 4 x regular|dense|1024",
          "Icosahedral: 16 x regular|spectral|1024");

  private final EquivariantLinear layer;
  private final Representation rho;
  private final Representation summand;
  private final long copies;
  private final long batch;
  private final Map<String, Tensor> tables;
  private final Tensor weights;
  private final Tensor bias;
  private final Tensor x;
  private final Tensor gradient;

  private LinearFloors(Representation rho, Execution way, long batch) {
    this.rho = rho;
    this.batch = batch;
    summand = rho.summands().get(0);
    copies = rho.summands().size();
    layer = new EquivariantLinear(rho, rho, MapOptions.defaults().withSeed(0).with(way));
    tables = layer.namedBuffers();
    weights = leaf(layer.coefficients().detach().clone());
    bias = leaf(torch.zeros(copies));
    x = leaf(torch.randn(batch, rho.size()));
    gradient = Scopes.keep(torch.randn(batch, rho.size()));
  }

  private static Tensor leaf(Tensor tensor) {
    return Scopes.keep(tensor).set_requires_grad(true);
  }

  /**
   * Prints a row for each case.
   *
   * @param arguments threads (1), rounds (200), cases as {@code RHO|dense or spectral|batch}
   */
  public static void main(String[] arguments) {
    LibTorch.setThreads(arguments.length > 0 ? Integer.parseInt(arguments[0]) : 1);
    int rounds = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 200;
    List<String> cases =
        arguments.length > 2 ? Arrays.asList(arguments).subList(2, arguments.length) : CASES;
    System.out.printf("%d threads, float32, training step%n", LibTorch.threads());
    System.out.println(
        "| maps | way | batch | plain us | floor us | ours us | floor | ours | gap |");
    System.out.println("|---|---|---|---|---|---|---|---|---|");
    for (String text : cases) {
      String[] parts = text.split("\\|", -1);
      Execution way = Execution.valueOf(parts[1].toUpperCase(Locale.ROOT));
      Representation rho = Representation.parse(parts[0]);
      new LinearFloors(rho, way, Long.parseLong(parts[2])).run(text, way, rounds);
    }
  }

  private void run(String text, Execution way, int rounds) {
    Linear plain = new Linear(rho.size(), rho.size());
    UnaryOperator<Tensor> floor = way == Execution.DENSE ? this::dense : this::spectral;
    double[] us = medians(List.of(plain::forward, floor, layer::forward), rounds);
    System.out.printf(
        Locale.ROOT,
        "| %s | %.0f | %.0f | %.0f | %.2f | %.2f | %.2f |%n",
        text.replace("|", " | "),
        us[0],
        us[1],
        us[2],
        us[1] / us[0],
        us[2] / us[0],
        us[2] / us[1]);
  }

  private Tensor table(String name) {
    return Objects.requireNonNull(tables.get(name), name);
  }

  /** The order of the coefficients, the numbers of the slots, a gather, a bias, one product. */
  private Tensor dense(Tensor input) {
    Tensor into = tables.get("homo_basis.into");
    Tensor own = into == null ? weights : weights.index_select(0, into);
    Tensor slots = own.view(copies * copies, -1).mm(table("homo_basis.pair_0_basis")).view(-1);
    Tensor map = slots.index_select(0, table("homo_basis.gather")).view(rho.size(), rho.size());
    Tensor shift = bias.view(copies, 1).mm(table("bias_module.fixed_0")).view(-1);
    return torch.addmm(shift, input, map);
  }

  /** A change of basis, copies last, a product for each irrep, and the way back. */
  private Tensor spectral(Tensor input) {
    Tensor turn = table("spectral.in_0.matrix");
    long size = summand.size();
    long width = turn.size(1);
    Tensor turned = input.view(batch * copies, size).mm(turn).narrow(1, 0, size);
    Tensor ordered = turned.view(batch, copies, size).transpose(1, 2).reshape(batch, size * copies);
    List<Irrep> irreps = summand.irreps().stream().distinct().toList();
    Tensor entries = weights.index_select(0, table("spectral.gather"));
    List<Tensor> results = new ArrayList<>();
    long column = 0;
    long entry = 0;
    for (Irrep irrep : irreps) {
      long of = summand.copies(irrep).size() * copies;
      long d = irrep.dimension();
      Tensor own = ordered.narrow(1, column, d * of).reshape(batch * d, of);
      Tensor product = own.mm(entries.narrow(0, entry, of * of).view(of, of));
      results.add((irrep.isTrivial() ? product.add(bias) : product).view(batch, d * of));
      column += d * of;
      entry += of * of;
    }
    if (width > size) {
      results.add(input.new_zeros(batch, (width - size) * copies));
    }
    Tensor back = Tensors.join(1, results).view(batch, width, copies).transpose(1, 2);
    return back.reshape(batch * copies, width).mm(turn.t()).view(batch, rho.size());
  }

  private double[] medians(List<UnaryOperator<Tensor>> ways, int rounds) {
    double[][] times = new double[ways.size()][rounds];
    double spent = 0;
    for (int warm = 0; spent < WARM_UP_MICROSECONDS; warm++) {
      spent += microseconds(ways.get(warm % ways.size()));
    }
    for (int round = 0; round < rounds; round++) {
      for (int turn = 0; turn < times.length; turn++) {
        int way = (round + turn) % times.length; // whoever follows finds caches cold
        times[way][round] = microseconds(ways.get(way));
      }
    }
    return Arrays.stream(times)
        .mapToDouble(own -> Arrays.stream(own).sorted().toArray()[rounds / 2])
        .toArray();
  }

  private static long now() {
    return LibTorch.threads() == 1 ? THREADS.getCurrentThreadCpuTime() : System.nanoTime();
  }

  private double microseconds(UnaryOperator<Tensor> way) {
    try (PointerScope scope = new PointerScope()) {
      x.mutable_grad().put(new Tensor());
      long start = now();
      way.apply(x).backward(gradient, new BoolOptional(false), false, new TensorArrayRefOptional());
      return (now() - start) / 1e3;
    }
  }
}
