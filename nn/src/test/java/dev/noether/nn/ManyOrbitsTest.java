package dev.noether.nn;

import static dev.noether.Fixtures.WIDE;
import static dev.noether.Fixtures.bytesOfBothWays;
import static dev.noether.Fixtures.distance;
import static dev.noether.Fixtures.random;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.noether.DrawnGroups;
import dev.noether.group.FiniteElement;
import dev.noether.group.FiniteGroup;
import dev.noether.group.Subgroup;
import dev.noether.hom.BasisExpansion;
import dev.noether.hom.GroupHomomorphismBasis;
import dev.noether.linalg.EquivariantLeastSquares;
import dev.noether.linalg.EquivariantMaps;
import dev.noether.nn.conv.EquivariantConv1d;
import dev.noether.nn.linear.DenseOptions;
import dev.noether.nn.linear.EquivariantLinear;
import dev.noether.nn.linear.FieldLinear;
import dev.noether.nn.linear.FieldList;
import dev.noether.nn.linear.Linear;
import dev.noether.nn.linear.MapOptions;
import dev.noether.plain.ConvolutionOptions;
import dev.noether.rep.HomSpace;
import dev.noether.rep.Representation;
import dev.noether.rep.SignedPermutations;
import dev.noether.stats.Covariance;
import dev.noether.torch.Dtype;
import dev.noether.torch.LibTorch;
import dev.noether.torch.Tensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whole observations, images and chains as one signed permutation representation. */
class ManyOrbitsTest {
  private static final int SIDE = 28;
  private static final int[] TURN =
      IntStream.range(0, SIDE * SIDE).map(p -> p % SIDE * SIDE + SIDE - 1 - p / SIDE).toArray();

  @BeforeAll
  static void load() {
    LibTorch.load();
  }

  private static Representation permutation(String group, int[]... images) {
    return Representation.signedPermutation(
        FiniteGroup.named(group),
        Arrays.stream(images)
            .map(targets -> Arrays.stream(targets).map(i -> i + 1).toArray())
            .toList());
  }

  private static Representation mirrored(int n) {
    return permutation("C2", IntStream.range(0, n).map(i -> n - 1 - i).toArray());
  }

  private static Representation image() {
    return permutation("C4", TURN);
  }

  /** All states of some spins in a ring: shifted, mirrored and flipped. */
  private static Representation chain(int sites) {
    int states = 1 << sites;
    return permutation(
        "D" + sites + " x C2",
        IntStream.range(0, states).map(s -> (s << 1 | s >> (sites - 1)) & (states - 1)).toArray(),
        IntStream.range(0, states).map(s -> Integer.reverse(s) >>> (32 - sites)).toArray(),
        IntStream.range(0, states).map(s -> states - 1 - s).toArray());
  }

  private static void requireLayer(Representation rho, int dim) {
    try (PointerScope scope = new PointerScope()) {
      EquivariantLinear layer =
          new EquivariantLinear(rho, rho, MapOptions.defaults().withoutBias().withSeed(1));
      assertThat(layer.basis().dim()).isEqualTo(dim);
      long bytes = bytesOfBothWays(layer);
      assertThat(EquivariantLinear.predictedBytes(rho, rho, MapOptions.defaults()))
          .isEqualTo(bytes);
      // Coefficients, their bases, two changes of basis, two lists of places: a few numbers each.
      assertThat(bytes).isLessThan(4L * 9 * rho.size() * rho.size());
      Equivariance.checkThat(layer, random(Dtype.FLOAT32, 3, rho.size()), 3e-6);
    }
  }

  /** [[W[turn(i), turn(j)]]]: the map seen from the turned images. */
  private static Tensor turned(Tensor map) {
    Tensor places = Tensors.ofIndices(TURN);
    return map.index_select(0, places).index_select(1, places);
  }

  /** Cosets of drawn subgroups side by side, in a drawn order of points, some with signs. */
  private static Representation drawn(FiniteGroup group, int size, Random random) {
    List<Subgroup> subgroups = group.subgroups();
    Representation sum = Representation.trivial(group);
    while (sum.size() < size) {
      sum = sum.plus(Representation.quotient(subgroups.get(random.nextInt(subgroups.size()))));
    }
    SignedPermutations orbits = SignedPermutations.of(sum).orElseThrow();
    List<Integer> places = new ArrayList<>(IntStream.range(0, sum.size()).boxed().toList());
    Collections.shuffle(places, random);
    int[] signs = places.stream().mapToInt(p -> random.nextInt(4) == 0 ? -1 : 1).toArray();
    List<int[]> images = new ArrayList<>();
    for (int a = 0; a < group.generators().size(); a++) {
      int[] targets = orbits.images(a);
      int[] own = new int[targets.length];
      for (int j = 0; j < targets.length; j++) {
        own[places.get(j)] = (1 + places.get(targets[j])) * signs[j] * signs[targets[j]];
      }
      images.add(own);
    }
    return Representation.signedPermutation(group, images);
  }

