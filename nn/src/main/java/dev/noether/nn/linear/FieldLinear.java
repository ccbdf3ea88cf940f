package dev.noether.nn.linear;

import static dev.noether.algebra.Checks.require;

import dev.noether.hom.BasisExpansion;
import dev.noether.hom.GroupHomomorphismBasis;
import dev.noether.nn.BasisUse;
import dev.noether.nn.EquivariantLayer;
import dev.noether.nn.LayerType;
import dev.noether.nn.Parameter;
import dev.noether.plain.PlainGraph;
import dev.noether.plain.PlainLayer;
import dev.noether.spectral.SpectralForm;
import dev.noether.spectral.SpectralLayer;
import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * A linear layer between lists of fields, as escnn's {@code Linear}: one small basis for each pair
 * of different fields, shared by all equal pairs.
 *
 * <p>The weight is a grid of blocks, one for every output field and input field. It is the same
 * space of maps as {@link EquivariantLinear} between the direct sums, in other coefficients.
 */
public final class FieldLinear extends EquivariantLayer implements PlainLayer, SpectralLayer {
  /** How an architecture describes it. */
  public static final LayerType<FieldLinear> TYPE =
      LayerType.of(
              FieldLinear.class,
              layer ->
                  List.of(
                      new BasisUse.Coefficients("weights", "basis.", layer.map.basis()),
                      new BasisUse.Unstored()))
          .representations("in", layer -> layer.inType.fields())
          .representations("out", layer -> layer.outType.fields())
          .settings(MapOptions.SETTINGS, layer -> layer.options)
          .builds(
              s ->
                  new FieldLinear(
                      new FieldList(s.representations("in")),
                      new FieldList(s.representations("out")),
                      MapOptions.of(s)));

  private final FieldList inType;
  private final FieldList outType;
  private final MapOptions options;
  private final EquivariantMap map;

  /**
   * A layer between two field types.
   *
   * @param in the fields of the input
   * @param out the fields of the output
   * @param options bias, execution, initialization, seed and dtype; the expansion is per summand,
   *     the default stands for it
   * @throws IllegalArgumentException if the groups differ, no pair of fields shares an irrep, or
   *     another expansion is asked for
   */
  public FieldLinear(FieldList in, FieldList out, MapOptions options) {
    super(
        requireSpace(in, FieldLinear.class).representation(),
        requireSpace(out, FieldLinear.class).representation());
    options.requireWhole("FieldLinear");
    require(
        options.expansion() != BasisExpansion.MEMORY_HEAVY,
        "a FieldLinear counts its coefficients per summand, got the expansion %s; take an "
            + "EquivariantLinear",
        options.expansion());
    this.options = options;
    this.inType = in;
    this.outType = out;
    GroupHomomorphismBasis basis =
        GroupHomomorphismBasis.of(in(), out(), BasisExpansion.PER_SUMMAND, options.dtype());
    Parameter weights =
        registerParameter("weights", basis.initialize(options.initialization(), options.seed()));
    registerBuffers("basis.", basis.buffers());
    InvariantBias bias =
        options.bias()
            ? registerChild("bias_module", new InvariantBias(out(), options.dtype()))
            : null;
    map = new EquivariantMap(basis, weights, bias, options.execution());
    registerBuffers("spectral.", map.spectralBuffers());
  }

  /**
   * A layer with the default options.
   *
   * @param in the fields of the input
   * @param out the fields of the output
   * @throws IllegalArgumentException if the groups differ or no pair of fields shares an irrep
   */
  public FieldLinear(FieldList in, FieldList out) {
    this(in, out, MapOptions.defaults());
  }

  /**
   * The dense weight and bias that the coefficients stand for.
   *
   * @param weight {@code [out.size, in.size]}
   * @param bias {@code [out.size]}, or null where there is none
   */
  public record Parameters(Tensor weight, @Nullable Tensor bias) {}

  /**
   * Expands the coefficients; with gradients where they are enabled.
   *
   * @return the dense weight and bias
   */
  public Parameters expandParameters() {
    return new Parameters(map.dense(isTraining()), map.bias());
  }

  /**
   * The number of coefficients.
   *
   * @return the length of the parameter {@code weights}
   */
  public int dim() {
    return map.basis().dim();
  }

  @Override
  protected Tensor compute(Tensor input) {
    return map.apply(input, isTraining());
  }

  @Override
  public Optional<SpectralForm> spectralForm() {
    return Optional.of(map);
  }

  @Override
  public <V> V plain(PlainGraph<V> graph, V x) {
    Parameters parameters = expandParameters();
    return graph.linear(x, parameters.weight(), parameters.bias());
  }

  @Override
  protected String planned(long samples) {
    return map.words(samples, isTraining());
  }

  @Override
  public String toString() {
    return "FieldLinear(" + inType + " -> " + outType + ")";
  }
}
