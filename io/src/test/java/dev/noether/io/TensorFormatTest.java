package dev.noether.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.noether.torch.Tensors;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A format is known by what its files begin with and by how their names end. */
class TensorFormatTest {
  @TempDir private Path folder = Path.of("");

  private static final byte[] GRAPH = {8, 8};

  private static void write(TensorFormat format, Path path) throws IOException {
    format.write(path, Map.of("a", Tensors.of(new long[] {1, 2}, 2)), Map.of("said", "here"));
  }

  @ParameterizedTest
  @EnumSource(
      value = TensorFormat.class,
      names = {"SAFETENSORS", "PYTORCH"})
  void whatIsWrittenIsKnownByItsFirstBytesWhateverItIsCalled(TensorFormat format)
      throws IOException {
    Path path = folder.resolve("file");
    write(format, path);
    assertThat(TensorFormat.of(path)).contains(format);
    assertThat(FileContents.of(path).format()).isEqualTo(format);
    assertThat(FileContents.of(path).title()).isEqualTo(format.toString());
  }

  @ParameterizedTest
  @EnumSource
  void endingsAreNamedInTheError(TensorFormat format) {
    for (String ending : format.endings()) {
      Path path = Path.of("folder.x", "NAME" + ending.toUpperCase(Locale.ROOT));
      assertThat(TensorFormat.named(path, TensorFormat.values())).isEqualTo(format);
      assertThatThrownBy(() -> TensorFormat.named(Path.of("a.txt"), TensorFormat.PYTORCH, format))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining(ending)
          .hasMessageEndingWith(", got a.txt");
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = TensorFormat.class,
      names = {"SAFETENSORS", "PYTORCH"})
  void tensorsComeBack(TensorFormat format) throws IOException {
    Path path = folder.resolve("file");
    write(format, path);
    try (PointerScope scope = new PointerScope();
        TensorFile file = TensorFormat.open(path)) {
      Map<String, Tensor> tensors = file.tensors();
      assertThat(tensors).containsOnlyKeys("a");
      assertThat(Tensors.toArray(file.tensor("a"))).containsExactly(1, 2);
    }
  }

  @Test
  void aGraphHoldsNoTensorsByName() throws IOException {
    Path path = folder.resolve("model.onnx");
    Files.write(path, GRAPH);
    assertThat(TensorFormat.of(path)).contains(TensorFormat.ONNX);
    assertThatThrownBy(() -> TensorFormat.open(path))
        .isInstanceOf(DamagedFileException.class)
        .hasMessage(
            path
                + " is an ONNX file, which holds a graph: what is read is a state dict or a"
                + " checkpoint");
    assertThatThrownBy(() -> TensorFormat.ONNX.write(path, Map.of(), Map.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("an ONNX file is written from a layer, with OnnxFile, and not from tensors");
    Files.write(path, "nothing of the kind".getBytes(StandardCharsets.UTF_8));
    assertThat(TensorFormat.of(path)).isEmpty();
    assertThatThrownBy(() -> TensorFormat.open(path))
        .hasMessage(path + " is no safetensors or PyTorch file");
    assertThatThrownBy(() -> TensorFormat.open(folder))
        .hasMessage(folder + ": a folder, not a file");
  }

  @Test
  void whatReadsAGraphIsNamedWhereItIsMissing() throws IOException {
    Path path = folder.resolve("model.onnx");
    Files.write(path, GRAPH);
    Thread thread = Thread.currentThread();
    ClassLoader own = thread.getContextClassLoader();
    thread.setContextClassLoader(ClassLoader.getPlatformClassLoader());
    try {
      assertThatThrownBy(() -> FileContents.of(path))
          .isInstanceOf(IllegalStateException.class)
          .hasMessage(
              path
                  + " is an ONNX file, which is read with the artifact noether-onnx on the class"
                  + " path");
    } finally {
      thread.setContextClassLoader(own);
    }
  }
}
