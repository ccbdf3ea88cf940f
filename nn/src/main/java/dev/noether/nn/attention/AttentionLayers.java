package dev.noether.nn.attention;

import dev.noether.nn.LayerType;
import dev.noether.nn.LayerTypes;
import java.util.List;

/** The layers of this package. */
public final class AttentionLayers implements LayerTypes {
  /** For the service loader. */
  public AttentionLayers() {}

  @Override
  public List<LayerType<?>> types() {
    return List.of(
        EquivariantMultiheadAttention.TYPE,
        MultiheadAttention.TYPE,
        AdditivePositionalAttention.TYPE,
        EquivariantAdditivePositionalAttention.TYPE,
        RelativePositionalAttention.TYPE,
        EquivariantRelativePositionalAttention.TYPE,
        RotaryPositionalAttention.TYPE,
        EquivariantRotaryPositionalAttention.TYPE);
  }
}
