package dev.noether.nn.norm;

import dev.noether.nn.LayerType;
import dev.noether.nn.LayerTypes;
import java.util.List;

/** The layers of this package. */
public final class NormLayers implements LayerTypes {
  /** For the service loader. */
  public NormLayers() {}

  @Override
  public List<LayerType<?>> types() {
    return List.of(
        BatchNorm1d.TYPE,
        LayerNorm.TYPE,
        GroupNorm.TYPE,
        RmsNorm.TYPE,
        EquivariantRmsNorm.TYPE,
        EquivariantLayerNorm.TYPE,
        EquivariantBatchNorm1d.TYPE,
        InnerBatchNorm.TYPE,
        FieldNorm.TYPE);
  }
}
