package dev.noether.io;

import static dev.noether.algebra.Checks.require;
import static dev.noether.algebra.Checks.requirePresent;

import dev.noether.algebra.Matrix;
import dev.noether.hom.GroupHomomorphismBasis;
import dev.noether.nn.BasisUse;
import dev.noether.nn.Layer;
import dev.noether.nn.LayerRegistry;
import dev.noether.nn.linear.ChangeToIsotypicBasis;
import dev.noether.nn.linear.InvariantBias;
import dev.noether.rep.InvariantProjector;
import dev.noether.rep.Representation;
import dev.noether.torch.Dtype;
import dev.noether.torch.Scopes;
import dev.noether.torch.Tensors;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * State dicts whose weights are coordinates in other bases than a layer's, rewritten for it.
 *
 * <p>A state dict of the Python package brings its bases along. Where they are the layer's, up to
 * rounding, everything stays as it is, bit for bit. Where they differ, because another version or
 * run chose them or because the expansion is the other one, the dense maps are built from them, in
 * float64, and written in the layer's bases. What the maps do is the same before and after; a map
 * that is not equivariant between the layer's representations is refused.
 *
 * <p>Not everything is a map: a layer whose outputs or further inputs are coordinates in its basis,
 * as those of {@link ChangeToIsotypicBasis}, cannot be rewritten and is refused, and so is an
 * affine layer whose scales belong to copies of irreps that the layer does not have.
 */
public final class BasisConversion {
  /** What the state dict tells of the copies of irreps. */
  private static final List<String> COPIES =
      List.of("Q", "Q_inv", "irrep_indices", "irrep_dims", "trivial_subspace_mask");

  private final Map<String, Tensor> given;
  private final Map<String, Tensor> own;
  private final Set<String> others;
  private final Map<String, Tensor> result;
  private final Map<String, String> aliases = new LinkedHashMap<>();
  private final double tolerance;

  private BasisConversion(Map<String, Tensor> given, Layer layer) {
    this.given = given;
    own = layer.stateDict();
    others = layer.otherBases(given);
    result = new LinkedHashMap<>(given);
    tolerance = tolerance(given);
  }

  /**
   * Rewrites a state dict.
   *
   * @param state tensors by name, as {@link Layer#stateDict()} or the Python package gives them
   * @param layer the layer for which they are meant, which stays as it is
   * @return tensors by name, for {@link Layer#load}; those that need no conversion are the given
   *     ones
   * @throws IllegalArgumentException if a map is not equivariant between the layer's
   *     representations, a shape does not fit, or something is no map and cannot be rewritten
   */
  public static Map<String, Tensor> convert(Map<String, Tensor> state, Layer layer) {
    try (NoGradGuard guard = new NoGradGuard()) {
      BasisConversion conversion = new BasisConversion(state, layer);
      if (!conversion.others.isEmpty()) {
        requireStored(layer);
      }
      layer.namedLayers().forEach(conversion::part);
      conversion.aliases.forEach(conversion::alias);
      return conversion.result;
    }
  }

  /**
   * What a layer computes by itself in the basis of its representation, without a word of that in
   * its state dict, is another function in another basis.
   *
   * @throws IllegalArgumentException if there is such a layer
   */
  static void requireStored(Layer layer) {
    layer
        .namedLayers()
        .forEach(
            (name, part) ->
                require(
                    isStored(part),
                    "layer '%s' (%s) works in its basis without keeping it in the state dict, so a "
                        + "state dict of other bases cannot be converted for it",
                    name,
                    part));
  }

  private static boolean isStored(Layer layer) {
    return uses(layer)
        .map(all -> all.stream().noneMatch(BasisUse.Unstored.class::isInstance))
        .orElse(false);
  }

  /** How a layer depends on the choice of bases; empty where its class is not registered. */
  private static Optional<List<BasisUse>> uses(Layer layer) {
    return LayerRegistry.standard().of(layer).map(type -> type.bases(layer));
  }

  /** How much the roundings of the coarsest dtype may change a map. */
  private static double tolerance(Map<String, Tensor> state) {
    double tolerance = 1e-5;
    for (Tensor tensor : state.values()) {
      ScalarType type = Tensors.scalarType(tensor);
      tolerance =
          Math.max(
              tolerance, type == ScalarType.Half ? 5e-3 : type == ScalarType.BFloat16 ? 4e-2 : 0);
    }
    return tolerance;
  }

  private void part(String path, Layer layer) {
    String at = path.isEmpty() ? "" : path + ".";
    uses(layer).orElse(List.of()).forEach(use -> convert(at, layer, use));
  }

