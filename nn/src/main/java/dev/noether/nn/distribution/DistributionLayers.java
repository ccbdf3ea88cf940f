package dev.noether.nn.distribution;

import dev.noether.nn.LayerType;
import dev.noether.nn.LayerTypes;
import java.util.List;

/** The layers of this package. */
public final class DistributionLayers implements LayerTypes {
  /** For the service loader. */
  public DistributionLayers() {}

  @Override
  public List<LayerType<?>> types() {
    return List.of(
        EquivariantMultivariateNormal.TYPE,
        EmaStatistics.TYPE,
        EquivariantEmaStatistics.TYPE,
        HomEmaStatistics.TYPE);
  }
}
