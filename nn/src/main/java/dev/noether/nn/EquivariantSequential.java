package dev.noether.nn;

import static dev.noether.algebra.Checks.require;

import dev.noether.hom.Spectrum;
import dev.noether.rep.Representation;
import dev.noether.torch.Scopes;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.bytedeco.pytorch.GradMode;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Layers one after the other; each must give what the next one takes. They are named {@code 0},
 * {@code 1} and so on in the state dict.
 *
 * <p>Linear and affine layers, RMS, layer and batch norm, norm and gated nonlinearities, dropout
 * and invariant biases that follow each other, also across chains in this chain, hand on their
 * features in the isotypic basis, where that is less work: the basis changes where such a stretch
 * of layers begins and where it ends, and nothing is turned inside. Function, gradients and running
 * statistics are those of the layers by themselves.
 */
public final class EquivariantSequential extends Layer implements EquivariantLayer, PlainLayer {
  private final List<EquivariantLayer> layers;
  private final List<Run> runs;

  /**
   * Layers next to each other: one that works by itself, without a stage, or several that can hand
   * on features in the isotypic basis.
   */
  private static final class Run {
    private final List<EquivariantLayer> layers;
    private final List<SpectralStage> stages;
    private volatile @Nullable Planned last;

    Run(List<EquivariantLayer> layers, List<SpectralStage> stages) {
      this.layers = List.copyOf(layers);
      this.stages = List.copyOf(stages);
    }

    /** How its layers work on so many samples; batches tend to repeat. */
    List<Integer> stretches(long samples, boolean training) {
      if (stages.isEmpty()) {
        return List.of(1);
      }
      boolean fresh = training || GradMode.is_enabled();
      boolean admitted = stages.stream().allMatch(SpectralStage::isAdmitted);
      Planned known = last;
      if (known == null
          || known.samples != samples
          || known.training != training
          || known.fresh != fresh
          || known.admitted != admitted
          || !admitted) {
        List<SpectralStage.Cost> costs =
            stages.stream().map(stage -> stage.cost(samples, training)).toList();
        known = new Planned(samples, training, fresh, admitted, leastWork(costs));
        last = known;
      }
      return known.stretches;
    }
  }

  /** What is least work for a batch. */
  private record Planned(
      long samples, boolean training, boolean fresh, boolean admitted, List<Integer> stretches) {}

  /**
   * A chain.
   *
   * @param layers the layers, first to last
   * @throws IllegalArgumentException if there are none, one is no {@link Layer}, or the output of
   *     one is not the input of the next
   */
  public EquivariantSequential(List<? extends EquivariantLayer> layers) {
    require(!layers.isEmpty(), "a chain has at least one layer, got none");
    this.layers = List.copyOf(layers);
    for (int i = 0; i < layers.size(); i++) {
      EquivariantLayer layer = layers.get(i);
      require(layer instanceof Layer, "layer %d must extend Layer: %s", i, layer);
      registerChild(Integer.toString(i), (Layer) layer);
      if (i > 0) {
        EquivariantLayer before = layers.get(i - 1);
        require(
            before.out().equals(layer.in()) && before.featureAxis() == layer.featureAxis(),
            "layer %d gives %s (size %d, axis %d), layer %d takes %s (size %d, axis %d)",
            i - 1,
            before.out(),
            before.out().size(),
            before.featureAxis(),
            i,
            layer.in(),
            layer.in().size(),
            layer.featureAxis());
      }
    }
    runs = runs(leaves(this.layers));
  }

  /** The layers, chains among them replaced by theirs. */
  static List<EquivariantLayer> leaves(List<EquivariantLayer> layers) {
    return layers.stream()
        .flatMap(
            layer ->
                layer instanceof EquivariantSequential chain
                    ? leaves(chain.layers).stream()
                    : Stream.of(layer))
        .toList();
  }

  private static List<Run> runs(List<EquivariantLayer> layers) {
    List<Run> runs = new ArrayList<>();
    for (int first = 0, end; first < layers.size(); first = end) {
      List<SpectralStage> stages = new ArrayList<>();
      end = first;
      SpectralStage stage = stage(layers, end);
      while (stage != null && (stages.isEmpty() || leads(stages, stage))) {
        stages.add(stage);
        stage = stage(layers, ++end);
      }
      end = Math.max(end, first + 1);
      if (stages.size() < 2) {
        stages.clear();
      }
      for (int i = 0; i < stages.size(); i++) {
        ((Layer) layers.get(first + i)).join(stages.get(i));
      }
      runs.add(new Run(layers.subList(first, end), stages));
    }
    return runs;
  }

