package dev.noether.nn.activation;

import dev.noether.nn.LayerType;
import dev.noether.nn.LayerTypes;
import java.util.List;

/** The layers of this package. */
public final class ActivationLayers implements LayerTypes {
  /** For the service loader. */
  public ActivationLayers() {}

  @Override
  public List<LayerType<?>> types() {
    return List.of(
        Dropout.TYPE,
        PointwiseNonlinearity.TYPE,
        NormNonlinearity.TYPE,
        GatedNonlinearity.TYPE,
        FourierNonlinearity.TYPE,
        EquivariantDropout.TYPE,
        PointwiseDropout.TYPE,
        FieldDropout.TYPE,
        FieldNormNonlinearity.TYPE,
        FieldGate.TYPE,
        FourierPointwise.TYPE);
  }
}
