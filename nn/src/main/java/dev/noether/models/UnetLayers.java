package dev.noether.models;

import dev.noether.nn.LayerType;
import dev.noether.nn.LayerTypes;
import java.util.List;

/** The conditional U-Nets of this package, and their blocks. */
public final class UnetLayers implements LayerTypes {
  /** For the service loader. */
  public UnetLayers() {}

  @Override
  public List<LayerType<?>> types() {
    return List.of(
        ConditionalUnet1d.TYPE,
        ConditionalResidualBlock1d.TYPE,
        EquivariantConditionalUnet1d.TYPE,
        EquivariantConditionalResidualBlock1d.TYPE);
  }
}
