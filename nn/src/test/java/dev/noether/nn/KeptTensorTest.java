package dev.noether.nn;

import static dev.noether.Fixtures.distance;
import static dev.noether.Fixtures.random;
import static org.assertj.core.api.Assertions.assertThat;

import dev.noether.Fixtures;
import dev.noether.hom.BasisExpansion;
import dev.noether.models.EquivariantTransformerEncoderLayer;
import dev.noether.models.TransformerLayerOptions;
import dev.noether.nn.attention.AttentionOptions;
import dev.noether.nn.attention.EquivariantMultiheadAttention;
import dev.noether.nn.conv.EquivariantConv1d;
import dev.noether.nn.conv.EquivariantConvTranspose1d;
import dev.noether.nn.linear.EquivariantAffine;
import dev.noether.nn.linear.EquivariantLinear;
import dev.noether.nn.linear.FieldLinear;
import dev.noether.nn.linear.FieldList;
import dev.noether.nn.linear.InvariantBias;
import dev.noether.nn.linear.Linear;
import dev.noether.nn.linear.MapOptions;
import dev.noether.plain.ConvolutionOptions;
import dev.noether.rep.Representation;
import dev.noether.spectral.Execution;
import dev.noether.torch.Dtype;
import dev.noether.torch.KeptTensor;
import dev.noether.torch.LibTorch;
import dev.noether.torch.Scopes;
import dev.noether.torch.Tensors;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.SGD;
import org.bytedeco.pytorch.SGDOptions;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A kept weight is never stale and never holds a graph: items 5 and 11 of what the reference gets
 * wrong.
 */
class KeptTensorTest {
  /** A layer with a kept weight, how to apply it, and the parameter that the weight comes from. */
  record Subject(String name, Layer layer, UnaryOperator<Tensor> forward, Tensor parameter) {
    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Subject> subjects() {
    LibTorch.load();
    Representation rho = Representation.parse("D3: 2 x regular");
    MapOptions options = MapOptions.defaults().withSeed(1);
    EquivariantLinear linear = new EquivariantLinear(rho, rho, options);
    Linear projected = new Linear(rho.size(), rho.size(), Fixtures.dense(options));
    projected.impose(rho, rho, BasisExpansion.ISOTYPIC_EXPANSION);
    FieldList type = FieldList.of(Representation.parse("D3: regular"), 2);
    FieldLinear fields = new FieldLinear(type, type, options);
    EquivariantAffine affine = new EquivariantAffine(rho, Fixtures.affine(options));
    InvariantBias bias = new InvariantBias(rho, Dtype.FLOAT32);
    EquivariantConv1d convolution =
        new EquivariantConv1d(rho, rho, ConvolutionOptions.kernel(3).withPadding(1), options);
    EquivariantConvTranspose1d transposed =
        new EquivariantConvTranspose1d(rho, rho, ConvolutionOptions.kernel(3), options);
    EquivariantMultiheadAttention attention =
        new EquivariantMultiheadAttention(rho, AttentionOptions.heads(2).with(options));
    EquivariantLinear spectral = new EquivariantLinear(rho, rho, options.with(Execution.SPECTRAL));
    EquivariantTransformerEncoderLayer encoder =
        new EquivariantTransformerEncoderLayer(
            rho, TransformerLayerOptions.equivariant(2).withDropout(0).with(options));
    return Stream.of(
        new Subject("in the spectrum", spectral, spectral::forward, spectral.coefficients()),
        new Subject(
            "scales in the next weight",
            encoder,
            x -> encoder.forward(x).mul(new Scalar(0.1)), // large steps diverge otherwise
            scales(encoder)),
        new Subject(
            "EquivariantConv1d",
            convolution,
            x -> convolution.forward(x.t()),
            convolution.coefficients()),
        new Subject(
            "EquivariantConvTranspose1d",
            transposed,
            x -> transposed.forward(x.t()),
            transposed.coefficients()),
        new Subject(
            "EquivariantMultiheadAttention", attention, attention::forward, first(attention)),
        new Subject("EquivariantLinear", linear, linear::forward, linear.coefficients()),
        new Subject("Linear with constraints", projected, projected::forward, first(projected)),
        new Subject("FieldLinear", fields, fields::forward, first(fields)),
        new Subject("EquivariantAffine", affine, affine::forward, first(affine)),
        new Subject("InvariantBias", bias, bias::forward, bias.coefficients().orElseThrow()));
  }

  private static Tensor scales(Layer layer) {
    return layer.namedParameters().entrySet().stream()
        .filter(entry -> entry.getKey().endsWith("scale_dof"))
        .findFirst()
        .orElseThrow()
        .getValue();
  }

