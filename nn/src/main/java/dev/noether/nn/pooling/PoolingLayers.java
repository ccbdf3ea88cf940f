package dev.noether.nn.pooling;

import dev.noether.nn.LayerType;
import dev.noether.nn.LayerTypes;
import java.util.List;

/** The layers of this package. */
public final class PoolingLayers implements LayerTypes {
  /** For the service loader. */
  public PoolingLayers() {}

  @Override
  public List<LayerType<?>> types() {
    return List.of(
        InvariantPooling.TYPE,
        IrrepSubspaceNormPooling.TYPE,
        GroupPooling.TYPE,
        NormPooling.TYPE,
        MaxPooling.TYPE,
        AveragePooling.TYPE,
        GaussianPooling.TYPE,
        NormMaxPooling.TYPE,
        GlobalPooling.TYPE,
        Upsampling.TYPE,
        Mask.TYPE);
  }
}
