package dev.noether.nn;

import static dev.noether.Fixtures.distance;
import static dev.noether.Fixtures.random;
import static dev.noether.Fixtures.rotated;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.noether.Fixtures;
import dev.noether.nn.activation.EquivariantDropout;
import dev.noether.nn.activation.GatedNonlinearity;
import dev.noether.nn.activation.NormNonlinearity;
import dev.noether.nn.linear.EquivariantAffine;
import dev.noether.nn.linear.EquivariantLinear;
import dev.noether.nn.linear.InvariantBias;
import dev.noether.nn.linear.MapOptions;
import dev.noether.nn.norm.BatchStatisticsOptions;
import dev.noether.nn.norm.EquivariantBatchNorm1d;
import dev.noether.nn.norm.EquivariantLayerNorm;
import dev.noether.nn.norm.EquivariantRmsNorm;
import dev.noether.plain.Activation;
import dev.noether.rep.Representation;
import dev.noether.spectral.Execution;
import dev.noether.torch.Dtype;
import dev.noether.torch.LibTorch;
import dev.noether.torch.Tensors;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Node;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Chains that stay in the isotypic basis are the same function as their layers one by one. */
class EquivariantSequentialTest {
  @BeforeAll
  static void load() {
    LibTorch.load();
  }

  private static EquivariantSequential chain(
      Representation in, Representation middle, Execution execution, Dtype dtype) {
    MapOptions options = options(execution, dtype);
    return disturbed(
        EquivariantSequential.of(
            new EquivariantAffine(in, Fixtures.affine(options)),
            new EquivariantLinear(in, middle, options),
            new EquivariantRmsNorm(middle, 1e-6, dtype),
            new NormNonlinearity(middle, Activation.SILU, dtype),
            new EquivariantLinear(middle, middle, options.withoutBias()),
            new EquivariantAffine(middle, Fixtures.affine(options)),
            new EquivariantLinear(middle, in, options)));
  }

  /** Seven layers; gates and statistics of the batch among them. */
  private static EquivariantSequential network(
      Representation in, Representation middle, MapOptions options) {
    Dtype dtype = options.dtype();
    GatedNonlinearity gated = new GatedNonlinearity(middle, dtype);
    return disturbed(
        EquivariantSequential.of(
            new EquivariantLinear(in, gated.in(), options),
            new EquivariantBatchNorm1d(gated.in(), BatchStatisticsOptions.defaults().with(dtype)),
            gated,
            new EquivariantLinear(middle, middle, options),
            new EquivariantLayerNorm(middle, Fixtures.norm(options).withEps(1e-3)),
            new NormNonlinearity(middle, Activation.SILU, dtype),
            new EquivariantLinear(middle, in, options)));
  }

  /** Chains of chains, with what the network lacks. */
  private static EquivariantSequential nested(
      Representation in, Representation middle, MapOptions options) {
    Dtype dtype = options.dtype();
    BatchStatisticsOptions statistics = BatchStatisticsOptions.defaults().with(dtype);
    EquivariantSequential inner =
        EquivariantSequential.of(
            new EquivariantDropout(middle, 0.25, dtype),
            new EquivariantBatchNorm1d(middle, statistics.withoutAffine()),
            EquivariantSequential.of(new InvariantBias(middle, dtype)));
    EquivariantBatchNorm1d last =
        new EquivariantBatchNorm1d(middle, statistics.withoutRunningStatistics());
    return disturbed(
        EquivariantSequential.of(
            EquivariantSequential.of(new EquivariantLinear(in, middle, options)),
            inner,
            EquivariantSequential.of(last, new EquivariantLinear(middle, middle, options))));
  }

  private static MapOptions options(Execution execution, Dtype dtype) {
    return MapOptions.defaults().with(execution).with(dtype).withSeed(2);
  }