  private static @Nullable SpectralStage stage(List<EquivariantLayer> layers, int place) {
    return place < layers.size() ? ((Layer) layers.get(place)).stage() : null;
  }

  private static boolean leads(List<SpectralStage> before, SpectralStage next) {
    return before.get(before.size() - 1).out().leadsInto(next.in());
  }

  /**
   * A chain.
   *
   * @param layers the layers, first to last
   * @return the chain
   * @throws IllegalArgumentException as the constructor
   */
  public static EquivariantSequential of(EquivariantLayer... layers) {
    return new EquivariantSequential(List.of(layers));
  }

  /**
   * The layers.
   *
   * @return first to last
   */
  public List<EquivariantLayer> layers() {
    return layers;
  }

  @Override
  public Representation in() {
    return layers.get(0).in();
  }

  @Override
  public Representation out() {
    return layers.get(layers.size() - 1).out();
  }

  @Override
  public int featureAxis() {
    return layers.get(0).featureAxis();
  }

  @Override
  public Tensor forward(Tensor input) {
    Tensor current = input;
    for (Run run : runs) {
      current = forward(run, run.stretches(samples(run, current), isTraining()), current);
    }
    return current;
  }

  /** The same, staying in the isotypic basis wherever it can, whether that is less work or not. */
  Tensor inside(Tensor input) {
    Tensor current = input;
    for (Run run : runs) {
      current = forward(run, List.of(run.layers.size()), current);
    }
    return current;
  }

  /** The numbers of layers, those of inner chains counted, that could stay there. */
  List<Integer> longestStretches() {
    return runs.stream().map(run -> run.layers.size()).toList();
  }

  /** Whether some layers hand on features of so many samples in the isotypic basis. */
  boolean staysInside(long samples) {
    return stretches(samples).stream().anyMatch(layers -> layers > 1);
  }

  /** The numbers of layers, those of inner chains counted, between changes of basis. */
  List<Integer> stretches(long samples) {
    return runs.stream().flatMap(run -> run.stretches(samples, isTraining()).stream()).toList();
  }

  private static long samples(Run run, Tensor input) {
    return input.numel() / run.layers.get(0).in().size();
  }

  private static Tensor forward(Run run, List<Integer> stretches, Tensor input) {
    Tensor current = input;
    int first = 0;
    for (int length : stretches) {
      current =
          length == 1
              ? run.layers.get(first).forward(current)
              : forward(run.stages.subList(first, first + length), current);
      first += length;
    }
    return current;
  }

  private static Tensor forward(List<SpectralStage> stages, Tensor input) {
    return Scopes.compute(
        () -> {
          Spectrum features = stages.get(0).enter(input);
          for (SpectralStage stage : stages) {
            features = stage.apply(features);
          }
          return stages.get(stages.size() - 1).leave(features, input);
        });
  }

  /**
   * How the layers of a run are least work: alone, or several with one change of basis on each
   * side. The best way up to a layer extends the best way up to an earlier one.
   */
  private static List<Integer> leastWork(List<SpectralStage.Cost> costs) {
    int n = costs.size();
    double[] best = new double[n + 1];
    int[] last = new int[n + 1];
    for (int end = 1; end <= n; end++) {
      best[end] = best[end - 1] + costs.get(end - 1).alone();
      last[end] = 1;
      double inside = costs.get(end - 1).inside();
      for (int first = end - 2; first >= 0; first--) {
        inside += costs.get(first).inside();
        double sides = costs.get(first).side() + costs.get(end - 1).side();
        if (best[first] + inside + sides < best[end]) {
          best[end] = best[first] + inside + sides;
          last[end] = end - first;
        }
      }
    }
    List<Integer> lengths = new ArrayList<>();
    for (int end = n; end > 0; end -= last[end]) {
      lengths.add(0, last[end]);
    }
    return List.copyOf(lengths);
  }

  @Override
  public <V> V plain(PlainGraph<V> graph, V x) {
    V current = x;
    for (int i = 0; i < layers.size(); i++) {
      EquivariantLayer layer = layers.get(i);
      require(
          layer instanceof PlainLayer,
          "layer %d has no plain form: %s must implement PlainLayer",
          i,
          layer);
      current = ((PlainLayer) layer).plain(graph.at(Integer.toString(i)), current);
    }
    return current;
  }

  @Override
  public Optional<Architecture> architecture() {
    List<Architecture> parts =
        layers.stream().flatMap(layer -> ((Layer) layer).architecture().stream()).toList();
    return parts.size() == layers.size()
        ? Optional.of(Architecture.of(this).withLayers(parts))
        : Optional.empty();
  }

  @Override
  public String toString() {
    return "EquivariantSequential(" + in() + " -> " + out() + ", " + layers.size() + " layers)";
  }
}
