package dev.noether.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.noether.io.pickle.PtBytes;
import dev.noether.io.pickle.PtFile;
import dev.noether.nn.EquivariantSequential;
import dev.noether.nn.activation.PointwiseNonlinearity;
import dev.noether.nn.linear.EquivariantLinear;
import dev.noether.plain.Activation;
import dev.noether.rep.Representation;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is told of a file without reading its numbers. */
class FileContentsTest {
  @TempDir private Path folder = Path.of("");

  private static EquivariantSequential model() {
    Representation rho = Representation.parse("C3: 2 x regular");
    return EquivariantSequential.of(
        new EquivariantLinear(rho, rho), new PointwiseNonlinearity(rho, Activation.RELU));
  }

  @Test
  void aCheckpointTellsItsLayersAndRepresentations() throws IOException {
    Path path = folder.resolve("model");
    Checkpoint.save(model(), path);
    FileContents contents = FileContents.of(path);
    assertThat(contents.title()).isEqualTo("Noether checkpoint");
    FileContents.Part whole = contents.layers().get(0);
    assertThat(whole.type()).isEqualTo("EquivariantSequential");
    assertThat(whole.layers()).hasSize(2);
    FileContents.Part linear = whole.layers().get(0);
    assertThat(linear.type()).isEqualTo("EquivariantLinear");
    assertThat(linear.representations())
        .containsEntry("in", "C3: 2 x regular")
        .containsEntry("out", "C3: 2 x regular");
    assertThat(linear.settings()).containsEntry("bias", "true").containsEntry("dtype", "float32");
    assertThat(contents.tensors().get("0.weight_dof"))
        .isEqualTo(new TensorFile.Entry("float32", List.of(12L), 48));
  }

  @Test
  void aRepresentationThatNoTextNamesIsToldByItsIrreps() throws IOException {
    Path path = folder.resolve("model");
    SafeTensors.write(
        path,
        Map.of(),
        Map.of(
            "noether.architecture",
            "{\"type\":\"New\",\"representations\":{\"in\":[\"C3: trivial\","
                + "{\"group\":\"C3\",\"irreps\":[\"0\",\"1\"],\"basis\":\"b\"}]}}"));
    assertThat(FileContents.of(path).layers().get(0).representations())
        .containsEntry("in", "(C3: trivial + C3: irrep(0) + irrep(1) in the basis \"b\")");
    String nested = "{\"layers\":[".repeat(70) + "]}".repeat(70);
    SafeTensors.write(path, Map.of(), Map.of("noether.architecture", nested));
    assertThatThrownBy(() -> FileContents.of(path))
        .hasMessage(path + ": the architecture is nested more than 64 deep");
    SafeTensors.write(path, Map.of(), Map.of("noether.architecture", "{"));
    assertThatThrownBy(() -> FileContents.of(path))
        .isInstanceOf(DamagedFileException.class)
        .hasMessage(path + ": the architecture is no JSON: it ends too early");
  }

  @Test
  void filesOfTensorsTellWhatTheyAre() throws IOException {
    Path path = folder.resolve("weights");
    try (PointerScope scope = new PointerScope()) {
      SafeTensors.write(path, model().stateDict(), Map.of("made", "here"));
      FileContents safe = FileContents.of(path);
      assertThat(safe.format()).isEqualTo(TensorFormat.SAFETENSORS);
      assertThat(safe.texts()).containsExactly(Map.entry("made", "here"));
      PtFile.write(path, model().stateDict());
      FileContents pt = FileContents.of(path);
      assertThat(pt.format()).isEqualTo(TensorFormat.PYTORCH);
      assertThat(pt.tensors()).isEqualTo(safe.tensors());
    }
    Files.write(path, PtBytes.resource("checkpoint"));
    assertThat(FileContents.of(path).texts()).containsEntry("epoch", "3");
  }

  @Test
  void otherFilesAreRefused() throws IOException {
    Path path = folder.resolve("x");
    for (byte[] bytes : List.of(new byte[0], "Hello, world".getBytes(StandardCharsets.UTF_8))) {
      Files.write(path, bytes);
      assertThatThrownBy(() -> FileContents.of(path))
          .isInstanceOf(DamagedFileException.class)
          .hasMessage(path + " is no safetensors, PyTorch or ONNX file");
    }
  }
}
