package dev.noether.nn.symmetry;

import dev.noether.nn.Layer;
import java.util.ArrayList;
import java.util.List;

/** Which layers train and which evaluate, parents first. */
record Modes(List<Layer> layers, List<Boolean> training) {
  static Modes of(Layer root) {
    List<Layer> layers = new ArrayList<>(root.namedLayers().values());
    return new Modes(layers, layers.stream().map(Layer::isTraining).toList());
  }

  /** Sets the modes again. */
  void restore() {
    setOn(layers);
  }

  /** Sets them on other layers, in the same order. */
  void setOn(List<Layer> others) {
    for (int i = 0; i < others.size(); i++) {
      if (training.get(i)) {
        others.get(i).train();
      } else {
        others.get(i).eval();
      }
    }
  }
}
