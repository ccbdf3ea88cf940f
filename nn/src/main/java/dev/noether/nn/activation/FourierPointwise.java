package dev.noether.nn.activation;

import static dev.noether.algebra.Checks.require;

import dev.noether.algebra.Matrix;
import dev.noether.algebra.SymmetricEigen;
import dev.noether.group.CompactGroup;
import dev.noether.group.Irrep;
import dev.noether.group.Subgroup;
import dev.noether.kernel.Field;
import dev.noether.kernel.FieldType;
import dev.noether.kernel.Space;
import dev.noether.nn.BasisUse;
import dev.noether.nn.EquivariantLayer;
import dev.noether.nn.LayerType;
import dev.noether.plain.Activation;
import dev.noether.plain.Axes;
import dev.noether.plain.PlainGraph;
import dev.noether.plain.PlainLayer;
import dev.noether.rep.Representation;
import dev.noether.torch.Dtype;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;

/**
 * A pointwise function of fields over the plane or space that are Fourier coefficients: of
 * functions on the group, as escnn's {@code FourierPointwise}, or on the cosets of a subgroup or on
 * the sphere, as its {@code QuotientFourierPointwise}.
 *
 * <p>Reads the values at samples g of the group, A x with a row (rho(g) kappa)^T for each, applies
 * the function, and fits coefficients again by least squares, with 1e-8 on the diagonal; kappa
 * holds the coefficients of the delta function at the identity, of length 1. Exact where a finite
 * group's samples are all of its elements. On a compact group it is as good as the samples are
 * dense: SO(2) up to frequency 3 under a ReLU is off by 0.32 with 8 samples, 0.009 with 32.
 *
 * <p>Names in the state dict: {@code A}, {@code Ainv}. Compare {@link FourierNonlinearity}, which
 * holds any representation of a finite group, exactly.
 */
public final class FourierPointwise extends EquivariantLayer implements PlainLayer {
  /** How an architecture describes it. */
  public static final LayerType<FourierPointwise> TYPE =
      LayerType.of(FourierPointwise.class, layer -> List.of(new BasisUse.Unstored()))
          .fields("in", layer -> layer.type)
          .setting("activation", layer -> layer.activation)
          .setting("samples", layer -> layer.samples.numbers())
          .setting("weights", layer -> layer.samples.weights().toString())
          .setting("kernel", layer -> Arrays.toString(layer.kernel))
          .builds(
              s ->
                  new FourierPointwise(
                      s.fields("in"),
                      numbers(s.numbers("kernel")),
                      SamplePoints.read(
                          s.fields("in").space().group(),
                          s.numbers("samples"),
                          s.numbers("weights")),
                      s.constant(Activation.class, "activation"),
                      s.dtype()));

  private static final double DIAGONAL = 1e-8;

  /** Below this share of the largest eigenvalue the samples do not tell the coefficients apart. */
  private static final double SINGULAR = 1e-6;

  /** What is left of a column of a projection is either roundings or a direction of its own. */
  private static final double INVARIANT = 1e-6;

  private final FieldType type;
  private final double[] kernel;
  private final SamplePoints samples;
  private final Activation activation;
  private final Tensor values;
  private final Tensor coefficients;

  private FourierPointwise(
      FieldType type, double[] kernel, SamplePoints samples, Activation activation, Dtype dtype) {
    super(type, type);
    this.type = type;
    this.kernel = kernel.clone();
    this.samples = samples;
    this.activation = activation;
    Matrix sampling = sampling(type.fields().get(0).representation());
    Matrix weighted = weighted(sampling).transpose();
    Matrix gram = weighted.times(sampling);
    requireEnough(gram);
    Matrix regular = gram.plus(Matrix.identity(gram.rows()).scale(DIAGONAL));
    Matrix fit = regular.inverse().orElseThrow().times(weighted);
    values = registerFixed("A", dtype, sampling);
    coefficients = registerFixed("Ainv", dtype, fit);
  }