  private static Tensor first(Layer layer) {
    return layer.namedParameters().values().iterator().next();
  }

  /** What the layer gives in evaluation equals what it gives afresh, in training mode. */
  private static void assertFresh(Subject subject, Tensor x) {
    try (NoGradGuard guard = new NoGradGuard()) {
      Tensor kept = subject.forward.apply(x);
      subject.layer.train();
      Tensor training = subject.forward.apply(x);
      subject.layer.eval(); // forgets what was kept
      assertThat(distance(kept, subject.forward.apply(x))).isZero();
      // Training may take another way through the same numbers.
      double largest = training.abs().max().item().toDouble();
      assertThat(distance(kept, training)).isLessThan(1e-6 * Math.max(largest, 1));
    }
  }

  /** Warms the cache, changes the parameter, and asks for a forward that sees the change. */
  private static void assertSeen(Subject subject, Consumer<Tensor> change) {
    try (PointerScope scope = new PointerScope()) {
      Tensor x = random(Dtype.FLOAT32, 3, 12);
      subject.layer.eval();
      Tensor before;
      try (NoGradGuard guard = new NoGradGuard()) {
        before = subject.forward.apply(x).clone();
        change.accept(subject.parameter);
        assertThat(distance(subject.forward.apply(x), before)).isGreaterThan(1e-4);
      }
      assertFresh(subject, x);
    }
  }

  /** Who hands a kept tensor out of a scope, or of two, takes it from nobody. */
  @Test
  void whatIsKeptBelongsToWhoKeepsIt() {
    KeptTensor kept = new KeptTensor();
    KeptTensor outer = new KeptTensor();
    Tensor parameter = Scopes.keep(random(Dtype.FLOAT32, 5));
    Supplier<Tensor> inner =
        () -> Scopes.compute(() -> kept.get(false, parameter, () -> parameter.add(parameter)));
    for (int round = 0; round < 3; round++) {
      try (PointerScope scope = new PointerScope()) {
        Tensor first = Scopes.compute(() -> outer.get(false, parameter, inner));
        Tensor second = Scopes.compute(inner);
        assertThat(distance(first, second)).isZero();
        assertThat(distance(second, parameter.mul(new Scalar(2)))).isZero();
        outer.clear();
      }
    }
  }

  @ParameterizedTest
  @MethodSource("subjects")
  void item05InPlaceUpdateIsSeen(Subject subject) {
    assertSeen(subject, p -> p.add_(new Scalar(0.5)));
  }

  @ParameterizedTest
  @MethodSource("subjects")
  void item05ExponentialMovingAverageIsSeen(Subject subject) {
    assertSeen(
        subject,
        p -> {
          p.mul_(new Scalar(0.9));
          p.add_(p.sign().add(new Scalar(0.5)), new Scalar(0.1));
        });
  }

  @ParameterizedTest
  @MethodSource("subjects")
  void item05SetDataIsSeen(Subject subject) {
    assertSeen(subject, p -> p.set_data(p.detach().clone().add(new Scalar(0.5))));
  }

  @ParameterizedTest
  @MethodSource("subjects")
  void anotherPartOfTheSameMemoryIsSeen(Subject subject) {
    Tensor first = subject.parameter.detach().flatten();
    Tensor both = Tensors.concatenate(0, first, first.add(new Scalar(0.5)));
    long size = first.numel();
    long[] shape = Tensors.shape(subject.parameter);
    subject.parameter.set_data(both.narrow(0, 0, size).view(shape));
    assertSeen(subject, p -> p.set_data(both.narrow(0, size, size).view(shape)));
  }

  @ParameterizedTest
  @MethodSource("subjects")
  void theSameMemoryInAnotherOrderIsSeen(Subject subject) {
    long size = subject.parameter.numel();
    long[] shape = Tensors.shape(subject.parameter);
    Tensor table = torch.linspace(new Scalar(-1), new Scalar(1), 2 * size).view(size, 2);
    subject.parameter.set_data(table.flatten().narrow(0, 0, size).view(shape));
    assertSeen(subject, p -> p.set_data(table.select(1, 0).view(shape)));
  }

  @ParameterizedTest
  @MethodSource("subjects")
  void item05StateDictWriteIsSeen(Subject subject) {
    assertSeen(
        subject,
        p ->
            subject.layer.stateDict().values().stream()
                .filter(t -> t.data_ptr().address() == p.data_ptr().address())
                .forEach(t -> t.add_(new Scalar(0.5))));
  }

