package dev.noether.cli;

import static dev.noether.cli.CommandLineTest.run;
import static org.assertj.core.api.Assertions.assertThat;

import dev.noether.io.Checkpoint;
import dev.noether.io.pickle.PtFile;
import dev.noether.nn.linear.EquivariantLinear;
import dev.noether.rep.Representation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The page of a file, for every format. */
class InspectCommandTest {
  @TempDir private Path folder = Path.of("");
  private String model = "";

  @BeforeEach
  void save() throws IOException {
    model = folder.resolve("model.safetensors").toString();
    Representation rho = Representation.parse("C3: regular");
    Checkpoint.save(new EquivariantLinear(rho, rho), Path.of(model));
  }

  private String exported(String name) {
    String path = folder.resolve(name).toString();
    assertThat(run("export", model, path).status()).isZero();
    return path;
  }

  @Test
  void aCheckpointShowsItsLayerAndTensors() {
    assertThat(run("inspect", model).out())
        .contains(
            "Noether checkpoint, ",
            "EquivariantLinear",
            "    in: C3: regular",
            "bias true",
            "noether.format: 2",
            "weight_dof",
            "float32",
            "in all")
        .doesNotContain("noether.architecture");
  }

  @Test
  void plainWeightsOfPyTorchAreListed() throws IOException {
    String path = exported("plain.pt");
    try (PtFile file = PtFile.open(Path.of(path))) {
      assertThat(file.names()).containsExactly("weight", "bias");
    }
    assertThat(run("inspect", path).out())
        .contains("PyTorch, ")
        .containsPattern("weight +float32 +\\[3, 3\\] +36")
        .containsPattern("2 in all +48")
        .doesNotContain("Texts", "Layers", "Inputs");
  }

  @Test
  void anOnnxModelShowsItsGraph() {
    assertThat(run("inspect", exported("plain.onnx")).out())
        .contains("ONNX, ", "Inputs", "[batch, 3]", "Operators", "MatMul", "opset: 17");
  }

  @Test
  void jsonHoldsEverything() {
    JsonNode json = new JsonMapper().readTree(run("inspect", model, "--json").out());
    assertThat(json.propertyNames())
        .containsExactly(
            "file",
            "format",
            "bytes",
            "layers",
            "inputs",
            "outputs",
            "operators",
            "texts",
            "tensors");
    assertThat(json.path("layers").get(0).path("representations").path("in").asString())
        .isEqualTo("C3: regular");
    JsonNode tensor = json.path("tensors").get(0);
    assertThat(tensor.propertyNames())
        .containsExactly("name", "dtype", "shape", "bytes", "refusal");
  }

  @Test
  void aFileThatIsMissingOrDamagedIsOneLineAndStatusTwo() throws IOException {
    Path other = folder.resolve("other");
    assertThat(run("inspect", other.toString()).err())
        .isEqualToIgnoringNewLines("noether: " + other + ": no such file or folder");
    Files.writeString(other, "Hello, world");
    CommandLineTest.Outcome outcome = run("inspect", other.toString());
    assertThat(outcome.status()).isEqualTo(2);
    assertThat(outcome.err())
        .isEqualToIgnoringNewLines(
            "noether: " + other + " is no safetensors, PyTorch or ONNX file");
    Files.write(other, new byte[] {'P', 'K', 3, 4, 0});
    assertThat(run("inspect", other.toString()).err())
        .startsWith("noether: " + other + ": its zip directory is damaged");
  }
}
