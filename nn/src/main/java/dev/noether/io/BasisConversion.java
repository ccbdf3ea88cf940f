package dev.noether.io;

import static dev.noether.algebra.Checks.require;
import static dev.noether.algebra.Checks.requirePresent;

import dev.noether.algebra.Matrix;
import dev.noether.hom.BasisExpansion;
import dev.noether.hom.GroupHomomorphismBasis;
import dev.noether.nn.ChangeFromIsotypicBasis;
import dev.noether.nn.ChangeToIsotypicBasis;
import dev.noether.nn.CommutingConstraint;
import dev.noether.nn.EmaStatistics;
import dev.noether.nn.EquivariantAffine;
import dev.noether.nn.EquivariantBatchNorm1d;
import dev.noether.nn.EquivariantConvolution;
import dev.noether.nn.EquivariantEmaStatistics;
import dev.noether.nn.EquivariantLayerNorm;
import dev.noether.nn.EquivariantLinear;
import dev.noether.nn.EquivariantMultiheadAttention;
import dev.noether.nn.EquivariantMultivariateNormal;
import dev.noether.nn.EquivariantRmsNorm;
import dev.noether.nn.EquivariantSequential;
import dev.noether.nn.InvariantBias;
import dev.noether.nn.InvariantConstraint;
import dev.noether.nn.Layer;
import dev.noether.nn.Linear;
import dev.noether.nn.PointwiseNonlinearity;
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
  private final Map<String, Tensor> given;
  private final Map<String, Tensor> own;
  private final Set<String> others;
  private final Map<String, Tensor> result;
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
    if (layer instanceof EquivariantLinear linear) {
      return linear.basis().expansion() != BasisExpansion.PER_SUMMAND;
    }
    if (layer instanceof EquivariantConvolution convolution) {
      return convolution.basis().expansion() != BasisExpansion.PER_SUMMAND;
    }
    return INDEPENDENT.stream().anyMatch(kind -> kind.isInstance(layer));
  }

  /** Layers that keep their bases in their state dicts, or compute the same in any. */
  private static final List<Class<? extends Layer>> INDEPENDENT =
      List.of(
          Linear.class,
          CommutingConstraint.class,
          InvariantConstraint.class,
          InvariantBias.class,
          EquivariantAffine.class,
          EquivariantRmsNorm.class,
          EquivariantLayerNorm.class,
          EquivariantBatchNorm1d.class,
          EquivariantMultiheadAttention.class,
          EquivariantMultivariateNormal.class,
          ChangeToIsotypicBasis.class,
          ChangeFromIsotypicBasis.class,
          EmaStatistics.class,
          EquivariantEmaStatistics.class,
          PointwiseNonlinearity.class,
          EquivariantSequential.class);

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
    if (layer instanceof EquivariantLinear linear) {
      coefficients(at, linear.basis());
    } else if (layer instanceof EquivariantConvolution convolution) {
      coefficients(at, convolution.basis());
      bias(at, convolution.out());
    } else if (layer instanceof CommutingConstraint constraint) {
      constraint(at, constraint.basis());
    } else if (layer instanceof InvariantConstraint constraint) {
      projector(at, constraint.representation());
    } else if (layer instanceof InvariantBias bias) {
      bias(at, bias.in());
    } else if (layer instanceof EquivariantAffine affine) {
      affine(at, affine);
    } else if (layer instanceof EquivariantLayerNorm norm) {
      copies(at, norm.in(), false);
    } else if (layer instanceof ChangeToIsotypicBasis
        || layer instanceof ChangeFromIsotypicBasis
        || layer instanceof EquivariantMultivariateNormal) {
      others.stream()
          .filter(name -> name.startsWith(at) && name.indexOf('.', at.length()) < 0)
          .findFirst()
          .ifPresent(
              name ->
                  require(
                      false,
                      "'%s' is another basis than this layer's, and %s takes or gives coordinates "
                          + "in it: no conversion of weights makes up for that",
                      name,
                      layer));
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

  private void coefficients(String at, GroupHomomorphismBasis basis) {
    String bases = at + "homo_basis.";
    Tensor weights = given.get(at + "weight_dof");
    if (weights == null || under(bases, given.keySet()).isEmpty() || agree(bases)) {
      return;
    }
    String name = at + "weight_dof";
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
  private void constraint(String at, GroupHomomorphismBasis basis) {
    String bases = at + "homo_basis.";
    if (under(bases, given.keySet()).isEmpty() || agree(bases)) {
      return;
    }
    double[] any = IntStream.range(0, basis.dim()).mapToDouble(i -> Math.sin(i + 1.0)).toArray();
    Scopes.compute(
        () -> {
          Tensor weights = Tensors.of(Dtype.FLOAT64, any, any.length);
          Tensor dense = new StoredBasis(given, bases, basis.space()).expand(weights);
          requireSame(bases + "*", dense, wide(basis).project(dense), basis.space());
          return dense;
        });
    replace(bases);
  }

  private void projector(String at, Representation representation) {
    String name = at + "inv_projector";
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
      replace(at, "inv_projector");
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

  private void bias(String at, Representation representation) {
    String name = at + "bias_dof";
    Tensor stored = given.get(at + "Qout");
    Tensor free = given.get(name);
    if (stored == null
        || free == null
        || !(others.contains(at + "Qout") || others.contains(at + "spectral_trivial_mask"))) {
      return;
    }
    int size = representation.size();
    requireShape(at + "Qout", stored, Tensors.of(Dtype.FLOAT64, Matrix.identity(size)));
    Tensor fixed = fixed(representation);
    requireLast(name, free, fixed.size(1));
    result.put(
        name,
        Scopes.compute(
            () -> {
              Tensor columns =
                  StoredBasis.spanning(at + "Qout", StoredBasis.wide(stored), fixed, fixed.size(1));
              Tensor dense = columns.mv(StoredBasis.wide(free));
              Tensor found = fixed.t().mv(dense);
              requireSame(name, dense, fixed.mv(found), representation);
              return like(found, free);
            }));
    replace(at, "Qout", "spectral_trivial_mask");
  }

  /** The columns of Q that belong to trivial irreps. */
  private static Tensor fixed(Representation representation) {
    IntStream.Builder columns = IntStream.builder();
    int start = 0;
    for (var irrep : representation.irreps()) {
      if (irrep.equals(representation.group().trivialIrrep())) {
        columns.add(start);
      }
      start += irrep.dimension();
    }
    return Tensors.of(
        Dtype.FLOAT64, representation.changeOfBasis().columns(columns.build().toArray()));
  }

  private void affine(String at, EquivariantAffine affine) {
    String free = at + "bias_module.bias_dof";
    bias(at + "bias_module.", affine.in());
    if (given.containsKey(at + "bias_dof") && !Objects.equals(result.get(free), given.get(free))) {
      result.put(at + "bias_dof", requirePresent(result.get(free), "no '%s'", free));
    }
    if (List.of("Q", "Q_inv", "irrep_indices", "trivial_subspace_mask").stream()
        .noneMatch(name -> others.contains(at + name))) {
      return;
    }
    Tensor scales = given.get(at + "scale_dof");
    if (!own.containsKey(at + "scale_dof")) {
      copies(at, affine.in(), true);
    } else if (scales != null && given.containsKey(at + "Q")) {
      scales(at, affine.in(), scales);
    }
    replace(at, "Q", "Q_inv", "irrep_indices", "trivial_subspace_mask");
  }

  /** A map that scales copies of irreps, as scales of the layer's copies. */
  private void scales(String at, Representation representation, Tensor scales) {
    StoredCopies stored = new StoredCopies(at, given);
    StoredCopies ours = new StoredCopies(representation);
    String name = at + "scale_dof";
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
  private void copies(String at, Representation representation, boolean ordered) {
    List<String> names = List.of("Q", "Q_inv", "irrep_indices", "irrep_dims");
    if (names.stream().noneMatch(name -> others.contains(at + name))
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
    replace(at, names.toArray(String[]::new));
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
