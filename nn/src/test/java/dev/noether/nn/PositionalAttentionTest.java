package dev.noether.nn;

import static dev.noether.Fixtures.distance;
import static dev.noether.Fixtures.random;
import static dev.noether.Fixtures.rotated;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.noether.DrawnGroups;
import dev.noether.nn.attention.AdditivePositionalAttention;
import dev.noether.nn.attention.Attention;
import dev.noether.nn.attention.AttentionMasks;
import dev.noether.nn.attention.AttentionOptions;
import dev.noether.nn.attention.AttentionPositions;
import dev.noether.nn.attention.EquivariantAdditivePositionalAttention;
import dev.noether.nn.attention.EquivariantMultiheadAttention;
import dev.noether.nn.attention.EquivariantRotaryPositionalAttention;
import dev.noether.nn.attention.MultiheadAttention;
import dev.noether.nn.attention.PositionEncoding;
import dev.noether.nn.attention.RotaryPositionalAttention;
import dev.noether.nn.linear.MapOptions;
import dev.noether.rep.Representation;
import dev.noether.torch.Dtype;
import dev.noether.torch.LibTorch;
import dev.noether.torch.Tensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.LongStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Attention that knows where queries and keys stand. */
class PositionalAttentionTest {
  private static final AttentionMasks NONE = AttentionMasks.none();
  private static final AttentionPositions IN_ORDER = AttentionPositions.inOrder();
  private static final List<PositionEncoding> ALL =
      List.of(
          PositionEncoding.none(),
          PositionEncoding.absolute(9),
          PositionEncoding.relative(3),
          PositionEncoding.rotary(100));

  @BeforeAll
  static void load() {
    LibTorch.load();
  }

  private static AttentionOptions options(int heads) {
    return AttentionOptions.heads(heads)
        .with(MapOptions.defaults().with(Dtype.FLOAT64).withSeed(3));
  }

  private static Tensor at(long... places) {
    return Tensors.of(places, places.length);
  }

