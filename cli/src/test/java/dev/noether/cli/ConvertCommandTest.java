package dev.noether.cli;

import static dev.noether.cli.CommandLineTest.run;
import static org.assertj.core.api.Assertions.assertThat;

import dev.noether.cli.CommandLineTest.Outcome;
import dev.noether.hom.BasisExpansion;
import dev.noether.io.Checkpoint;
import dev.noether.io.SafeTensors;
import dev.noether.io.TensorFile;
import dev.noether.io.TensorFormat;
import dev.noether.io.pickle.PtFile;
import dev.noether.models.CondTransformerOptions;
import dev.noether.models.EquivariantCondTransformerRegressor;
import dev.noether.models.EquivariantConditionalUnet1d;
import dev.noether.models.UnetOptions;
import dev.noether.nn.Architecture;
import dev.noether.nn.EquivariantSequential;
import dev.noether.nn.Layer;
import dev.noether.nn.LayerRegistry;
import dev.noether.nn.linear.EquivariantLinear;
import dev.noether.nn.linear.MapOptions;
import dev.noether.nn.norm.EquivariantRmsNorm;
import dev.noether.rep.InvariantProjector;
import dev.noether.rep.Representation;
import dev.noether.torch.Dtype;
import dev.noether.torch.Tensors;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** {@code noether convert} between the formats and the bases. */
class ConvertCommandTest {
  @TempDir private Path folder = Path.of("");

  private final Representation rho = Representation.parse("D4: regular");

  private String file(String name) {
    return folder.resolve(name).toString();
  }

  private static void assertDone(Outcome outcome, String lines) {
    assertThat(outcome.err()).isEmpty();
    assertThat(outcome.status()).isZero();
    assertThat(outcome.out()).contains(lines).endsWith(" bytes\n");
  }

  private static void assertRefused(Outcome outcome, String message) {
    assertThat(outcome.err()).contains(message);
    assertThat(outcome.err().strip().lines()).hasSize(1);
    assertThat(outcome.status()).isEqualTo(2);
  }

  private static Map<String, Tensor> tensors(String file) throws IOException {
    try (TensorFile open = TensorFormat.open(Path.of(file))) {
      return open.tensors();
    }
  }

  private static void assertSame(Map<String, Tensor> one, Map<String, Tensor> two) {
    assertThat(one.keySet()).containsExactlyInAnyOrderElementsOf(two.keySet());
    one.forEach(
        (name, t) -> assertThat(t.equal(Objects.requireNonNull(two.get(name)))).as(name).isTrue());
  }

  @ParameterizedTest
  @EnumSource(Dtype.class)
  void weightsGoThroughEveryFormatAndComeBackBitForBit(Dtype dtype) throws IOException {
    try (PointerScope scope = new PointerScope()) {
      MapOptions options = MapOptions.defaults().with(dtype);
      Layer layer =
          EquivariantSequential.of(
              new EquivariantLinear(rho, rho.times(2), options),
              new EquivariantRmsNorm(rho.times(2), 1e-6, dtype));
      Checkpoint.save(layer, folder.resolve("a.safetensors"));
      assertDone(run("convert", file("a.safetensors"), file("b.pt")), "b.pt: ");
      assertDone(run("convert", file("b.pt"), file("c.safetensors")), "");
      assertDone(run("convert", file("c.safetensors"), file("d.pth")), "");
      assertDone(
          run("convert", file("d.pth"), file("e.safetensors"), "--like", file("a.safetensors")),
          "");
      assertDone(
          run("convert", file("e.safetensors"), file("f.pt"), "--like", file("a.safetensors")), "");
      for (String name : new String[] {"b.pt", "c.safetensors", "d.pth", "f.pt"}) {
        assertSame(tensors(file(name)), layer.stateDict());
      }
      Layer back = Checkpoint.load(folder.resolve("e.safetensors"));
      assertSame(back.stateDict(), layer.stateDict());
      assertThat(LayerRegistry.standard().describe(back))
          .isEqualTo(LayerRegistry.standard().describe(layer));
    }
  }

