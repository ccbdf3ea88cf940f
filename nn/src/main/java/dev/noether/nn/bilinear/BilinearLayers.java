package dev.noether.nn.bilinear;

import dev.noether.nn.LayerType;
import dev.noether.nn.LayerTypes;
import java.util.List;

/** The layers of this package. */
public final class BilinearLayers implements LayerTypes {
  /** For the service loader. */
  public BilinearLayers() {}

  @Override
  public List<LayerType<?>> types() {
    return List.of(EquivariantTensorProduct.TYPE, EquivariantTensorSquare.TYPE);
  }
}
