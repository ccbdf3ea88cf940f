package dev.noether.io.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.noether.io.Checkpoint;
import dev.noether.io.DamagedFileException;
import dev.noether.io.FileContents;
import dev.noether.io.TensorFile;
import dev.noether.io.TensorFormat;
import dev.noether.nn.EquivariantSequential;
import dev.noether.nn.activation.PointwiseNonlinearity;
import dev.noether.nn.linear.EquivariantLinear;
import dev.noether.plain.Activation;
import dev.noether.rep.Representation;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is told of a graph without reading its numbers. */
class OnnxContentsTest {
  @TempDir private Path folder = Path.of("");

  private static EquivariantSequential model() {
    Representation rho = Representation.parse("C3: 2 x regular");
    return EquivariantSequential.of(
        new EquivariantLinear(rho, rho), new PointwiseNonlinearity(rho, Activation.RELU));
  }

  @Test
  void anOnnxFileTellsItsGraph() throws IOException {
    Path path = folder.resolve("model");
    OnnxFile.write(model(), path);
    FileContents contents = FileContents.of(path);
    assertThat(TensorFormat.of(path)).contains(TensorFormat.ONNX);
    assertThat(contents.title()).isEqualTo("ONNX");
    assertThat(contents.format()).isEqualTo(TensorFormat.ONNX);
    assertThat(contents.inputs())
        .containsExactly(new FileContents.Value("input", "float32", List.of("batch", "6")));
    assertThat(contents.outputs())
        .containsExactly(new FileContents.Value("output", "float32", List.of("batch", "6")));
    assertThat(contents.operators()).containsEntry("MatMul", 1).containsEntry("Relu", 1);
    assertThat(contents.texts()).containsEntry("opset", "17").containsEntry("producer", "noether");
    assertThat(contents.tensors().values())
        .contains(new TensorFile.Entry("float32", List.of(6L, 6L), 144));
  }

  @Test
  void aReadThatIsInterruptedTellsTheFileWhateverTheFormat() throws IOException {
    for (TensorFormat format : TensorFormat.values()) {
      Path path = folder.resolve("x" + format.endings().get(0));
      if (format == TensorFormat.ONNX) {
        OnnxFile.write(model(), path);
      } else {
        format.write(path, model().stateDict(), Map.of());
      }
      List<Callable<?>> readers = new ArrayList<>();
      readers.add(() -> FileContents.of(path));
      if (format != TensorFormat.ONNX) {
        readers.add(() -> Checkpoint.load(path));
      }
      for (Callable<?> reader : readers) {
        Thread.currentThread().interrupt();
        try {
          assertThatThrownBy(reader::call)
              .isInstanceOf(InterruptedIOException.class)
              .hasMessage(path + ": the thread was interrupted while it was read");
        } finally {
          assertThat(Thread.interrupted()).isTrue();
        }
      }
    }
  }

  @Test
  void damagedOnesAreRefused() throws IOException {
    Path path = folder.resolve("x");
    Files.write(path, new byte[] {8, 1});
    assertThatThrownBy(() -> FileContents.of(path))
        .hasMessage(path + ": an ONNX file holds a graph, this one does not");
    OnnxFile.write(model(), path);
    byte[] whole = Files.readAllBytes(path);
    Random random = new Random(3);
    for (int i = 0; i < 2_000; i++) {
      byte[] bytes = Arrays.copyOf(whole, random.nextInt(whole.length));
      if (random.nextBoolean()) {
        bytes = whole.clone();
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
      }
      Files.write(path, bytes);
      try {
        FileContents.of(path);
      } catch (DamagedFileException e) {
        assertThat(e.getMessage()).startsWith(path.toString());
      }
    }
  }
}