  /** All kinds on a representation, with tables far from zero. */
  private static List<Attention> kinds(Representation rho, int heads) {
    List<Attention> all = new ArrayList<>();
    for (PositionEncoding positions : ALL) {
      all.add(positions.attention(rho, options(heads)));
      all.add(positions.attention(rho.size(), options(heads)));
    }
    for (Attention attention : all) {
      try (NoGradGuard guard = new NoGradGuard()) {
        ((Layer) attention)
            .namedParameters()
            .forEach(
                (name, table) -> {
                  if (name.equals("pos_emb") || name.equals("rel_bias")) {
                    table.copy_(random(Dtype.FLOAT64, Tensors.shape(table)));
                  }
                });
      }
    }
    return all;
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "C3: 4 x regular; 2",
        "D4: 2 x regular; 1",
        "Q8: 2 x irrep(1,1) + 2 x trivial; 1",
        "Icosahedral: 2 x regular; 1",
        "C5: 4 x irrep(1) + 2 x trivial; 1"
      })
  void defect34EveryKindIsEquivariantOnWhatItAccepts(String text, int heads) {
    try (PointerScope scope = new PointerScope()) {
      Representation plain = Representation.parse(text);
      Representation bent = rotated(Representation.parse(text).times(1)).times(2);
      for (Representation rho : heads == 1 ? List.of(plain, bent) : List.of(plain)) {
        for (PositionEncoding positions : ALL) {
          Attention layer = positions.attention(rho, options(heads));
          AttentionPositions places =
              positions.kind() == PositionEncoding.Kind.NONE
                  ? IN_ORDER
                  : IN_ORDER.withQueries(at(4, 0, 7)).withKeys(at(1, 2, 8, 5));
          for (boolean training : new boolean[] {true, false}) {
            if (training) {
              ((Layer) layer).train();
            } else {
              ((Layer) layer).eval();
            }
            Equivariance.Report report =
                Equivariance.check(
                    x ->
                        layer.forward(
                            x.get(0), x.get(1), x.get(2), AttentionMasks.causal(), places),
                    List.of(rho, rho, rho),
                    rho,
                    List.of(
                        random(Dtype.FLOAT64, 2, 3, rho.size()),
                        random(Dtype.FLOAT64, 2, 4, rho.size()),
                        random(Dtype.FLOAT64, 2, 4, rho.size()).sin()));
            assertThat(report.relativeError()).as("%s", layer).isLessThan(1e-11);
          }
        }
      }
    }
  }

  static LongStream seeds() {
    return DrawnGroups.seeds(40).flatMap(seed -> LongStream.range(4 * seed, 4 * seed + 4));
  }

  /**
   * Any representation, heads and positions: the layer commutes with the group, or tells why it
   * cannot. The numbers of heads that it names are those that it takes.
   */
  @ParameterizedTest
  @MethodSource("seeds")
  void defect34WhatDoesNotCommuteIsRefusedWithTheReason(long seed) {
    Representation few = DrawnGroups.few(seed);
    int made = 0;
    for (Representation rho : List.of(few, few.times(4), rotated(few).times(2))) {
      Set<Integer> taken = new TreeSet<>();
      for (int heads = 1; heads <= rho.size(); heads++) {
        for (PositionEncoding positions : ALL) {
          try (PointerScope scope = new PointerScope();
              NoGradGuard guard = new NoGradGuard()) {
            Attention layer = positions.attention(rho, options(heads));
            assertThat(
                    Equivariance.check(((Layer) layer).equivariance().orElseThrow())
                        .relativeError())
                .as("%s", layer)
                .isLessThan(1e-11);
            taken.add(heads);
            made++;
          } catch (IllegalArgumentException e) {
            assertThat(e)
                .hasMessageFindingMatch(
                    "heads would split a summand|rotary positions turn pairs of equal summands");
          }
        }
      }
      int most = rho.size();
      assertThatThrownBy(() -> new EquivariantMultiheadAttention(rho, most + 1))
          .hasMessageEndingWith("the numbers of heads that do not are " + taken);
    }
    assertThat(made).isGreaterThanOrEqualTo(12);
  }

  @Test
  void shiftsOfAllPositionsChangeAbsoluteOnesOnly() {
    try (PointerScope scope = new PointerScope()) {
      Tensor x = random(Dtype.FLOAT64, 2, 4, 12);
      AttentionPositions shifted = IN_ORDER.withQueries(at(3, 4, 5, 6)).withKeys(at(3, 4, 5, 6));
      AttentionPositions mixed = IN_ORDER.withQueries(at(3, 1, 0, 6));
      List<Attention> kinds = kinds(Representation.parse("C3: 4 x regular"), 2);
      for (int i = 2; i < kinds.size(); i++) {
        Attention layer = kinds.get(i);
        Tensor y = layer.forward(x, x, x, NONE, IN_ORDER);
        boolean absolute = i < 4;
        double change = distance(y, layer.forward(x, x, x, NONE, shifted));
        assertThat(change > 1e-6).as("%s", layer).isEqualTo(absolute);
        assertThat(absolute || change < 1e-12).isTrue();
        assertThat(distance(y, layer.forward(x, x, x, NONE, mixed))).isGreaterThan(1e-6);
      }
    }
  }

  @Test
  void tokensWithoutAPositionAreAsWithoutPositions() {
    try (PointerScope scope = new PointerScope()) {
      Tensor x = random(Dtype.FLOAT64, 2, 4, 12);
      Tensor no = torch.zeros(4).to(ScalarType.Bool);
      List<Attention> kinds = kinds(Representation.parse("C3: 4 x regular"), 2);
      AttentionPositions hidden = IN_ORDER.withQueryMask(no).withKeyMask(no);
      for (int i = 2; i < 6; i++) {
        Attention none = kinds.get(i % 2);
        Attention layer = kinds.get(i);
        Map<String, Tensor> state = ((Layer) none).stateDict();
        Layer inner = Objects.requireNonNull(((Layer) layer).namedLayers().get("attn"));
        inner.load(state);
        assertThat(
                distance(
                    none.forward(x, x, x, NONE, IN_ORDER), layer.forward(x, x, x, NONE, hidden)))
            .as("%s", layer)
            .isLessThan(1e-14);
      }
    }
  }

  /** q . k of turned vectors, computed in pairs of complex numbers. */
  @Test
  void rotaryScoresTurnWithTheDistance() {
    try (PointerScope scope = new PointerScope()) {
      Representation rho = Representation.parse("C3: 2 x regular");
      EquivariantRotaryPositionalAttention turned =
          new EquivariantRotaryPositionalAttention(rho, 50, options(1));
      Layer inner = Objects.requireNonNull(turned.namedLayers().get("attn"));
      Tensor w =
          Objects.requireNonNull(inner.stateDict().get("parametrizations.in_proj_weight.original"));
      Tensor x = random(Dtype.FLOAT64, 1, 2, 6);
      double[] q = Tensors.toArray(x.select(0, 0).select(0, 0).matmul(w.narrow(0, 0, 6).t()));
      double[] k = Tensors.toArray(x.select(0, 0).select(0, 1).matmul(w.narrow(0, 6, 6).t()));
      double[] own = Tensors.toArray(x.select(0, 0).select(0, 0).matmul(w.narrow(0, 6, 6).t()));
      double t = 5 - 2;
      double across = 0;
      double same = 0;
      for (int j = 0; j < 3; j++) {
        double real = q[j] * k[j] + q[j + 3] * k[j + 3];
        double imaginary = q[j] * k[j + 3] - q[j + 3] * k[j];
        across += (real * Math.cos(t) - imaginary * Math.sin(t)) / Math.sqrt(6);
        same += (q[j] * own[j] + q[j + 3] * own[j + 3]) / Math.sqrt(6);
      }
      Tensor weights =
          turned.weights(x, x, NONE, IN_ORDER.withQueries(at(2, 0)).withKeys(at(2, 5)));
      double expected = Math.exp(across) / (Math.exp(across) + Math.exp(same));
      assertThat(Tensors.toArray(weights)[1])
          .isCloseTo(expected, org.assertj.core.api.Assertions.within(1e-12));
    }
  }

  @Test
  void defect31AndDefect32ACausalMaskKeepsTheEffectOfPositions() {
    try (PointerScope scope = new PointerScope()) {
      Tensor x = random(Dtype.FLOAT64, 2, 4, 12);
      Tensor future = torch.ones(4, 4).triu(1).to(ScalarType.Bool);
      for (Attention layer : kinds(Representation.parse("C3: 4 x regular"), 2)) {
        for (int pass = 0; pass < 2; pass++) {
          Tensor hinted = layer.forward(x, x, x, AttentionMasks.causal(), IN_ORDER);
          Tensor explicit = layer.forward(x, x, x, NONE.withAttention(future), IN_ORDER);
          assertThat(distance(hinted, explicit)).as("%s", layer).isLessThan(1e-14);
          ((Layer) layer).eval();
        }
        Tensor table = ((Layer) layer).namedParameters().get("rel_bias");
        if (table != null) {
          Tensor before = layer.forward(x, x, x, AttentionMasks.causal(), IN_ORDER);
          try (NoGradGuard guard = new NoGradGuard()) {
            table.add_(random(Dtype.FLOAT64, 7));
          }
          Tensor after = layer.forward(x, x, x, AttentionMasks.causal(), IN_ORDER);
          assertThat(distance(before, after)).isGreaterThan(1e-6);
        }
      }
    }
  }

  @Test
  void defect33AbsolutePositionsOutsideTheTableAreRefused() {
    try (PointerScope scope = new PointerScope()) {
      Tensor x = random(Dtype.FLOAT64, 1, 3, 6);
      Representation rho = Representation.parse("C3: 2 x regular");
      for (Attention layer :
          List.of(
              new AdditivePositionalAttention(6, 4, options(2)),
              new EquivariantAdditivePositionalAttention(rho, 4, options(2)))) {
        assertThatThrownBy(() -> layer.forward(x, x, x, NONE, IN_ORDER.withQueries(at(0, -1, 2))))
            .hasMessage("absolute positions must lie from 0 to max_len - 1 = 3, got -1 to 2");
        assertThatThrownBy(() -> layer.forward(x, x, x, NONE, IN_ORDER.withKeys(at(0, 1, 4))))
            .hasMessage("absolute positions must lie from 0 to max_len - 1 = 3, got 0 to 4");
        Tensor longer = random(Dtype.FLOAT64, 1, 5, 6);
        assertThatThrownBy(() -> layer.forward(longer, longer, longer, NONE, IN_ORDER))
            .hasMessage(
                "absolute positions reach to max_len = 4, got 5 steps; make the table longer");
      }
    }
  }

  @Test
  void whatPositionsCannotServeIsRefused() {
    try (PointerScope scope = new PointerScope()) {
      assertThatThrownBy(
              () ->
                  new EquivariantRotaryPositionalAttention(
                      Representation.parse("C3: 4 x regular"), 100, options(4)))
          .hasMessage(
              "rotary positions turn pairs of equal summands: each of 4 heads of C3: 4 x regular"
                  + " must hold an even number of each, one after the other; use fewer heads or"
                  + " more copies");
      assertThatThrownBy(() -> new RotaryPositionalAttention(6, 100, options(2)))
          .hasMessage(
              "rotary positions turn pairs of features: a head must have an even number, got 3 (6"
                  + " features, 2 heads)");
      assertThatThrownBy(() -> new RotaryPositionalAttention(8, -1, options(2)))
          .hasMessage("the base of rotary positions must be positive, got -1.0");
      assertThatThrownBy(
              () ->
                  new EquivariantAdditivePositionalAttention(
                      Representation.parse("C3: irrep(1)"), 4, options(1)))
          .hasMessage(
              "absolute positions show in invariant vectors, and C3: irrep(1) has none; use"
                  + " relative or rotary positions");
      assertThatThrownBy(() -> new MultiheadAttention(6, 4))
          .hasMessage("4 heads do not divide 6 features: each head needs the same number");
      assertThatThrownBy(() -> new AdditivePositionalAttention(6, 0, options(2)))
          .hasMessage("a table of positions holds at least one, got max_len 0");
      Tensor x = random(Dtype.FLOAT64, 2, 3, 6);
      Attention layer = new RotaryPositionalAttention(6, 100, options(1));
      assertThatThrownBy(() -> layer.forward(x, x, x, NONE, IN_ORDER.withQueries(at(0, 1))))
          .hasMessage("the positions of queries must be [3] or [2, 3], got [2]");
      assertThatThrownBy(
              () -> layer.forward(x, x, x, NONE, IN_ORDER.withKeys(random(Dtype.FLOAT64, 3))))
          .hasMessage("the positions of keys must be int64, got float64");
      assertThatThrownBy(() -> layer.forward(x, x, x, NONE, IN_ORDER.withKeyMask(at(0, 1, 1))))
          .hasMessage("the mask of positions of keys must be bool, got int64");
      Attention none = new MultiheadAttention(6, options(1));
      assertThatThrownBy(() -> none.forward(x, x, x, NONE, IN_ORDER.withKeys(at(0, 1, 2))))
          .hasMessageEndingWith(
              "knows no positions, got some; use additive, relative or rotary attention");
      assertThatThrownBy(() -> none.forward(Map.of("key", x)))
          .hasMessageEndingWith("needs the input 'query'");
      assertThatThrownBy(() -> none.forward(Map.of("query", x, "mask", x)))
          .hasMessageContaining("has no input 'mask'; it has [query] and may have [attn_mask");
    }
  }

  @Test
  void layoutsAndBatchesAgree() {
    try (PointerScope scope = new PointerScope()) {
      Representation rho = Representation.parse("C3: 4 x regular");
      Tensor x = random(Dtype.FLOAT64, 2, 4, 12);
      Tensor places = Tensors.of(new long[] {3, 1, 0, 2, 5, 6, 1, 0}, 2, 4);
      for (int i = 1; i < ALL.size(); i++) {
        for (boolean plain : new boolean[] {true, false}) {
          PositionEncoding kind = ALL.get(i);
          AttentionOptions later = options(2).timeFirst();
          Attention first =
              plain ? kind.attention(12, options(2)) : kind.attention(rho, options(2));
          Attention last = plain ? kind.attention(12, later) : kind.attention(rho, later);
          ((Layer) last).load(((Layer) first).stateDict());
          AttentionPositions own = IN_ORDER.withQueries(places).withKeys(places);
          Tensor y = first.forward(x, x, x, NONE, own);
          Tensor t = x.transpose(0, 1);
          assertThat(distance(y, last.forward(t, t, t, NONE, own).transpose(0, 1)))
              .isLessThan(1e-14);
          Tensor one = x.select(0, 1);
          AttentionPositions its =
              IN_ORDER.withQueries(places.select(0, 1)).withKeys(places.select(0, 1));
          assertThat(distance(y.select(0, 1), first.forward(one, one, one, NONE, its)))
              .isLessThan(1e-14);
        }
      }
    }
  }

  @Test
  void describedLayersComeBackWithTheSameFunction() {
    try (PointerScope scope = new PointerScope()) {
      Tensor x = random(Dtype.FLOAT64, 2, 4, 12);
      for (Attention layer : kinds(Representation.parse("C3: 4 x regular"), 2)) {
        Architecture described = LayerRegistry.standard().describe((Layer) layer).orElseThrow();
        Layer built = LayerRegistry.standard().build(described);
        built.load(((Layer) layer).stateDict());
        assertThat(
                distance(
                    layer.forward(x, x, x, NONE, IN_ORDER),
                    ((Attention) built).forward(x, x, x, NONE, IN_ORDER)))
            .isZero();
      }
    }
  }

  /** What a gradient penalty needs; LibTorch's fused attention has no second derivative. */
  @Test
  void gradientsHaveGradients() {
    try (PointerScope scope = new PointerScope()) {
      Tensor padding = torch.zeros(2, 4).to(ScalarType.Bool);
      padding.select(1, 3).fill_(new Scalar(1.0));
      padding.select(0, 1).fill_(new Scalar(1.0));
      AttentionMasks masks = AttentionMasks.causal().withKeyPadding(padding);
      for (Attention layer : kinds(Representation.parse("C3: 4 x regular"), 2)) {
        Tensor x = random(Dtype.FLOAT64, 2, 4, 12).set_requires_grad(true);
        Tensor direction = random(Dtype.FLOAT64, 2, 4, 12).cos();
        Tensor slope = slope(layer, x, masks).mul(direction).sum();
        Tensor second = gradient(slope, x);
        assertThat(Arrays.stream(Tensors.toArray(second))).allMatch(Double::isFinite);
        double step = 1e-5;
        Tensor ahead = x.detach().add(direction.mul(new Scalar(step))).set_requires_grad(true);
        Tensor back = x.detach().sub(direction.mul(new Scalar(step))).set_requires_grad(true);
        Tensor expected =
            slope(layer, ahead, masks).sub(slope(layer, back, masks)).div(new Scalar(2 * step));
        assertThat(distance(second, expected)).as("%s", layer).isLessThan(1e-7);
      }
    }
  }

  private static Tensor slope(Attention layer, Tensor x, AttentionMasks masks) {
    return gradient(layer.forward(x, x, x, masks, IN_ORDER).sin().sum(), x);
  }

  private static Tensor gradient(Tensor of, Tensor by) {
    return torch
        .grad(
            new TensorVector(of),
            new TensorVector(by),
            new TensorVector(),
            new BoolOptional(true),
            true,
            false)
        .get(0);
  }

  /** The kernel without gradients and the products with them are one function. */
  @Test
  void outputsWithAndWithoutGradientsAgree() {
    try (PointerScope scope = new PointerScope()) {
      Tensor x = random(Dtype.FLOAT64, 2, 4, 12);
      Tensor padding = torch.ones(2, 4).to(ScalarType.Bool);
      padding.select(0, 1).fill_(new Scalar(0.0));
      for (AttentionMasks masks :
          List.of(NONE, AttentionMasks.causal(), NONE.withKeyPadding(padding))) {
        for (Attention layer : kinds(Representation.parse("C3: 4 x regular"), 2)) {
          Tensor traced = layer.forward(x, x, x, masks, IN_ORDER);
          try (NoGradGuard guard = new NoGradGuard()) {
            assertThat(distance(traced, layer.forward(x, x, x, masks, IN_ORDER)))
                .as("%s", layer)
                .isLessThan(1e-14);
          }
        }
      }
    }
  }

  @Test
  void plainAttentionStartsAsPyTorchs() {
    try (PointerScope scope = new PointerScope()) {
      MultiheadAttention layer = new MultiheadAttention(64, options(4));
      Map<String, Tensor> state = layer.stateDict();
      assertThat(state.keySet())
          .containsExactlyInAnyOrder(
              "in_proj_weight", "in_proj_bias", "out_proj.weight", "out_proj.bias");
      double bound = Math.sqrt(6.0 / 256);
      double largest =
          Objects.requireNonNull(state.get("in_proj_weight")).abs().max().item().toDouble();
      assertThat(largest).isLessThanOrEqualTo(bound).isGreaterThan(0.99 * bound);
      assertThat(Objects.requireNonNull(state.get("out_proj.bias")).abs().max().item().toDouble())
          .isZero();
      assertThat(new EquivariantMultiheadAttention(Representation.parse("C3: regular"), 1))
          .hasToString("EquivariantMultiheadAttention(C3: regular, 1 head)");
    }
  }
}
