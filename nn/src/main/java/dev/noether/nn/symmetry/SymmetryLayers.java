package dev.noether.nn.symmetry;

import dev.noether.nn.LayerType;
import dev.noether.nn.LayerTypes;
import java.util.List;

/** The layers of this package. */
public final class SymmetryLayers implements LayerTypes {
  /** For the service loader. */
  public SymmetryLayers() {}

  @Override
  public List<LayerType<?>> types() {
    return List.of(RelaxedLinear.TYPE);
  }
}