  /**
   * Scales and biases away from their first values; those of lengths hardly, since a direction that
   * turns where a length is zero magnifies rounding a thousandfold.
   */
  private static EquivariantSequential disturbed(EquivariantSequential chain) {
    chain
        .stateDict()
        .forEach(
            (name, own) -> {
              boolean ofLengths = name.matches("\\d+\\.bias");
              if (name.endsWith("scale_dof") || name.endsWith("bias_dof") || ofLengths) {
                boolean wide = Tensors.scalarType(own) == Dtype.FLOAT64.scalarType();
                double size = !ofLengths ? 0.1 : wide ? 1e-3 : 0;
                Tensor noise = random(Dtype.FLOAT64, Tensors.shape(own)).mul(new Scalar(size));
                own.add_(noise.to(own.scalar_type()));
              }
            });
    return chain;
  }

  /** The output, and the gradients of the input and of every parameter. */
  private static List<Tensor> results(
      EquivariantSequential chain, UnaryOperator<Tensor> function, Tensor x) {
    chain.zeroGrad();
    torch.manual_seed(3); // dropout draws alike
    Tensor leaf = x.detach().clone().set_requires_grad(true);
    Tensor y = function.apply(leaf);
    y.sin().sum().backward();
    List<Tensor> results = new ArrayList<>(List.of(y.detach(), leaf.grad()));
    chain.namedParameters().values().forEach(p -> results.add(p.grad()));
    return results;
  }

  private static Tensor oneByOne(EquivariantSequential chain, Tensor x) {
    Tensor current = x;
    for (EquivariantLayer layer : chain.layers()) {
      current =
          layer instanceof EquivariantSequential inner
              ? oneByOne(inner, current)
              : layer.forward(current);
    }
    return current;
  }

  /** Outputs and the gradient of the input by their own size, all others by the largest one. */
  private static void assertAlike(List<Tensor> inside, List<Tensor> apart, double tolerance) {
    double largest =
        apart.stream().mapToDouble(t -> t.norm().item().toDouble()).max().orElseThrow();
    for (int i = 0; i < apart.size(); i++) {
      double length = i < 2 ? apart.get(i).norm().item().toDouble() : largest;
      double error = inside.get(i).sub(apart.get(i)).norm().item().toDouble() / length;
      assertThat(error).as("result %d", i).isLessThan(tolerance);
    }
  }

  /** Both ways give the same, step by step, and leave the same running statistics behind. */
  private static void assertSameFunction(
      EquivariantSequential chain, EquivariantSequential other, Tensor x, double tolerance) {
    assertThat(chain.spectralForm()).isPresent();
    other.load(chain.stateDict());
    for (int step = 0; step < 2; step++) {
      Tensor batch = x.mul(new Scalar(1.0 + step));
      List<Tensor> inside = results(chain, chain::inside, batch);
      assertAlike(inside, results(other, input -> oneByOne(other, input), batch), tolerance);
    }
    Map<String, Tensor> state = other.stateDict();
    chain
        .stateDict()
        .forEach(
            (name, tensor) -> {
              if (name.contains("running_") || name.contains("num_batches")) {
                assertThat(distance(tensor, Objects.requireNonNull(state.get(name))))
                    .as(name)
                    .isLessThan(Math.max(tolerance / 10, 1e-12));
              }
            });
    chain.eval();
    other.eval();
    List<Tensor> inside = results(chain, chain::inside, x);
    assertAlike(inside, results(other, input -> oneByOne(other, input), x), tolerance);
    assertThat(Equivariance.check(chain::inside, chain.in(), chain.out(), x).relativeError())
        .isLessThan(tolerance);
  }

