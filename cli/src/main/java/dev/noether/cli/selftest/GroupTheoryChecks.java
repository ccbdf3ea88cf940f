package dev.noether.cli.selftest;

import dev.noether.algebra.Matrix;
import dev.noether.group.FiniteElement;
import dev.noether.group.FiniteGroup;
import dev.noether.group.FiniteIrrep;
import dev.noether.hom.BasisExpansion;
import dev.noether.hom.GroupHomomorphismBasis;
import dev.noether.rep.HomSpace;
import dev.noether.rep.InvariantProjector;
import dev.noether.rep.IsotypicDecomposition;
import dev.noether.rep.Representation;
import dev.noether.torch.ComputeDevice;
import dev.noether.torch.Dtype;
import dev.noether.torch.Tensors;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import tools.jackson.databind.JsonNode;

/** Groups, isotypic decompositions and Hom spaces, in float64. */
final class GroupTheoryChecks {
  private static final double TOLERANCE = 1e-12;

  private GroupTheoryChecks() {}

  static void group(ReferenceCase reference, ComputeDevice device, Comparison comparison)
      throws IOException {
    FiniteGroup group = FiniteGroup.named(reference.part("group").asString());
    int n = reference.part("order").asInt();
    comparison.equal("order", group.order(), n);
    comparison.equal("identity", group.identity(), reference.part("identity").asInt());
    if (group.order() != n) {
      return;
    }
    double[] table =
        IntStream.range(0, n * n).mapToDouble(i -> group.multiply(i / n, i % n)).toArray();
    comparison.close("cayley", table, Tensors.toArray(reference.tensor("cayley")), 0);
    double[] inverses = IntStream.range(0, n).mapToDouble(group::inverse).toArray();
    comparison.close("inverse", inverses, Tensors.toArray(reference.tensor("inverse")), 0);
    JsonNode irreps = reference.part("irreps");
    comparison.equal("number of irreps", group.irreps().size(), irreps.size());
    for (JsonNode expected : irreps) {
      irrep(group.irrep(ReferenceCase.id(expected.path("id"))), expected, reference, comparison);
    }
    Representation regular = Representation.regular(group);
    List<String> order = new ArrayList<>();
    reference.part("regular_irreps").forEach(id -> order.add(ReferenceCase.id(id).toString()));
    comparison.equal(
        "irreps of the regular representation",
        regular.irreps().stream().map(irrep -> irrep.id().toString()).toList(),
        order);
    comparison.close(
        "Q of the regular representation",
        regular.changeOfBasis(),
        reference.tensor("regular.change_of_basis"),
        TOLERANCE);
  }

  private static void irrep(
      FiniteIrrep irrep, JsonNode expected, ReferenceCase reference, Comparison comparison)
      throws IOException {
    String name = irrep.toString();
    comparison.equal(name + " size", irrep.dimension(), expected.path("size").asInt());
    comparison.equal(name + " type", irrep.type().symbol(), expected.path("type").asString());
    comparison.equal(
        name + " endomorphism dimension",
        irrep.type().endomorphismDimension(),
        expected.path("endomorphism_dim").asInt());
    String prefix = "irrep." + expected.path("key").asString();
    comparison.close(
        name + " matrices",
        flatten(IntStream.range(0, irrep.group().order()).mapToObj(irrep::at).toList()),
        Tensors.toArray(reference.tensor(prefix + ".matrices")),
        TOLERANCE);
    comparison.close(
        name + " endomorphism basis",
        flatten(irrep.endomorphismBasis()),
        Tensors.toArray(reference.tensor(prefix + ".endomorphism_basis")),
        TOLERANCE);
  }

  private static double[] flatten(List<Matrix> matrices) {
    return matrices.stream().flatMapToDouble(m -> DoubleStream.of(m.toArray())).toArray();
  }

