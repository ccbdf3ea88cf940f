package dev.noether.cli.bench;

import dev.noether.Noether;
import dev.noether.nn.EquivariantLayer;
import dev.noether.nn.EquivariantSequential;
import dev.noether.nn.Layer;
import dev.noether.nn.linear.EquivariantAffine;
import dev.noether.nn.linear.EquivariantLinear;
import dev.noether.nn.linear.Linear;
import dev.noether.nn.norm.BatchNorm1d;
import dev.noether.nn.norm.EquivariantBatchNorm1d;
import dev.noether.nn.norm.EquivariantLayerNorm;
import dev.noether.nn.norm.EquivariantRmsNorm;
import dev.noether.nn.norm.LayerNorm;
import dev.noether.nn.norm.RmsNorm;
import dev.noether.plain.Forward;
import dev.noether.rep.Representation;
import dev.noether.torch.ComputeDevice;
import dev.noether.torch.LibTorch;
import dev.noether.torch.Scopes;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Linear layers of many groups, widths and batches, chains of them and norms, each beside the plain
 * layers of the same widths, turn by turn: a grid to watch over.
 *
 * @param device where they run
 * @param iterations timed iterations; 0 for as many as fit into half a second, at least 15
 */
public record GridBenchmark(ComputeDevice device, int iterations) {
  private static final double BUDGET_MS = 500;
  private static final int LEAST = 15;

  /**
   * The figures of one place of the grid.
   *
   * @param layer what was timed
   * @param in how inputs transform
   * @param out how outputs transform
   * @param batch samples
   * @param layers how many layers follow each other
   * @param trainMs median forward and backward, milliseconds
   * @param plainTrainMs the same of the plain layers
   * @param evalMs median forward in evaluation, without gradients, milliseconds
   * @param plainEvalMs the same of the plain layers
   */
  public record Row(
      String layer,
      String in,
      String out,
      int batch,
      int layers,
      double trainMs,
      double plainTrainMs,
      double evalMs,
      double plainEvalMs) {
    /** {@return forward and backward as a ratio to the plain layers} */
    public double trainRatio() {
      return trainMs / plainTrainMs;
    }

    /** {@return the forward in evaluation as a ratio to the plain layers} */
    public double evalRatio() {
      return evalMs / plainEvalMs;
    }

    /** {@return what was timed, to read} */
    public String name() {
      String maps = in.equals(out) ? in : in + " to " + out;
      return layer + " " + maps + (layers > 1 ? ", " + layers + " layers" : "");
    }

    boolean isSamePlace(Row other) {
      return layer.equals(other.layer)
          && in.equals(other.in)
          && out.equals(other.out)
          && batch == other.batch
          && layers == other.layers;
    }
  }

  /**
   * Everything that a run found.
   *
   * @param device where it ran
   * @param threads LibTorch's threads
   * @param rows the places of the grid
   */
  public record Result(String device, int threads, List<Row> rows) {
    /**
     * Copies the list.
     *
     * @param device where it ran
     * @param threads LibTorch's threads
     * @param rows the places of the grid
     */
    public Result {
      rows = List.copyOf(rows);
    }
  }

  /** One place, and how its layers are made. */
  private record Place(
      String layer,
      String in,
      String out,
      int batch,
      int layers,
      Function<Representation, EquivariantLayer> symmetric,
      Function<Integer, Layer> plain) {}

  private static List<Place> places() {
    List<Place> all = new ArrayList<>();
    all.add(linear("Icosahedral: 2 x regular", "Icosahedral: 4 x regular", 1024, 1));
    for (int batch : new int[] {1, 4, 16, 64, 256, 1024}) {
      all.add(linear("Icosahedral", 10, batch, 1));
    }
    for (int copies : new int[] {1, 2, 4, 8, 16}) {
      all.add(linear("Icosahedral", copies, 1024, 1));
    }
    for (int copies : new int[] {32, 64, 128, 256}) {
      all.add(linear("C2 x C2", copies, 64, 1));
    }
    all.add(linear("C4", 16, 256, 1));
    all.add(linear("D4", 32, 16, 1));
    all.add(linear("D4", 32, 256, 1));
    all.add(linear("C10", 10, 1024, 1));
    all.add(linear("D10", 10, 1024, 1));
    all.add(linear("D50", 8, 1024, 1));
    all.add(linear("Icosahedral", 10, 64, 4));
    all.add(linear("Icosahedral", 16, 1024, 4));
    String norms = "Icosahedral: 4 x regular";
    all.add(norm("affine", norms, EquivariantAffine::new, LayerNorm::new));
    all.add(norm("rms_norm", norms, EquivariantRmsNorm::new, RmsNorm::new));
    all.add(norm("batch_norm", norms, EquivariantBatchNorm1d::new, BatchNorm1d::new));
    all.add(norm("layer_norm", norms, EquivariantLayerNorm::new, LayerNorm::new));
    return all;
  }