  @ParameterizedTest
  @MethodSource("subjects")
  void item05SgdStepInEvaluationModeIsSeen(Subject subject) {
    SGD sgd = new SGD(subject.layer.parameters(), new SGDOptions(0.5));
    try (PointerScope scope = new PointerScope()) {
      Tensor x = random(Dtype.FLOAT32, 3, 12);
      subject.layer.eval();
      for (int step = 0; step < 3; step++) {
        sgd.zero_grad();
        subject.forward.apply(x).pow(new Scalar(2)).sum().backward();
        Tensor before;
        try (NoGradGuard guard = new NoGradGuard()) {
          before = subject.forward.apply(x).clone();
        }
        sgd.step();
        try (NoGradGuard guard = new NoGradGuard()) {
          assertThat(distance(subject.forward.apply(x), before)).isGreaterThan(1e-4);
        }
        assertFresh(subject, x);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("subjects")
  void item05LoadIsSeen(Subject subject) {
    try (PointerScope scope = new PointerScope()) {
      Tensor x = random(Dtype.FLOAT32, 3, 12);
      subject.layer.eval();
      try (NoGradGuard guard = new NoGradGuard()) {
        Tensor before = subject.forward.apply(x).clone();
        Map<String, Tensor> state = new LinkedHashMap<>(subject.layer.stateDict());
        subject
            .layer
            .namedParameters()
            .forEach((name, p) -> state.put(name, p.detach().add(new Scalar(1))));
        state.computeIfPresent(
            "bias_dof", (name, alias) -> state.getOrDefault("bias_module.bias_dof", alias));
        state.computeIfPresent(
            "bias_module.bias_dof", (name, own) -> state.getOrDefault("bias_dof", own));
        subject.layer.load(state);
        assertThat(distance(subject.forward.apply(x), before)).isGreaterThan(1e-4);
      }
      assertFresh(subject, x);
    }
  }

  @ParameterizedTest
  @MethodSource("subjects")
  void item05ForwardWithGradientsAfterOneWithoutHasGradients(Subject subject) {
    try (PointerScope scope = new PointerScope()) {
      Tensor x = random(Dtype.FLOAT32, 3, 12);
      subject.layer.eval();
      try (NoGradGuard guard = new NoGradGuard()) {
        assertThat(subject.forward.apply(x).requires_grad()).isFalse();
      }
      subject.forward.apply(x).sum().backward();
      assertThat(subject.parameter.grad().abs().sum().item().toDouble()).isPositive();
    }
  }

  @ParameterizedTest
  @MethodSource("subjects")
  void item05TwoForwardsAndTwoBackwardsWork(Subject subject) {
    try (PointerScope scope = new PointerScope()) {
      Tensor x = random(Dtype.FLOAT32, 3, 12);
      subject.layer.eval();
      Tensor first = subject.forward.apply(x);
      Tensor second = subject.forward.apply(x);
      first.sum().backward();
      Tensor once = subject.parameter.grad().clone();
      second.sum().backward();
      assertThat(distance(subject.parameter.grad(), once.mul(new Scalar(2)))).isLessThan(1e-4);
    }
  }

  @ParameterizedTest
  @MethodSource("subjects")
  void item11AnotherTensorAtTheSameAddressIsNotMistakenForTheFirst(Subject subject) {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      Tensor x = random(Dtype.FLOAT32, 3, 12);
      subject.layer.eval();
      for (int i = 1; i <= 20; i++) {
        Tensor before = subject.forward.apply(x).clone(); // what is kept is the present tensor's
        // The second of two new tensors may get the memory that the present one gave back.
        for (double value : new double[] {0.1, i * 0.25}) {
          try (PointerScope inner = new PointerScope()) {
            subject.parameter.set_data(subject.parameter.detach().clone().fill_(new Scalar(value)));
          }
        }
        assertThat(distance(subject.forward.apply(x), before)).isGreaterThan(1e-4);
        assertFresh(subject, x);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("subjects")
  void keptResultsFollowDtype(Subject subject) {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      Tensor x = random(Dtype.FLOAT32, 3, 12);
      subject.layer.eval();
      Tensor single = subject.forward.apply(x);
      subject.layer.to(Dtype.FLOAT64);
      Tensor x64 = x.to(Dtype.FLOAT64.scalarType());
      Tensor twice = subject.forward.apply(x64);
      assertThat(distance(twice, single.to(Dtype.FLOAT64.scalarType()))).isLessThan(1e-5);
      subject.layer.to(Dtype.FLOAT32);
      assertThat(distance(subject.forward.apply(x), single)).isLessThan(1e-5);
    }
  }
}