  static void isotypic(ReferenceCase reference, ComputeDevice device, Comparison comparison)
      throws IOException {
    Representation representation = reference.representation("rep");
    IsotypicDecomposition decomposition = IsotypicDecomposition.of(representation);
    List<String> expected = new ArrayList<>();
    reference
        .part("order")
        .forEach(
            block ->
                expected.add(
                    ReferenceCase.id(block.path("irrep"))
                        + " at "
                        + block.path("start").asInt()
                        + " to "
                        + block.path("stop").asInt()));
    comparison.equal(
        "blocks",
        decomposition.blocks().stream()
            .map(b -> b.irrep().id() + " at " + b.start() + " to " + (b.start() + b.dimension()))
            .toList(),
        expected);
    comparison.close(
        "invariant projector",
        InvariantProjector.of(representation),
        reference.tensor("invariant_projector"),
        TOLERANCE);
    Tensor matrices = reference.tensor("matrices_first_elements");
    List<FiniteElement> first =
        representation.finiteGroup().elements().subList(0, (int) Tensors.shape(matrices)[0]);
    comparison.close(
        "rho",
        flatten(first.stream().map(representation::at).toList()),
        Tensors.toArray(matrices),
        TOLERANCE);
    changeOfBasis(decomposition, first, reference, comparison);
    comparison.close(
        "norms of the isotypic parts",
        norms(decomposition, ReferenceCase.matrix(reference.tensor("input.x"))),
        Tensors.toArray(reference.tensor("isotypic.subspace_norms")),
        TOLERANCE);
  }

  /**
   * Q must make the reference's matrices block diagonal. It must be the reference's Q too, but for
   * a single type of irrep, which loses its rotated basis there.
   */
  private static void changeOfBasis(
      IsotypicDecomposition decomposition,
      List<FiniteElement> elements,
      ReferenceCase reference,
      Comparison comparison)
      throws IOException {
    double[] rho = Tensors.toArray(reference.tensor("matrices_first_elements"));
    Matrix q = decomposition.changeOfBasis();
    comparison.close("Q blockdiag Q^T", rebuilt(decomposition, q, elements), rho, TOLERANCE);
    if (decomposition.blocks().size() > 1) {
      comparison.close("Q", q, reference.tensor("isotypic.change_of_basis"), TOLERANCE);
    }
  }

  private static double[] rebuilt(
      IsotypicDecomposition decomposition, Matrix q, List<FiniteElement> elements) {
    List<Matrix> matrices = new ArrayList<>();
    for (FiniteElement element : elements) {
      List<Matrix> blocks =
          decomposition.blocks().stream()
              .flatMap(
                  block ->
                      Collections.nCopies(block.multiplicity(), block.irrep().at(element)).stream())
              .toList();
      matrices.add(q.times(Matrix.blockDiagonal(blocks)).timesTranspose(q));
    }
    return flatten(matrices);
  }

  private static double[] norms(IsotypicDecomposition decomposition, Matrix samples) {
    Matrix spectrum = samples.times(decomposition.changeOfBasis());
    List<IsotypicDecomposition.Block> blocks = decomposition.blocks();
    double[] norms = new double[samples.rows() * blocks.size()];
    for (int row = 0; row < samples.rows(); row++) {
      for (int k = 0; k < blocks.size(); k++) {
        double sum = 0;
        int start = blocks.get(k).start();
        for (int i = start; i < start + blocks.get(k).dimension(); i++) {
          sum += spectrum.get(row, i) * spectrum.get(row, i);
        }
        norms[row * blocks.size() + k] = Math.sqrt(sum);
      }
    }
    return norms;
  }

  static void hom(ReferenceCase reference, ComputeDevice device, Comparison comparison)
      throws IOException {
    Representation in = reference.representation("in_rep");
    Representation out = reference.representation("out_rep");
    HomSpace space = HomSpace.between(in, out);
    comparison.equal("dim", space.dim(), reference.part("dim").asInt());
    List<String> expected = new ArrayList<>();
    reference
        .part("blocks")
        .forEach(
            block ->
                expected.add(
                    ReferenceCase.id(block.path("irrep"))
                        + ": "
                        + block.path("multiplicity_in").asInt()
                        + " to "
                        + block.path("multiplicity_out").asInt()
                        + ", dim "
                        + block.path("dim").asInt()));
    comparison.equal(
        "blocks",
        space.blocks().stream()
            .map(
                b ->
                    b.irrep().id()
                        + ": "
                        + b.in().multiplicity()
                        + " to "
                        + b.out().multiplicity()
                        + ", dim "
                        + b.dim())
            .toList(),
        expected);
    for (BasisExpansion expansion : BasisExpansion.values()) {
      GroupHomomorphismBasis basis = GroupHomomorphismBasis.of(in, out, expansion, Dtype.FLOAT64);
      comparison.close(
          "projection by " + expansion,
          basis.project(reference.tensor("input.weight")),
          reference.tensor("output.projection"),
          TOLERANCE);
    }
  }
}
