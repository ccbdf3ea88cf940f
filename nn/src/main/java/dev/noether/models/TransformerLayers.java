package dev.noether.models;

import dev.noether.nn.LayerType;
import dev.noether.nn.LayerTypes;
import java.util.List;

/** The transformer layers of this package. */
public final class TransformerLayers implements LayerTypes {
  /** For the service loader. */
  public TransformerLayers() {}

  @Override
  public List<LayerType<?>> types() {
    return List.of(
        TransformerEncoderLayer.TYPE,
        TransformerDecoderLayer.TYPE,
        EquivariantTransformerEncoderLayer.TYPE,
        EquivariantTransformerDecoderLayer.TYPE,
        TransformerEncoder.TYPE,
        TransformerDecoder.TYPE,
        EquivariantTransformerEncoder.TYPE,
        EquivariantTransformerDecoder.TYPE,
        CondTransformerRegressor.TYPE,
        EquivariantCondTransformerRegressor.TYPE,
        CondTransformer.TYPE,
        EquivariantCondTransformer.TYPE);
  }
}
