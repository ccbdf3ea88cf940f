package dev.noether.benchmarks;

import dev.noether.hom.Execution;
import dev.noether.nn.EquivariantLinear;
import dev.noether.nn.Layer;
import dev.noether.nn.Linear;
import dev.noether.nn.LinearOptions;
import dev.noether.rep.Representation;
import dev.noether.torch.Dtype;
import dev.noether.torch.LibTorch;
import dev.noether.torch.Scopes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.UnaryOperator;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.SGD;
import org.bytedeco.pytorch.SGDOptions;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Layers of many widths and batches against the plain dense layer: medians as ratios, the layers
 * taking turns. Arguments: threads, iterations, then cases as {@code IN|OUT|batch}.
 */
public final class Widths {
  private static final List<String> CASES =
      List.of(
          "C10: 10 x regular|C10: 10 x regular|1024",
          "D10: 10 x regular|D10: 10 x regular|1024",
          "Icosahedral: 2 x regular|Icosahedral: 4 x regular|1024",
          "Icosahedral: 10 x regular|Icosahedral: 10 x regular|64",
          "Icosahedral: 10 x regular|Icosahedral: 10 x regular|1024",
          "D50: 8 x regular|D50: 8 x regular|1024",
          "Icosahedral: 16 x regular|Icosahedral: 16 x regular|1",
          "Icosahedral: 16 x regular|Icosahedral: 16 x regular|1024",
          isotypic(16) + "|" + isotypic(16) + "|1024");

  private Widths() {}

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
    private final Layer layer;
    private final UnaryOperator<Tensor> forward;
    private final SGD optimizer;
    private final List<Double> training = new ArrayList<>();
    private final List<Double> evaluation = new ArrayList<>();

    Contestant(Layer layer, UnaryOperator<Tensor> forward) {
      this.layer = layer;
      this.forward = forward;
      this.optimizer = new SGD(layer.parameters(), new SGDOptions(1e-5));
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

  /**
   * Runs the cases.
   *
   * @param arguments threads, iterations, cases
   */
  public static void main(String[] arguments) {
    LibTorch.setThreads(arguments.length > 0 ? Integer.parseInt(arguments[0]) : 1);
    int iterations = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 60;
    List<String> cases =
        arguments.length > 2 ? Arrays.asList(arguments).subList(2, arguments.length) : CASES;
    for (String text : cases) {
      for (Dtype dtype : Dtype.values()) {
        run(text.split("\\|", -1), dtype, iterations);
      }
    }
  }

  private static void run(String[] parts, Dtype dtype, int iterations) {
    Representation in = Representation.parse(parts[0]);
    Representation out = Representation.parse(parts[1]);
    LinearOptions options = LinearOptions.defaults().with(dtype).withSeed(0);
    List<Contestant> contestants = new ArrayList<>();
    Linear plain = new Linear(in.size(), out.size(), options);
    contestants.add(new Contestant(plain, plain::forward));
    for (Execution execution : Execution.values()) {
      EquivariantLinear layer = new EquivariantLinear(in, out, options.with(execution));
      contestants.add(new Contestant(layer, layer::forward));
    }
    try (PointerScope scope = new PointerScope()) {
      Tensor x =
          Scopes.compute(
              () -> torch.randn(Long.parseLong(parts[2]), in.size()).to(dtype.scalarType()));
      for (int i = -10; i < iterations; i++) {
        for (Contestant contestant : contestants) {
          contestant.layer.train();
          contestant.train(x, false);
          contestant.train(x, i >= 0);
          contestant.layer.eval();
          contestant.evaluate(x, false);
          contestant.evaluate(x, i >= 0);
        }
      }
    }
    double training = median(contestants.get(0).training);
    double evaluation = median(contestants.get(0).evaluation);
    System.out.printf(
        Locale.ROOT,
        "%s -> %s, batch %s, %s, %d threads: dense train %.3f ms, eval %.3f ms; ratios",
        parts[0],
        parts[1],
        parts[2],
        dtype,
        LibTorch.threads(),
        training,
        evaluation);
    for (int i = 0; i < Execution.values().length; i++) {
      Contestant contestant = contestants.get(i + 1);
      System.out.printf(
          Locale.ROOT,
          " %s %.2f/%.2f",
          Execution.values()[i],
          median(contestant.training) / training,
          median(contestant.evaluation) / evaluation);
    }
    System.out.println();
  }

  private static double median(List<Double> values) {
    return values.stream().sorted().skip(values.size() / 2).findFirst().orElse(Double.NaN);
  }
}
