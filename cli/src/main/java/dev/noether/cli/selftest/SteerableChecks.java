package dev.noether.cli.selftest;

import dev.noether.algebra.Matrix;
import dev.noether.group.CompactGroup;
import dev.noether.group.Element;
import dev.noether.group.FiniteGroup;
import dev.noether.group.Group;
import dev.noether.group.Irrep;
import dev.noether.group.IrrepId;
import dev.noether.kernel.Field;
import dev.noether.kernel.KernelBasis;
import dev.noether.kernel.KernelElement;
import dev.noether.kernel.Points;
import dev.noether.kernel.Ring;
import dev.noether.kernel.Rings;
import dev.noether.kernel.SampledBasis;
import dev.noether.kernel.SampledBasisChange;
import dev.noether.kernel.Space;
import dev.noether.lie.FiniteEmbedding;
import dev.noether.rep.ClebschGordan;
import dev.noether.rep.Representation;
import dev.noether.torch.ComputeDevice;
import dev.noether.torch.Tensors;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import tools.jackson.databind.JsonNode;

/** Kernels of steerable convolutions, and the tables that the reference's are made with. */
final class SteerableChecks {
  private static final double BASIS = 2e-6;
  private static final double TABLES = 1e-5;

  private SteerableChecks() {}

  /** Every element where signs are fixed, up to a sign where that is free, and always the span. */
  static void basis(ReferenceCase reference, ComputeDevice device, Comparison comparison)
      throws IOException {
    JsonNode config = reference.part("config");
    Space space = space(reference.part("in_rep").path("gspace"));
    SampledBasis basis =
        SampledBasis.of(
            KernelBasis.of(
                space, field(reference, "in_rep"), field(reference, "out_rep"), rings(config)),
            Points.grid(
                space.dimension(),
                config.path("kernel_size").asInt(),
                config.path("dilation").asInt()));
    points(basis.points(), reference, comparison);
    comparison.equal("dimension", basis.dim(), reference.part("dimension").asInt());
    double[] expected = Tensors.toArray(reference.tensor("basis"));
    double[] actual = basis.dense();
    if (actual.length != expected.length) {
      return;
    }
    SampledBasisChange change = basis.changeFrom(expected);
    comparison.atMost("distance of the spans", change.residual(), BASIS);
    String determined = reference.part("comparison").asString();
    if (!determined.equals("span")) {
      elements(basis, reference, comparison);
      if (determined.equals("sign")) {
        alignSigns(actual, expected, actual.length / basis.dim());
      }
      comparison.close("basis", actual, expected, BASIS);
    }
  }

  private static void points(Points points, ReferenceCase reference, Comparison comparison)
      throws IOException {
    double[] all =
        IntStream.range(0, points.count())
            .boxed()
            .flatMapToDouble(p -> Arrays.stream(points.point(p)))
            .toArray();
    comparison.close("points", all, Tensors.toArray(reference.tensor("points")), BASIS);
  }

  /** The order of the elements: frequency, ring, irreps. */
  private static void elements(SampledBasis basis, ReferenceCase reference, Comparison comparison)
      throws IOException {
    List<KernelElement> elements = basis.basis().elements();
    int index = 0;
    for (JsonNode expected : reference.part("elements")) {
      KernelElement element = elements.get(index);
      String name = "element " + index++;
      comparison.equal(
          name + " frequency", element.frequency(), expected.path("frequency").asInt());
      comparison.equal(
          name + " radius",
          (float) element.ring().radius(),
          (float) expected.path("radius").asDouble());
      comparison.equal(
          name + " input", element.in(), id(basis.basis().in(), expected.path("in_irrep")));
      comparison.equal(
          name + " output", element.out(), id(basis.basis().out(), expected.path("out_irrep")));
    }
  }

  private static IrrepId id(Field field, JsonNode position) {
    return field.representation().irreps().get(position.asInt()).id();
  }

  /** Turns the elements that point the other way. */
  private static void alignSigns(double[] actual, double[] expected, int size) {
    for (int start = 0; start < actual.length; start += size) {
      double product = 0;
      for (int i = start; i < start + size; i++) {
        product += actual[i] * expected[i];
      }
      for (int i = start; i < start + size && product < 0; i++) {
        actual[i] = -actual[i];
      }
    }
  }

  static Space space(JsonNode spec) {
    int n = spec.path("N").asInt(0);
    double axis = spec.path("axis").asDouble(Math.PI / 2);
    return switch (spec.path("name").asString()) {
      case "rot2dOnR2" -> n < 0 ? Space.so2() : Space.cyclic(n);
      case "flipRot2dOnR2" -> n < 0 ? Space.o2(axis) : Space.dihedral(n, axis);
      case "flip2dOnR2" -> Space.flip(axis);
      case "trivialOnR2" -> Space.trivialPlane();
      case "trivialOnR3" -> Space.trivialSpace();
      case "rot3dOnR3" -> Space.so3();
      case "flipRot3dOnR3" -> Space.o3();
      case "octaOnR3" -> Space.octahedral();
      case "icoOnR3" -> Space.icosahedral();
      case "fullOctaOnR3" -> Space.fullOctahedral();
      case "fullIcoOnR3" -> Space.fullIcosahedral();
      default -> throw new IllegalArgumentException("unknown space " + spec);
    };
  }