  @Test
  void anArchitectureInWordsNeedsNoMoreThanItsRepresentations() throws IOException {
    try (PointerScope scope = new PointerScope()) {
      EquivariantLinear layer =
          new EquivariantLinear(rho, rho, MapOptions.defaults().with(BasisExpansion.MEMORY_HEAVY));
      Map<String, Tensor> nested = new LinkedHashMap<>();
      layer.stateDict().forEach((name, tensor) -> nested.put("model.state." + name, tensor));
      PtFile.write(folder.resolve("a.pt"), nested);
      Files.writeString(
          folder.resolve("words.json"),
          "{\"type\": \"EquivariantLinear\", \"representations\": {\"in\": \"D4: regular\","
              + " \"out\": \"D4: regular\"}}");
      String[] command = {
        "convert", file("a.pt"), file("b.safetensors"), "--architecture", file("words.json")
      };
      assertRefused(run(command), "a.pt has no 'weight_dof', but it is there under [model.state]");
      assertThat(folder.resolve("b.safetensors")).doesNotExist();
      assertDone(
          run(command[0], command[1], command[2], command[3], command[4], "--part", "model.state"),
          "in Noether's bases now: weight_dof");
      EquivariantLinear back = (EquivariantLinear) Checkpoint.load(folder.resolve("b.safetensors"));
      assertThat(back.options().expansion()).isEqualTo(BasisExpansion.ISOTYPIC_EXPANSION);
      assertThat(back.weight().sub(layer.weight()).abs().max().item().toDouble()).isLessThan(1e-6);
    }
  }

