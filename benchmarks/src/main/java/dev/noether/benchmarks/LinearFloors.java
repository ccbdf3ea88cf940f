package dev.noether.benchmarks;

import dev.noether.nn.Layer;
import dev.noether.nn.linear.Linear;
import dev.noether.plain.Forward;
import dev.noether.rep.Representation;
import dev.noether.torch.LibTorch;
import dev.noether.torch.Scopes;
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
 * Linear layers beside LibTorch's calls for them alone and beside the plain layer: forward and
 * gradients to input and parameters, the three in turns, medians; processor time on one thread,
 * else the clock. That the calls alone give the layer's result and gradients is checked first.
 */
public final class LinearFloors {
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
  private static final double WARM_UP_MICROSECONDS = 2e6;

  /** Of float32 sums in another order. */
  private static final double TOLERANCE = 1e-4;

  private static final String MISSION = "Icosahedral: 2 x regular -> Icosahedral: 4 x regular";
  private static final String C10 = "C10: 2 x regular";
  private static final String D4 = "D4: 2 x regular";
  private static final String WIDE = "Icosahedral: 16 x regular";
  private static final List<String> CASES =
      List.of(
          C10 + "|dense|1",
          C10 + "|dense|16",
          D4 + "|dense|1",
          D4 + "|dense|16",
          "C10: 10 x regular|dense|1024",
          MISSION + "|dense|1024",
          MISSION + "|projected|1024",
          "Icosahedral: 10 x regular|padded|1",
          "Icosahedral: 10 x regular|padded|4",
          "Icosahedral: 10 x regular|padded|16",
          "Icosahedral: 10 x regular|spectral|64",
          "D50: 8 x regular|spectral|1024",
          WIDE + "|spectral|1024",
          WIDE + "|4|1024",
          WIDE + "|8|1024");

  private final LinearCalls calls;
  private final List<Linear> plain = new ArrayList<>();
  private final Tensor x;
  private final Tensor gradient;

  private LinearFloors(Representation in, Representation out, String way, long batch) {
    calls = LinearCalls.of(in, out, way);
    int depth = way.matches("[0-9]+") ? Integer.parseInt(way) : 1;
    for (int i = 0; i < depth; i++) {
      plain.add(new Linear(i == 0 ? in.size() : out.size(), out.size()));
    }
    x = Scopes.keep(torch.randn(batch, in.size())).set_requires_grad(true);
    gradient = Scopes.keep(torch.randn(batch, out.size()));
  }

  /**
   * Prints a row for each case.
   *
   * @param arguments threads (1), rounds (200), cases as {@code IN -> OUT|WAY|BATCH}; OUT may be
   *     left out where it is IN, and WAY is dense, projected, spectral, padded (of few samples) or
   *     the layers of a chain in the isotypic basis
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
      String[] maps = parts[0].split(" -> ", -1);
      Representation in = Representation.parse(maps[0]);
      Representation out = maps.length > 1 ? Representation.parse(maps[1]) : in;
      new LinearFloors(in, out, parts[1], Long.parseLong(parts[2])).run(text, rounds);
    }
  }

  private Tensor plain(Tensor input) {
    Tensor current = input;
    for (Linear layer : plain) {
      current = layer.forward(current);
    }
    return current;
  }

  private Tensor layer(Tensor input) {
    return ((Forward) calls.layer()).forward(input);
  }

  private void run(String text, int rounds) {
    check();
    double[] us = medians(List.of(this::plain, calls::apply, this::layer), rounds);
    System.out.printf(
        Locale.ROOT,
        "| %s | %.0f | %.0f | %.0f | %.3f | %.3f | %.2f |%n",
        text.replace("|", " | "),
        us[0],
        us[1],
        us[2],
        us[1] / us[0],
        us[2] / us[0],
        us[2] / us[1]);
  }

  private void check() {
    try (PointerScope scope = new PointerScope()) {
      Tensor expected = layer(x);
      backward(expected);
      Tensor toInput = x.grad();
      clearGradients();
      calls.readTables();
      Tensor given = calls.apply(x);
      requireClose("result", given, expected);
      backward(given);
      requireClose("gradient of the input", x.grad(), toInput);
      Map<String, Tensor> own = calls.layer().namedParameters();
      calls
          .parameters()
          .forEach(
              (name, p) ->
                  requireClose(name, p.grad(), Objects.requireNonNull(own.get(name)).grad()));
    }
    calls.layer().zeroGrad();
    clearGradients();
  }

  private static void requireClose(String what, Tensor given, Tensor expected) {
    double scale = expected.abs().max().item_double();
    double deviation = given.sub(expected).abs().max().item_double();
    if (deviation > TOLERANCE * scale) {
      throw new IllegalStateException(
          what + ": the calls alone deviate by " + deviation + " of " + scale);
    }
  }

  private void backward(Tensor output) {
    output.backward(gradient, new BoolOptional(false), false, new TensorArrayRefOptional());
  }

  private void clearGradients() {
    x.mutable_grad().put(new Tensor());
    calls.parameters().values().forEach(own -> own.mutable_grad().put(new Tensor()));
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

  /** A step; what a layer frees as it goes, calls free at its end. */
  private double microseconds(UnaryOperator<Tensor> way) {
    try (PointerScope scope = new PointerScope()) {
      clearGradients();
      calls.layer().zeroGrad();
      plain.forEach(Layer::zeroGrad);
    }
    long start = now();
    try (PointerScope scope = new PointerScope()) {
      backward(way.apply(x));
    }
    return (now() - start) / 1e3;
  }
}
