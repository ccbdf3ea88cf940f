package dev.noether.nn;

import dev.noether.group.CompactGroup;
import dev.noether.group.FiniteGroup;
import dev.noether.group.Groups;
import dev.noether.group.Irrep;
import dev.noether.kernel.FieldType;
import dev.noether.kernel.Space;
import dev.noether.lie.FiniteEmbedding;
import dev.noether.nn.conv.SteerableConv2d;
import dev.noether.nn.conv.SteerableConv3d;
import dev.noether.nn.conv.SteerableConvTranspose2d;
import dev.noether.nn.conv.SteerableConvTranspose3d;
import dev.noether.nn.conv.SteerableOptions;
import dev.noether.plain.Border;
import dev.noether.rep.Representation;
import dev.noether.torch.Dtype;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** Layers of fields, for the groups that act on the plane or on space. */
final class FieldSubjects {
  private FieldSubjects() {}

  /** The plane where the group acts there, and space likewise. */
  private static List<Space> spaces(Representation rho) {
    List<Space> spaces = new ArrayList<>();
    if (rho.group() instanceof FiniteGroup group) {
      planar(group).ifPresent(spaces::add);
      try {
        spaces.add(Space.of(FiniteEmbedding.standard(group, CompactGroup.SO3)));
      } catch (IllegalArgumentException noPlaceThere) {
        return spaces;
      }
    }
    return spaces;
  }

  /** The plane that the very group turns, and reflects; groups of other kinds have like names. */
  static Optional<Space> planar(FiniteGroup group) {
    int order = group.order();
    if (group.equals(Groups.cyclic(order))) {
      return Optional.of(Space.cyclic(order));
    }
    return order % 2 == 0 && group.equals(Groups.dihedral(order / 2))
        ? Optional.of(Space.dihedral(order / 2))
        : Optional.empty();
  }

  /** The fields themselves in the plane; in space, where kernels are large, fewer. */
  private static FieldType fields(Space space, Representation rho) {
    if (space.dimension() == 2) {
      return FieldType.ofSummands(space, rho);
    }
    Irrep largest = Collections.max(rho.irreps(), Comparator.comparingInt(Irrep::dimension));
    return FieldType.of(space, Representation.trivial(rho.group()), Representation.irrep(largest));
  }

  static List<EquivariantLayer> layers(Representation rho, Dtype dtype) {
    List<EquivariantLayer> layers = new ArrayList<>();
    SteerableOptions options = SteerableOptions.kernel(3).with(dtype).withSeed(1).withPadding(1);
    for (Space space : spaces(rho)) {
      FieldType fields = fields(space, rho);
      if (space.dimension() == 2) {
        layers.add(new SteerableConv2d(fields, fields, options.withStride(2)));
        layers.add(new SteerableConv2d(fields, fields, options.with(Border.CIRCULAR)));
        layers.add(new SteerableConvTranspose2d(fields, fields, options.withStride(2)));
      } else {
        layers.add(new SteerableConv3d(fields, fields, options));
        layers.add(new SteerableConvTranspose3d(fields, fields, options.withStride(2)));
      }
    }
    return layers;
  }
}
