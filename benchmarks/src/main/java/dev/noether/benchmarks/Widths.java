package dev.noether.benchmarks;

import dev.noether.hom.Execution;
import dev.noether.nn.EquivariantLinear;
import dev.noether.nn.EquivariantSequential;
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
 * Layers of many widths and batches against the plain dense layer: medians as ratios, the layers
 * taking turns. Arguments: threads, iterations, then cases as {@code IN|OUT|batch}, or {@code
 * RHO|RHO|batch|depth} for chains of layers, which stay in the isotypic basis where that pays.
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
          "Icosahedral: 16 x regular|Icosahedral: 16 x regular|1024|4",
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
    int depth = parts.length > 3 ? Integer.parseInt(parts[3]) : 1;
    List<Linear> plain =
        Stream.generate(() -> new Linear(in.size(), out.size(), options)).limit(depth).toList();
    contestants.add(
        new Contestant(
            plain,
            x -> {
              Tensor current = x;
              for (Linear layer : plain) {
                current = layer.forward(current);
              }
              return current;
            }));
    for (Execution execution : Execution.values()) {
      EquivariantSequential chain =
          new EquivariantSequential(
              Stream.generate(() -> new EquivariantLinear(in, out, options.with(execution)))
                  .limit(depth)
                  .toList());
      contestants.add(new Contestant(List.of(chain), chain::forward));
    }
    try (PointerScope scope = new PointerScope()) {
      Tensor x =
          Scopes.compute(
              () -> torch.randn(Long.parseLong(parts[2]), in.size()).to(dtype.scalarType()));
      for (int i = -10; i < iterations; i++) {
        for (Contestant contestant : contestants) {
          contestant.layers.forEach(Layer::train);
          contestant.train(x, false);
          contestant.train(x, i >= 0);
          contestant.layers.forEach(Layer::eval);
          contestant.evaluate(x, false);
          contestant.evaluate(x, i >= 0);
        }
      }
    }
    double training = median(contestants.get(0).training);
    double evaluation = median(contestants.get(0).evaluation);
    System.out.printf(
        Locale.ROOT,
        "%s -> %s, %d deep, batch %s, %s, %d threads: dense train %.3f ms, eval %.3f ms; ratios",
        parts[0],
        parts[1],
        depth,
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
