package dev.noether.nn;

import static dev.noether.algebra.Checks.require;

import dev.noether.kernel.FieldType;
import dev.noether.plain.Axes;
import dev.noether.plain.PlainGraph;
import dev.noether.plain.PlainLayer;
import dev.noether.rep.Representation;
import dev.noether.spectral.SpectralBasis;
import dev.noether.spectral.SpectralForm;
import dev.noether.spectral.SpectralLayer;
import dev.noether.spectral.Spectrum;
import dev.noether.torch.Buffers;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.bytedeco.pytorch.GradMode;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Layers one after the other; each must give what the next one takes. They are named {@code 0},
 * {@code 1} and so on in the state dict.
 *
 * <p>The axes of the chain are those of the first layer that needs to know where time is; tensors
 * are turned for layers that want others, so a convolution may be followed by an activation or by
 * attention.
 *
 * <p>Layers that work in a {@link Spectrum} (those that implement {@link SpectralLayer}) and follow
 * each other, also across chains in this chain, hand on their features there, where that is less
 * work: the basis changes where such a stretch of layers begins and where it ends, and nothing is
 * turned inside. Function, gradients and running statistics are those of the layers by themselves.
 *
 * <pre>{@code
 * Representation rho = Representation.parse("D4: regular + irrep(1,1)");
 * Representation hidden = Representation.parse("D4: 8 x regular");
 * EquivariantSequential model =
 *     EquivariantSequential.of(
 *         new EquivariantLinear(rho, hidden),
 *         new EquivariantRmsNorm(hidden),
 *         new PointwiseNonlinearity(hidden, Activation.ELU),
 *         new EquivariantLinear(hidden, rho));
 * System.out.println(model.summary());
 * }</pre>
 */
