package dev.noether.nn.symmetry;

import static dev.noether.algebra.Checks.require;

import dev.noether.hom.GroupHomomorphismBasis;
import dev.noether.nn.BasisUse;
import dev.noether.nn.Layer;
import dev.noether.nn.LayerRegistry;
import dev.noether.nn.LayerType;
import dev.noether.rep.HomSpace;
import dev.noether.torch.ComputeDevice;
import dev.noether.torch.Dtype;
import dev.noether.torch.Scopes;
import dev.noether.torch.Tensors;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Weights of few bits that keep the symmetry: the coefficients of equivariant maps are rounded, not
 * the maps.
 *
 * <p>A dense weight that is rounded entry by entry leaves the symmetry wherever the group does more
 * than permute. Rounded coefficients are coefficients still, so the map commutes with the group as
 * exactly as it is expanded: between permutations with signs its entries are equal along orbits to
 * the last bit. A coefficient is one of {@code 2^bits - 1} whole multiples of a step, the largest
 * of them for the largest coefficient of its irrep: symmetric quantization.
 *
 * <pre>{@code
 * Rounding rounding = Rounding.of(model, 8);
 * Layer small = rounding.layer();                       // works in the model's dtype
 * Tensor bytes = rounding.tensors().get("weight_dof").levels();   // int8
 * }</pre>
 */
public final class Rounding {
  private final Layer layer;
  private final Map<String, Levels> tensors;

  /**
   * The coefficients of a map as whole numbers.
   *
   * @param levels int8, of the shape of the coefficients
   * @param steps what each is multiplied by: a step for each irrep, spread over the last axis in
   *     float64
   * @param error how far the rounded map is from the map, as a share of its Frobenius norm
   */
  public record Levels(Tensor levels, Tensor steps, double error) {}

  private Rounding(Layer model, int bits) {
    require(bits >= 2 && bits <= 8, "coefficients are rounded to 2 to 8 bits, got %d", bits);
    layer = model.copy();
    Map<String, Levels> found = new LinkedHashMap<>();
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      Map<String, Tensor> parameters = layer.namedParameters();
      layer
          .namedLayers()
          .forEach(
              (path, part) ->
                  coefficients(part)
                      .forEach(
                          use -> {
                            String name = Restricting.at(path, use.weights());
                            Tensor own = parameters.get(name);
                            if (own != null) {
                              found.put(name, round(own, use.basis(), bits));
                            }
                          }));
      require(!found.isEmpty(), "%s has no coefficients of equivariant maps to round", model);
      layer.loadLenient(Map.of()); // what is kept of the old numbers is dropped
    }
    tensors = Collections.unmodifiableMap(found);
  }

  private static List<BasisUse.Coefficients> coefficients(Layer part) {
    Optional<LayerType<?>> type = LayerRegistry.standard().of(part);
    return type.map(own -> own.bases(part)).orElse(List.of()).stream()
        .filter(BasisUse.Coefficients.class::isInstance)
        .map(BasisUse.Coefficients.class::cast)
        .toList();
  }

  /**
   * Rounds the coefficients of a layer or a model.
   *
   * @param model the model, which stays as it is; biases and what else it has are not rounded
   * @param bits from 2 to 8
   * @return a model with rounded coefficients, and their levels
   * @throws IllegalArgumentException if the bits are out of range, the model has no coefficients,
   *     or cannot be copied
   */
  public static Rounding of(Layer model, int bits) {
    return new Rounding(model, bits);
  }

  private static Levels round(Tensor own, GroupHomomorphismBasis basis, int bits) {
    int most = (1 << (bits - 1)) - 1;
    Tensor wide = own.detach().to(ComputeDevice.CPU.toTorch(), ScalarType.Double).clone();
    double[] steps = new double[basis.dim()];
    int[] places = basis.placesOfIsotypic();
    for (HomSpace.Block block : basis.space().blocks()) {
      long[] index = new long[block.dim()];
      for (int i = 0; i < index.length; i++) {
        index[i] = places[block.start() + i];
      }
      Tensor part = wide.index_select(-1, Tensors.of(index, index.length));
      double largest = part.abs().max().item().toDouble();
      for (long place : index) {
        steps[(int) place] = largest == 0 ? 1 : largest / most;
      }
    }
    Tensor step = Scopes.keep(Tensors.of(Dtype.FLOAT64, steps, steps.length));
    Tensor levels = Scopes.keep(wide.div(step).round().to(ScalarType.Char));
    Tensor rounded = levels.to(ScalarType.Double).mul(step);
    own.copy_(rounded.to(own.device(), own.scalar_type()));
    Tensor weights = Weights.Map.of(basis).squares();
    double lost = length(rounded.sub(wide), weights);
    double whole = length(wide, weights);
    return new Levels(levels, step, whole == 0 ? 0 : lost / whole);
  }

  private static double length(Tensor coefficients, Tensor squares) {
    return Math.sqrt(coefficients.pow(new Scalar(2.0)).mul(squares).sum().item().toDouble());
  }

  /**
   * The model with rounded coefficients, in the dtype of the first.
   *
   * @return the same layer at every call
   */
  public Layer layer() {
    return layer;
  }

  /**
   * The rounded coefficients.
   *
   * @return by the names of the parameters
   */
  public Map<String, Levels> tensors() {
    return tensors;
  }
}