  /** Weights tell which rule they were trained under, and the checkpoint records it. */
  @Test
  void defect18AndDefect20OldWeightsBringTheirRules() throws IOException {
    String in = "C3: regular";
    Representation regular = Representation.parse(in);
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      CondTransformerOptions sizes =
          CondTransformerOptions.horizons(2, 2).withLayers(1, 1).withEmbedding(6);
      Layer policy = new EquivariantCondTransformerRegressor(regular, regular, regular, sizes);
      Map<String, Tensor> old = new LinkedHashMap<>(policy.stateDict());
      old.put(
          "invariant_projector",
          Tensors.of(Dtype.FLOAT32, InvariantProjector.of(regular.times(2))));
      Architecture kept =
          converted(
              old,
              "{'type': 'EquivariantCondTransformerRegressor', 'representations': {'in': '%1$s',"
                  + " 'cond': '%1$s', 'out': '%1$s'}, 'settings': {'in_horizon': 2,"
                  + " 'cond_horizon': 2, 'num_layers': 1, 'num_attention_heads': 1,"
                  + " 'embedding_dim': 6}}",
              in);
      assertThat(kept.settings()).containsEntry("step_rule", "AVERAGED");

      UnetOptions levels = UnetOptions.equivariant(3).withStepDim(2);
      Layer unet = new EquivariantConditionalUnet1d(regular, regular, levels);
      Map<String, Tensor> signless = new LinkedHashMap<>(unet.stateDict());
      assertThat(signless.keySet().removeIf(name -> name.endsWith("signed_conditions"))).isTrue();
      Architecture signs =
          converted(
              signless,
              "{'type': 'EquivariantConditionalUnet1d', 'representations': {'in': '%1$s',"
                  + " 'global_cond': '%1$s'}, 'settings': {'down_dims': '[3]',"
                  + " 'diffusion_step_embed_dim': 2}}",
              in);
      assertThat(signs.settings()).containsEntry("signed_conditions", "false");
    }
  }

  /** What the checkpoint of a state dict and an architecture in words tells. */
  private Architecture converted(Map<String, Tensor> state, String words, String in)
      throws IOException {
    PtFile.write(folder.resolve("old.pt"), state);
    Files.writeString(folder.resolve("old.json"), words.formatted(in).replace('\'', '"'));
    Files.deleteIfExists(folder.resolve("new.safetensors"));
    assertDone(
        run("convert", file("old.pt"), file("new.safetensors"), "--architecture", file("old.json")),
        "");
    Layer layer = Checkpoint.load(folder.resolve("new.safetensors"));
    return LayerRegistry.standard().describe(layer).orElseThrow();
  }

  @Test
  void whatDoesNotFitIsRefusedBeforeAnythingIsWritten() throws IOException {
    try (PointerScope scope = new PointerScope()) {
      EquivariantLinear layer = new EquivariantLinear(rho, rho);
      Checkpoint.save(layer, folder.resolve("a.safetensors"));
      SafeTensors.write(folder.resolve("s.safetensors"), layer.stateDict(), Map.of());
      Checkpoint.save(
          new EquivariantLinear(Representation.parse("D4: 2 x irrep(1,1) + 4 x trivial"), rho),
          folder.resolve("other.safetensors"));
      Files.writeString(folder.resolve("no.json"), "{");
      Files.writeString(
          folder.resolve("flat.json"),
          "{\"type\": \"EquivariantLinear\", \"in\": \"D4: regular\"}");
      assertRefused(
          run("convert", file("s.safetensors"), file("b.pt"), "--architecture", file("flat.json")),
          "an architecture has the keys [type, representations, settings, layers,"
              + " parametrizations], got 'in'; how inputs and outputs transform stands under"
              + " 'representations', and all else that a layer is told under 'settings'");
      assertRefused(run("convert", file("a.safetensors"), file("a.txt")), ".pt, .pth or .safetens");
      assertRefused(run("convert", file("none.pt"), file("b.pt")), "none.pt");
      assertRefused(
          run("convert", file("a.safetensors"), file("b.pt"), "--part", "x"),
          "a.safetensors has no part 'x'; its tensors are weight_dof, ");
      assertRefused(
          run("convert", file("s.safetensors"), file("b.pt"), "--like", file("s.safetensors")),
          "the file holds tensors but no architecture");
      assertRefused(
          run("convert", file("s.safetensors"), file("b.pt"), "--architecture", file("no.json")),
          "the architecture is no JSON");
      assertRefused(
          run("convert", file("s.safetensors"), file("b.pt"), "--like", file("other.safetensors")),
          "is of a layer between other representations");
      Files.writeString(
          folder.resolve("few.json"),
          "{\"type\": \"EquivariantMultiheadAttention\","
              + " \"representations\": {\"in\": \"D4: regular\"}}");
      assertRefused(
          run("convert", file("s.safetensors"), file("b.pt"), "--architecture", file("few.json")),
          "EquivariantMultiheadAttention lacks the setting 'heads'");
      Files.writeString(folder.resolve("none.json"), "{\"layer\": \"EquivariantLinear\"}");
      assertRefused(
          run("convert", file("s.safetensors"), file("b.pt"), "--architecture", file("none.json")),
          "an architecture needs \"type\", the name of its layer, as EquivariantLinear");
      Files.writeString(
          folder.resolve("large.json"),
          "{\"type\": \"Linear\", \"settings\": {\"in_features\": \"2000000000\","
              + " \"out_features\": \"2000000000\"}}");
      assertRefused(
          run("convert", file("s.safetensors"), file("b.pt"), "--architecture", file("large.json")),
          "noether: this needs more memory than the machine or the GPU has: ask for less");
      assertRefused(
          run("convert", "a", "b.pt", "--like", "x", "--architecture", "y"), "mutually exclusive");
      assertThat(folder.resolve("b.pt")).doesNotExist();
    }
  }

  @Test
  void whatIsNotReadIsNamedAndLeftOutOnlyIfTheUserSaysSo() throws IOException {
    String header =
        "{\"four\":{\"dtype\":\"F4\",\"shape\":[4],\"data_offsets\":[0,2]},"
            + "\"part.plain\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[2,4]}}";
    ByteBuffer bytes = ByteBuffer.allocate(8 + header.length() + 4).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putLong(header.length()).put(header.getBytes(StandardCharsets.UTF_8));
    Files.write(folder.resolve("a.safetensors"), bytes.array());
    assertRefused(
        run("convert", file("a.safetensors"), file("b.pt")),
        "a.safetensors: 'four' has the dtype F4, which is not read; the other tensors are; "
            + "--skip-unreadable leaves out four");
    assertThat(folder.resolve("b.pt")).doesNotExist();
    Outcome skipped = run("convert", file("a.safetensors"), file("b.pt"), "--skip-unreadable");
    assertThat(skipped.status()).isZero();
    assertThat(skipped.err()).isEqualTo("left out: four\n");
    try (PointerScope scope = new PointerScope()) {
      assertThat(tensors(file("b.pt"))).containsOnlyKeys("part.plain");
      assertDone(run("convert", file("a.safetensors"), file("c.pt"), "--part", "part"), "c.pt: 1 ");
      assertThat(tensors(file("c.pt"))).containsOnlyKeys("plain");
    }
    assertThat(run("inspect", file("a.safetensors")).out())
        .contains("F4", "'four' has the dtype F4, which is not read");
  }

  @Test
  void aCheckpointBecomesAStateDictWithItsBases() throws IOException {
    try (PointerScope scope = new PointerScope()) {
      EquivariantLinear layer = new EquivariantLinear(rho, rho);
      Checkpoint.save(layer, folder.resolve("a.safetensors"));
      assertDone(run("convert", file("a.safetensors"), file("b.pt")), "b.pt: ");
      assertSame(tensors(file("b.pt")), layer.stateDict());
      assertThat(tensors(file("a.safetensors")).keySet()).isEqualTo(layer.trainedState().keySet());
    }
  }
}
