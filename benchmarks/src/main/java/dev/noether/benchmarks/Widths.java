package dev.noether.benchmarks;

import dev.noether.hom.BasisExpansion;
import dev.noether.nn.EquivariantSequential;
import dev.noether.nn.Layer;
import dev.noether.nn.linear.DenseOptions;
import dev.noether.nn.linear.EquivariantLinear;
import dev.noether.nn.linear.Linear;
import dev.noether.nn.linear.MapOptions;
import dev.noether.rep.Representation;
import dev.noether.spectral.Execution;
import dev.noether.torch.Dtype;
import dev.noether.torch.LibTorch;
import dev.noether.torch.Scopes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.SGD;
import org.bytedeco.pytorch.SGDOptions;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * Layers of many widths and batches against the plain dense layer: medians of one run in which the
 * layers take turns, as ratios, a row of a table each.
 *
 * <p>Arguments: threads, iterations, then cases as {@code IN|OUT|batch|dtype}, or {@code
 * RHO|RHO|batch|dtype|depth} for chains of layers, which stay in the isotypic basis where that
 * pays. Without cases: the widths, the batches and the growth with the number of copies in float32,
 * some of them in float64.
 */
public final class Widths {
  /** What a small case is repeated for, milliseconds of the plain layer. */
  private static final double LEAST_TIME = 100;

  private Widths() {}

  private static List<String> cases() {
    List<String> cases =
        new ArrayList<>(
            List.of(
                copies("C10", 10, 1024, "float32"),
                copies("D10", 10, 1024, "float32"),
                "Icosahedral: 2 x regular|Icosahedral: 4 x regular|1024|float32",
                copies("D50", 8, 1024, "float32"),
                isotypic(16) + "|" + isotypic(16) + "|1024|float32",
                copies("Icosahedral", 16, 1024, "float32|4"),
                copies("Icosahedral", 16, 1024, "float32|8")));
    for (int batch : new int[] {1, 4, 16, 64, 256, 1024, 4096}) {
      cases.add(copies("Icosahedral", 10, batch, "float32"));
    }
    for (int m : new int[] {1, 2, 4, 8, 16}) {
      cases.add(copies("Icosahedral", m, 1024, "float32"));
    }
    for (int batch : new int[] {1, 64, 1024}) {
      cases.add(copies("Icosahedral", 10, batch, "float64"));
    }
    cases.add(copies("D50", 8, 1024, "float64"));
    return cases;
  }

  private static String copies(String group, int m, int batch, String rest) {
    String maps = String.format(Locale.ROOT, "%s: %d x regular", group, m);
    return maps + "|" + maps + "|" + batch + "|" + rest;
  }

  /** The irreps of m regular copies, side by side: what layers inside the isotypic basis see. */
  private static String isotypic(int m) {
    return String.format(
        Locale.ROOT,
        "Icosahedral: %d x irrep(0) + %d x irrep(1) + %d x irrep(2) + %d x irrep(3) + %d x"
            + " irrep(4)",
        m,
        3 * m,
        5 * m,
        3 * m,
        4 * m);
  }

  private static final class Contestant {
    private final List<? extends Layer> layers;
    private final UnaryOperator<Tensor> forward;
    private final SGD optimizer;
    private final List<Double> training = new ArrayList<>();
    private final List<Double> evaluation = new ArrayList<>();

    Contestant(List<? extends Layer> layers, UnaryOperator<Tensor> forward) {
      this.layers = layers;
      this.forward = forward;
      this.optimizer =
          new SGD(
              new TensorVector(
                  layers.stream()
                      .flatMap(layer -> layer.namedParameters().values().stream())
                      .toArray(Tensor[]::new)),
              new SGDOptions(1e-5));
    }

    void train(Tensor x, boolean record) {
      try (PointerScope scope = new PointerScope()) {
        optimizer.zero_grad();
        long start = System.nanoTime();
        Tensor y = forward.apply(x);
        long forwardDone = System.nanoTime();
        Tensor loss = y.pow(new Scalar(2)).mean();
        long lossDone = System.nanoTime();
        loss.backward();
        long end = System.nanoTime();
        optimizer.step();
        if (record) {
          training.add((forwardDone - start + end - lossDone) / 1e6);
        }
      }
    }

    void evaluate(Tensor x, boolean record) {
      try (PointerScope scope = new PointerScope();
          NoGradGuard guard = new NoGradGuard()) {
        long start = System.nanoTime();
        Tensor y = forward.apply(x);
        long end = System.nanoTime();
        if (record && !y.isNull()) {
          evaluation.add((end - start) / 1e6);
        }
      }
    }
  }

  /** The two expansions of the mission, then AUTO, then SPECTRAL. */
  private static List<MapOptions> rivals(MapOptions options) {
    MapOptions iso = options.with(Execution.DENSE);
    return List.of(
        iso, iso.with(BasisExpansion.MEMORY_HEAVY), options, options.with(Execution.SPECTRAL));
  }