  /** The first kind of field of a type. */
  private static Field field(ReferenceCase reference, String key) throws IOException {
    JsonNode type = reference.part(key);
    return field(space(type.path("gspace")), type.path("fields").path(0), reference);
  }

  static Field field(Space space, JsonNode spec, ReferenceCase reference) throws IOException {
    List<IrrepId> ids = new ArrayList<>();
    spec.path("irreps").forEach(id -> ids.add(ReferenceCase.id(id)));
    Representation sum =
        Representation.directSum(
            ids.stream().map(id -> Representation.irrep(space.group().irrep(id))).toList());
    JsonNode basis = spec.get("change_of_basis");
    Representation turned =
        basis == null
            ? sum
            : sum.changeBasis(ReferenceCase.matrix(reference.tensor(basis.asString())));
    return new Field(spec.path("name").asString(), turned);
  }

  static Rings rings(JsonNode config) {
    List<Ring> rings = new ArrayList<>();
    for (int i = 0; i < config.path("rings").size(); i++) {
      rings.add(
          new Ring(
              config.path("rings").path(i).asDouble(),
              config.path("sigma").path(i).asDouble(),
              (int) config.path("largest_frequency_on_ring").path(i).asDouble()));
    }
    return new Rings(rings);
  }

  /** The reference's tensors couple as they say, and span the copies that ours do. */
  static void clebschGordan(ReferenceCase reference, ComputeDevice device, Comparison comparison)
      throws IOException {
    String name = reference.part("group").asString();
    Optional<CompactGroup> compact = CompactGroup.named(name);
    Group group = compact.isPresent() ? compact.get() : FiniteGroup.named(name);
    for (JsonNode entry : reference.part("entries")) {
      Irrep m = group.irrep(ReferenceCase.id(entry.path("m")));
      Irrep n = group.irrep(ReferenceCase.id(entry.path("n")));
      Irrep j = group.irrep(ReferenceCase.id(entry.path("j")));
      Matrix ours = copies(ClebschGordan.of(m, n), j);
      double[] theirs = Tensors.toArray(reference.tensor(entry.path("tensor").asString()));
      String what = m + " x " + n + " to " + j;
      comparison.equal(what + " numbers", theirs.length, ours.rows() * ours.columns());
      if (theirs.length == ours.rows() * ours.columns()) {
        spans(what, Matrix.of(ours.rows(), ours.columns(), theirs), ours, comparison);
      }
    }
  }

  private static Matrix copies(ClebschGordan ours, Irrep j) {
    IntStream.Builder columns = IntStream.builder();
    int start = 0;
    for (Irrep irrep : ours.irreps()) {
      if (irrep.equals(j)) {
        IntStream.range(start, start + irrep.dimension()).forEach(columns::add);
      }
      start += irrep.dimension();
    }
    return ours.matrix().columns(columns.build().toArray());
  }

  /** Whether the columns of one matrix, up to a common scale, span those of an isometry. */
  private static void spans(String what, Matrix theirs, Matrix ours, Comparison comparison) {
    Matrix projected = ours.times(ours.transpose().times(theirs));
    comparison.close(what, projected.toArray(), theirs.toArray(), TABLES);
    Matrix gram = theirs.transpose().times(theirs);
    double scale = gram.trace() / gram.rows();
    comparison.close(
        what + " orthonormal",
        gram.scale(1 / scale).toArray(),
        Matrix.identity(gram.rows()).toArray(),
        TABLES);
  }

  /** The harmonics restrict to the irreps of the table, and ours to the same ones. */
  static void restriction(ReferenceCase reference, ComputeDevice device, Comparison comparison)
      throws IOException {
    FiniteGroup group = FiniteGroup.named(reference.part("group").asString());
    FiniteEmbedding embedding = FiniteEmbedding.standard(group, CompactGroup.O3);
    for (JsonNode entry : reference.part("entries")) {
      Irrep whole = CompactGroup.O3.irrep(ReferenceCase.id(entry.path("o3_irrep")));
      List<Irrep> irreps = new ArrayList<>();
      entry.path("irreps").forEach(id -> irreps.add(group.irrep(ReferenceCase.id(id))));
      String what = "degree " + entry.path("l").asInt();
      Representation theirs =
          Representation.directSum(irreps.stream().map(Representation::irrep).toList());
      comparison.equal(
          what,
          Representation.irrep(whole).restrict(embedding).multiplicities(),
          theirs.multiplicities());
      Matrix basis = ReferenceCase.matrix(reference.tensor(entry.path("tensor").asString()));
      for (int g : group.generators()) {
        Element image = embedding.images().get(g);
        Matrix expected = basis.times(theirs.at(group.element(g))).timesTranspose(basis);
        comparison.close(what, whole.at(image).toArray(), expected.toArray(), TABLES);
      }
    }
  }
}
