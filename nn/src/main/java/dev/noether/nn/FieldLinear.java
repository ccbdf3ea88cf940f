package dev.noether.nn;

import dev.noether.hom.BasisExpansion;
import dev.noether.hom.GroupHomomorphismBasis;
import dev.noether.hom.SpectralMap;
import dev.noether.rep.Representation;
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
public final class FieldLinear extends Layer implements EquivariantLayer, PlainLayer {
  private final FieldType inType;
  private final FieldType outType;
  private final LinearOptions options;
  private final HomWeight weight;

  /**
   * A layer between two field types.
   *
   * @param in the fields of the input
   * @param out the fields of the output
   * @param options bias, execution, initialization, seed and dtype; the expansion does not concern
   *     this layer
   * @throws IllegalArgumentException if the groups differ or no pair of fields shares an irrep
   */
  public FieldLinear(FieldType in, FieldType out, LinearOptions options) {
    this.options = options;
    this.inType = in;
    this.outType = out;
    GroupHomomorphismBasis basis =
        GroupHomomorphismBasis.of(
            in.representation(), out.representation(), BasisExpansion.PER_SUMMAND, options.dtype());
    SpectralMap spectral = SpectralMap.of(basis, options.dtype());
    Tensor weights =
        registerParameter("weights", basis.initialize(options.initialization(), options.seed()));
    registerBasis("basis", basis);
    spectral.buffers().forEach((name, b) -> registerBuffer("spectral." + name, b, false));
    InvariantBias bias =
        options.bias()
            ? registerChild("bias_module", new InvariantBias(basis.out(), options.dtype()))
            : null;
    weight = new HomWeight(basis, spectral, weights, bias, options.execution());
  }

  @Override
  public Representation in() {
    return weight.basis().in();
  }

  @Override
  public Representation out() {
    return weight.basis().out();
  }

  /**
   * The fields of the input.
   *
   * @return the type
   */
  public FieldType inType() {
    return inType;
  }

  /**
   * The fields of the output.
   *
   * @return the type
   */
  public FieldType outType() {
    return outType;
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
    return new Parameters(weight.dense(isTraining()), weight.bias());
  }

  @Override
  public Tensor forward(Tensor input) {
    return weight.apply(input, isTraining());
  }

  @Override
  SpectralStage spectralStage() {
    return weight;
  }

  @Override
  protected void stateChanged() {
    weight.clear();
  }

  private static Architecture fields(Architecture architecture, String role, FieldType type) {
    Architecture result = architecture;
    for (int i = 0; i < type.fields().size(); i++) {
      result = result.with(role + "." + i, type.fields().get(i));
    }
    return result;
  }

  @Override
  public <V> V plain(PlainGraph<V> graph, V x) {
    Parameters parameters = expandParameters();
    return graph.linear(x, parameters.weight(), parameters.bias());
  }

  @Override
  public Optional<Architecture> architecture() {
    return Optional.of(
        fields(fields(Architecture.of(this).with(options), "in", inType), "out", outType));
  }

  @Override
  public String toString() {
    return "FieldLinear(" + inType + " -> " + outType + ")";
  }

  /**
   * The number of coefficients.
   *
   * @return the length of the parameter {@code weights}
   */
  public int dim() {
    return weight.basis().dim();
  }
}