  /**
   * Runs the cases.
   *
   * @param arguments threads, iterations, cases
   */
  public static void main(String[] arguments) {
    LibTorch.setThreads(arguments.length > 0 ? Integer.parseInt(arguments[0]) : 1);
    int iterations = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 20;
    List<String> cases =
        arguments.length > 2 ? Arrays.asList(arguments).subList(2, arguments.length) : cases();
    System.out.printf(
        "%d threads, training step / evaluation forward as ratios to the plain layer%n%n",
        LibTorch.threads());
    System.out.println(
        "| maps | batch | dtype | plain, ms | iso | heavy | AUTO | SPECTRAL | AUTO to the better of"
            + " iso and heavy |");
    System.out.println("|---|---|---|---|---|---|---|---|---|");
    cases.forEach(text -> run(text.split("\\|", -1), iterations));
  }

  private static void run(String[] parts, int iterations) {
    Representation in = Representation.parse(parts[0]);
    Representation out = Representation.parse(parts[1]);
    Dtype dtype = parts[3].equals("float64") ? Dtype.FLOAT64 : Dtype.FLOAT32;
    int depth = parts.length > 4 ? Integer.parseInt(parts[4]) : 1;
    MapOptions options = MapOptions.defaults().with(dtype).withSeed(0);
    List<Contestant> contestants = new ArrayList<>();
    contestants.add(plain(in, out, depth, options));
    for (MapOptions own : rivals(options)) {
      EquivariantSequential chain =
          new EquivariantSequential(
              Stream.generate(() -> new EquivariantLinear(in, out, own)).limit(depth).toList());
      contestants.add(new Contestant(List.of(chain), chain::forward));
    }
    measure(contestants, in.size(), Long.parseLong(parts[2]), dtype, iterations);
    print(parts, depth, contestants);
  }

  private static Contestant plain(
      Representation in, Representation out, int depth, MapOptions options) {
    List<Linear> layers =
        Stream.generate(
                () ->
                    new Linear(
                        in.size(),
                        out.size(),
                        new DenseOptions(options.bias(), options.seed(), options.dtype())))
            .limit(depth)
            .toList();
    return new Contestant(
        layers,
        x -> {
          Tensor current = x;
          for (Linear layer : layers) {
            current = layer.forward(current);
          }
          return current;
        });
  }

  private static void measure(
      List<Contestant> contestants, int size, long batch, Dtype dtype, int iterations) {
    try (PointerScope scope = new PointerScope()) {
      Tensor x = Scopes.compute(() -> torch.randn(batch, size).to(dtype.scalarType()));
      for (Contestant contestant : contestants) {
        contestant.layers.forEach(Layer::train);
      }
      takeTurns(
          contestants,
          iterations,
          (contestant, record) -> contestant.train(x, record),
          c -> c.training);
      for (Contestant contestant : contestants) {
        contestant.layers.forEach(Layer::eval);
      }
      takeTurns(
          contestants,
          iterations,
          (contestant, record) -> contestant.evaluate(x, record),
          c -> c.evaluation);
    }
  }

  /** Twice each, since the first time the others have filled the processor's caches. */
  private static void takeTurns(
      List<Contestant> contestants,
      int iterations,
      BiConsumer<Contestant, Boolean> step,
      Function<Contestant, List<Double>> times) {
    double plain = 0;
    for (int i = -10; i < iterations || plain < LEAST_TIME; i++) {
      for (Contestant contestant : contestants) {
        step.accept(contestant, false);
        step.accept(contestant, i >= 0);
      }
      plain += i < 0 ? 0 : times.apply(contestants.get(0)).get(i);
    }
  }

  private static void print(String[] parts, int depth, List<Contestant> contestants) {
    Contestant plain = contestants.get(0);
    double training = median(plain.training);
    double evaluation = median(plain.evaluation);
    StringBuilder row = new StringBuilder();
    row.append(
        String.format(
            Locale.ROOT,
            "| %s to %s%s | %s | %s | %.3f / %.3f |",
            parts[0],
            parts[1].substring(parts[1].indexOf(": ") + 2),
            depth > 1 ? ", " + depth + " layers" : "",
            parts[2],
            parts[3],
            training,
            evaluation));
    for (Contestant own : contestants.subList(1, contestants.size())) {
      row.append(ratios(median(own.training) / training, median(own.evaluation) / evaluation));
    }
    Contestant iso = contestants.get(1);
    Contestant heavy = contestants.get(2);
    Contestant auto = contestants.get(3);
    row.append(
        ratios(
            median(auto.training) / Math.min(median(iso.training), median(heavy.training)),
            median(auto.evaluation) / Math.min(median(iso.evaluation), median(heavy.evaluation))));
    System.out.println(row);
  }

  private static String ratios(double training, double evaluation) {
    return String.format(Locale.ROOT, " %.2f / %.2f |", training, evaluation);
  }

  private static double median(List<Double> values) {
    return values.stream().sorted().skip(values.size() / 2).findFirst().orElse(Double.NaN);
  }
}