public final class EquivariantSequential extends EquivariantLayer
    implements PlainLayer, SpectralLayer {
  /** How an architecture describes it. */
  public static final LayerType<EquivariantSequential> TYPE =
      LayerType.independentOfBases(EquivariantSequential.class)
          .layers(EquivariantSequential::layers)
          .builds(s -> new EquivariantSequential(s.equivariantLayers()));

  private final List<EquivariantLayer> layers;
  private final IdentityHashMap<EquivariantLayer, SpectralForm> forms = new IdentityHashMap<>();
  private final List<Run> runs;

  /**
   * Layers next to each other: one that works by itself, without a form, or several that can hand
   * on features in a spectrum.
   */
  private static final class Run {
    private final List<EquivariantLayer> layers;
    private final List<SpectralForm> forms;
    private volatile @Nullable Planned last;

    Run(List<EquivariantLayer> layers, List<SpectralForm> forms) {
      this.layers = List.copyOf(layers);
      this.forms = List.copyOf(forms);
    }

    Axes axes() {
      return layers.get(0).axes();
    }

    /** How its layers work on so many samples; batches tend to repeat. */
    List<Integer> stretches(long samples, boolean training) {
      if (forms.isEmpty()) {
        return List.of(1);
      }
      for (EquivariantLayer layer : layers) {
        if (layer.isWatched()) {
          return Collections.nCopies(layers.size(), 1);
        }
      }
      boolean fresh = training || GradMode.is_enabled();
      boolean admitted = forms.stream().allMatch(SpectralForm::isAdmitted);
      Planned known = last;
      if (known == null
          || known.samples != samples
          || known.training != training
          || known.fresh != fresh
          || known.admitted != admitted
          || !admitted) {
        List<SpectralForm.Cost> costs =
            forms.stream().map(form -> form.cost(samples, training)).toList();
        known = new Planned(samples, training, fresh, admitted, leastWork(costs));
        last = known;
      }
      return known.stretches;
    }
  }

  /** What is least work for a batch. */
  private record Planned(
      long samples, boolean training, boolean fresh, boolean admitted, List<Integer> stretches) {}

  /**
   * A chain.
   *
   * @param layers the layers, first to last
   * @throws IllegalArgumentException if there are none, or the output of one is not the input of
   *     the next
   */
  public EquivariantSequential(List<? extends EquivariantLayer> layers) {
    super(
        first(layers).in(),
        layers.get(layers.size() - 1).out(),
        axes(layers),
        fields(layers, first(layers).inFields(), first(layers).in()),
        fields(
            layers,
            layers.get(layers.size() - 1).outFields(),
            layers.get(layers.size() - 1).out()));
    this.layers = List.copyOf(layers);
    for (int i = 0; i < layers.size(); i++) {
      EquivariantLayer layer = layers.get(i);
      registerChild(Integer.toString(i), layer);
      if (i > 0) {
        EquivariantLayer before = layers.get(i - 1);
        require(
            leadsInto(before, layer),
            "layer %d gives %s (size %d), layer %d takes %s (size %d)",
            i - 1,
            before.out(),
            before.out().size(),
            i,
            layer.in(),
            layer.in().size());
      }
    }
    runs = runs(leaves());
  }

  private static EquivariantLayer first(List<? extends EquivariantLayer> layers) {
    require(!layers.isEmpty(), "a chain has at least one layer, got none");
    return layers.get(0);
  }

  /** Equal lists of fields are equal representations, without their matrices being compared. */
  private static boolean leadsInto(EquivariantLayer before, EquivariantLayer after) {
    Optional<FieldType> given = before.outFields();
    return (given.isPresent() && given.equals(after.inFields())) || before.out().equals(after.in());
  }

  /**
   * The fields at an end of the chain. Layers that see features alone do as well over any space;
   * all others must live on one.
   */
  private static @Nullable FieldType fields(
      List<? extends EquivariantLayer> layers, Optional<FieldType> known, Representation own) {
    List<FieldType> all =
        layers.stream()
            .flatMap(layer -> Stream.concat(layer.inFields().stream(), layer.outFields().stream()))
            .toList();
    if (all.isEmpty()) {
      return null;
    }
    all.forEach(all.get(0)::requireSameSpace);
    return known.orElseGet(() -> FieldType.ofSummands(all.get(0).space(), own));
  }

  private static Axes axes(List<? extends EquivariantLayer> layers) {
    return layers.stream()
        .map(EquivariantLayer::axes)
        .filter(axes -> axes != Axes.FEATURES)
        .findFirst()
        .orElse(Axes.FEATURES);
  }

  /** The layers, chains among them replaced by theirs. */
  List<EquivariantLayer> leaves() {
    return layers.stream()
        .flatMap(
            layer ->
                layer instanceof EquivariantSequential chain
                    ? chain.leaves().stream()
                    : Stream.of(layer))
        .toList();
  }

  /** The form of a layer: that of an inner chain, else a new one, which this chain registers. */
  private Optional<SpectralForm> form(EquivariantLayer layer) {
    SpectralForm known = forms.get(layer);
    if (known != null) {
      return Optional.of(known);
    }
    for (EquivariantLayer inner : layers) {
      if (inner instanceof EquivariantSequential chain && chain.forms.containsKey(layer)) {
        return Optional.ofNullable(chain.forms.get(layer));
      }
    }
    return layer instanceof SpectralLayer spectral && layer.axes() == Axes.FEATURES
        ? spectral.spectralForm()
        : Optional.empty();
  }

  private List<Run> runs(List<EquivariantLayer> leaves) {
    List<Optional<SpectralForm>> known = leaves.stream().map(this::form).toList();
    List<Run> found = new ArrayList<>();
    int first = 0;
    while (first < leaves.size()) {
      List<SpectralForm> own = new ArrayList<>();
      int end = first;
      while (end < leaves.size() && joins(own, known.get(end))) {
        own.add(known.get(end++).orElseThrow());
      }
      end = Math.max(end, first + 1);
      if (own.size() < 2) {
        own.clear();
      }
      for (int i = 0; i < own.size(); i++) {
        keep(leaves.get(first + i), own.get(i));
      }
      found.add(new Run(leaves.subList(first, end), own));
      first = end;
    }
    return found;
  }

  private static boolean joins(List<SpectralForm> before, Optional<SpectralForm> next) {
    return next.isPresent()
        && (before.isEmpty() || before.get(before.size() - 1).out().leadsInto(next.get().in()));
  }

  /** What a form needs besides the layer's own tensors moves with this chain. */
  private void keep(EquivariantLayer layer, SpectralForm form) {
    boolean known =
        layers.stream()
            .anyMatch(
                inner ->
                    inner instanceof EquivariantSequential chain && chain.forms.containsKey(layer));
    if (!known && !forms.containsKey(layer)) {
      registerBuffers("spectral." + forms.size() + ".", form.buffers());
    }
    forms.put(layer, form);
  }

  /**
   * A chain.
   *
   * @param layers the layers, first to last
   * @return the chain
   * @throws IllegalArgumentException as the constructor
   */
  public static EquivariantSequential of(EquivariantLayer... layers) {
    return new EquivariantSequential(List.of(layers));
  }

  /**
   * The layers.
   *
   * @return first to last
   */
  public List<EquivariantLayer> layers() {
    return layers;
  }

  @Override
  protected Tensor compute(Tensor input) {
    return forward(input, false);
  }

  /** The same, staying in the spectrum wherever it can, whether that is less work or not. */
  Tensor inside(Tensor input) {
    requireInput(input);
    return forward(input, true);
  }

  private Tensor forward(Tensor input, boolean longest) {
    Tensor current = input;
    Axes axes = axes();
    for (Run run : runs) {
      Tensor own = axes.to(run.axes(), current);
      List<Integer> stretches =
          longest ? List.of(run.layers.size()) : run.stretches(samples(run, own), isTraining());
      current = run.axes().to(axes, forward(run, stretches, own));
    }
    return current;
  }

  /** The numbers of layers, those of inner chains counted, between changes of basis. */
  List<Integer> stretches(long samples) {
    return runs.stream().flatMap(run -> run.stretches(samples, isTraining()).stream()).toList();
  }

  /** Which layers share a spectrum, inner chains counted layer by layer. */
  @Override
  protected String planned(long samples) {
    List<String> shared = new ArrayList<>();
    int first = 0;
    for (int length : stretches(samples)) {
      if (length > 1) {
        shared.add(first + " to " + (first + length - 1));
      }
      first += length;
    }
    return shared.isEmpty() ? "" : String.join(", ", shared) + " in the isotypic basis";
  }

  private static long samples(Run run, Tensor input) {
    return input.numel() / run.layers.get(0).in().size();
  }

  private static Tensor forward(Run run, List<Integer> stretches, Tensor input) {
    Tensor current = input;
    int first = 0;
    for (int length : stretches) {
      current =
          length == 1
              ? run.layers.get(first).forward(current)
              : forward(run.forms.subList(first, first + length), current);
      first += length;
    }
    return current;
  }

  private static Tensor forward(List<SpectralForm> forms, Tensor input) {
    Spectrum features = forms.get(0).in().enter(input);
    for (SpectralForm form : forms) {
      features = form.apply(features);
    }
    return forms.get(forms.size() - 1).out().leave(features, input);
  }

  /**
   * How the layers of a run are least work: alone, or several with one change of basis on each
   * side. The best way up to a layer extends the best way up to an earlier one.
   */
  private static List<Integer> leastWork(List<SpectralForm.Cost> costs) {
    int n = costs.size();
    double[] best = new double[n + 1];
    int[] last = new int[n + 1];
    for (int end = 1; end <= n; end++) {
      best[end] = best[end - 1] + costs.get(end - 1).alone();
      last[end] = 1;
      double inside = costs.get(end - 1).inside();
      for (int first = end - 2; first >= 0; first--) {
        inside += costs.get(first).inside();
        double sides = costs.get(first).side() + costs.get(end - 1).side();
        if (best[first] + inside + sides < best[end]) {
          best[end] = best[first] + inside + sides;
          last[end] = end - first;
        }
      }
    }
    List<Integer> lengths = new ArrayList<>();
    for (int end = n; end > 0; end -= last[end]) {
      lengths.add(0, last[end]);
    }
    return List.copyOf(lengths);
  }

  /** All layers in a row, where all of them can hand on their features. */
  @Override
  public Optional<SpectralForm> spectralForm() {
    if (runs.size() != 1) {
      return Optional.empty();
    }
    Run run = runs.get(0);
    return run.forms.isEmpty() ? form(run.layers.get(0)) : Optional.of(new InARow(run.forms));
  }

  /** Forms one after the other, whose tensors this chain holds. */
  private record InARow(List<SpectralForm> forms) implements SpectralForm {
    @Override
    public Buffers buffers() {
      return new Buffers();
    }

    @Override
    public SpectralBasis in() {
      return forms.get(0).in();
    }

    @Override
    public SpectralBasis out() {
      return forms.get(forms.size() - 1).out();
    }

    @Override
    public boolean isAdmitted() {
      return forms.stream().allMatch(SpectralForm::isAdmitted);
    }

    @Override
    public Cost cost(long samples, boolean training) {
      List<Cost> costs = forms.stream().map(form -> form.cost(samples, training)).toList();
      return new Cost(
          costs.stream().mapToDouble(Cost::alone).sum(),
          costs.stream().mapToDouble(Cost::inside).sum(),
          (costs.get(0).side() + costs.get(costs.size() - 1).side()) / 2);
    }

    @Override
    public Spectrum apply(Spectrum features) {
      Spectrum current = features;
      for (SpectralForm form : forms) {
        current = form.apply(current);
      }
      return current;
    }
  }

  @Override
  protected long exampleTime() {
    return layers.stream().mapToLong(EquivariantLayer::exampleTime).sum();
  }

  @Override
  public <V> V plain(PlainGraph<V> graph, V x) {
    V current = x;
    for (int i = 0; i < layers.size(); i++) {
      EquivariantLayer layer = layers.get(i);
      require(
          layer instanceof PlainLayer,
          "layer %d has no plain form: %s must implement PlainLayer",
          i,
          layer);
      V own = axes().to(layer.axes(), graph, current);
      V result = ((PlainLayer) layer).plain(graph.at(Integer.toString(i)), own);
      current = layer.axes().to(axes(), graph, result);
    }
    return current;
  }

  @Override
  public String toString() {
    return "EquivariantSequential(" + in() + " -> " + out() + ", " + layers.size() + " layers)";
  }
}
