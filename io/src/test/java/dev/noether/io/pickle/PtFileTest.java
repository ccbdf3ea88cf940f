package dev.noether.io.pickle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.noether.io.DamagedFileException;
import dev.noether.io.FileContents;
import dev.noether.io.SafeTensors;
import dev.noether.io.TensorFile;
import dev.noether.io.TensorFormat;
import dev.noether.io.bytes.StoredType;
import dev.noether.torch.Tensors;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;
import java.util.zip.ZipEntry;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipFile;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Files that PyTorch wrote ({@code tools/make_pt_files.py}), and files for it. */
class PtFileTest {
  @TempDir private Path folder = Path.of("");

  private static double[] values(PtFile file, String name) throws IOException {
    try (PointerScope scope = new PointerScope()) {
      return Tensors.toArray(file.tensor(name));
    }
  }

  private static double[] numbers(Tensor tensor) {
    return Tensors.toArray(tensor.is_complex() ? torch.view_as_real(tensor) : tensor);
  }

  private static TensorFile.Entry entry(PtFile file, String name) {
    return Objects.requireNonNull(file.entries().get(name));
  }

  private static double[] range(int start, int count) {
    return IntStream.range(start, start + count).mapToDouble(i -> i / 8.0).toArray();
  }

  @ParameterizedTest
  @ValueSource(strings = {"model", "protocol3", "protocol4", "protocol5"})
  void aStateDictIsReadInEveryProtocol(String name) throws IOException {
    try (PtFile file = PtFile.of(PtBytes.resource(name))) {
      Map<String, List<Long>> shapes = new LinkedHashMap<>();
      file.entries().forEach((key, entry) -> shapes.put(key, entry.shape()));
      assertThat(shapes.toString())
          .isEqualTo(
              "{0.weight=[4, 3], 0.bias=[4], 1.weight=[4], 1.bias=[4], 1.running_mean=[4], "
                  + "1.running_var=[4], 1.num_batches_tracked=[]}");
      assertThat(values(file, "0.weight")).isEqualTo(range(0, 12));
      assertThat(values(file, "1.running_var")).isEqualTo(range(28, 4));
      assertThat(values(file, "1.num_batches_tracked")).containsExactly(4);
      assertThat(file.metadata()).isEmpty();
      assertThatThrownBy(() -> file.tensor("x")).hasMessageStartingWith("no tensor 'x'; there are");
    }
  }