  /**
   * Functions on the group, up to some frequencies: every irrep as often as its dimension over the
   * dimension of its endomorphisms.
   *
   * @param space where the fields live
   * @param channels how many functions at a point, at least 1
   * @param irreps which irreps, each once
   * @param samples elements of the group, as {@link SamplePoints#turns} and {@link
   *     SamplePoints#all} give them
   * @param activation the function
   * @param dtype the dtype of the layer
   * @return the layer
   * @throws IllegalArgumentException if there is no irrep, or the samples are too few for the
   *     frequencies
   */
  public static FourierPointwise onGroup(
      Space space,
      int channels,
      List<? extends Irrep> irreps,
      SamplePoints samples,
      Activation activation,
      Dtype dtype) {
    require(!irreps.isEmpty(), "functions on %s need at least one irrep", space.group());
    List<Representation> parts = new ArrayList<>();
    List<Double> delta = new ArrayList<>();
    for (Irrep irrep : irreps) {
      int d = irrep.dimension();
      int copies = d / irrep.type().endomorphismDimension();
      parts.add(Representation.irrep(irrep).times(copies));
      for (int place = 0; place < copies * d; place++) {
        delta.add(place / d == place % d ? Math.sqrt(d) : 0.0);
      }
    }
    String name = name("regular", irreps);
    return of(space, channels, name, parts, delta, samples, activation, dtype);
  }

  /**
   * Functions on the cosets G/H of a subgroup, such as those of the quarter turns under D4: exact,
   * where the irreps are all that have vectors which H leaves alone.
   *
   * @param space where the fields live
   * @param channels how many functions at a point, at least 1
   * @param subgroup H
   * @param irreps which irreps, each once; each as often as it occurs among the functions on G/H
   * @param samples elements that move the coset of the identity to those where functions are
   *     sampled; {@link SamplePoints#cosets} for all of them
   * @param activation the function
   * @param dtype the dtype of the layer
   * @return the layer
   * @throws IllegalArgumentException if the subgroup is of another group, there is no irrep, or an
   *     irrep has no vector that H leaves alone
   */
  public static FourierPointwise onCosets(
      Space space,
      int channels,
      Subgroup subgroup,
      List<? extends Irrep> irreps,
      SamplePoints samples,
      Activation activation,
      Dtype dtype) {
    require(
        subgroup.group().equals(space.group()),
        "the cosets must be of %s, got a subgroup of %s",
        space.group(),
        subgroup.group());
    require(!irreps.isEmpty(), "functions on %s need at least one irrep", space.group());
    List<Representation> parts = new ArrayList<>();
    List<Double> delta = new ArrayList<>();
    for (Irrep irrep : irreps) {
      List<double[]> vectors = invariants(irrep, subgroup);
      require(
          !vectors.isEmpty(),
          "the irrep %s has no vector that %s leaves alone, so no function on the cosets: leave it"
              + " out",
          irrep,
          subgroup);
      parts.add(Representation.irrep(irrep).times(vectors.size()));
      vectors.forEach(vector -> Arrays.stream(vector).forEach(delta::add));
    }
    String name = name("quotient[" + subgroup + "]", irreps);
    return of(space, channels, name, parts, delta, samples, activation, dtype);
  }

  /** A basis of what a subgroup leaves alone, over the endomorphisms of the irrep. */
  private static List<double[]> invariants(Irrep irrep, Subgroup subgroup) {
    int d = irrep.dimension();
    Matrix mean =
        subgroup.elements().stream()
            .map(h -> irrep.at(subgroup.group().element(h)))
            .reduce(Matrix.of(d, d, new double[d * d]), Matrix::plus)
            .scale(1.0 / subgroup.order());
    List<double[]> found = new ArrayList<>();
    List<double[]> spanned = new ArrayList<>();
    for (int i = 0; i < d; i++) {
      double[] vector = mean.columns(i).toArray();
      for (double[] other : spanned) {
        double product = dot(vector, other);
        for (int k = 0; k < d; k++) {
          vector[k] -= product * other[k];
        }
      }
      double length = Math.sqrt(dot(vector, vector));
      if (length > INVARIANT) {
        Matrix unit = Matrix.of(d, 1, vector).scale(1 / length);
        found.add(unit.toArray());
        irrep.endomorphismBasis().forEach(turn -> spanned.add(turn.times(unit).toArray()));
      }
    }
    return found;
  }

  private static double dot(double[] a, double[] b) {
    return IntStream.range(0, a.length).mapToDouble(k -> a[k] * b[k]).sum();
  }

