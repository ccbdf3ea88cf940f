package other.jar;

import dev.noether.nn.LayerType;
import dev.noether.nn.LayerTypes;
import java.util.List;

/** The layers of this jar. */
public final class OtherLayers implements LayerTypes {
  @Override
  public List<LayerType<?>> types() {
    return List.of(CopyTanh.TYPE);
  }
}
