package dev.noether.linalg;

import static dev.noether.linalg.Signals.distance;
import static dev.noether.linalg.Signals.random;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.noether.algebra.Matrix;
import dev.noether.basis.IsotypicBasis;
import dev.noether.group.Element;
import dev.noether.group.Irrep;
import dev.noether.rep.HomSpace;
import dev.noether.rep.InvariantProjector;
import dev.noether.rep.IsotypicDecomposition;
import dev.noether.rep.Representation;
import dev.noether.torch.Dtype;
import dev.noether.torch.Tensors;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Isotypic parts, radii and the projection onto Hom_G, over all elements. */
class IsotypicTest {
  @ParameterizedTest
  @MethodSource("dev.noether.linalg.Signals#representations")
  void isotypicPartsAreOrthogonalCommuteWithTheGroupAndSumToTheSignal(Representation rho) {
    try (PointerScope scope = new PointerScope()) {
      Tensor x = random(1, 2, 3, rho.size());
      Tensor sum = x.mul(new Scalar(0.0));
      for (Irrep irrep : rho.finiteGroup().irreps()) {
        Tensor part = Isotypic.project(x, rho, irrep);
        assertThat(distance(Isotypic.project(part, rho, irrep), part)).isLessThan(1e-12);
        assertThat(Math.abs(part.mul(x.sub(part)).sum().item().toDouble())).isLessThan(1e-10);
        for (Element g : rho.finiteGroup().elements()) {
          Tensor turned = Isotypic.project(Signals.act(x, rho, g), rho, irrep);
          assertThat(distance(turned, Signals.act(part, rho, g))).isLessThan(1e-11);
        }
        sum = sum.add(part);
      }
      assertThat(distance(sum, x)).isLessThan(1e-12);
      Tensor fixed = x.matmul(Tensors.of(Dtype.FLOAT64, InvariantProjector.of(rho)));
      assertThat(distance(Isotypic.project(x, rho, rho.group().trivialIrrep()), fixed))
          .isLessThan(1e-12);
    }
  }

  @ParameterizedTest
  @MethodSource("sums")
  void isotypicCoordinatesAreTheProductWithTheWholeBasis(Representation rho) {
    try (PointerScope scope = new PointerScope()) {
      IsotypicDecomposition decomposition = IsotypicDecomposition.of(rho);
      Tensor x = random(1, 2, 3, rho.size()).set_requires_grad(true);
      IsotypicBasis basis = IsotypicBasis.of(rho, x);
      Tensor q = Tensors.of(Dtype.FLOAT64, decomposition.changeOfBasis());
      Tensor coordinates = basis.coordinates(x);
      assertThat(distance(coordinates, x.matmul(q))).isLessThan(1e-12);
      assertThat(distance(basis.vectors(coordinates), x)).isLessThan(1e-12);
      Tensor weights = random(2, 2, 3, rho.size());
      coordinates.mul(weights).sum().backward();
      assertThat(distance(x.grad(), weights.matmul(q.t()))).isLessThan(1e-12);
      for (Element g : rho.finiteGroup().elements()) {
        Tensor expected = coordinates.matmul(Tensors.of(Dtype.FLOAT64, action(decomposition, g)));
        assertThat(distance(basis.coordinates(Signals.act(x, rho, g)), expected)).isLessThan(1e-11);
      }
    }
  }

  /** What the group does to isotypic coordinates, for row vectors. */
  private static Matrix action(IsotypicDecomposition decomposition, Element g) {
    return decomposition.sorted().at(g).transpose();
  }

  private static Stream<Representation> sums() {
    Representation turned = Signals.rotated("Q8: regular", 1);
    return Stream.concat(
        Signals.representations(),
        Stream.of(
            Signals.of("S3: 3 x regular + trivial + 2 x regular"),
            turned.times(2).plus(Signals.of("Q8: irrep(1,1) + 2 x trivial")).plus(turned)));
  }

  @ParameterizedTest
  @MethodSource("dev.noether.linalg.Signals#representations")
  void copiesTransformByTheIrrepItself(Representation rho) {
    try (PointerScope scope = new PointerScope()) {
      Tensor x = random(1, 4, rho.size());
      Irrep irrep = rho.irreps().get(0);
      Tensor copies = Isotypic.copies(x, rho, irrep);
      for (Element g : rho.finiteGroup().elements()) {
        Matrix matrix = irrep.at(g).transpose();
        Tensor expected = copies.matmul(Tensors.of(Dtype.FLOAT64, matrix));
        assertThat(distance(Isotypic.copies(Signals.act(x, rho, g), rho, irrep), expected))
            .isLessThan(1e-11);
      }
      Tensor stacked = Isotypic.stacked(x, rho, irrep);
      assertThat(distance(stacked.reshape(4, irrep.dimension(), -1), copies.transpose(1, 2)))
          .isZero();
    }
  }

