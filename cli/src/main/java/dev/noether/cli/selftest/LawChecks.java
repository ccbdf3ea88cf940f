package dev.noether.cli.selftest;

import dev.noether.algebra.Matrix;
import dev.noether.group.FiniteElement;
import dev.noether.group.FiniteGroup;
import dev.noether.group.FiniteIrrep;
import dev.noether.hom.BasisExpansion;
import dev.noether.hom.GroupHomomorphismBasis;
import dev.noether.linalg.EquivariantLeastSquares;
import dev.noether.rep.HomSpace;
import dev.noether.rep.InvariantProjector;
import dev.noether.rep.IsotypicDecomposition;
import dev.noether.rep.Representation;
import dev.noether.stats.Covariance;
import dev.noether.torch.ComputeDevice;
import dev.noether.torch.Dtype;
import dev.noether.torch.Tensors;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * The kinds of the reference's cases on drawn subjects: in place of its numbers stand sums over the
 * whole group and the laws of representations, in float64.
 */
final class LawChecks {
  private static final double TOLERANCE = 1e-11;

  /** Checks one law. */
  interface Law {
    void check(DrawnSubject subject, ComputeDevice device, Comparison comparison);
  }

  private LawChecks() {}

  /** The laws by the kind of case that they stand for. */
  static Map<String, Law> all() {
    Map<String, Law> laws = new LinkedHashMap<>();
    laws.put("group", (subject, device, comparison) -> group(subject, comparison));
    laws.put("isotypic", (subject, device, comparison) -> isotypic(subject, comparison));
    laws.put("hom", (subject, device, comparison) -> hom(subject, comparison));
    laws.put("statistics", LawChecks::statistics);
    laws.put("lstsq", LawChecks::leastSquares);
    laws.put("layers", LayerLaws::equivariance);
    laws.put("gradients", LayerLaws::gradients);
    laws.put("models", LayerLaws::models);
    return laws;
  }

  private static void group(DrawnSubject subject, Comparison comparison) {
    FiniteGroup group = subject.group();
    Random random = new Random(subject.seed());
    for (int i = 0; i < 1000; i++) {
      int a = random.nextInt(group.order());
      int b = random.nextInt(group.order());
      int c = random.nextInt(group.order());
      comparison.equal(
          "(a b) c",
          group.multiply(group.multiply(a, b), c),
          group.multiply(a, group.multiply(b, c)));
      comparison.equal("a a^-1", group.multiply(a, group.inverse(a)), group.identity());
    }
    double squares = 0;
    for (FiniteIrrep irrep : group.irreps()) {
      irrep(group, irrep, comparison);
      double d = irrep.dimension();
      squares += d * d / irrep.type().endomorphismDimension();
    }
    comparison.equal("sum of d^2 / S", squares, (double) group.order());
    Representation regular = Representation.regular(group);
    comparison.atMost(
        "Q of the regular representation",
        regular.changeOfBasis().orthogonalityDefect(),
        TOLERANCE);
    for (int a : group.generators()) {
      Matrix image = regular.at(group.element(a));
      for (int h = 0; h < group.order(); h++) {
        comparison.atMost("a e_h = e_ah", 1 - image.get(group.multiply(a, h), h), TOLERANCE);
      }
    }
  }

  private static void irrep(FiniteGroup group, FiniteIrrep irrep, Comparison comparison) {
    String name = irrep.toString();
    double norm = 0;
    for (int g = 0; g < group.order(); g++) {
      norm += irrep.character(g) * irrep.character(g) / group.order();
      comparison.atMost(name + " orthogonal", irrep.at(g).orthogonalityDefect(), TOLERANCE);
      for (int a : group.generators()) {
        Matrix product = irrep.at(a).times(irrep.at(g));
        double defect = irrep.at(group.multiply(a, g)).distance(product);
        comparison.atMost(name + " of a product", defect, TOLERANCE);
      }
    }
    int endomorphisms = irrep.type().endomorphismDimension();
    comparison.atMost(name + " irreducible", Math.abs(norm - endomorphisms), TOLERANCE);
    comparison.equal(name + " endomorphisms", irrep.endomorphismBasis().size(), endomorphisms);
    for (Matrix map : irrep.endomorphismBasis()) {
      for (int a : group.generators()) {
        double defect = map.times(irrep.at(a)).distance(irrep.at(a).times(map));
        comparison.atMost(name + " commutes", defect, TOLERANCE);
      }
    }
  }

  /** The mean over the group of a function of its elements. */
  private static Matrix mean(FiniteGroup group, int n, Function<FiniteElement, Matrix> of) {
    Matrix sum = Matrix.of(n, n, new double[n * n]);
    for (FiniteElement g : group.elements()) {
      sum = sum.plus(of.apply(g));
    }
    return sum.scale(1.0 / group.order());
  }

