package dev.noether.nn;

import java.util.List;

/** The layers of this package: chains and residuals. */
public final class KernelLayers implements LayerTypes {
  /** For the service loader. */
  public KernelLayers() {}

  @Override
  public List<LayerType<?>> types() {
    return List.of(EquivariantSequential.TYPE, Residual.TYPE);
  }
}