  /**
   * Functions on the sphere, up to some degrees.
   *
   * @param space space with SO(3) or O(3)
   * @param channels how many functions at a point, at least 1
   * @param degrees the degrees l, each once
   * @param samples rotations, which turn the z axis to the places where functions are sampled, as
   *     those of {@link dev.noether.lie.Quadrature#sphere}
   * @param activation the function
   * @param dtype the dtype of the layer
   * @return the layer
   * @throws IllegalArgumentException if another group acts, there is no degree, or the samples are
   *     too few for the degrees
   */
  public static FourierPointwise onSphere(
      Space space,
      int channels,
      List<Integer> degrees,
      SamplePoints samples,
      Activation activation,
      Dtype dtype) {
    require(
        space.group() instanceof CompactGroup group && group.spaceDimension() == 3,
        "the sphere needs SO(3) or O(3), got %s",
        space);
    CompactGroup whole = (CompactGroup) space.group();
    require(!degrees.isEmpty(), "functions on the sphere need at least one degree");
    List<Irrep> irreps = new ArrayList<>();
    List<Double> delta = new ArrayList<>();
    for (int degree : degrees) {
      irreps.add(
          whole.hasImproperElements() ? whole.irrep(degree % 2, degree) : whole.irrep(degree));
      // The harmonics at the z axis: that of m = 0 alone.
      for (int m = -degree; m <= degree; m++) {
        delta.add(m == 0 ? 1.0 : 0.0);
      }
    }
    List<Representation> parts = irreps.stream().map(Representation::irrep).toList();
    String name = name("sphere", irreps);
    return of(space, channels, name, parts, delta, samples, activation, dtype);
  }

  private static FourierPointwise of(
      Space space,
      int channels,
      String name,
      List<Representation> parts,
      List<Double> delta,
      SamplePoints samples,
      Activation activation,
      Dtype dtype) {
    Field field = new Field(name, Representation.directSum(parts));
    double length = Math.sqrt(delta.stream().mapToDouble(x -> x * x).sum());
    double[] kernel = delta.stream().mapToDouble(x -> x / length).toArray();
    return new FourierPointwise(space.type(field, channels), kernel, samples, activation, dtype);
  }

  private static String name(String what, List<? extends Irrep> irreps) {
    return irreps.stream()
        .map(irrep -> irrep.id().toTuple())
        .collect(Collectors.joining("|", what + "_[", "]"));
  }

  private static double[] numbers(List<Double> list) {
    return list.stream().mapToDouble(x -> x).toArray();
  }

  /** Each row times its weight, of mean 1. */
  private Matrix weighted(Matrix sampling) {
    double mean = samples.weights().stream().mapToDouble(w -> w).average().orElseThrow();
    double[] entries = sampling.toArray();
    for (int i = 0; i < entries.length; i++) {
      entries[i] *= samples.weights().get(i / sampling.columns()) / mean;
    }
    return Matrix.of(sampling.rows(), sampling.columns(), entries);
  }

  /** A row (rho(g) kappa)^T for every sample. */
  private Matrix sampling(Representation rho) {
    require(
        !samples.points().isEmpty(),
        "a pointwise function needs at least one sample of %s",
        in().group());
    Matrix delta = Matrix.of(kernel.length, 1, kernel);
    double[] rows = new double[samples.points().size() * kernel.length];
    for (int i = 0; i < samples.points().size(); i++) {
      double[] row = rho.at(samples.points().get(i)).times(delta).toArray();
      System.arraycopy(row, 0, rows, i * kernel.length, kernel.length);
    }
    return Matrix.of(samples.points().size(), kernel.length, rows);
  }

  private void requireEnough(Matrix gram) {
    SymmetricEigen eigen = SymmetricEigen.of(gram.rows(), gram.toArray());
    double smallest = IntStream.range(0, gram.rows()).mapToDouble(eigen::value).min().orElse(0);
    double largest = IntStream.range(0, gram.rows()).mapToDouble(eigen::value).max().orElse(0);
    require(
        smallest > SINGULAR * largest,
        "%d samples do not tell the %d coefficients of %s apart: take more samples, or lower"
            + " frequencies",
        samples.points().size(),
        gram.rows(),
        type.fields().get(0));
  }

  @Override
  protected Tensor compute(Tensor input) {
    int axis = -1 - type.space().dimension();
    Tensor last = input.unflatten(axis, type.fields().size(), kernel.length).movedim(axis, -1);
    Tensor result = activation.apply(last.matmul(values.t())).matmul(coefficients.t());
    return result.movedim(-1, axis).flatten(axis - 1, axis);
  }

  @Override
  public <V> V plain(PlainGraph<V> graph, V x) {
    V last = axes().to(Axes.FEATURES, graph, x);
    V fields = graph.split(last, type.fields().size(), kernel.length);
    V sampled = graph.matmul(fields, graph.constant("A", values.t()));
    V fitted =
        graph.matmul(graph.apply(activation, sampled), graph.constant("Ainv", coefficients.t()));
    return Axes.FEATURES.to(axes(), graph, graph.join(fitted, 2, type.size()));
  }

  @Override
  public String toString() {
    return "FourierPointwise("
        + activation
        + ", "
        + samples.points().size()
        + " samples, "
        + type
        + ")";
  }
}