  @ParameterizedTest
  @MethodSource("dev.noether.linalg.Signals#representations")
  void radiiAreInvariantAndTheLengthsOfTheIrreducibleParts(Representation rho) {
    try (PointerScope scope = new PointerScope()) {
      Tensor x = random(1, 4, rho.size());
      Tensor radii = Isotypic.radii(x, rho);
      Tensor spectral = x.matmul(Tensors.of(Dtype.FLOAT64, rho.changeOfBasis()));
      int start = 0;
      for (int i = 0; i < rho.irreps().size(); i++) {
        int d = rho.irreps().get(i).dimension();
        Tensor part = spectral.narrow(1, start, d);
        Tensor length = part.mul(part).sum(1L).sqrt();
        assertThat(distance(radii.select(1, i), length)).isLessThan(1e-12);
        start += d;
      }
      for (Element g : rho.finiteGroup().elements()) {
        assertThat(distance(Isotypic.radii(Signals.act(x, rho, g), rho), radii)).isLessThan(1e-11);
      }
    }
  }

  @Test
  void gradientOfARadiusAtZeroIsZero() {
    try (PointerScope scope = new PointerScope()) {
      Representation rho = Representation.parse("C5: regular");
      Tensor x = Tensors.of(Dtype.FLOAT64, new double[5], 5);
      x.set_requires_grad(true);
      Isotypic.radii(x, rho).sum().backward();
      assertThat(Tensors.toArray(x.grad())).containsOnly(0);
    }
  }

  @ParameterizedTest
  @MethodSource("dev.noether.linalg.Signals#representations")
  void projectionOntoHomIsTheGroupAverage(Representation rho) {
    try (PointerScope scope = new PointerScope()) {
      Representation out = Signals.rotatedRegular(rho);
      Tensor w = random(1, 2, out.size(), rho.size());
      Tensor average = w.mul(new Scalar(0.0));
      for (Element g : rho.finiteGroup().elements()) {
        Tensor left = Tensors.of(Dtype.FLOAT64, out.at(g).scale(1.0 / rho.finiteGroup().order()));
        Tensor right = Tensors.of(Dtype.FLOAT64, rho.at(g).transpose());
        average = average.add(left.matmul(w).matmul(right));
      }
      assertThat(distance(EquivariantMaps.orthogonalProjection(w, rho, out), average))
          .isLessThan(1e-12);
    }
  }

  @ParameterizedTest
  @MethodSource("dev.noether.linalg.Signals#representations")
  void coefficientsAndMapsAreWaysToAndFro(Representation rho) {
    try (PointerScope scope = new PointerScope()) {
      Representation out = Signals.rotatedRegular(rho);
      Tensor w = random(1, 2, out.size(), rho.size());
      Tensor coefficients = EquivariantMaps.orthogonalProjectionCoefficients(w, rho, out);
      Tensor maps = EquivariantMaps.linearMap(coefficients, rho, out);
      assertThat(Tensors.shape(coefficients)).containsExactly(2, HomSpace.between(rho, out).dim());
      assertThat(distance(maps, EquivariantMaps.orthogonalProjection(w, rho, out)))
          .isLessThan(1e-12);
      Tensor again = EquivariantMaps.orthogonalProjectionCoefficients(maps, rho, out);
      assertThat(distance(again, coefficients)).isLessThan(1e-12);
    }
  }

  @Test
  void withoutACommonIrrepThereIsNoCoefficientAndOnlyTheZeroMap() {
    try (PointerScope scope = new PointerScope()) {
      Representation in = Representation.parse("C3: irrep(1)");
      Representation out = Representation.parse("C3: 3 x trivial");
      Tensor none = EquivariantMaps.orthogonalProjectionCoefficients(random(1, 4, 3, 2), in, out);
      assertThat(Tensors.shape(none)).containsExactly(4, 0);
      Tensor zero = EquivariantMaps.linearMap(none, in, out);
      assertThat(Tensors.shape(zero)).containsExactly(4, 3, 2);
      assertThat(Tensors.toArray(zero)).containsOnly(0);
    }
  }

  @Test
  void badInputIsRefusedWithTheReason() {
    try (PointerScope scope = new PointerScope()) {
      Representation rho = Representation.parse("C5: regular");
      Representation line = Representation.parse("C5: 2 x trivial");
      Tensor x = random(1, 3, 5);
      assertThatThrownBy(() -> Isotypic.radii(random(1, 3, 4), rho))
          .hasMessage("last axis must be representation.size() = 5 (C5: regular), got 4 in [3, 4]");
      assertThatThrownBy(
              () -> Isotypic.copies(random(1, 3, 2), line, rho.finiteGroup().irreps().get(1)))
          .hasMessage("irrep(1) does not occur in C5: 2 x trivial; it has [irrep(0)]");
      Irrep foreign = Representation.parse("C4: trivial").irreps().get(0);
      assertThatThrownBy(() -> Isotypic.project(x, rho, foreign))
          .hasMessage("the irrep must be of C5, got irrep(0) of C4");
      assertThatThrownBy(() -> EquivariantMaps.orthogonalProjection(x, rho, rho))
          .hasMessageContaining("last axes must be [out.size(), in.size()] = [5, 5]");
      assertThatThrownBy(() -> EquivariantMaps.linearMap(x, line, rho))
          .hasMessage(
              "last axis must be the dimension of Hom_G(in, out), 2 (C5: 2 x trivial and C5: "
                  + "regular), got [3, 5]");
    }
  }
}
