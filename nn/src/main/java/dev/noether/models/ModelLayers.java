package dev.noether.models;

import dev.noether.nn.LayerType;
import dev.noether.nn.LayerTypes;
import java.util.List;

/** The layers of this package. */
public final class ModelLayers implements LayerTypes {
  /** For the service loader. */
  public ModelLayers() {}

  @Override
  public List<LayerType<?>> types() {
    return List.of(
        Mlp.TYPE,
        EquivariantMlp.TYPE,
        InvariantMlp.TYPE,
        GatedMlp.TYPE,
        TimeCnn.TYPE,
        EquivariantTimeCnn.TYPE,
        SteerableCnn.TYPE);
  }
}
