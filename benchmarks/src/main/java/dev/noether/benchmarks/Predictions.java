package dev.noether.benchmarks;

import dev.noether.nn.linear.EquivariantLinear;
import dev.noether.nn.linear.MapOptions;
import dev.noether.rep.Representation;
import dev.noether.spectral.Execution;
import dev.noether.spectral.MapPlan;
import dev.noether.torch.LibTorch;
import dev.noether.torch.Scopes;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorArrayRefOptional;
import org.bytedeco.pytorch.global.torch;

/**
 * What the cost model predicts for the two ways of a linear layer beside what they take here:
 * whether its constants fit a machine. Processor time of one thread, the ways in turns, medians.
 */
public final class Predictions {
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
  private static final List<Execution> WAYS = List.of(Execution.DENSE, Execution.SPECTRAL);
  private static final double WARM_UP_MICROSECONDS = 6e5;
  private static final List<String> CASES =
      List.of(
          "Icosahedral: 10 x regular|1",
          "Icosahedral: 10 x regular|16",
          "Icosahedral: 10 x regular|64",
          "Icosahedral: 10 x regular|1024",
          "Icosahedral: 4 x regular|1024",
          "Icosahedral: 6 x regular|1024",
          "Icosahedral: 16 x regular|1024",
          "D50: 8 x regular|256",
          "D10: 10 x regular|16",
          "D10: 10 x regular|1024",
          "C10: 10 x regular|1024",
          "Octahedral: 10 x regular|1024",
          "D4: 32 x regular|256",
          "C4: 64 x regular|256",
          "C2 x C2: 64 x regular|64");

  private final Map<Execution, EquivariantLinear> layers = new EnumMap<>(Execution.class);
  private final boolean training;
  private final Tensor x;
  private final Tensor gradient;

  private Predictions(Representation rho, long batch, boolean training) {
    for (Execution way : WAYS) {
      EquivariantLinear layer =
          new EquivariantLinear(rho, rho, MapOptions.defaults().withSeed(0).with(way));
      layers.put(way, training ? layer : (EquivariantLinear) layer.eval());
    }
    this.training = training;
    x = Scopes.keep(torch.randn(batch, rho.size())).set_requires_grad(training);
    gradient = Scopes.keep(torch.randn(batch, rho.size()));
  }

  /**
   * Prints two rows for each case, a training step and a forward in evaluation.
   *
   * @param arguments rounds (30), cases as {@code REPRESENTATION|BATCH}
   */
  public static void main(String[] arguments) {
    LibTorch.setThreads(1);
    int rounds = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 30;
    List<String> cases =
        arguments.length > 1 ? Arrays.asList(arguments).subList(1, arguments.length) : CASES;
    System.out.println(
        "| maps | batch | | dense us | spectral us | predicted | predicted | ratio | predicted |");
    System.out.println("|---|---|---|---|---|---|---|---|---|");
    for (String text : cases) {
      String[] parts = text.split("\\|", -1);
      Representation rho = Representation.parse(parts[0]);
      long batch = Long.parseLong(parts[1]);
      for (boolean training : new boolean[] {true, false}) {
        new Predictions(rho, batch, training).run(parts[0], batch, rounds);
      }
    }
  }

  private void run(String maps, long batch, int rounds) {
    Map<Execution, Double> measured = medians(rounds);
    MapPlan plan = layer(Execution.DENSE).plan(batch);
    double[] us = WAYS.stream().mapToDouble(measured::get).toArray();
    double[] said = WAYS.stream().mapToDouble(way -> plan.candidate(way).microseconds()).toArray();
    System.out.printf(
        Locale.ROOT,
        "| %s | %d | %s | %.0f | %.0f | %.0f | %.0f | %.2f | %.2f |%n",
        maps,
        batch,
        training ? "training" : "evaluation",
        us[0],
        us[1],
        said[0],
        said[1],
        us[1] / us[0],
        said[1] / said[0]);
  }

  private EquivariantLinear layer(Execution way) {
    return Objects.requireNonNull(layers.get(way));
  }

  private Map<Execution, Double> medians(int rounds) {
    Map<Execution, double[]> times = new EnumMap<>(Execution.class);
    WAYS.forEach(way -> times.put(way, new double[rounds]));
    for (Execution way : WAYS) {
      for (double spent = 0; spent < WARM_UP_MICROSECONDS; ) {
        spent += microseconds(layer(way));
      }
    }
    for (int round = 0; round < rounds; round++) {
      for (Execution way : WAYS) {
        Objects.requireNonNull(times.get(way))[round] = microseconds(layer(way));
      }
    }
    Map<Execution, Double> medians = new EnumMap<>(Execution.class);
    times.forEach(
        (way, own) -> medians.put(way, Arrays.stream(own).sorted().toArray()[rounds / 2]));
    return medians;
  }

  private double microseconds(EquivariantLinear layer) {
    x.mutable_grad().put(new Tensor());
    layer.zeroGrad();
    long start = THREADS.getCurrentThreadCpuTime();
    try (PointerScope scope = new PointerScope()) {
      if (training) {
        layer
            .forward(x)
            .backward(gradient, new BoolOptional(false), false, new TensorArrayRefOptional());
      } else {
        try (NoGradGuard guard = new NoGradGuard()) {
          layer.forward(x);
        }
      }
    }
    return (THREADS.getCurrentThreadCpuTime() - start) / 1e3;
  }
}
