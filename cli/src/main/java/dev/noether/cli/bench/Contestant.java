package dev.noether.cli.bench;

import dev.noether.hom.BasisExpansion;
import dev.noether.nn.EquivariantLayer;
import dev.noether.nn.Layer;
import dev.noether.nn.linear.DenseOptions;
import dev.noether.nn.linear.EquivariantAffine;
import dev.noether.nn.linear.EquivariantLinear;
import dev.noether.nn.linear.FieldLinear;
import dev.noether.nn.linear.FieldList;
import dev.noether.nn.linear.Linear;
import dev.noether.nn.linear.MapOptions;
import dev.noether.rep.Representation;
import dev.noether.spectral.Execution;
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
    MapOptions options = MapOptions.defaults().withSeed(0);
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
      MapOptions options) {
    return List.of(
        plain("Standard", dense(in, out)),
        linear("eLinear (iso)", in, out, BasisExpansion.ISOTYPIC_EXPANSION, options),
        linear("eLinear (heavy)", in, out, BasisExpansion.MEMORY_HEAVY, options),
        projected("Linear Proj (iso)", in, out, BasisExpansion.ISOTYPIC_EXPANSION),
        projected("Linear Proj (heavy)", in, out, BasisExpansion.MEMORY_HEAVY),
        equivariant("eAffine", new EquivariantAffine(in)),
        equivariant(
            "escnn",
            new FieldLinear(
                FieldList.of(regular, copies), FieldList.of(regular, 2 * copies), options)));
  }

  private static Linear dense(Representation in, Representation out) {
    return new Linear(in.size(), out.size(), DenseOptions.defaults().withSeed(0));
  }

  private static Contestant plain(String name, Linear layer) {
    return new Contestant(name, layer, layer::forward);
  }

  private static Contestant equivariant(String name, EquivariantLayer layer) {
    return new Contestant(name, layer, layer::forward);
  }

  private static Contestant linear(
      String name,
      Representation in,
      Representation out,
      BasisExpansion expansion,
      MapOptions options) {
    return equivariant(name, new EquivariantLinear(in, out, options.with(expansion)));
  }

  private static Contestant projected(
      String name, Representation in, Representation out, BasisExpansion expansion) {
    Linear layer = dense(in, out);
    layer.impose(in, out, expansion);
    return plain(name, layer);
  }
}
