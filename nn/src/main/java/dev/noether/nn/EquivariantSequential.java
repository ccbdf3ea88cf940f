package dev.noether.nn;

import static dev.noether.algebra.Checks.require;

import dev.noether.hom.Spectrum;
import dev.noether.rep.Representation;
import dev.noether.torch.Scopes;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Layers one after the other; each must give what the next one takes. They are named {@code 0},
 * {@code 1} and so on in the state dict.
 *
 * <p>Linear, affine and RMS norm layers and norm nonlinearities that follow each other hand on
 * their features in the isotypic basis, where that is less work: the basis changes where such a run
 * of layers begins and where it ends, and nothing is turned inside.
 */
public final class EquivariantSequential extends Layer implements EquivariantLayer, PlainLayer {
  private final List<EquivariantLayer> layers;
  private final List<Run> runs = new ArrayList<>();

  /**
   * Layers next to each other: one that works by itself, or several that can hand on features in
   * the isotypic basis.
   */
  private record Run(List<EquivariantLayer> layers, List<SpectralStage> stages) {}

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
    for (int first = 0, end; first < layers.size(); first = end) {
      List<SpectralStage> stages = new ArrayList<>();
      end = first;
      SpectralStage stage = stage(end);
      while (stage != null && (stages.isEmpty() || leads(stages, stage))) {
        stages.add(stage);
        stage = ++end < layers.size() ? stage(end) : null;
      }
      end = Math.max(end, first + 1);
      if (stages.size() > 1) {
        for (int i = 0; i < stages.size(); i++) {
          String name = "isotypic." + (first + i) + ".";
          stages.get(i).buffers().forEach((key, b) -> registerBuffer(name + key, b, false));
        }
      }
      runs.add(new Run(List.copyOf(layers.subList(first, end)), List.copyOf(stages)));
    }
  }

  private @Nullable SpectralStage stage(int layer) {
    return ((Layer) layers.get(layer)).spectralStage();
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
      current = forward(run, current);
    }
    return current;
  }

  /** Whether some layers hand on features of so many samples in the isotypic basis. */
  boolean staysInside(long samples) {
    return runs.stream().anyMatch(run -> staysInside(run, samples));
  }

  private Tensor forward(Run run, Tensor input) {
    int size = run.layers.get(0).in().size();
    if (run.stages.size() > 1 && staysInside(run, input.numel() / size)) {
      return Scopes.compute(
          () -> {
            Spectrum features = run.stages.get(0).enter(input);
            for (SpectralStage stage : run.stages) {
              features = stage.apply(features);
            }
            return run.stages.get(run.stages.size() - 1).leave(features, input);
          });
    }
    Tensor current = input;
    for (EquivariantLayer layer : run.layers) {
      current = layer.forward(current);
    }
    return current;
  }

  /** Whether one change of basis on each side is less work than each layer by itself. */
  private boolean staysInside(Run run, long samples) {
    double alone = 0;
    double inside = 0;
    for (int i = 0; i < run.stages.size(); i++) {
      SpectralStage.Cost cost = run.stages.get(i).cost(samples, isTraining());
      alone += cost.alone();
      inside += cost.inside();
      if (i == 0) {
        inside += cost.side();
      }
      if (i == run.stages.size() - 1) {
        inside += cost.side();
      }
    }
    return run.stages.size() > 1 && inside < alone;
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
