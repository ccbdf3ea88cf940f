package dev.noether.cli;

import static dev.noether.algebra.Checks.requirePresent;

import dev.noether.group.CompactGroup;
import dev.noether.group.FiniteGroup;
import dev.noether.group.Group;
import dev.noether.group.Subgroup;
import dev.noether.io.Checkpoint;
import dev.noether.io.TensorFormat;
import dev.noether.kernel.Space;
import dev.noether.lie.FiniteEmbedding;
import dev.noether.nn.Layer;
import dev.noether.nn.symmetry.Restriction;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code noether restrict}. */
@Command(
    name = "restrict",
    description =
        "Writes a trained model as the same function over a subgroup, free to learn what the whole "
            + "group forbids.",
    footer = {
      "",
      "  noether restrict model.safetensors C2 free.safetensors",
      "  noether restrict model.safetensors '<3, 7>' free.safetensors"
    })
final class RestrictCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(index = "0", paramLabel = "MODEL", description = "a checkpoint of Noether's")
  private Path model = Path.of("");

  @Parameters(
      index = "1",
      paramLabel = "SUBGROUP",
      description =
          "its name, or the numbers of elements that generate it, as '<3, 7>'; noether group lists "
              + "both. For fields over the plane C4 is rotations, D4 has the model's axis")
  private String subgroup = "";

  @Parameters(index = "2", paramLabel = "OUT", description = "a file called *.safetensors")
  private Path target = Path.of("");

  @Mixin private final OutputFile output = new OutputFile();

  @Override
  public Integer call() throws IOException {
    TensorFormat.named(target, TensorFormat.SAFETENSORS);
    output.require(target, spec);
    try (PointerScope scope = new PointerScope()) {
      Layer layer = Checkpoint.load(model);
      Restriction restriction = restricted(layer);
      Checkpoint.save(restriction.layer(), target);
      Page page = Page.of(spec);
      page.printf(
          "%s: %,d free numbers over %s, %,d before%n",
          target,
          numbers(restriction.layer()),
          Restriction.groupOf(restriction.layer()).map(Group::toString).orElse(""),
          numbers(layer));
      restriction.kept().forEach((name, why) -> page.printf("as it was: '%s', %s%n", name, why));
      page.printf("%,d bytes%n", Files.size(target));
      page.flush();
    }
    return 0;
  }

  private Restriction restricted(Layer layer) {
    Optional<Space> space = Restriction.spaceOf(layer);
    if (space.isPresent()) {
      return Restriction.of(layer, space.get().with(FiniteGroup.named(subgroup)));
    }
    Group group =
        requirePresent(
            Restriction.groupOf(layer).orElse(null),
            "%s has no symmetry to restrict: no layer tells a group",
            layer);
    return group instanceof FiniteGroup finite
        ? Restriction.of(layer, subgroup(finite, subgroup))
        : Restriction.of(
            layer, FiniteEmbedding.standard(FiniteGroup.named(subgroup), (CompactGroup) group));
  }

  /** By its name, or by the numbers of elements that generate it. */
  static Subgroup subgroup(FiniteGroup group, String text) {
    String own = text.strip();
    if (!own.startsWith("<")) {
      return group.subgroup(own);
    }
    try {
      String numbers = own.substring(1, own.endsWith(">") ? own.length() - 1 : own.length());
      return group.subgroupGeneratedBy(
          Arrays.stream(numbers.split(",", -1))
              .mapToInt(n -> Integer.parseInt(n.strip()))
              .toArray());
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "a subgroup is called by its name, or by numbers of elements as <3, 7>, got '"
              + text
              + "'",
          e);
    }
  }

  private static long numbers(Layer layer) {
    return layer.namedParameters().values().stream().mapToLong(Tensor::numel).sum();
  }
}
