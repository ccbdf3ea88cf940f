package dev.noether.cli.bench;

import dev.noether.hom.BasisExpansion;
import dev.noether.hom.Execution;
import dev.noether.nn.Equivariance;
import dev.noether.nn.EquivariantAffine;
import dev.noether.nn.EquivariantLayer;
import dev.noether.nn.EquivariantLinear;
import dev.noether.nn.FieldLinear;
import dev.noether.nn.FieldType;
import dev.noether.nn.Layer;
import dev.noether.nn.Linear;
import dev.noether.nn.LinearOptions;
import dev.noether.rep.Representation;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;

/**
 * A layer of the table.
 *
 * @param name its row
 * @param layer the layer
 * @param forward how it is applied
 */
record Contestant(String name, Layer layer, UnaryOperator<Tensor> forward) {
  /** The seven layers of the mission, in its order, then a layer for each way to apply a map. */
  static List<Contestant> all(Representation regular, int copies) {
    Representation in = regular.times(copies);
    Representation out = regular.times(2 * copies);
    LinearOptions options = LinearOptions.defaults().withSeed(0);
    List<Contestant> contestants = new ArrayList<>();
    contestants.addAll(mission(in, out, regular, copies, options));
    for (Execution execution : Execution.values()) {
      contestants.add(
          equivariant(
              "Noether " + execution, new EquivariantLinear(in, out, options.with(execution))));
    }
    return List.copyOf(contestants);
  }

  private static List<Contestant> mission(
      Representation in,
      Representation out,
      Representation regular,
      int copies,
      LinearOptions options) {
    return List.of(
        plain("Standard", new Linear(in.size(), out.size(), options)),
        linear("eLinear (iso)", in, out, BasisExpansion.ISOTYPIC_EXPANSION, options),
        linear("eLinear (heavy)", in, out, BasisExpansion.MEMORY_HEAVY, options),
        projected("Linear Proj (iso)", in, out, BasisExpansion.ISOTYPIC_EXPANSION, options),
        projected("Linear Proj (heavy)", in, out, BasisExpansion.MEMORY_HEAVY, options),
        equivariant("eAffine", EquivariantAffine.learnable(in, options)),
        equivariant(
            "escnn",
            new FieldLinear(
                FieldType.of(regular, copies), FieldType.of(regular, 2 * copies), options)));
  }

  private static Contestant plain(String name, Linear layer) {
    return new Contestant(name, layer, layer::forward);
  }

  private static <L extends Layer & EquivariantLayer> Contestant equivariant(String name, L layer) {
    return new Contestant(name, layer, layer::forward);
  }

  private static Contestant linear(
      String name,
      Representation in,
      Representation out,
      BasisExpansion expansion,
      LinearOptions options) {
    return equivariant(name, new EquivariantLinear(in, out, options.with(expansion)));
  }

  private static Contestant projected(
      String name,
      Representation in,
      Representation out,
      BasisExpansion expansion,
      LinearOptions options) {
    Linear layer = new Linear(in.size(), out.size(), options);
    Equivariance.impose(layer, in, out, expansion);
    return plain(name, layer);
  }
}