  /** Real, complex and quaternionic irreps; summands alike, mixed, and in a rotated basis. */
  @ParameterizedTest
  @ValueSource(strings = {"C1", "C5", "D4", "Q8", "2T", "Icosahedral"})
  void chainsGiveTheSameFunctionAndGradientsAsTheirLayersOneByOne(String group) {
    Representation regular = Representation.parse(group + ": regular");
    Representation last =
        Representation.irrep(regular.irreps().get(regular.irreps().size() - 1)).times(2);
    Representation mixed = last.plus(regular.times(2)).plus(rotated(regular)).plus(last);
    for (Dtype dtype : Fixtures.WIDE) {
      double tolerance = dtype == Dtype.FLOAT32 ? 1e-5 : 1e-11;
      MapOptions options = options(Execution.SPECTRAL, dtype);
      for (Representation middle : List.of(mixed, regular.times(3), rotated(mixed))) {
        try (PointerScope scope = new PointerScope()) {
          Tensor x = random(dtype, 2, 3, mixed.size());
          for (MapOptions own : List.of(options, options.withoutBias())) {
            assertSameFunction(
                network(mixed, middle, own), network(mixed, middle, own), x, tolerance);
          }
          assertSameFunction(
              nested(mixed, middle, options), nested(mixed, middle, options), x, tolerance);
          assertSameFunction(
              chain(mixed, middle, Execution.SPECTRAL, dtype),
              chain(mixed, middle, Execution.SPECTRAL, dtype),
              x,
              tolerance);
        }
      }
    }
  }

  @Test
  void aWholeNetworkChangesBasisOnceOnEachSide() {
    Representation rho = Representation.parse("Icosahedral: 4 x regular");
    try (PointerScope scope = new PointerScope()) {
      MapOptions options = options(Execution.AUTO, Dtype.FLOAT32);
      EquivariantSequential network = network(rho, rho, options);
      assertThat(network.stretches(1024)).containsExactly(7);
      Tensor x = random(Dtype.FLOAT32, 1024, rho.size()).set_requires_grad(true);
      // Three linear layers with a product for each of five irreps, and the two changes of basis.
      assertThat(products(network.forward(x).grad_fn(), new HashSet<>())).isEqualTo(3 * 5 + 2);
      network.eval();
      assertThat(network.stretches(1024)).containsExactly(7);
    }
  }

  /** The matrix products that a result came from, as far as they have gradients. */
  private static int products(@Nullable Node node, Set<Long> seen) {
    if (node == null || node.isNull() || !seen.add(node.address())) {
      return 0;
    }
    int count = node.name().getString().startsWith("MmBackward") ? 1 : 0;
    for (long i = 0; i < node.num_outputs(); i++) {
      count += products(node.next_edge(i).function(), seen);
    }
    return count;
  }

  /** Gates and statistics of features that vanish. */
  @Test
  void irrepsThatNoMapReachesStayZero() {
    Representation in = Representation.parse("D4: 2 x irrep(1,1)");
    Representation middle = Representation.parse("D4: trivial + 2 x irrep(1,1) + regular");
    for (Dtype dtype : Fixtures.WIDE) {
      try (PointerScope scope = new PointerScope()) {
        MapOptions options = options(Execution.SPECTRAL, dtype).withoutBias();
        assertSameFunction(
            network(in, middle, options),
            network(in, middle, options),
            random(dtype, 5, 3, in.size()),
            dtype == Dtype.FLOAT32 ? 1e-5 : 1e-11);
      }
    }
  }

  /** A state dict may bring a variance for every coordinate, which no scale of copies is. */
  @Test
  void runningStatisticsThatTheGroupChangesAreAppliedAsTheyAre() {
    Representation rho = Representation.parse("Icosahedral: 4 x regular");
    try (PointerScope scope = new PointerScope()) {
      MapOptions options = options(Execution.SPECTRAL, Dtype.FLOAT64);
      EquivariantBatchNorm1d norm =
          new EquivariantBatchNorm1d(rho, BatchStatisticsOptions.defaults().with(Dtype.FLOAT64));
      EquivariantSequential chain =
          EquivariantSequential.of(
              new EquivariantLinear(rho, rho, options),
              norm,
              new EquivariantLinear(rho, rho, options),
              new EquivariantAffine(rho, Fixtures.affine(options)));
      chain.eval();
      assertThat(chain.stretches(64)).containsExactly(4);
      for (Tensor own : List.of(present(norm.runningMean()), present(norm.runningVariance()))) {
        Tensor before = own.clone();
        own.add_(random(Dtype.FLOAT64, rho.size()).abs());
        assertThat(chain.stretches(64)).startsWith(1, 1).hasSizeGreaterThan(2);
        Tensor x = random(Dtype.FLOAT64, 64, rho.size());
        assertThat(distance(chain.forward(x), oneByOne(chain, x))).isLessThan(1e-11);
        own.copy_(before);
        assertThat(chain.stretches(64)).containsExactly(4);
      }
    }
  }

