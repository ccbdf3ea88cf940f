package dev.noether.nn;

import static dev.noether.Fixtures.distance;
import static dev.noether.Fixtures.random;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.noether.Fixtures;
import dev.noether.group.Element;
import dev.noether.group.FiniteGroup;
import dev.noether.group.FiniteIrrep;
import dev.noether.group.Subgroup;
import dev.noether.hom.BasisExpansion;
import dev.noether.hom.GroupHomomorphismBasis;
import dev.noether.hom.Initialization;
import dev.noether.nn.linear.EquivariantLinear;
import dev.noether.nn.linear.MapOptions;
import dev.noether.rep.HomSpace;
import dev.noether.rep.Representation;
import dev.noether.rep.SignedPermutations;
import dev.noether.spectral.Execution;
import dev.noether.torch.Dtype;
import dev.noether.torch.LibTorch;
import dev.noether.torch.Tensors;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Laws of the equivariant maps between signed permutation representations of several orbits, with
 * stabilizers, signs and orders of the points drawn from a seed.
 */
class SignedPermutationMapsTest {
  record Pair(Representation in, Representation out) {}

  static Stream<Pair> pairs() {
    LibTorch.load();
    return IntStream.range(0, 8).boxed().flatMap(SignedPermutationMapsTest::pairs);
  }

  private static Stream<Pair> pairs(int seed) {
    List<String> groups = List.of("C1", "C2", "C3", "C4", "D4", "Q8", "D3 x C2", "Tetrahedral");
    FiniteGroup group = FiniteGroup.named(groups.get(seed % groups.size()));
    Random draw = new Random(seed);
    Representation one = orbits(group, 1 + draw.nextInt(6), draw);
    Representation other = orbits(group, 1 + draw.nextInt(6), draw);
    List<FiniteIrrep> irreps = group.irreps();
    Representation last = Representation.irrep(irreps.get(irreps.size() - 1));
    return Stream.of(
            new Pair(one, other),
            new Pair(one, one),
            new Pair(one.times(2).plus(Representation.regular(group)), other.plus(one)),
            new Pair(one.plus(Fixtures.rotated(last.times(2))), other),
            new Pair(orbits(group, 2, draw).tensor(orbits(group, 1, draw)), one))
        .filter(pair -> HomSpace.between(pair.in, pair.out).dim() > 0);
  }

  /** A sum of orbits with random stabilizers and signs, its coordinates shuffled and negated. */
  private static Representation orbits(FiniteGroup group, int count, Random draw) {
    Representation sum = orbit(group, draw);
    for (int i = 1; i < count; i++) {
      sum = sum.plus(orbit(group, draw));
    }
    int n = sum.size();
    List<Integer> places = new ArrayList<>(IntStream.range(0, n).boxed().toList());
    Collections.shuffle(places, draw);
    int[] negated = draw.ints(n, 0, 2).map(bit -> 1 - 2 * bit).toArray();
    SignedPermutations action = SignedPermutations.of(sum).orElseThrow();
    List<int[]> images = new ArrayList<>();
    for (int a = 0; a < group.generators().size(); a++) {
      int[] own = new int[n];
      for (int j = 0; j < n; j++) {
        int to = action.images(a)[j];
        int sign = action.signs(a)[j] * negated[j] * negated[to];
        own[places.get(j)] = sign * (places.get(to) + 1);
      }
      images.add(own);
    }
    return images.isEmpty() ? sum : Representation.signedPermutation(group, images);
  }

  /** Induced from a sign of a random subgroup: the group permutes its cosets up to signs. */
  private static Representation orbit(FiniteGroup group, Random draw) {
    int[] elements = draw.ints(draw.nextInt(3), 0, group.order()).toArray();
    Subgroup stabilizer = group.subgroupGeneratedBy(elements);
    List<FiniteIrrep> signs =
        stabilizer.asGroup().irreps().stream().filter(irrep -> irrep.dimension() == 1).toList();
    return Representation.irrep(signs.get(draw.nextInt(signs.size()))).induce(stabilizer);
  }

  private static Tensor matrix(Representation rho, int element) {
    return Tensors.of(Dtype.FLOAT64, rho.at(rho.finiteGroup().element(element)));
  }

  @ParameterizedTest
  @MethodSource("pairs")
  void theDimensionIsThatOfTheCharacters(Pair pair) {
    double sum = 0;
    for (Element g : pair.in.finiteGroup().elements()) {
      sum += pair.in.at(g).trace() * pair.out.at(g).trace();
    }
    assertThat((double) HomSpace.between(pair.in, pair.out).dim())
        .isCloseTo(sum / pair.in.finiteGroup().order(), within(1e-6));
  }