  private void convert(String at, Layer layer, BasisUse use) {
    if (use instanceof BasisUse.Coefficients own) {
      coefficients(at + own.weights(), at + own.prefix(), own.basis());
    } else if (use instanceof BasisUse.Projection own) {
      constraint(at + own.prefix(), own.basis());
    } else if (use instanceof BasisUse.Projector own) {
      projector(at + own.name(), own.representation());
    } else if (use instanceof BasisUse.InvariantVector own) {
      vector(at, own);
    } else if (use instanceof BasisUse.Alias own) {
      aliases.put(at + own.name(), at + own.original());
    } else if (use instanceof BasisUse.CopyNumbers own) {
      numbers(at, own);
    } else if (use instanceof BasisUse.Copies own) {
      copies(at, own);
    } else if (use instanceof BasisUse.Kernels own) {
      new StoredKernels(at, own, given).convert(others, result, tolerance);
    } else if (use instanceof BasisUse.Coordinates) {
      requireSameCoordinates(at, layer);
    }
  }

  private void requireSameCoordinates(String at, Layer layer) {
    others.stream()
        .filter(name -> name.startsWith(at) && name.indexOf('.', at.length()) < 0)
        .findFirst()
        .ifPresent(
            name ->
                require(
                    false,
                    "'%s' is another basis than this layer's, and %s takes or gives coordinates in "
                        + "it: no conversion of weights makes up for that",
                    name,
                    layer));
  }

  /** A parameter of a child that stands under a second name. */
  private void alias(String name, String original) {
    if (given.containsKey(name) && !Objects.equals(result.get(original), given.get(original))) {
      result.put(name, requirePresent(result.get(original), "no '%s'", original));
    }
  }

  /** Whether the tensors under a name are the layer's own, up to rounding, or need no check. */
  private boolean agree(String prefix) {
    return under(prefix, given.keySet()).equals(under(prefix, own.keySet()))
        && others.stream().noneMatch(name -> name.startsWith(prefix));
  }

  private static Set<String> under(String prefix, Set<String> names) {
    Set<String> found = new TreeSet<>(names);
    found.removeIf(name -> !name.startsWith(prefix));
    return found;
  }

  private void replace(String prefix) {
    result.keySet().removeIf(name -> name.startsWith(prefix));
    own.forEach(
        (name, tensor) -> {
          if (name.startsWith(prefix)) {
            result.put(name, tensor);
          }
        });
  }

  /** The layer's own tensors instead of given ones. */
  private void replace(String at, String... names) {
    for (String name : names) {
      Tensor tensor = own.get(at + name);
      if (tensor != null && given.containsKey(at + name)) {
        result.put(at + name, tensor);
      }
    }
  }

  private void coefficients(String name, String bases, GroupHomomorphismBasis basis) {
    Tensor weights = given.get(name);
    if (weights == null || under(bases, given.keySet()).isEmpty() || agree(bases)) {
      return;
    }
    requireLast(name, weights, basis.dim());
    result.put(
        name,
        Scopes.compute(
            () -> {
              Tensor dense = new StoredBasis(given, bases, basis.space()).expand(weights);
              GroupHomomorphismBasis wide = wide(basis);
              Tensor found = wide.coefficients(dense);
              requireSame(name, dense, wide.expand(found), basis.space());
              return like(found, weights);
            }));
    replace(bases);
  }

  private static GroupHomomorphismBasis wide(GroupHomomorphismBasis basis) {
    return GroupHomomorphismBasis.of(basis.in(), basis.out(), basis.expansion(), Dtype.FLOAT64);
  }

  private static void requireLast(String name, Tensor tensor, long size) {
    long[] shape = Tensors.shape(tensor);
    require(
        shape.length > 0 && shape[shape.length - 1] == size,
        "'%s' must have %d numbers on its last axis, got %s",
        name,
        size,
        Arrays.toString(shape));
  }

  /** In the dtype of the state dict, but no narrower than float32. */
  private static Tensor like(Tensor wide, Tensor given) {
    boolean isWide = Tensors.scalarType(given) == ScalarType.Double;
    return wide.to(isWide ? ScalarType.Double : ScalarType.Float);
  }

  /** A projection does not depend on the basis, so long as the bases span the same maps. */
  private void constraint(String bases, GroupHomomorphismBasis basis) {
    if (under(bases, given.keySet()).isEmpty() || agree(bases)) {
      return;
    }
    double[] any =
        IntStream.range(0, basis.dim()).mapToDouble(i -> StrictMath.sin(i + 1.0)).toArray();
    Scopes.compute(
        () -> {
          Tensor weights = Tensors.of(Dtype.FLOAT64, any, any.length);
          Tensor dense = new StoredBasis(given, bases, basis.space()).expand(weights);
          requireSame(bases + "*", dense, wide(basis).project(dense), basis.space());
          return dense;
        });
    replace(bases);
  }

  private void projector(String name, Representation representation) {
    Tensor stored = given.get(name);
    if (stored != null && others.contains(name)) {
      Matrix projector = InvariantProjector.of(representation);
      Tensor expected = Tensors.of(Dtype.FLOAT64, projector);
      requireShape(name, stored, expected);
      double residual = residual(expected, StoredBasis.wide(stored));
      require(
          residual <= tolerance,
          "'%s' is not the projector on the invariant vectors of this layer's representation (%s): "
              + "it is off by %.1e; the state dict is of a layer with another representation",
          name,
          representation,
          residual);
      replace("", name);
    }
  }