  @Test
  void everyDtypeIsRead() throws IOException {
    try (PtFile file = PtFile.of(PtBytes.resource("dtypes"))) {
      assertThat(file.names())
          .containsExactly(
              "float64",
              "float32",
              "float16",
              "bfloat16",
              "int64",
              "int32",
              "int16",
              "int8",
              "uint8",
              "bool");
      for (String name : file.names()) {
        assertThat(entry(file, name).dtype()).isEqualTo(name);
        double[] expected =
            name.equals("bool") ? new double[] {0, 1, 1, 1} : new double[] {0, 1, 2, 3};
        assertThat(values(file, name)).as(name).isEqualTo(expected);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"views", "deflated"})
  void everyViewOfAStorageIsRead(String name) throws IOException {
    try (PtFile file = PtFile.of(PtBytes.resource(name))) {
      for (int round = 0; round < 2; round++) {
        assertThat(values(file, "whole")).isEqualTo(at(24, i -> i));
        assertThat(values(file, "transposed")).isEqualTo(at(24, i -> i % 4 * 6 + i / 4));
        assertThat(values(file, "column")).containsExactly(2, 8, 14, 20);
        assertThat(values(file, "block")).containsExactly(8, 9, 10, 14, 15, 16);
        assertThat(values(file, "steps")).containsExactly(0, 3, 12, 15);
        assertThat(values(file, "expanded")).isEqualTo(at(6, i -> 23));
        assertThat(values(file, "repeated_rows")).isEqualTo(at(18, i -> 6 + i % 6));
        assertThat(values(file, "scalar")).containsExactly(1);
        assertThat(entry(file, "scalar").shape()).isEmpty();
        assertThat(entry(file, "empty").shape()).containsExactly(0L, 6L);
        assertThat(values(file, "empty_middle")).isEmpty();
        assertThat(values(file, "windows")).isEqualTo(at(44, i -> i / 4 * 2 + i % 4));
      }
    }
  }

  private static double[] at(int count, IntUnaryOperator value) {
    return IntStream.range(0, count).mapToDouble(value::applyAsInt).toArray();
  }

  @Test
  void aNestedCheckpointHasDottedNamesAndTexts() throws IOException {
    try (PtFile file = PtFile.of(PtBytes.resource("checkpoint"))) {
      assertThat(file.names())
          .contains(
              "model.0.weight", "optimizer.state.0.exp_avg", "history.0", "history.1", "tagged");
      assertThat(values(file, "model.0.weight")).isEqualTo(range(0, 12));
      assertThat(values(file, "history.1")).containsExactly(2);
      assertThat(values(file, "tagged")).containsExactly(5, 6);
      assertThat(values(file, "optimizer.state.3.step")).containsExactly(1);
      assertThat(file.metadata())
          .containsEntry("epoch", "3")
          .containsEntry("best", "0.25")
          .containsEntry("name", "run 7")
          .containsEntry("done", "false")
          .containsEntry("nothing", "None")
          .containsEntry("large", "1267650600228229401496703205376")
          .containsEntry("shape", "[2, 3]")
          .containsEntry("dtype", "torch.float32")
          .containsEntry("device", "cpu")
          .containsEntry("bytes", "4 bytes")
          .containsEntry("set", "[4]")
          .containsEntry("counts.30", "1")
          .containsEntry("optimizer.param_groups.0.lr", "0.125")
          .containsEntry("optimizer.param_groups.0.betas", "[0.9, 0.999]");
      PtFile model = file.select("model");
      assertThat(model.names()).contains("0.weight", "1.running_var").hasSize(7);
      assertThat(values(model, "1.running_var")).isEqualTo(range(28, 4));
      assertThat(file.select("optimizer").metadata()).containsEntry("param_groups.0.lr", "0.125");
      assertThatThrownBy(() -> file.select("ema"))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith("no tensor is under 'ema'; there are [model.0.weight");
    }
  }

  @Test
  void aFileOfOneTensorCallsItTensor() throws IOException {
    try (PtFile file = PtFile.of(PtBytes.resource("tensor"))) {
      assertThat(values(file, "tensor")).containsExactly(1.5, -2);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "legacy | it is a pickle as PyTorch wrote before 1.6",
        "whole_model | the pickle names torch.nn.modules.linear.Linear, which no file of tensors",
        "torchscript | it is a TorchScript program, not a state dict",
      })
  void whatIsNotAStateDictIsRefusedByName(String name, String message) throws IOException {
    byte[] bytes = PtBytes.resource(name);
    assertThatThrownBy(() -> PtFile.of(bytes))
        .isInstanceOf(DamagedFileException.class)
        .hasMessageStartingWith(message);
  }

  @ParameterizedTest
  @EnumSource(StoredType.class)
  void whatIsWrittenIsReadBackBitForBit(StoredType type) throws IOException {
    Path path = folder.resolve("round.pt");
    try (PointerScope scope = new PointerScope()) {
      Map<String, Tensor> tensors = new LinkedHashMap<>();
      Tensor values = Tensors.of(new long[] {0, 1, 2, 3, 4, 5}, 2, 3).to(type.scalarType());
      tensors.put("z turned", values.t());
      tensors.put("scalar.\u00e9", values.select(0, 1).select(0, 1));
      tensors.put("empty", values.narrow(0, 0, 0));
      PtFile.write(path, tensors);
      try (PtFile file = PtFile.open(path)) {
        assertThat(file.names()).containsExactlyElementsOf(tensors.keySet());
        for (String name : tensors.keySet()) {
          Tensor read = file.tensor(name);
          Tensor expected = Objects.requireNonNull(tensors.get(name));
          assertThat(Tensors.scalarType(read)).isEqualTo(type.scalarType());
          assertThat(Tensors.shape(read)).isEqualTo(Tensors.shape(expected));
          assertThat(numbers(read)).isEqualTo(numbers(expected));
        }
      }
      byte[] once = Files.readAllBytes(path);
      PtFile.write(path, tensors);
      assertThat(Files.readAllBytes(path)).isEqualTo(once);
    }
  }

  /** The pickle to the byte, as torch.load(weights_only=True) of PyTorch 1.13 has read it. */
  @Test
  void whatIsWrittenUsesOnlyWhatPythonReadsWithWeightsOnly() throws IOException {
    Path path = folder.resolve("weights.pt");
    try (PointerScope scope = new PointerScope()) {
      PtFile.write(path, Map.of("w", Tensors.of(new long[] {1, 2}, 2)));
    }
    try (ZipFile zip = ZipFile.builder().setPath(path).get()) {
      for (ZipArchiveEntry entry : Collections.list(zip.getEntries())) {
        assertThat(entry.getMethod()).isEqualTo(ZipEntry.STORED);
        assertThat(entry.getDataOffset() % 64).isZero();
      }
    }
    Map<String, byte[]> entries = PtBytes.unzip(Files.readAllBytes(path));
    assertThat(entries.keySet())
        .containsExactly(
            "archive/data.pkl", "archive/byteorder", "archive/data/0", "archive/version");
    String dict = "ccollections\nOrderedDict\n)R";
    String storage =
        "(X\u0007\0\0\0storagectorch\nLongStorage\nX\u0001\0\0\u00000X\u0003\0\0\0cpuJ\u0002\0\0\0tQ";
    assertThat(
            new String(
                Objects.requireNonNull(entries.get("archive/data.pkl")),
                StandardCharsets.ISO_8859_1))
        .isEqualTo(
            "\u0080\u0002"
                + dict
                + "(X\u0001\0\0\0wctorch._utils\n_rebuild_tensor_v2\n("
                + storage
                + "J\0\0\0\0(J\u0002\0\0\0t(J\u0001\0\0\0t\u0089"
                + dict
                + "tRu.");
  }

  @Test
  void aFileOfABigEndianMachineIsReadToo() throws IOException {
    Map<String, byte[]> entries = PtBytes.unzip(PtBytes.resource("dtypes"));
    entries.put("archive/byteorder", PtBytes.bytes("big"));
    int[] widths = {8, 4, 2, 2, 8, 4, 2, 1, 1, 1};
    for (int i = 0; i < widths.length; i++) {
      byte[] bytes = Objects.requireNonNull(entries.get("archive/data/" + i));
      byte[] turned = new byte[bytes.length];
      for (int j = 0; j < bytes.length; j++) {
        turned[j / widths[i] * widths[i] + widths[i] - 1 - j % widths[i]] = bytes[j];
      }
      entries.put("archive/data/" + i, turned);
    }
    try (PtFile file = PtFile.of(PtBytes.zip(entries, ZipEntry.STORED))) {
      for (String name : file.names()) {
        double[] expected =
            name.equals("bool") ? new double[] {0, 1, 1, 1} : new double[] {0, 1, 2, 3};
        assertThat(values(file, name)).as(name).isEqualTo(expected);
      }
    }
  }

  /** Calls that newer versions than the one of the test data write. */
  @Test
  void parametersWithAttributesAndNewStoragesAreRead() throws IOException {
    String one = PtBytes.tuple(2);
    String step = PtBytes.tuple(1);
    String state = PtBytes.tuple(PtBytes.dict("tag", PtBytes.text("hello")), "N");
    String plain = PtBytes.tensor(1, one, step);
    String untyped =
        PtBytes.tuple(
                PtBytes.text("storage"),
                PtBytes.global("torch.storage", "UntypedStorage"),
                PtBytes.text("0"),
                PtBytes.text("cuda:0"),
                PtBytes.whole(16))
            + "Q";
    String arguments =
        PtBytes.tuple(
            PtBytes.storage("FloatStorage", "0", 4), PtBytes.whole(1), one, step, "\u0089", "N");
    String typed =
        PtBytes.global("torch._tensor", "_rebuild_from_type_v2")
            + PtBytes.tuple(
                PtBytes.global("torch._utils", "_rebuild_tensor_v2"),
                PtBytes.global("torch.nn.parameter", "Parameter"),
                arguments,
                PtBytes.dict("tag", "N"))
            + "R";
    String pickle =
        "}("
            + PtBytes.text("attributed")
            + PtBytes.call("_rebuild_parameter_with_state", plain, "\u0088", "N", state)
            + PtBytes.text("typed")
            + typed
            + PtBytes.text("uint16")
            + PtBytes.call(
                "_rebuild_tensor_v3",
                untyped,
                PtBytes.whole(3),
                one,
                step,
                "\u0089",
                "N",
                PtBytes.global("torch", "uint16"))
            + "u.";
    try (PtFile file = PtFile.of(PtBytes.file(pickle))) {
      assertThat(values(file, "attributed")).isEqualTo(values(file, "typed")).hasSize(2);
      assertThat(entry(file, "uint16")).isEqualTo(new TensorFile.Entry("uint16", List.of(2L), 4));
      assertThat(values(file, "uint16")).containsExactly(0x0706, 0x0908);
    }
  }

  /** A header of 640 bytes begins as a pickle does, one of 67 MB as a zip archive. */
  @Test
  void safetensorsAreKnownWhateverTheLengthOfTheirHeader() throws IOException {
    Path path = folder.resolve("x");
    String header = "{\"__metadata__\":{\"a\":\"" + "b".repeat(640 - 25) + "\"}}";
    byte[] bytes = PtBytes.bytes(PtBytes.little((long) header.length()) + header);
    assertThat(header).hasSize(640);
    Files.write(path, bytes);
    try (TensorFile file = TensorFormat.open(path)) {
      assertThat(file).isInstanceOf(SafeTensors.class);
    }
    assertThat(FileContents.of(path).format()).isEqualTo(TensorFormat.SAFETENSORS);
  }
}
