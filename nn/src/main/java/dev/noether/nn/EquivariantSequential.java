package dev.noether.nn;

import static dev.noether.algebra.Checks.require;

import dev.noether.rep.Representation;
import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;

/**
 * Layers one after the other; each must give what the next one takes. They are named {@code 0},
 * {@code 1} and so on in the state dict.
 */
public final class EquivariantSequential extends Layer implements EquivariantLayer {
  private final List<EquivariantLayer> layers;

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
    for (EquivariantLayer layer : layers) {
      current = layer.forward(current);
    }
    return current;
  }

  @Override
  public <V> V plain(PlainGraph<V> graph, V x) {
    V current = x;
    for (int i = 0; i < layers.size(); i++) {
      current = layers.get(i).plain(graph.at(Integer.toString(i)), current);
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