  /** Any group, any number of orbits: the dimension by Burnside, the projection by the mean. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void drawnPermutationsOfManyOrbits(long seed) {
    Random random = new Random(seed);
    FiniteGroup group = DrawnGroups.of(seed);
    Representation in = drawn(group, 20 + random.nextInt(200), random);
    Representation out = drawn(group, 20 + random.nextInt(200), random);
    double burnside =
        group.elements().stream().mapToDouble(g -> in.character(g) * out.character(g)).sum();
    try (PointerScope scope = new PointerScope()) {
      Dtype dtype = WIDE.get(random.nextInt(2));
      MapOptions options = MapOptions.defaults().with(dtype).withoutBias();
      EquivariantLinear layer = new EquivariantLinear(in, out, options);
      assertThat(layer.basis().dim()).isEqualTo(Math.round(burnside / group.order()));
      assertThat(EquivariantLinear.predictedBytes(in, out, options))
          .isEqualTo(bytesOfBothWays(layer));
      Equivariance.checkThat(
          layer, random(dtype, 3, in.size()), dtype == Dtype.FLOAT64 ? 1e-12 : 1e-5);
      Tensor map = random(Dtype.FLOAT64, out.size(), in.size());
      Tensor mean = map.mul(new Scalar(0.0));
      for (FiniteElement g : group.elements()) {
        Tensor left = Tensors.of(Dtype.FLOAT64, out.at(g));
        mean = mean.add(left.matmul(map).matmul(Tensors.of(Dtype.FLOAT64, in.at(g)).t()));
      }
      mean = mean.div(new Scalar((double) group.order()));
      assertThat(distance(EquivariantMaps.orthogonalProjection(map, in, out), mean))
          .isLessThan(1e-13);
    }
  }

  @Test
  void mirroredObservations() {
    requireLayer(mirrored(235), (235 * 235 + 1) / 2);
  }

  @Test
  void images() {
    requireLayer(image(), 784 * 784 / 4);
  }

  @Test
  void spinChains() {
    assertThat(HomSpace.between(chain(10), chain(10)).dim()).isEqualTo(27036);
    requireLayer(chain(8), HomSpace.between(chain(8), chain(8)).dim());
  }

  @Test
  void theProjectionIsTheMeanOverTheTurns() {
    try (PointerScope scope = new PointerScope()) {
      Tensor map = random(Dtype.FLOAT64, 784, 784);
      Tensor once = turned(map);
      Tensor twice = turned(once);
      Tensor mean = map.add(once).add(twice).add(turned(twice)).div(new Scalar(4.0));
      assertThat(distance(EquivariantMaps.orthogonalProjection(map, image(), image()), mean))
          .isLessThan(1e-14);
      Linear linear = new Linear(784, 784, DenseOptions.defaults().with(Dtype.FLOAT64));
      linear.impose(image(), image(), BasisExpansion.MEMORY_HEAVY);
      Tensor weight = linear.weight();
      assertThat(distance(turned(weight), weight)).isLessThan(1e-14);
    }
  }

  @Test
  void statisticsOfImages() {
    try (PointerScope scope = new PointerScope()) {
      Tensor x = random(Dtype.FLOAT64, 220, 784);
      Tensor covariance = Covariance.of(image()).plus(x).covariance();
      assertThat(distance(turned(covariance), covariance)).isLessThan(1e-12);
      // 196 samples determine a map between regular representations of C4, 196 of each.
      Tensor map =
          EquivariantMaps.orthogonalProjection(random(Dtype.FLOAT64, 784, 784), image(), image());
      Tensor found =
          EquivariantLeastSquares.between(image(), image()).plus(x, x.matmul(map.t())).solve();
      assertThat(distance(found, map)).isLessThan(1e-9);
    }
  }

  @Test
  void convolutionsOfImagesOverTime() {
    try (PointerScope scope = new PointerScope()) {
      EquivariantConv1d layer =
          new EquivariantConv1d(
              image(), image(), ConvolutionOptions.kernel(3), MapOptions.defaults());
      Equivariance.checkThat(layer, random(Dtype.FLOAT32, 2, 784, 4), 3e-6);
    }
  }

  /** The copies of irreps in a tensor product reach over many orbits. */
  @Test
  void productsOfPermutationsWhoseCopiesReachOverManyOrbits() {
    try (PointerScope scope = new PointerScope()) {
      Representation rho = mirrored(21).tensor(mirrored(24));
      for (BasisExpansion expansion : BasisExpansion.values()) {
        GroupHomomorphismBasis basis =
            GroupHomomorphismBasis.of(rho, rho, expansion, Dtype.FLOAT64);
        assertThat(basis.dim()).isEqualTo(504 * 504 / 2);
        assertThat(basis.buffers().tensors().values().stream().mapToLong(Tensor::numel).sum())
            .isLessThan(4L * 504 * 504);
        Tensor map = random(Dtype.FLOAT64, 504, 504);
        Tensor back = map.flip(0, 1);
        assertThat(distance(basis.project(map), map.add(back).div(new Scalar(2.0))))
            .isLessThan(1e-12);
      }
    }
  }

  @Test
  void fieldsOfManyOrbits() {
    try (PointerScope scope = new PointerScope()) {
      FieldList type = new FieldList(List.of(mirrored(235), mirrored(40)));
      FieldLinear layer = new FieldLinear(type, type, MapOptions.defaults());
      Equivariance.checkThat(layer, random(Dtype.FLOAT32, 2, 275), 3e-6);
    }
  }

  @Test
  void aStackOfBasisElementsThatNoMemoryHoldsIsRefused() {
    try (PointerScope scope = new PointerScope()) {
      EquivariantLinear layer =
          new EquivariantLinear(
              mirrored(235),
              mirrored(235),
              MapOptions.defaults().with(BasisExpansion.MEMORY_HEAVY));
      assertThatThrownBy(layer::stateDict)
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(
              "the state dict of MEMORY_HEAVY would hold 27,613 basis elements of 55,225 entries, "
                  + "12,199,644,304 bytes of at most 2,147,483,648; take ISOTYPIC_EXPANSION, whose "
                  + "state dict holds two changes of basis");
    }
  }
}
