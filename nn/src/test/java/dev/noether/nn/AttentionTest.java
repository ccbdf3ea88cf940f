package dev.noether.nn;

import static dev.noether.Fixtures.distance;
import static dev.noether.Fixtures.random;
import static dev.noether.Fixtures.rotated;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.noether.hom.Initialization;
import dev.noether.nn.attention.AttentionMasks;
import dev.noether.nn.attention.AttentionOptions;
import dev.noether.nn.attention.EquivariantMultiheadAttention;
import dev.noether.nn.linear.EquivariantLinear;
import dev.noether.nn.linear.MapOptions;
import dev.noether.rep.Representation;
import dev.noether.torch.Dtype;
import dev.noether.torch.LibTorch;
import dev.noether.torch.Tensors;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.OptionalLong;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Attention that commutes with a group. */
class AttentionTest {
  @BeforeAll
  static void load() {
    LibTorch.load();
  }

  private static EquivariantMultiheadAttention attention(Representation rho, int heads) {
    return new EquivariantMultiheadAttention(
        rho,
        AttentionOptions.heads(heads).with(MapOptions.defaults().with(Dtype.FLOAT64).withSeed(3)));
  }

  /** The weight of queries, keys and values. */
  private static Tensor packed(Layer layer) {
    return Objects.requireNonNull(
        layer.stateDict().get("parametrizations.in_proj_weight.original"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "C5: 4 x regular; 4",
        "D4: 2 x regular; 2",
        "Q8: regular + regular; 2",
        "C5: 4 x irrep(1); 4",
        "C5: 4 x irrep(1); 2",
        "D4: irrep(1,1) + irrep(1,0) + trivial; 2",
        "Icosahedral: irrep(2) + irrep(1) + trivial; 1"
      })
  void item06EveryAdmittedNumberOfHeadsIsEquivariant(String text, int heads) {
    try (PointerScope scope = new PointerScope()) {
      Representation rho = Representation.parse(text);
      EquivariantMultiheadAttention layer = attention(rho, heads);
      assertThat(layer.inner()).isEqualTo(rho);
      Equivariance.checkThat(layer, random(Dtype.FLOAT64, 2, 5, rho.size()), 1e-12);
      Equivariance.Report report =
          Equivariance.check(
              x -> layer.forward(x.get(0), x.get(1), x.get(2), AttentionMasks.causal()),
              List.of(rho, rho, rho),
              rho,
              List.of(
                  random(Dtype.FLOAT64, 2, 5, rho.size()),
                  random(Dtype.FLOAT64, 2, 7, rho.size()),
                  random(Dtype.FLOAT64, 2, 7, rho.size()).sin()));
      assertThat(report.relativeError()).isLessThan(1e-12);
    }
  }

  @Test
  void item06RotatedFeaturesAttendThroughRegularOnes() {
    try (PointerScope scope = new PointerScope()) {
      Representation rho = rotated(Representation.parse("D3: 4 x regular"));
      EquivariantMultiheadAttention layer = attention(rho, 2);
      assertThat(layer.inner()).isEqualTo(Representation.parse("D3: 4 x regular"));
      Equivariance.checkThat(layer, random(Dtype.FLOAT64, 2, 5, rho.size()), 1e-12);
    }
  }

  @Test
  void item06HeadsThatSplitASummandAreRefused() {
    assertThatThrownBy(() -> attention(Representation.parse("C5: 3 x irrep(1)"), 2))
        .hasMessage(
            "2 heads would split a summand of C5: 3 x irrep(1) (sizes [2, 2, 2]); the numbers of"
                + " heads that do not are [1, 3]");
    assertThatThrownBy(() -> attention(Representation.parse("C5: regular"), 5))
        .hasMessageEndingWith("the numbers of heads that do not are [1]");
    assertThatThrownBy(() -> AttentionOptions.heads(0))
        .hasMessage("attention has at least one head, got 0");
  }

  @Test
  void item06ResetDrawsTheProjectionsAnew() {
    try (PointerScope scope = new PointerScope()) {
      EquivariantMultiheadAttention layer = attention(Representation.parse("D4: regular"), 1);
      Tensor before = packed(layer).clone();
      layer.reset(Initialization.KAIMING_UNIFORM, OptionalLong.of(9));
      Tensor after = packed(layer);
      assertThat(distance(before, after)).isGreaterThan(0.01);
      Tensor again = packed(attention(Representation.parse("D4: regular"), 1));
      assertThat(distance(before, again)).isZero();
    }
  }

  @Test
  void outputsAreWeightedSumsOfValues() {
    try (PointerScope scope = new PointerScope()) {
      Representation rho = Representation.parse("C3: 2 x regular");
      EquivariantMultiheadAttention layer = attention(rho, 2);
      Tensor q = random(Dtype.FLOAT64, 2, 4, 6);
      Tensor k = random(Dtype.FLOAT64, 2, 5, 6);
      Tensor padding = torch.zeros(2, 5).to(ScalarType.Bool);
      padding.select(1, 4).fill_(new org.bytedeco.pytorch.Scalar(1.0));
      Tensor some = random(Dtype.FLOAT64, 4, 5);
      for (AttentionMasks masks :
          List.of(
              AttentionMasks.none(),
              AttentionMasks.causal(),
              AttentionMasks.none().withKeyPadding(padding),
              AttentionMasks.causal().withKeyPadding(padding).withAttention(some),
              AttentionMasks.none().withAttention(some.gt(new org.bytedeco.pytorch.Scalar(0.5))),
              AttentionMasks.none().withAttention(random(Dtype.FLOAT64, 4, 4, 5)))) {
        Tensor weights = layer.weights(q, k, masks);
        assertThat(Tensors.shape(weights)).containsExactly(2, 2, 4, 5);
        assertThat(distance(weights.sum(-1), weights.sum(-1).round())).isLessThan(1e-12);
        Tensor dense = packed(layer).narrow(0, 12, 6);
        // The weight was drawn equivariant, the bias is zero: values are x W_v^T.
        Tensor values = k.matmul(dense.t()).unflatten(-1, new long[] {2, 3}).permute(0, 2, 1, 3);
        Tensor merged = weights.matmul(values).permute(0, 2, 1, 3).flatten(-2, -1);
        EquivariantLinear out =
            (EquivariantLinear) Objects.requireNonNull(layer.namedLayers().get("out_proj"));
        assertThat(distance(out.forward(merged), layer.forward(q, k, k, masks))).isLessThan(1e-12);
      }
    }
  }

  @Test
  void aQueryThatMayLookAtNothingGivesZeros() {
    try (PointerScope scope = new PointerScope()) {
      EquivariantMultiheadAttention layer = attention(Representation.parse("C3: regular"), 1);
      Tensor x = random(Dtype.FLOAT64, 1, 3, 3).set_requires_grad(true);
      Tensor padding = torch.ones(1, 3).to(ScalarType.Bool);
      AttentionMasks masks = AttentionMasks.none().withKeyPadding(padding);
      Tensor y = layer.forward(x, x, x, masks);
      y.sum().backward();
      assertThat(Arrays.stream(Tensors.toArray(y))).allMatch(v -> v == 0);
      assertThat(Arrays.stream(Tensors.toArray(x.grad()))).allMatch(Double::isFinite);
      assertThat(Arrays.stream(Tensors.toArray(layer.weights(x, x, masks)))).allMatch(v -> v == 0);
    }
  }

  @Test
  void layoutsAgree() {
    try (PointerScope scope = new PointerScope()) {
      Representation rho = Representation.parse("C3: 2 x regular");
      EquivariantMultiheadAttention first = attention(rho, 2);
      EquivariantMultiheadAttention later =
          new EquivariantMultiheadAttention(rho, first.options().timeFirst());
      later.load(first.stateDict());
      Tensor x = random(Dtype.FLOAT64, 2, 4, 6);
      Tensor y = first.forward(x);
      assertThat(distance(y, later.forward(x.transpose(0, 1)).transpose(0, 1))).isLessThan(1e-14);
      assertThat(distance(y.select(0, 1), first.forward(x.select(0, 1)))).isLessThan(1e-14);
      assertThat(distance(y.select(0, 1), later.forward(x.select(0, 1)))).isLessThan(1e-14);
    }
  }

  @Test
  void dropoutActsInTrainingOnly() {
    try (PointerScope scope = new PointerScope()) {
      Representation rho = Representation.parse("C3: regular");
      AttentionOptions options = AttentionOptions.heads(1).withDropout(0.5);
      EquivariantMultiheadAttention layer = new EquivariantMultiheadAttention(rho, options);
      Tensor x = random(Dtype.FLOAT32, 2, 8, 3);
      assertThat(distance(layer.forward(x), layer.forward(x))).isGreaterThan(1e-3);
      layer.eval();
      assertThat(distance(layer.forward(x), layer.forward(x))).isZero();
      assertThatThrownBy(() -> AttentionOptions.heads(1).withDropout(1))
          .hasMessage("the probability of dropout must be at least 0 and below 1, got 1.0");
    }
  }

  @Test
  void masksThatDoNotFitAreRefused() {
    try (PointerScope scope = new PointerScope()) {
      EquivariantMultiheadAttention layer = attention(Representation.parse("C3: regular"), 1);
      Tensor x = random(Dtype.FLOAT64, 2, 4, 3);
      AttentionMasks none = AttentionMasks.none();
      assertThatThrownBy(
              () -> layer.forward(x, x, x, none.withAttention(random(Dtype.FLOAT64, 4, 5))))
          .hasMessage("the attention mask must be [4, 4] or [2, 4, 4], got [4, 5]");
      assertThatThrownBy(
              () -> layer.forward(x, x, x, none.withAttention(random(Dtype.FLOAT32, 4, 4))))
          .hasMessage("the attention mask must be bool or the layer's float64, got float32");
      assertThatThrownBy(
              () -> layer.forward(x, x, x, none.withKeyPadding(random(Dtype.FLOAT64, 2, 4))))
          .hasMessage("the padding mask must be bool, got float64");
      assertThatThrownBy(
              () -> layer.forward(x, x, x, none.withKeyPadding(random(Dtype.FLOAT64, 4))))
          .hasMessage("the padding mask must be [2, 4], got [4]");
      assertThatThrownBy(() -> layer.forward(x, random(Dtype.FLOAT64, 3, 4, 3), x, none))
          .hasMessage("key and value must have one shape, got [3, 4, 3] and [2, 4, 3]");
      Tensor three = random(Dtype.FLOAT64, 3, 4, 3);
      assertThatThrownBy(() -> layer.forward(x, three, three, none))
          .hasMessage("query and key must have one batch size, got [2, 4, 3] and [3, 4, 3]");
      assertThatThrownBy(() -> layer.forward(random(Dtype.FLOAT64, 3)))
          .hasMessageStartingWith("query and key must both be [batch, time, size]");
    }
  }
}
