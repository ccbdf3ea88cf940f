package dev.noether.nn.frame;

import dev.noether.nn.LayerType;
import dev.noether.nn.LayerTypes;
import java.util.List;

/** The layers of this package. */
public final class FrameLayers implements LayerTypes {
  /** For the service loader. */
  public FrameLayers() {}

  @Override
  public List<LayerType<?>> types() {
    return List.of(Canonicalization.TYPE, FrameAveraging.TYPE);
  }
}
