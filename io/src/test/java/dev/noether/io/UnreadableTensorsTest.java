package dev.noether.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.noether.io.bytes.NativeBytes;
import dev.noether.io.bytes.StoredType;
import dev.noether.io.pickle.PtBytes;
import dev.noether.io.pickle.PtFile;
import dev.noether.torch.Tensors;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A tensor of a kind that is not read is named, and never hides the others. */
class UnreadableTensorsTest {
  @TempDir private Path folder = Path.of("");

  /** Files that PyTorch and the package safetensors wrote. */
  private static Path file(String name) throws URISyntaxException {
    return Path.of(
        Objects.requireNonNull(UnreadableTensorsTest.class.getResource("kinds/" + name)).toURI());
  }

  private static double[] real(Tensor complex) {
    return Tensors.toArray(torch.view_as_real(complex));
  }

  @ParameterizedTest
  @ValueSource(strings = {"complex64.pt", "c64.safetensors"})
  void complexTensorsAreReadAndWritten(String name) throws IOException, URISyntaxException {
    try (PointerScope scope = new PointerScope();
        TensorFile file = TensorFormat.open(file(name))) {
      Tensor complex = file.tensor("freqs_cis");
      assertThat(Tensors.scalarType(complex)).isEqualTo(ScalarType.ComplexFloat);
      Map<String, Tensor> all = file.tensors();
      for (TensorFormat format : List.of(TensorFormat.SAFETENSORS, TensorFormat.PYTORCH)) {
        Path copy = folder.resolve("copy" + format.endings().get(0));
        format.write(copy, all, Map.of());
        try (TensorFile back = TensorFormat.open(copy)) {
          assertThat(back.names()).containsExactlyInAnyOrderElementsOf(file.names());
          assertThat(real(back.tensor("freqs_cis"))).isEqualTo(real(complex));
        }
      }
    }
  }

  @Test
  void complexNumbersKeepTheirValues() throws IOException, URISyntaxException {
    try (PointerScope scope = new PointerScope();
        TensorFile file = TensorFormat.open(file("complex64.pt"))) {
      assertThat(Tensors.toArray(file.tensor("proj.weight"))).containsExactly(1, 2, 3, 4);
      Tensor twice = file.tensor("freqs_cis").conj();
      PtFile.write(folder.resolve("conjugate.pt"), Map.of("c", twice));
      try (PtFile back = PtFile.open(folder.resolve("conjugate.pt"))) {
        assertThat(real(back.tensor("c"))).isEqualTo(real(twice.resolve_conj()));
      }
      Tensor wide = twice.to(ScalarType.ComplexDouble);
      PtFile.write(folder.resolve("wide.pt"), Map.of("c", wide));
      try (PtFile back = PtFile.open(folder.resolve("wide.pt"))) {
        assertThat(real(back.tensor("c"))).isEqualTo(real(wide.resolve_conj()));
      }
      assertThatThrownBy(() -> SafeTensors.write(folder.resolve("x"), Map.of("c", wide), Map.of()))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(
              "'c' is complex128, which safetensors lacks: write a file of PyTorch's, or the real "
                  + "view of it, torch.view_as_real");
      assertThat(folder.resolve("x")).doesNotExist();
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "quantized.pt | fc.weight | is quantized (qint8), which is not read; save its dequantize()",
        "sparse.pt | adj | is sparse, which is not read; save its to_dense() instead",
      })
  void whatIsNotReadIsNamedAndTheRestIsRead(String name, String tensor, String reason)
      throws IOException, URISyntaxException {
    Path path = file(name);
    try (PointerScope scope = new PointerScope();
        TensorFile file = TensorFormat.open(path)) {
      List<String> readable = new ArrayList<>();
      List<String> refused = new ArrayList<>();
      for (Map.Entry<String, TensorFile.Entry> e : file.entries().entrySet()) {
        (e.getValue().refusal().isEmpty() ? readable : refused).add(e.getKey());
      }
      assertThat(readable).isNotEmpty();
      for (String one : readable) {
        assertThat(file.tensor(one).numel()).isPositive();
      }
      assertThat(refused).contains(tensor);
      assertThatThrownBy(() -> file.tensor(tensor))
          .isInstanceOf(UnreadableTensorException.class)
          .hasMessageStartingWith(path + ": '" + tensor + "' " + reason);
      assertThatThrownBy(file::tensors).isInstanceOf(UnreadableTensorException.class);
    }
    assertThat(FileContents.of(path).tensors()).containsKey(tensor);
  }

