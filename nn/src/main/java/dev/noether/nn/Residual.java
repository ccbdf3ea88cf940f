package dev.noether.nn;

import static dev.noether.algebra.Checks.require;

import dev.noether.plain.PlainGraph;
import dev.noether.plain.PlainLayer;
import dev.noether.spectral.SpectralBasis;
import dev.noether.spectral.SpectralForm;
import dev.noether.spectral.SpectralLayer;
import dev.noether.spectral.Spectrum;
import dev.noether.torch.Buffers;
import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;

/**
 * A layer and its input: y = x + f(x). In a chain it stays inside the spectrum where f does, since
 * the sum is one there too.
 */
public final class Residual extends EquivariantLayer implements PlainLayer, SpectralLayer {
  /** How an architecture describes it. */
  public static final LayerType<Residual> TYPE =
      LayerType.independentOfBases(Residual.class)
          .layers(layer -> List.of(layer.inner))
          .builds(
              s -> {
                require(
                    s.layers().size() == 1,
                    "a residual holds one layer, got %d",
                    s.layers().size());
                return new Residual(s.equivariantLayers().get(0));
              });

  private final EquivariantLayer inner;

  /**
   * The residual of a layer.
   *
   * @param inner f, from a representation to itself; often a chain
   * @throws IllegalArgumentException if outputs do not transform as inputs
   */
  public Residual(EquivariantLayer inner) {
    super(
        inner.in(),
        inner.out(),
        inner.axes(),
        inner.inFields().orElse(null),
        inner.outFields().orElse(null));
    require(
        inner.in().equals(inner.out()),
        "a residual needs a layer from a representation to itself, got %s -> %s",
        inner.in(),
        inner.out());
    this.inner = registerChild("inner", inner);
  }

  /**
   * The layer f.
   *
   * @return the layer
   */
  public EquivariantLayer inner() {
    return inner;
  }

  @Override
  protected Tensor compute(Tensor input) {
    return input.add(inner.forward(input));
  }

  @Override
  protected long exampleTime() {
    return inner.exampleTime();
  }

  @Override
  public Optional<SpectralForm> spectralForm() {
    if (!(inner instanceof SpectralLayer spectral)) {
      return Optional.empty();
    }
    return spectral
        .spectralForm()
        .filter(form -> form.out().leadsInto(form.in()))
        // All irreps of the representation, where f may want some of them only.
        .map(form -> new Sum(form, form.in().complete()));
  }

  /** x + f(x) in a spectrum. */
  private record Sum(SpectralForm form, SpectralBasis in) implements SpectralForm {
    @Override
    public Buffers buffers() {
      Buffers all = new Buffers();
      all.addAll("", form.buffers());
      if (in != form.in()) {
        all.addAll("residual.", in.buffers());
      }
      return all;
    }

    @Override
    public SpectralBasis out() {
      return in;
    }

    @Override
    public Cost cost(long samples, boolean training) {
      return form.cost(samples, training);
    }

    @Override
    public boolean isAdmitted() {
      return form.isAdmitted();
    }

    @Override
    public Spectrum apply(Spectrum features) {
      return features.plus(form.apply(features));
    }
  }

  @Override
  public <V> V plain(PlainGraph<V> graph, V x) {
    require(inner instanceof PlainLayer, "%s has no plain form: implement PlainLayer", inner);
    return graph.add(x, ((PlainLayer) inner).plain(graph.at("inner"), x));
  }

  @Override
  public String toString() {
    return "Residual(" + inner + ")";
  }
}