  @ParameterizedTest
  @MethodSource("pairs")
  void expandedMapsAreEquivariantAndTheSumsOfTheBasisElements(Pair pair) {
    try (PointerScope scope = new PointerScope()) {
      GroupHomomorphismBasis basis =
          GroupHomomorphismBasis.of(pair.in, pair.out, BasisExpansion.MEMORY_HEAVY, Dtype.FLOAT64);
      Tensor elements = requireNonNull(basis.stateDictEntries().get("basis_elements")).get();
      Tensor coefficients = random(Dtype.FLOAT64, basis.dim()).set_requires_grad(true);
      Tensor map = basis.expand(coefficients);
      Tensor flat = elements.view(basis.dim(), -1);
      assertThat(distance(map, flat.t().mv(coefficients).view_as(map))).isLessThan(1e-12);
      for (int generator : pair.in.finiteGroup().generators()) {
        assertThat(
                distance(
                    matrix(pair.out, generator).matmul(map),
                    map.matmul(matrix(pair.in, generator))))
            .isLessThan(1e-12);
      }
      Tensor direction = random(Dtype.FLOAT64, pair.out.size(), pair.in.size());
      map.mul(direction).sum().backward();
      assertThat(distance(coefficients.grad(), flat.mv(direction.view(-1)))).isLessThan(1e-12);
      assertThat(distance(basis.coefficients(map), coefficients)).isLessThan(1e-12);
    }
  }

  @ParameterizedTest
  @MethodSource("pairs")
  void projectionIsTheGroupAverageAndIdempotent(Pair pair) {
    try (PointerScope scope = new PointerScope()) {
      Tensor map = random(Dtype.FLOAT64, pair.out.size(), pair.in.size()).set_requires_grad(true);
      Tensor average = map.detach().mul(new Scalar(0.0));
      int order = pair.in.finiteGroup().order();
      for (int g = 0; g < order; g++) {
        average =
            average.add(
                matrix(pair.out, g)
                    .matmul(map.detach())
                    .matmul(matrix(pair.in, g).t())
                    .div(new Scalar((double) order)));
      }
      Tensor direction = map.detach().sin();
      for (BasisExpansion expansion : BasisExpansion.values()) {
        GroupHomomorphismBasis basis =
            GroupHomomorphismBasis.of(pair.in, pair.out, expansion, Dtype.FLOAT64);
        Tensor projected = basis.project(map);
        assertThat(distance(projected, average)).isLessThan(1e-12);
        assertThat(distance(basis.project(projected), projected)).isLessThan(1e-12);
        assertThat(distance(basis.expand(basis.coefficients(map)), projected)).isLessThan(1e-12);
        // Self-adjoint: the gradient of <P W, V> is P V.
        map.mutable_grad().reset();
        projected.mul(direction).sum().backward();
        assertThat(distance(map.grad(), basis.project(direction))).isLessThan(1e-12);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("pairs")
  void oneSeedDrawsOneMapUnderEveryExpansionAndExecution(Pair pair) {
    try (PointerScope scope = new PointerScope()) {
      Tensor x = random(Dtype.FLOAT64, 3, pair.in.size());
      GroupHomomorphismBasis basis =
          GroupHomomorphismBasis.of(
              pair.in, pair.out, BasisExpansion.ISOTYPIC_EXPANSION, Dtype.FLOAT64);
      Tensor expected =
          x.matmul(basis.initializeDense(Initialization.XAVIER_NORMAL, OptionalLong.of(3)).t());
      for (BasisExpansion expansion : BasisExpansion.values()) {
        for (Execution execution : Execution.values()) {
          EquivariantLinear layer =
              new EquivariantLinear(
                  pair.in,
                  pair.out,
                  MapOptions.defaults()
                      .with(Dtype.FLOAT64)
                      .with(expansion)
                      .with(execution)
                      .withSeed(3));
          assertThat(distance(layer.forward(x), expected)).isLessThan(1e-12);
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("pairs")
  void predictedBytesAreThoseOfBothWays(Pair pair) {
    try (PointerScope scope = new PointerScope()) {
      for (Dtype dtype : Fixtures.WIDE) {
        for (BasisExpansion expansion : BasisExpansion.values()) {
          MapOptions options = MapOptions.defaults().withoutBias().with(dtype).with(expansion);
          EquivariantLinear layer = new EquivariantLinear(pair.in, pair.out, options);
          assertThat(EquivariantLinear.predictedBytes(pair.in, pair.out, options))
              .isEqualTo(Fixtures.bytesOfBothWays(layer));
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("pairs")
  void aStackOfMapsHoldsEachMap(Pair pair) {
    try (PointerScope scope = new PointerScope()) {
      GroupHomomorphismBasis basis =
          GroupHomomorphismBasis.of(pair.in, pair.out, BasisExpansion.MEMORY_HEAVY, Dtype.FLOAT64);
      Tensor taps = random(Dtype.FLOAT64, 3, basis.dim());
      Tensor kernel = basis.stack(3, maps -> maps.permute(2, 1, 0)).apply(taps);
      for (long tap = 0; tap < 3; tap++) {
        assertThat(distance(kernel.select(2, tap), basis.expand(taps.select(0, tap))))
            .isLessThan(1e-14);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("pairs")
  void whatIsKeptForProjectionsChangesNoNumber(Pair pair) {
    try (PointerScope scope = new PointerScope()) {
      Tensor weight = random(Dtype.FLOAT64, pair.out.size(), pair.in.size());
      BasisExpansion order = BasisExpansion.MEMORY_HEAVY;
      GroupHomomorphismBasis lean =
          GroupHomomorphismBasis.of(pair.in, pair.out, order, Dtype.FLOAT64);
      GroupHomomorphismBasis ready =
          GroupHomomorphismBasis.forProjections(pair.in, pair.out, order, Dtype.FLOAT64);
      assertThat(lean.project(weight).equal(ready.project(weight))).isTrue();
      assertThat(lean.coefficients(weight).equal(ready.coefficients(weight))).isTrue();
    }
  }
}