  @Test
  void dtypesOfSafetensorsThatAreNotReadHideNothing() throws IOException {
    String header =
        "{\"four\":{\"dtype\":\"F4\",\"shape\":[4],\"data_offsets\":[0,2]},"
            + "\"eight\":{\"dtype\":\"F8_E4M3FNUZ\",\"shape\":[2],\"data_offsets\":[2,4]},"
            + "\"new\":{\"dtype\":\"X3\",\"shape\":[9],\"data_offsets\":[4,8]},"
            + "\"plain\":{\"dtype\":\"I32\",\"shape\":[1],\"data_offsets\":[8,12]}}";
    byte[] json = header.getBytes(StandardCharsets.UTF_8);
    byte[] bytes =
        PtBytes.bytes(PtBytes.little((long) json.length) + header + "\1".repeat(8) + "\5\0\0\0");
    try (PointerScope scope = new PointerScope();
        SafeTensors file = SafeTensors.of(bytes)) {
      assertThat(Tensors.toArray(file.tensor("plain"))).containsExactly(5);
      assertThat(Tensors.scalarType(file.tensor("eight"))).isEqualTo(ScalarType.Float8_e4m3fnuz);
      for (String name : List.of("four", "new")) {
        assertThatThrownBy(() -> file.tensor(name))
            .isInstanceOf(UnreadableTensorException.class)
            .hasMessageContaining("which is not read; the other tensors are");
      }
      assertThat(Objects.requireNonNull(file.entries().get("four")).dtype()).isEqualTo("F4");
    }
  }

  /** Kinds of tensors of the present and of the future, one of each beside one that is read. */
  @Test
  void oneTensorOfAnyKindHidesNoOther() throws IOException {
    Map<String, String> kinds = new LinkedHashMap<>();
    String one = PtBytes.tuple(2);
    String step = PtBytes.tuple(1);
    for (String dtype : List.of("float4_e2m1fn_x2", "int4", "bits8")) {
      kinds.put(
          dtype,
          PtBytes.call(
              "_rebuild_tensor_v3",
              PtBytes.storage("UntypedStorage", "0", 16),
              PtBytes.whole(0),
              one,
              step,
              "\u0089",
              "N",
              PtBytes.global("torch", dtype)));
    }
    kinds.put(
        "conjugate",
        PtBytes.call(
            "_rebuild_tensor_v2",
            PtBytes.storage("FloatStorage", "0", 4),
            PtBytes.whole(0),
            one,
            step,
            "\u0089",
            "N",
            "}" + PtBytes.text("conj") + "\u0088s"));
    kinds.put("nested", PtBytes.call("_rebuild_nested_tensor", "N", "N", "N", "N"));
    kinds.put("wrapped", PtBytes.call("_rebuild_wrapper_subclass", "N"));
    StringBuilder pickle = new StringBuilder("}(");
    kinds.forEach((name, value) -> pickle.append(PtBytes.text(name)).append(value));
    pickle
        .append(PtBytes.text("plain"))
        .append(PtBytes.tensor(0, PtBytes.tuple(3), PtBytes.tuple(1)))
        .append("u.");
    try (PointerScope scope = new PointerScope();
        PtFile file = PtFile.of(PtBytes.file(pickle.toString()))) {
      assertThat(file.tensor("plain").numel()).isEqualTo(3);
      assertThat(file.names()).containsAll(kinds.keySet());
      for (String name : kinds.keySet()) {
        assertThatThrownBy(() -> file.tensor(name))
            .isInstanceOf(UnreadableTensorException.class)
            .hasMessageMatching("'" + name + "' .*, which is not read.*|.*not read \\(.*");
      }
    }
  }

  @Test
  void aTensorLargerThanMemoryIsToldAsThat() throws IOException {
    Path path = folder.resolve("sparse.safetensors");
    long bytes = 1L << 60;
    String header =
        "{\"a\":{\"dtype\":\"U8\",\"shape\":[" + bytes + "],\"data_offsets\":[0," + bytes + "]}}";
    byte[] start = PtBytes.bytes(PtBytes.little((long) header.length()) + header);
    Files.write(path, start);
    assertThatThrownBy(() -> TensorFormat.open(path))
        .isInstanceOf(DamagedFileException.class)
        .hasMessageStartingWith(path + ": its tensors take");
    try (PointerScope scope = new PointerScope()) {
      assertThatThrownBy(() -> NativeBytes.empty("a", StoredType.U8, bytes))
          .isInstanceOf(UnreadableTensorException.class)
          .hasMessage("'a' takes 1152921504606846976 bytes, more memory than there is");
    }
  }

  @Test
  void aNumberRepeatedWithoutEndIsNotWritten() {
    try (PointerScope scope = new PointerScope()) {
      Tensor one = Tensors.of(new long[] {new Random(1).nextInt()}, 1);
      Tensor expanded = one.expand(1L << 40);
      for (TensorFormat format : List.of(TensorFormat.SAFETENSORS, TensorFormat.PYTORCH)) {
        Path path = folder.resolve("x" + format.endings().get(0));
        assertThatThrownBy(() -> format.write(path, Map.of("a", expanded), Map.of()))
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessageStartingWith("'a' repeats 1 numbers until they are 1099511627776");
        assertThat(path).doesNotExist();
      }
    }
  }
}
