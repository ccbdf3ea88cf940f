package dev.noether.models;

import static dev.noether.Fixtures.distance;
import static dev.noether.Fixtures.random;
import static dev.noether.Fixtures.rotated;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.noether.nn.Architecture;
import dev.noether.nn.Equivariance;
import dev.noether.nn.Layer;
import dev.noether.nn.LayerRegistry;
import dev.noether.nn.attention.AttentionMasks;
import dev.noether.nn.attention.PositionEncoding;
import dev.noether.nn.linear.EquivariantLinear;
import dev.noether.nn.linear.MapOptions;
import dev.noether.nn.norm.EquivariantLayerNorm;
import dev.noether.nn.norm.EquivariantRmsNorm;
import dev.noether.nn.norm.LayerNorm;
import dev.noether.nn.norm.NormOptions;
import dev.noether.nn.norm.RmsNorm;
import dev.noether.plain.Activation;
import dev.noether.plain.EagerGraph;
import dev.noether.plain.NamedInputs;
import dev.noether.plain.PlainLayer;
import dev.noether.rep.Representation;
import dev.noether.torch.Dtype;
import dev.noether.torch.LibTorch;
import dev.noether.torch.Tensors;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Transformer layers, equivariant and plain. */
class TransformerLayersTest {
  @BeforeAll
  static void load() {
    LibTorch.load();
  }

  private static final MapOptions MAPS = MapOptions.defaults().with(Dtype.FLOAT64).withSeed(5);