  /** Serre's projections on the isotypic parts, beside those that the blocks give. */
  private static void isotypic(DrawnSubject subject, Comparison comparison) {
    Representation rho = subject.in();
    int n = rho.size();
    comparison.atMost(
        "invariant projector",
        InvariantProjector.of(rho).distance(mean(subject.group(), n, rho::at)),
        TOLERANCE);
    IsotypicDecomposition parts = IsotypicDecomposition.of(rho);
    Matrix q = parts.changeOfBasis();
    comparison.atMost("Q orthogonal", q.orthogonalityDefect(), TOLERANCE);
    for (IsotypicDecomposition.Block block : parts.blocks()) {
      FiniteIrrep irrep = subject.group().irrep(block.irrep().id());
      double scale = (double) irrep.dimension() / irrep.type().endomorphismDimension();
      Matrix projection =
          mean(subject.group(), n, g -> rho.at(g).scale(scale * irrep.character(g.index())));
      int[] columns = IntStream.range(block.start(), block.end()).toArray();
      Matrix own = q.columns(columns);
      double distance = own.timesTranspose(own).distance(projection);
      comparison.atMost("isotypic part of " + irrep, distance, TOLERANCE);
    }
  }

  private static void hom(DrawnSubject subject, Comparison comparison) {
    Representation in = subject.in();
    Representation out = subject.out();
    double dim = 0;
    for (FiniteElement g : subject.group().elements()) {
      dim += in.character(g) * out.character(g) / subject.group().order();
    }
    comparison.equal("dim", (long) HomSpace.between(in, out).dim(), Math.round(dim));
    Tensor weight = random(subject, 3L, out.size(), in.size());
    Tensor expected = overTheGroup(subject, weight);
    for (BasisExpansion expansion : BasisExpansion.values()) {
      GroupHomomorphismBasis basis = GroupHomomorphismBasis.of(in, out, expansion, Dtype.FLOAT64);
      comparison.close("projection by " + expansion, basis.project(weight), expected, TOLERANCE);
    }
  }

  private static Tensor random(DrawnSubject subject, long... shape) {
    int count = 1;
    for (long axis : shape) {
      count *= (int) axis;
    }
    double[] values = new Random(subject.seed() + count).doubles(count, -1, 1).toArray();
    return Tensors.of(Dtype.FLOAT64, values, shape);
  }

  /** The mean of rho_out(g) W rho_in(g)^T. */
  private static Tensor overTheGroup(DrawnSubject subject, Tensor weight) {
    Tensor sum = weight.mul(new Scalar(0.0));
    for (FiniteElement g : subject.group().elements()) {
      Tensor left = Tensors.of(Dtype.FLOAT64, subject.out().at(g));
      sum = sum.add(left.matmul(weight).matmul(Tensors.of(Dtype.FLOAT64, subject.in().at(g)).t()));
    }
    return sum.div(new Scalar((double) subject.group().order()));
  }

  private static void statistics(
      DrawnSubject subject, ComputeDevice device, Comparison comparison) {
    Representation rho = subject.in();
    Tensor x = random(subject, 20, rho.size());
    UnaryOperator<Tensor> augmented =
        covariance -> overTheGroup(new DrawnSubject(0, subject.group(), rho, rho), covariance);
    Tensor projector = Tensors.of(Dtype.FLOAT64, mean(subject.group(), rho.size(), rho::at));
    Tensor mean = x.mean(0).matmul(projector);
    Tensor centred = x.sub(mean);
    Tensor expected = augmented.apply(centred.t().matmul(centred).div(new Scalar(20.0)));
    Covariance seen = Covariance.of(rho).plus(x.to(device.toTorch(), x.scalar_type()));
    comparison.close("mean", seen.mean(), mean, TOLERANCE);
    comparison.close("covariance", seen.covariance(), expected, TOLERANCE);
  }

  /** At the minimiser the gradient has no equivariant part. */
  private static void leastSquares(
      DrawnSubject subject, ComputeDevice device, Comparison comparison) {
    Tensor x = random(subject, 60, subject.in().size());
    Tensor y = random(subject, 60, subject.out().size());
    Tensor solution =
        EquivariantLeastSquares.between(subject.in(), subject.out())
            .plus(x.to(device.toTorch(), x.scalar_type()), y.to(device.toTorch(), y.scalar_type()))
            .solve()
            .cpu();
    comparison.close("equivariant", overTheGroup(subject, solution), solution, TOLERANCE);
    Tensor gradient = x.matmul(solution.t()).sub(y).t().matmul(x).div(new Scalar(60.0));
    double slope = overTheGroup(subject, gradient).abs().max().item().toDouble();
    comparison.atMost("gradient along equivariant maps", slope, TOLERANCE);
  }
}
