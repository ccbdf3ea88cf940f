package dev.noether.nn.linear;

import dev.noether.nn.LayerType;
import dev.noether.nn.LayerTypes;
import java.util.List;

/** The layers of this package. */
public final class LinearLayers implements LayerTypes {
  /** For the service loader. */
  public LinearLayers() {}

  @Override
  public List<LayerType<?>> types() {
    return List.of(
        Linear.TYPE,
        EquivariantLinear.TYPE,
        FieldLinear.TYPE,
        InvariantBias.TYPE,
        CopyScales.TYPE,
        EquivariantAffine.TYPE,
        EquivariantFilm.TYPE,
        CommutingConstraint.TYPE,
        InvariantConstraint.TYPE,
        ChangeToIsotypicBasis.TYPE,
        ChangeFromIsotypicBasis.TYPE,
        Disentangle.TYPE,
        Restricted.TYPE,
        Branches.TYPE);
  }
}