  private static Place linear(String group, int copies, int batch, int layers) {
    String maps = String.format(Locale.ROOT, "%s: %d x regular", group, copies);
    return linear(maps, maps, batch, layers);
  }

  private static Place linear(String in, String out, int batch, int layers) {
    Representation to = Representation.parse(out);
    return new Place(
        "linear",
        in,
        out,
        batch,
        layers,
        from -> new EquivariantLinear(from, to),
        size -> new Linear(size, to.size()));
  }

  /** Beside the plain norm of its kind; an affine layer beside a layer norm. */
  private static Place norm(
      String name,
      String rho,
      Function<Representation, EquivariantLayer> symmetric,
      Function<Integer, Layer> plain) {
    return new Place(name, rho, rho, 1024, 1, symmetric, plain);
  }

  /**
   * Times all places.
   *
   * @param onProgress is told of every place when its turn comes
   * @return all figures
   */
  public Result run(Consumer<String> onProgress) {
    Noether.seed(0);
    List<Row> rows = new ArrayList<>();
    List<Place> places = places();
    for (Place place : places) {
      onProgress.accept(
          "bench: %d of %d, %s %s, %d samples"
              .formatted(rows.size() + 1, places.size(), place.layer, place.in, place.batch));
      try (PointerScope scope = new PointerScope()) {
        rows.add(row(place));
      }
    }
    return new Result(device.toString(), LibTorch.threads(), List.copyOf(rows));
  }

  private Row row(Place place) {
    Representation in = Representation.parse(place.in);
    List<EquivariantLayer> own =
        Stream.generate(() -> place.symmetric.apply(in)).limit(place.layers).toList();
    List<Layer> plain =
        Stream.generate(() -> place.plain.apply(in.size())).limit(place.layers).toList();
    EquivariantLayer symmetric = own.size() == 1 ? own.get(0) : new EquivariantSequential(own);
    symmetric.to(device);
    plain.forEach(layer -> layer.to(device));
    Tensor x =
        Scopes.compute(
            () -> torch.randn(place.batch, in.size()).to(device.toTorch(), torch.ScalarType.Float));
    UnaryOperator<Tensor> twin =
        input -> {
          Tensor current = input;
          for (Layer layer : plain) {
            current = ((Forward) layer).forward(current);
          }
          return current;
        };
    List<Layer> symmetricLayers = List.of(symmetric);
    Turns turns = new Turns(device, iterations, LEAST, BUDGET_MS);
    double[] training =
        turns.medians(
            () -> train(symmetricLayers, symmetric::forward, x), () -> train(plain, twin, x));
    symmetric.eval();
    plain.forEach(Layer::eval);
    double[] evaluation =
        turns.medians(() -> evaluate(symmetric::forward, x), () -> evaluate(twin, x));
    return new Row(
        place.layer,
        place.in,
        place.out,
        place.batch,
        place.layers,
        training[0],
        training[1],
        evaluation[0],
        evaluation[1]);
  }

  private static void train(List<Layer> layers, UnaryOperator<Tensor> forward, Tensor x) {
    try (PointerScope scope = new PointerScope()) {
      layers.forEach(Layer::zeroGrad);
      forward.apply(x).pow(new Scalar(2)).mean().backward();
    }
  }

  private static void evaluate(UnaryOperator<Tensor> forward, Tensor x) {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      Tensor unused = forward.apply(x);
    }
  }
}