  private static Tensor present(@Nullable Tensor tensor) {
    return Objects.requireNonNull(tensor);
  }

  @Test
  void aChainRefusesWhatItsLayersRefuse() {
    Representation rho = Representation.parse("D3: 2 x regular");
    EquivariantSequential chain = network(rho, rho, options(Execution.SPECTRAL, Dtype.FLOAT32));
    assertThatThrownBy(() -> chain.inside(random(Dtype.FLOAT32, 1, 12)))
        .hasMessage("a variance needs at least 2 samples, got 1 in a batch");
    GatedNonlinearity gated = new GatedNonlinearity(rho, Dtype.FLOAT32);
    EquivariantSequential gates =
        EquivariantSequential.of(
            gated, new EquivariantLinear(rho, rho, options(Execution.SPECTRAL, Dtype.FLOAT32)));
    assertThatThrownBy(() -> gates.inside(random(Dtype.FLOAT32, 7, 12)))
        .hasMessageStartingWith("last axis must be in.size() = 20 (" + gated.in());
  }

  @Test
  void aChainChangesNothingInItsLayersAndSharesWhatAnInnerChainHolds() {
    Representation rho = Representation.parse("D3: 2 x regular");
    MapOptions options = options(Execution.SPECTRAL, Dtype.FLOAT32);
    EquivariantAffine affine = new EquivariantAffine(rho, Fixtures.affine(options));
    Set<String> alone = affine.namedBuffers().keySet();
    EquivariantSequential inner =
        EquivariantSequential.of(new EquivariantLinear(rho, rho, options), affine);
    assertThat(affine.namedBuffers().keySet()).isEqualTo(alone);
    Set<String> before = inner.namedBuffers().keySet();
    assertThat(before).contains("spectral.1.shares");
    EquivariantSequential outer =
        EquivariantSequential.of(inner, new EquivariantLinear(rho, rho, options));
    assertThat(inner.namedBuffers().keySet()).isEqualTo(before);
    assertThat(outer.namedBuffers().keySet()).noneMatch(name -> name.startsWith("spectral."));
  }

  @Test
  void denseLayersAreNeverJoined() {
    Representation rho = Representation.parse("Icosahedral: 2 x regular");
    assertThat(chain(rho, rho, Execution.DENSE, Dtype.FLOAT32).stretches(1024)).containsOnly(1);
    assertThat(chain(rho, rho, Execution.AUTO, Dtype.FLOAT32).stretches(1024))
        .anyMatch(layers -> layers > 1);
  }

  @Test
  void chainsMoveWithTheirBuffers() {
    Representation rho = Representation.parse("D3: 2 x regular + irrep(1,1)");
    try (PointerScope scope = new PointerScope()) {
      EquivariantSequential chain = chain(rho, rho, Execution.SPECTRAL, Dtype.FLOAT32);
      Tensor x = random(Dtype.FLOAT32, 4, rho.size());
      Tensor before = chain.inside(x);
      chain.to(Dtype.FLOAT64);
      Tensor wide = chain.inside(x.to(Dtype.FLOAT64.scalarType()));
      assertThat(distance(wide, before.to(Dtype.FLOAT64.scalarType()))).isLessThan(1e-4);
    }
  }

  @Test
  void emptyBatchesPass() {
    Representation rho = Representation.parse("D3: 2 x regular + irrep(1,1)");
    try (PointerScope scope = new PointerScope()) {
      for (Execution execution : Execution.values()) {
        EquivariantSequential chain = chain(rho, rho, execution, Dtype.FLOAT32);
        Tensor x = random(Dtype.FLOAT32, 0, 14);
        assertThat(Tensors.shape(chain.forward(x))).containsExactly(0, 14);
        assertThat(Tensors.shape(chain.inside(x))).containsExactly(0, 14);
      }
    }
  }
}