  private static void requireShape(String name, Tensor stored, Tensor expected) {
    require(
        Arrays.equals(Tensors.shape(stored), Tensors.shape(expected)),
        "'%s' must have shape %s, got %s",
        name,
        Arrays.toString(Tensors.shape(expected)),
        Arrays.toString(Tensors.shape(stored)));
  }

  private void vector(String at, BasisUse.InvariantVector use) {
    String name = at + use.weights();
    String basis = at + use.basis();
    Tensor stored = given.get(basis);
    Tensor free = given.get(name);
    if (stored == null
        || free == null
        || !(others.contains(basis) || others.contains(at + use.mask()))) {
      return;
    }
    Representation representation = use.representation();
    int size = representation.size();
    requireShape(basis, stored, Tensors.of(Dtype.FLOAT64, Matrix.identity(size)));
    Tensor fixed = Tensors.of(Dtype.FLOAT64, InvariantBias.fixedVectors(representation));
    requireLast(name, free, fixed.size(1));
    result.put(
        name,
        Scopes.compute(
            () -> {
              Tensor columns =
                  StoredBasis.spanning(basis, StoredBasis.wide(stored), fixed, fixed.size(1));
              Tensor dense = columns.mv(StoredBasis.wide(free));
              Tensor found = fixed.t().mv(dense);
              requireSame(name, dense, fixed.mv(found), representation);
              return like(found, free);
            }));
    replace(at, use.basis(), use.mask());
  }

  private void numbers(String at, BasisUse.CopyNumbers use) {
    if (COPIES.stream().noneMatch(name -> others.contains(at + name))) {
      return;
    }
    Tensor scales = given.get(at + use.weights());
    if (scales != null && given.containsKey(at + "Q")) {
      scales(at, at + use.weights(), use.representation(), scales);
    }
    replace(at, COPIES.toArray(String[]::new));
  }

  /** A map that scales copies of irreps, as scales of the layer's copies. */
  private void scales(String at, String name, Representation representation, Tensor scales) {
    StoredCopies stored = new StoredCopies(at, given);
    StoredCopies ours = new StoredCopies(representation);
    requireLast(name, scales, ours.count());
    result.put(
        name,
        Scopes.compute(
            () -> {
              Tensor wide = StoredBasis.wide(scales);
              Tensor dense = stored.scale(wide);
              Tensor found = ours.scales(dense);
              double residual = residual(dense, ours.scale(found));
              require(
                  residual <= tolerance,
                  "'%s' scales copies of irreps that '%sQ' splits otherwise than this layer (%s): "
                      + "no scales of its own give that map (off by %.1e); use an EquivariantLinear",
                  name,
                  at,
                  representation,
                  residual);
              return like(found, scales);
            }));
  }

  /** Layers that treat copies of irreps one by one must have the same ones. */
  private void copies(String at, BasisUse.Copies use) {
    Representation representation = use.representation();
    boolean ordered = use.ordered();
    if (COPIES.stream().noneMatch(name -> others.contains(at + name))
        || !given.containsKey(at + "Q")) {
      return;
    }
    StoredCopies stored = new StoredCopies(at, given);
    StoredCopies ours = new StoredCopies(representation);
    boolean same = stored.count() == ours.count() && stored.size() == ours.size();
    for (int i = 0; same && i < ours.count(); i++) {
      same = false;
      for (int j = ordered ? i : 0; j < (ordered ? i + 1 : ours.count()); j++) {
        same |= residual(ours.projector(i), stored.projector(j)) <= tolerance;
      }
    }
    require(
        same,
        "'%sQ' splits the features into other copies of irreps than this layer (%s), which treats "
            + "them one by one: no conversion of weights makes up for that",
        at,
        representation);
    replace(at, COPIES.toArray(String[]::new));
  }

  private void requireSame(String name, Tensor given, Tensor projected, Object meaning) {
    double residual = residual(given, projected);
    require(
        residual <= tolerance,
        "'%s' means a map that is not equivariant between this layer's representations (%s): "
            + "projecting it changes it by %.1e of its largest entry; the state dict is of a layer "
            + "between other representations, or of a group whose elements stand in another order",
        name,
        meaning,
        residual);
  }

  /** The largest difference over the largest entry. */
  private static double residual(Tensor one, Tensor two) {
    if (one.numel() == 0) {
      return 0;
    }
    double[] sizes = new double[2];
    Scopes.compute(
        () -> {
          sizes[0] = one.abs().max().item().toDouble();
          sizes[1] = one.sub(two).abs().max().item().toDouble();
          return one.mul(new Scalar(1.0));
        });
    return sizes[1] == 0 ? 0 : sizes[1] / sizes[0];
  }
}
