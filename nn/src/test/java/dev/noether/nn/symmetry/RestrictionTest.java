package dev.noether.nn.symmetry;

import static dev.noether.Fixtures.distance;
import static dev.noether.Fixtures.random;
import static dev.noether.Fixtures.rotated;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.noether.algebra.Matrix;
import dev.noether.group.CompactGroup;
import dev.noether.group.FiniteGroup;
import dev.noether.group.Group;
import dev.noether.group.Groups;
import dev.noether.group.Subgroup;
import dev.noether.lie.FiniteEmbedding;
import dev.noether.models.EquivariantConditionalUnet1d;
import dev.noether.models.EquivariantMlp;
import dev.noether.models.MlpOptions;
import dev.noether.models.UnetOptions;
import dev.noether.nn.Equivariance;
import dev.noether.nn.EquivariantFunction;
import dev.noether.nn.EquivariantLayer;
import dev.noether.nn.EquivariantSequential;
import dev.noether.nn.Layer;
import dev.noether.nn.activation.NormNonlinearity;
import dev.noether.nn.bilinear.EquivariantTensorProduct;
import dev.noether.nn.bilinear.EquivariantTensorSquare;
import dev.noether.nn.bilinear.TensorProductOptions;
import dev.noether.nn.linear.AffineOptions;
import dev.noether.nn.linear.DenseOptions;
import dev.noether.nn.linear.EquivariantAffine;
import dev.noether.nn.linear.EquivariantFilm;
import dev.noether.nn.linear.EquivariantLinear;
import dev.noether.nn.linear.Linear;
import dev.noether.nn.linear.MapOptions;
import dev.noether.plain.Activation;
import dev.noether.rep.Representation;
import dev.noether.torch.Dtype;
import dev.noether.torch.LibTorch;
import dev.noether.torch.Tensors;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.SGD;
import org.bytedeco.pytorch.SGDOptions;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class RestrictionTest {
  private static final MapOptions WIDE = MapOptions.defaults().with(Dtype.FLOAT64).withSeed(3);

  @BeforeAll
  static void load() {
    LibTorch.load();
  }

  /** A linear layer, scales of copies, and a linear layer, away from first weights. */
  private static EquivariantSequential chain(Representation rho) {
    EquivariantSequential chain =
        EquivariantSequential.of(
            new EquivariantLinear(rho, rho.times(2), WIDE),
            new EquivariantAffine(rho.times(2), AffineOptions.defaults().with(Dtype.FLOAT64)),
            new EquivariantLinear(rho.times(2), rho, WIDE));
    stir(chain);
    return chain;
  }

  private static void stir(Layer layer) {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      layer
          .namedParameters()
          .values()
          .forEach(p -> p.add_(random(Dtype.FLOAT64, Tensors.shape(p))));
    }
  }

  private static Tensor parameter(Layer layer, String name) {
    return Objects.requireNonNull(layer.namedParameters().get(name));
  }

  private static long count(Layer layer) {
    return layer.namedParameters().values().stream().mapToLong(Tensor::numel).sum();
  }

  private static void assertSame(EquivariantLayer large, Restriction restriction) {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      Tensor x = random(Dtype.FLOAT64, 4, large.in().size());
      Tensor expected = large.forward(x);
      double size = Math.max(1, expected.abs().max().item().toDouble());
      EquivariantLayer small = (EquivariantLayer) restriction.layer();
      assertThat(distance(small.forward(x), expected)).as("%s", small).isLessThan(1e-12 * size);
      assertThat(Equivariance.check(small, x).relativeError()).isLessThan(1e-11);
    }
  }

  @Test
  void outputsAreEqualForFortyPairsOfGroups() {
    int pairs = 0;
    for (String group :
        List.of("C4", "C6", "C12", "C2 x C2", "D3", "D4", "D5", "D6", "Q8", "Tetrahedral")) {
      FiniteGroup whole = (FiniteGroup) Group.named(group);
      Representation rho = rotated(Representation.regular(whole)).plus(largest(whole));
      EquivariantSequential large = chain(rho);
      for (Subgroup subgroup : whole.subgroups()) {
        Restriction restriction = Restriction.of(large, subgroup);
        assertSame(large, restriction);
        assertThat(restriction.kept()).isEmpty();
        assertThat(count(restriction.layer())).isGreaterThanOrEqualTo(count(large));
        pairs++;
      }
    }
    assertThat(pairs).isGreaterThanOrEqualTo(40);
  }

  private static Representation largest(FiniteGroup group) {
    return Representation.irrep(group.irreps().get(group.irreps().size() - 1));
  }

  @Test
  void compactGroupsGoToTheFiniteGroupsInside() {
    for (FiniteEmbedding finite :
        List.of(
            FiniteEmbedding.standard(Groups.octahedral(), CompactGroup.SO3),
            FiniteEmbedding.standard(Groups.cyclic(5), CompactGroup.SO3),
            FiniteEmbedding.standard(Groups.cyclic(8), CompactGroup.SO2))) {
      Representation rho = rotated(Representation.regular(finite.into(), 2));
      EquivariantSequential large = chain(rho);
      assertSame(large, Restriction.of(large, finite));
    }
  }

  @Test
  void groupAfterGroup() {
    EquivariantSequential large = chain(Representation.parse("D8: regular + irrep(1,1)"));
    Restriction first = Restriction.of(large, Groups.dihedral(8).subgroup("D4"));
    Restriction second = Restriction.of(first.layer(), Groups.dihedral(4).subgroup("C2"));
    assertSame(large, second);
    Restriction.Back back = first.back(second.back(second.layer()).layer());
    assertThat(back.distance()).isLessThan(1e-14);
    assertSame((EquivariantLayer) back.layer(), second);
  }

  /** What treats copies of irreps one by one inside a model stays, and its maps become free. */
  @Test
  void modelsOfSeveralInputsGoDownStepByStep() {
    Representation rho = Representation.parse("D8: irrep(1,1) + trivial");
    UnetOptions options = UnetOptions.equivariant(16, 16).withStepDim(4);
    EquivariantConditionalUnet1d large =
        new EquivariantConditionalUnet1d(rho, rho, null, options, WIDE);
    stir(large);
    Restriction first = Restriction.of(large, Groups.dihedral(8).subgroup("D4"));
    Restriction second = Restriction.of(first.layer(), Groups.dihedral(4).subgroup("C4"));
    assertSameFunction(large, first.layer());
    assertSameFunction(large, second.layer());
    assertThat(first.kept()).isEmpty();
    assertThat(count(large)).isLessThan(count(first.layer()));
    assertThat(count(first.layer())).isLessThan(count(second.layer()));
    Restriction.Back back = first.back(second.back(second.layer()).layer());
    assertThat(back.distance()).isLessThan(1e-13);
    assertSameFunction(back.layer(), second.layer());
  }

  private static void assertSameFunction(Layer large, Layer small) {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      EquivariantFunction whole = large.equivariance().orElseThrow();
      EquivariantFunction part = small.equivariance().orElseThrow();
      List<Tensor> inputs =
          whole.inputs().stream().map(EquivariantFunction.Input::example).toList();
      Tensor expected = whole.function().apply(inputs);
      double size = Math.max(1, expected.abs().max().item().toDouble());
      assertThat(distance(part.function().apply(inputs), expected)).isLessThan(1e-12 * size);
      assertThat(Equivariance.check(part).relativeError()).isLessThan(1e-11);
    }
  }

  /** Between irreps of real type every new coefficient is an old one, or zero. */
  @Test
  void newCoefficientsAreOldOnesWhereIrrepsAreOfRealType() {
    Representation rho = Representation.parse("Octahedral: regular + 2 x irrep(1)");
    EquivariantLinear large = new EquivariantLinear(rho, rho, WIDE.withoutBias());
    Restriction restriction = Restriction.of(large, Groups.octahedral().subgroup("D3"));
    double[] old = Tensors.toArray(large.coefficients());
    for (double c : Tensors.toArray(((EquivariantLinear) restriction.layer()).coefficients())) {
      assertThat(
              Math.min(
                  Math.abs(c), Arrays.stream(old).map(o -> Math.abs(o - c)).min().orElseThrow()))
          .isLessThan(1e-12);
    }
  }

  @Test
  void theWayBackIsTheMeanOverTheGroup() {
    Representation rho = rotated(Representation.parse("D4: regular + irrep(1,1)"));
    EquivariantLinear large = new EquivariantLinear(rho, rho, WIDE);
    stir(large);
    Restriction restriction = Restriction.of(large, Groups.dihedral(4).subgroup("C2"));
    assertThat(restriction.back(restriction.layer()).distance()).isLessThan(1e-14);
    stir(restriction.layer());
    EquivariantLinear free = (EquivariantLinear) restriction.layer();
    Restriction.Back back = restriction.back(free);
    EquivariantLinear found = (EquivariantLinear) back.layer();
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      Matrix weight = matrix(free.weight());
      Matrix mean = weight.scale(0);
      FiniteGroup group = rho.finiteGroup();
      for (int g = 0; g < group.order(); g++) {
        Matrix at = rho.at(group.element(g));
        mean = mean.plus(at.times(weight).timesTranspose(at).scale(1.0 / group.order()));
      }
      assertThat(matrix(found.weight()).distance(mean)).isLessThan(1e-12);
      double lost = length(matrix(found.weight()).plus(weight.scale(-1)));
      assertThat(back.distances().get("weight_dof"))
          .isCloseTo(lost / length(weight), within(1e-12));
    }
  }

  /** The penalty is the squared length of what is lost on the way back, and pulls towards it. */
  @Test
  void whatTheWholeGroupForbidsHasAPrice() {
    Representation rho = rotated(Representation.parse("D4: regular + irrep(1,1)"));
    EquivariantLinear large = new EquivariantLinear(rho, rho, WIDE);
    Restriction restriction = Restriction.of(large, Groups.dihedral(4).subgroup("C2"));
    EquivariantLinear free = (EquivariantLinear) restriction.layer();
    try (PointerScope scope = new PointerScope()) {
      assertThat(restriction.penalty(free).item().toDouble()).isLessThan(1e-24);
      stir(free);
      EquivariantLinear back = (EquivariantLinear) restriction.back(free).layer();
      double weights = distances(free.weight(), back.weight());
      double biases =
          distances(Objects.requireNonNull(free.bias()), Objects.requireNonNull(back.bias()));
      assertThat(restriction.penalty(free).item().toDouble())
          .isCloseTo(weights + biases, within(1e-12));
      for (int step = 0; step < 200; step++) {
        SGD optimizer = new SGD(free.parameters(), new SGDOptions(0.1));
        optimizer.zero_grad();
        restriction.penalty(free).backward();
        optimizer.step();
      }
      assertThat(restriction.penalty(free).item().toDouble()).isLessThan(1e-6);
      assertThat(distance(free.weight(), back.weight())).isLessThan(1e-2);
    }
  }

  private static double distances(Tensor a, Tensor b) {
    return a.sub(b).pow(new Scalar(2.0)).sum().item().toDouble();
  }

  private static double length(Matrix matrix) {
    return Math.sqrt(Arrays.stream(matrix.toArray()).map(x -> x * x).sum());
  }

  private static Matrix matrix(Tensor tensor) {
    return Matrix.of((int) tensor.size(0), (int) tensor.size(1), Tensors.toArray(tensor));
  }

  @Test
  void modelsTakeModesAndFrozenParametersAlong() {
    Representation rho = Representation.parse("D3: regular + irrep(1,1)");
    EquivariantMlp large =
        new EquivariantMlp(rho, rho, MlpOptions.hidden(12, 6).with(Activation.TANH), WIDE);
    large.eval();
    parameter(large, "net.0.weight_dof").set_requires_grad(false);
    Restriction restriction = Restriction.of(large, Groups.dihedral(3).subgroup("C3"));
    assertSame(large, restriction);
    assertThat(restriction.layer().isTraining()).isFalse();
    assertThat(parameter(restriction.layer(), "net.0.weight_dof").requires_grad()).isFalse();
    assertThat(parameter(restriction.layer(), "net.2.weight_dof").requires_grad()).isTrue();
  }

  /** All products of the small group span those of the large one. */
  @Test
  void tensorProductsPass() {
    TensorProductOptions options = TensorProductOptions.defaults().with(WIDE);
    Representation left = rotated(Representation.parse("D3: irrep(1,1) + trivial"));
    Representation right = Representation.parse("D3: irrep(1,1) + irrep(1,0)");
    EquivariantTensorProduct large = new EquivariantTensorProduct(left, right, left, options);
    Subgroup mirror = Groups.dihedral(3).subgroup("C2");
    EquivariantTensorProduct small =
        (EquivariantTensorProduct) Restriction.of(large, mirror).layer();
    EquivariantTensorSquare square = new EquivariantTensorSquare(left, left, options);
    Restriction ofSquare = Restriction.of(square, mirror);
    assertSame(square, ofSquare);
    assertThat(ofSquare.kept()).isEmpty();
    assertThat(ofSquare.back(ofSquare.layer()).distance()).isLessThan(1e-13);
    assertThat(count(small)).isGreaterThan(count(large));
    try (PointerScope scope = new PointerScope()) {
      Tensor x = random(Dtype.FLOAT64, 4, 3);
      Tensor y = random(Dtype.FLOAT64, 4, 3).sin();
      assertThat(distance(small.forward(x, y), large.forward(x, y))).isLessThan(1e-12);
    }
  }

  @Test
  void constrainedDenseLayersPass() {
    Representation rho = rotated(Representation.parse("C6: regular"));
    Linear large = new Linear(6, 6, DenseOptions.defaults().with(Dtype.FLOAT64));
    large.impose(rho, rho);
    Linear small = (Linear) Restriction.of(large, Groups.cyclic(6).subgroup("C2")).layer();
    try (PointerScope scope = new PointerScope()) {
      Tensor x = random(Dtype.FLOAT64, 4, 6);
      assertThat(distance(small.forward(x), large.forward(x))).isLessThan(1e-13);
      stir(small);
      Representation less = rho.branch(Groups.cyclic(6).subgroup("C2"));
      assertThat(Equivariance.check(small::forward, less, less, x).relativeError())
          .isLessThan(1e-13);
    }
  }

  @Test
  void whatTreatsCopiesOneByOneStaysAndIsTold() {
    Representation rho = Representation.parse("D3: 2 x irrep(1,1) + trivial");
    EquivariantSequential large =
        EquivariantSequential.of(
            new EquivariantLinear(rho, rho, WIDE),
            new NormNonlinearity(rho, Activation.SILU, Dtype.FLOAT64),
            new EquivariantLinear(rho, rho, WIDE));
    stir(large);
    Restriction toMirror = Restriction.of(large, Groups.dihedral(3).subgroup("C2"));
    assertSame(large, toMirror);
    assertThat(toMirror.kept())
        .containsExactly(
            Map.entry(
                "1", "it treats copies of irreps of D3 one by one, and under C2 they fall apart"));
    Restriction toTurns = Restriction.of(large, Groups.dihedral(3).subgroup("C3"));
    assertSame(large, toTurns);
    assertThat(toTurns.kept()).isEmpty();
  }

  @Test
  void refusalsNameTheLayerAndTheReason() {
    Representation rho = Representation.parse("D3: 2 x irrep(1,1)");
    EquivariantLinear layer = new EquivariantLinear(rho, rho, WIDE);
    assertThatThrownBy(() -> Restriction.of(layer, Groups.cyclic(4).subgroup("C2")))
        .hasMessage(
            "the subgroup must be one of D3, the group of EquivariantLinear(D3: 2 x irrep(1,1) -> "
                + "D3: 2 x irrep(1,1)), got one of C4");
    Linear plain = new Linear(2, 2);
    assertThatThrownBy(() -> Restriction.of(plain, Groups.cyclic(4).subgroup("C2")))
        .hasMessage("Linear(2, 2) has no symmetry to restrict: no layer tells a group");
    EquivariantFilm film = new EquivariantFilm(rho, AffineOptions.defaults());
    assertThatThrownBy(() -> Restriction.of(film, Groups.dihedral(3).subgroup("C2")))
        .hasMessage(
            "layer '' (EquivariantFilm(D3: 2 x irrep(1,1))) cannot be restricted to C2: it treats "
                + "copies of irreps of D3 one by one, and under C2 they fall apart");
    Restriction restriction = Restriction.of(layer, Groups.dihedral(3).subgroup("C3"));
    assertThatThrownBy(() -> restriction.back(plain))
        .hasMessageContaining("only a layer of the structure of");
    assertThatThrownBy(
            () -> restriction.carry("weight", Restriction.Kind.WEIGHTS, layer.coefficients()))
        .hasMessageContaining("has no parameter 'weight'");
  }
}