  /** Norms of both kinds and places, positions of all kinds. */
  private static List<TransformerLayerOptions> variants(TransformerLayerOptions start) {
    List<TransformerLayerOptions> all = new ArrayList<>();
    TransformerLayerOptions options =
        start.withFeedForward(7).with(Activation.GELU).with(MAPS).withDropout(0.25);
    all.add(options);
    all.add(options.withNormFirst(!options.normFirst()).with(TransformerNorm.LAYERNORM));
    all.add(options.with(TransformerNorm.RMSNORM).with(MAPS.withoutBias()));
    all.add(options.with(PositionEncoding.absolute(8)));
    all.add(options.with(PositionEncoding.relative(2)));
    all.add(options.with(PositionEncoding.rotary(100)));
    return all;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "C3: 2 x regular",
        "D4: 2 x regular",
        "Q8: 2 x irrep(1,1) + 2 x trivial",
        "Icosahedral: 2 x regular"
      })
  void layersAreEquivariantInTrainingAndEvaluation(String text) {
    try (PointerScope scope = new PointerScope()) {
      Representation straight = Representation.parse(text);
      Representation bent =
          rotated(Representation.parse(text.contains("Ico") ? "Icosahedral: trivial" : text))
              .times(2);
      for (Representation rho : List.of(straight, bent)) {
        for (TransformerLayerOptions options : variants(TransformerLayerOptions.equivariant(1))) {
          for (Layer layer :
              List.of(
                  new EquivariantTransformerEncoderLayer(rho, options.withDropout(0)),
                  new EquivariantTransformerDecoderLayer(rho, options.withDropout(0)))) {
            for (int pass = 0; pass < 2; pass++) {
              assertThat(Equivariance.check(layer.equivariance().orElseThrow()).relativeError())
                  .as("%s", layer)
                  .isLessThan(1e-11);
              layer.eval();
            }
          }
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"C3: 2 x regular", "Q8: 2 x irrep(1,1) + 2 x trivial"})
  void scalesOfNormsThatKeptWeightsTakeInFollowEveryChange(String text) {
    try (PointerScope scope = new PointerScope()) {
      Representation rho = Representation.parse(text);
      for (TransformerLayerOptions options : variants(TransformerLayerOptions.equivariant(1))) {
        EquivariantTransformerDecoderLayer layer =
            new EquivariantTransformerDecoderLayer(rho, options);
        layer.eval();
        Tensor x = random(Dtype.FLOAT64, 2, 3, rho.size());
        Tensor memory = random(Dtype.FLOAT64, 2, 4, rho.size());
        for (String part : List.of("", "norm", "linear1", "attn")) {
          try (NoGradGuard guard = new NoGradGuard()) {
            layer
                .namedParameters()
                .forEach(
                    (name, tensor) -> {
                      if (name.contains(part)) {
                        tensor.mul_(new Scalar(1.25));
                      }
                    });
          }
          Tensor computed = layer.forward(x, memory);
          try (NoGradGuard guard = new NoGradGuard()) {
            for (int call = 0; call < 2; call++) {
              assertThat(distance(layer.forward(x, memory), computed))
                  .as("%s after a change of '%s'", layer, part)
                  .isLessThan(1e-12);
            }
          }
        }
      }
    }
  }

  private static List<Layer> allLayers() {
    Representation rho = Representation.parse("C3: 2 x regular");
    List<Layer> all = new ArrayList<>();
    for (TransformerLayerOptions options : variants(TransformerLayerOptions.equivariant(1))) {
      all.add(new EquivariantTransformerEncoderLayer(rho, options));
      all.add(new EquivariantTransformerDecoderLayer(rho, options));
    }
    for (TransformerLayerOptions options : variants(TransformerLayerOptions.plain(1))) {
      all.add(new TransformerEncoderLayer(6, options));
      all.add(new TransformerDecoderLayer(6, options));
    }
    return all;
  }

  private static Tensor apply(Layer layer, Tensor x, Tensor memory) {
    Map<String, Tensor> inputs =
        layer instanceof PlainLayer plain && plain.inputs().size() == 1
            ? Map.of("src", x)
            : Map.of("tgt", x, "memory", memory);
    return ((NamedInputs) layer).forward(inputs);
  }

  @Test
  void describedLayersComeBackAndMoveBetweenDtypes() {
    try (PointerScope scope = new PointerScope()) {
      Tensor x = random(Dtype.FLOAT64, 2, 4, 6);
      Tensor memory = random(Dtype.FLOAT64, 2, 5, 6);
      for (Layer layer : allLayers()) {
        layer.eval();
        Architecture described = LayerRegistry.standard().describe(layer).orElseThrow();
        Layer built = LayerRegistry.standard().build(described);
        built.load(layer.stateDict());
        built.eval();
        Tensor y = apply(layer, x, memory);
        assertThat(distance(y, apply(built, x, memory))).as("%s", layer).isZero();
        built.to(Dtype.FLOAT32);
        Tensor narrow =
            apply(built, x.to(Dtype.FLOAT32.scalarType()), memory.to(Dtype.FLOAT32.scalarType()));
        assertThat(distance(y, narrow)).as("%s", layer).isLessThan(1e-5);
      }
    }
  }

  @Test
  void plainFormsComputeTheSame() {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      Tensor x = random(Dtype.FLOAT64, 2, 4, 6);
      Tensor memory = random(Dtype.FLOAT64, 2, 5, 6);
      for (Layer layer : allLayers()) {
        layer.eval();
        PlainLayer plain = (PlainLayer) layer;
        List<Tensor> inputs = plain.inputs().size() == 1 ? List.of(x) : List.of(x, memory);
        Tensor form = plain.plain(new EagerGraph(x), inputs);
        assertThat(distance(apply(layer, x, memory), form)).as("%s", layer).isLessThan(1e-12);
      }
      for (PlainLayer norm : List.of(new LayerNorm(6), new RmsNorm(6))) {
        Tensor narrow = x.to(Dtype.FLOAT32.scalarType());
        Tensor own =
            norm instanceof LayerNorm layer
                ? layer.forward(narrow)
                : ((RmsNorm) norm).forward(narrow);
        assertThat(distance(norm.plain(new EagerGraph(narrow), narrow), own)).isLessThan(1e-6);
      }
    }
  }

  /** Attention to itself and to a memory, both linear maps: no two start alike. */
  @Test
  void defect24PartsAndLayersStartWithWeightsOfTheirOwn() {
    try (PointerScope scope = new PointerScope()) {
      Representation rho = Representation.parse("C3: 2 x regular");
      EquivariantTransformerDecoderLayer layer =
          new EquivariantTransformerDecoderLayer(
              rho, TransformerLayerOptions.equivariant(1).withFeedForward(6).with(MAPS));
      Map<String, Tensor> state = layer.stateDict();
      String packed = ".parametrizations.in_proj_weight.original";
      Tensor self = Objects.requireNonNull(state.get("self_attn" + packed));
      Tensor cross = Objects.requireNonNull(state.get("cross_attn" + packed));
      assertThat(distance(self, cross)).isGreaterThan(0.01);
      // Drawn in Hom: the projection that is applied leaves it as it is.
      assertThat(distance(self, reprojected(layer))).isLessThan(1e-12);
      TransformerLayerOptions drawn = TransformerLayerOptions.equivariant(1).withFeedForward(6);
      Tensor one = packedOf(new EquivariantTransformerEncoderLayer(rho, drawn));
      Tensor two = packedOf(new EquivariantTransformerEncoderLayer(rho, drawn));
      assertThat(distance(one, two)).isGreaterThan(0.01);
    }
  }

  private static Tensor packedOf(Layer layer) {
    return Objects.requireNonNull(
        layer.stateDict().get("self_attn.parametrizations.in_proj_weight.original"));
  }

  private static Tensor reprojected(Layer layer) {
    Layer constraint =
        Objects.requireNonNull(
            layer.namedLayers().get("self_attn.parametrizations.in_proj_weight.0"));
    return ((dev.noether.nn.Parametrization) constraint).apply(packedOf(layer));
  }

  @Test
  void defect24LayersOfAStackStartWithWeightsOfTheirOwn() {
    try (PointerScope scope = new PointerScope()) {
      Representation rho = Representation.parse("C3: 2 x regular");
      TransformerLayerOptions options = TransformerLayerOptions.equivariant(1).withFeedForward(6);
      TransformerLayerOptions plain = TransformerLayerOptions.plain(1).withFeedForward(6);
      for (TransformerLayerOptions seeded : List.of(options, options.with(MAPS))) {
        EquivariantTransformerEncoder stack = new EquivariantTransformerEncoder(rho, 2, seeded);
        assertThat(distance(packedOf(stack.layers().get(0)), packedOf(stack.layers().get(1))))
            .isGreaterThan(0.01);
      }
      for (Layer stack :
          List.of(
              new TransformerEncoder(6, 2, plain.with(MAPS)),
              new TransformerDecoder(6, 2, plain.with(MAPS)),
              new EquivariantTransformerDecoder(rho, 2, options.with(MAPS)))) {
        Map<String, Tensor> state = stack.namedParameters();
        state.forEach(
            (name, tensor) -> {
              if (name.startsWith("layers.0.") && tensor.dim() == 2) {
                Tensor other =
                    Objects.requireNonNull(state.get(name.replace("layers.0", "layers.1")));
                assertThat(distance(tensor, other)).as(name).isGreaterThan(0.01);
              }
            });
      }
    }
  }

  /** The mean of rho_out(g) W rho_in(g)^-1 over the group. */
  private static Tensor averaged(Tensor weight, Representation in, Representation out) {
    Tensor sum = weight.new_zeros(out.size(), in.size());
    int order = in.finiteGroup().order();
    for (int g = 0; g < order; g++) {
      Tensor left =
          Tensors.of(Dtype.FLOAT64, out.at(in.finiteGroup().element(g))).to(weight.scalar_type());
      Tensor right =
          Tensors.of(Dtype.FLOAT64, in.at(in.finiteGroup().element(g))).to(weight.scalar_type());
      sum = sum.add(left.mm(weight).mm(right.t()));
    }
    return sum.div(new Scalar((double) order));
  }

  /**
   * The state dict of the Python layer holds an unconstrained packed projection; what it means is
   * its mean over the group. PyTorch's formula with dense weights is the judge.
   */
  @Test
  void anEncoderLayerOfEightHeadsTakesTheStateOfThePythonLayer() {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      Representation rho = Representation.parse("C5: 48 x regular"); // 240 features
      TransformerLayerOptions options =
          TransformerLayerOptions.equivariant(8).withFeedForward(480).withDropout(0);
      EquivariantTransformerEncoderLayer layer =
          new EquivariantTransformerEncoderLayer(rho, options);
      Map<String, Tensor> state = new LinkedHashMap<>(layer.stateDict());
      String weight = "self_attn.parametrizations.in_proj_weight.original";
      String bias = "self_attn.parametrizations.in_proj_bias.original";
      Tensor packed = random(Dtype.FLOAT32, 720, 240).mul(new Scalar(0.3));
      Tensor shift = random(Dtype.FLOAT32, 720);
      state.put(weight, packed);
      state.put(bias, shift);
      layer.load(state);

      TransformerEncoderLayer plain =
          new TransformerEncoderLayer(
              240,
              TransformerLayerOptions.plain(8)
                  .withFeedForward(480)
                  .withDropout(0)
                  .withNormFirst(true)
                  .with(TransformerNorm.RMSNORM));
      Map<String, Tensor> dense = new LinkedHashMap<>(plain.stateDict());
      Representation stacked = rho.times(3);
      Representation one = Representation.trivial(rho.group());
      dense.put("self_attn.in_proj_weight", averaged(packed, rho, stacked));
      dense.put("self_attn.in_proj_bias", averaged(shift.unsqueeze(1), one, stacked).select(1, 0));
      for (String name : List.of("self_attn.out_proj", "linear1", "linear2")) {
        EquivariantLinear map =
            (EquivariantLinear) Objects.requireNonNull(layer.namedLayers().get(name));
        dense.put(name + ".weight", map.weight());
        dense.put(name + ".bias", Objects.requireNonNull(map.bias()));
      }
      plain.load(dense);
      Tensor x = random(Dtype.FLOAT32, 3, 7, 240);
      for (boolean training : new boolean[] {true, false}) {
        if (!training) {
          layer.eval();
          plain.eval();
        }
        Tensor expected = plain.forward(x);
        double largest = expected.abs().max().item().toDouble();
        assertThat(distance(layer.forward(x), expected) / largest).isLessThan(1e-5);
      }
    }
  }

  /** A copy has what it keeps in evaluation from its own weights, and notices when they change. */
  @Test
  void defect23CopiesNoticeThatTheirWeightsChange() {
    try (PointerScope scope = new PointerScope()) {
      Representation rho = Representation.parse("C3: 2 x regular");
      TransformerLayerOptions options =
          TransformerLayerOptions.equivariant(1).withFeedForward(6).with(MAPS);
      EquivariantTransformerEncoder stack = new EquivariantTransformerEncoder(rho, 2, options);
      Tensor x = random(Dtype.FLOAT64, 2, 4, 6);
      EquivariantTransformerEncoder copy = (EquivariantTransformerEncoder) stack.copy();
      copy.eval();
      try (NoGradGuard guard = new NoGradGuard()) {
        copy.forward(x);
      }
      copy.forward(x).sum().backward();
      try (NoGradGuard guard = new NoGradGuard()) {
        copy.namedParameters().values().forEach(p -> p.sub_(p.grad()));
        EquivariantTransformerEncoder fresh = (EquivariantTransformerEncoder) copy.copy();
        fresh.eval();
        assertThat(distance(copy.forward(x), fresh.forward(x))).isLessThan(1e-13);
        stack.eval();
        assertThat(distance(copy.forward(x), stack.forward(x))).isGreaterThan(1e-3);
      }
    }
  }

  /** What one layer does after another, and the norm at the end. */
  @Test
  void stacksAreTheirLayersOneAfterTheOther() {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      Representation rho = Representation.parse("C3: 2 x regular");
      Tensor x = random(Dtype.FLOAT64, 2, 4, 6);
      Tensor memory = random(Dtype.FLOAT64, 2, 5, 6);
      TransformerLayerOptions options =
          TransformerLayerOptions.equivariant(1).withFeedForward(6).with(MAPS);
      EquivariantTransformerEncoder encoder =
          EquivariantTransformerEncoder.withNorm(rho, 2, options);
      EquivariantTransformerDecoder decoder =
          EquivariantTransformerDecoder.withNorm(rho, 2, options.with(TransformerNorm.LAYERNORM));
      encoder.eval();
      decoder.eval();
      Tensor y = encoder.layers().get(1).forward(encoder.layers().get(0).forward(x));
      Tensor z =
          decoder.layers().get(1).forward(decoder.layers().get(0).forward(x, memory), memory);
      assertThat(
              distance(
                  encoder.forward(x), new EquivariantRmsNorm(rho, 1e-5, Dtype.FLOAT64).forward(y)))
          .isLessThan(1e-12);
      assertThat(
              distance(
                  decoder.forward(x, memory),
                  new EquivariantLayerNorm(rho, new NormOptions(1e-5, true, Dtype.FLOAT64))
                      .forward(z)))
          .isLessThan(1e-12);
      for (Layer layer : List.of(encoder, decoder)) {
        Layer again =
            LayerRegistry.standard().build(LayerRegistry.standard().describe(layer).orElseThrow());
        again.load(layer.stateDict());
        again.eval();
        assertThat(distance(apply(again, x, memory), apply(layer, x, memory))).isZero();
        List<Tensor> inputs =
            ((PlainLayer) layer).inputs().size() == 1 ? List.of(x) : List.of(x, memory);
        assertThat(
                distance(
                    ((PlainLayer) layer).plain(new EagerGraph(x), inputs), apply(layer, x, memory)))
            .isLessThan(1e-12);
      }
      assertThatThrownBy(() -> new EquivariantTransformerEncoder(rho, 0, options))
          .hasMessage("a stack has at least one layer, got 0");
      assertThatThrownBy(() -> decoder.plain(new EagerGraph(x), x))
          .hasMessage("the layer takes 2 inputs, got 1");
    }
  }

  /** The mended choice: the norm by the whole token's length, whose gradient stays small. */
  @Test
  void defect25GradientsStaySmallAtNearlyInvariantTokens() {
    try (PointerScope scope = new PointerScope()) {
      Representation rho = Representation.parse("C4: 2 x regular");
      TransformerLayerOptions usual =
          TransformerLayerOptions.equivariant(1).withFeedForward(8).with(MAPS);
      assertThat(usual.norm()).isEqualTo(TransformerNorm.RMSNORM);
      Tensor x =
          random(Dtype.FLOAT64, 1, 1, 1)
              .expand(1, 3, 8)
              .add(random(Dtype.FLOAT64, 1, 3, 8).mul(new Scalar(1e-9)));
      Tensor memory = random(Dtype.FLOAT64, 1, 4, 8);
      for (int layers : new int[] {1, 2, 4, 8}) {
        for (Layer stack :
            List.of(
                new EquivariantTransformerEncoder(rho, layers, usual),
                new EquivariantTransformerDecoder(rho, layers, usual))) {
          Tensor leaf = x.detach().set_requires_grad(true);
          apply(stack, leaf, memory).sin().sum().backward();
          assertThat(leaf.grad().norm().item().toDouble()).as("%s", stack).isLessThan(100);
        }
      }
    }
  }

  /** Weights and bases are made in the dtype that is asked for, and the norm's, too. */
  @Test
  void defect22LayersAreMadeInAnyDtype() {
    try (PointerScope scope = new PointerScope()) {
      Representation rho = Representation.parse("C3: 2 x regular");
      for (Dtype dtype : Dtype.values()) {
        TransformerLayerOptions options =
            TransformerLayerOptions.equivariant(1).with(MapOptions.defaults().with(dtype));
        Tensor x = random(dtype, 2, 3, 6);
        for (Layer layer :
            List.of(
                new EquivariantTransformerEncoderLayer(rho, options),
                new EquivariantTransformerDecoderLayer(rho, options))) {
          assertThat(Tensors.dtypeName(apply(layer, x, x))).isEqualTo(dtype.toString());
        }
      }
    }
  }

  @Test
  void masksThatDoNotFitAreRefused() {
    try (PointerScope scope = new PointerScope()) {
      Representation rho = Representation.parse("C3: 2 x regular");
      TransformerLayerOptions options =
          TransformerLayerOptions.equivariant(2).withFeedForward(6).with(MAPS);
      Tensor x = random(Dtype.FLOAT64, 2, 4, 6);
      Tensor memory = random(Dtype.FLOAT64, 2, 5, 6);
      AttentionMasks narrow = AttentionMasks.none().withAttention(random(Dtype.FLOAT64, 4, 4));
      EquivariantTransformerDecoderLayer layer =
          new EquivariantTransformerDecoderLayer(rho, options);
      assertThatThrownBy(() -> layer.forward(x, memory, narrow, narrow))
          .hasMessage("the attention mask must be [4, 5] or [4, 4, 5], got [4, 4]");
      assertThatThrownBy(() -> layer.forward(x, random(Dtype.FLOAT64, 3, 5, 6)))
          .hasMessageStartingWith("query and key must have one batch size");
      assertThatThrownBy(
              () ->
                  new EquivariantTransformerEncoderLayer(
                      rho, TransformerLayerOptions.equivariant(4).with(MAPS)))
          .hasMessageStartingWith("4 heads would split a summand of C3: 2 x regular");
      assertThatThrownBy(() -> new TransformerEncoderLayer(6, TransformerLayerOptions.plain(4)))
          .hasMessage("4 heads do not divide 6 features: each head needs the same number");
      assertThatThrownBy(() -> options.withFeedForward(0))
          .hasMessage("the feed-forward width must be at least 1, got 0");
      assertThatThrownBy(() -> new LayerNorm(0))
          .hasMessage("a norm needs at least one feature, got 0");
      assertThatThrownBy(() -> layer.plain(new EagerGraph(x), x))
          .hasMessage("the layer takes 2 inputs, got 1");
    }
  }

  /** A long time axis in training too: dropout takes copies, not coordinates. */
  @Test
  void dropoutActsInTrainingOnly() {
    try (PointerScope scope = new PointerScope()) {
      Tensor x = random(Dtype.FLOAT64, 2, 4, 6);
      for (Layer layer : allLayers()) {
        assertThat(distance(apply(layer, x, x), apply(layer, x, x))).isGreaterThan(1e-3);
        layer.eval();
        assertThat(distance(apply(layer, x, x), apply(layer, x, x))).isZero();
      }
    }
  }

  @Test
  void layoutsAgree() {
    try (PointerScope scope = new PointerScope()) {
      TransformerLayerOptions options =
          TransformerLayerOptions.plain(2).withFeedForward(5).with(MAPS);
      TransformerEncoderLayer first = new TransformerEncoderLayer(6, options);
      TransformerEncoderLayer last = new TransformerEncoderLayer(6, options.timeFirst());
      Tensor x = random(Dtype.FLOAT64, 2, 4, 6);
      first.eval();
      last.load(first.stateDict());
      last.eval();
      Tensor y = first.forward(x);
      assertThat(distance(y, last.forward(x.transpose(0, 1)).transpose(0, 1))).isLessThan(1e-14);
      assertThat(distance(y.select(0, 1), first.forward(x.select(0, 1)))).isLessThan(1e-14);
      assertThat(Tensors.shape(y)).containsExactly(2, 4, 6);
    }
  }
}
