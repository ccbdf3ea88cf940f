package dev.noether.nn.conv;

import dev.noether.nn.LayerType;
import dev.noether.nn.LayerTypes;
import java.util.List;

/** The layers of this package. */
public final class ConvolutionLayers implements LayerTypes {
  /** For the service loader. */
  public ConvolutionLayers() {}

  @Override
  public List<LayerType<?>> types() {
    return List.of(
        Conv1d.TYPE,
        ConvTranspose1d.TYPE,
        EquivariantConv1d.TYPE,
        EquivariantConvTranspose1d.TYPE,
        SteerableConv2d.TYPE,
        SteerableConv3d.TYPE,
        SteerableConvTranspose2d.TYPE,
        SteerableConvTranspose3d.TYPE);
  }
}
