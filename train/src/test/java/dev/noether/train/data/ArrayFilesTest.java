package dev.noether.train.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.noether.io.SafeTensors;
import dev.noether.torch.Dtype;
import dev.noether.torch.Tensors;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Arrays in files of other programs, whole and sample by sample. */
class ArrayFilesTest {
  /** numpy.savez and savez_compressed of x, float32 [3, 2], and y, bool [3]. */
  private static final List<String> NPZ =
      List.of(
          "UEsDBC0AAAAAAAAAIQDMypy9//////////8FABQAeC5ucHkBABAAmAAAAAAAAACYAAAAAAAAAJNOVU1Q"
              + "WQEAdgB7J2Rlc2NyJzogJzxmNCcsICdmb3J0cmFuX29yZGVyJzogRmFsc2UsICdzaGFwZSc6ICgzLCAy"
              + "KSwgfSAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAg"
              + "ICAKAAAAAAAAgD8AAABAAABAQAAAgEAAAKBAUEsDBC0AAAAAAAAAIQAWk4y7//////////8FABQAeS5u"
              + "cHkBABAAgwAAAAAAAACDAAAAAAAAAJNOVU1QWQEAdgB7J2Rlc2NyJzogJ3xiMScsICdmb3J0cmFuX29y"
              + "ZGVyJzogRmFsc2UsICdzaGFwZSc6ICgzLCksIH0gICAgICAgICAgICAgICAgICAgICAgICAgICAgICAg"
              + "ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAKAQABUEsBAi0DLQAAAAAAAAAhAMzKnL2YAAAAmAAA"
              + "AAUAAAAAAAAAAAAAAIABAAAAAHgubnB5UEsBAi0DLQAAAAAAAAAhABaTjLuDAAAAgwAAAAUAAAAAAAAA"
              + "AAAAAIABzwAAAHkubnB5UEsFBgAAAAACAAIAZgAAAIkBAAAAAA==",
          "UEsDBC0AAAAIAAAAIQDMypy9//////////8FABQAeC5ucHkBABAAmAAAAAAAAABVAAAAAAAAAJvsF+ob"
              + "EMnIUMZQrZ6SWpxcpG6loG6TZqKuo6Cell9UUpSYF59flJIKEndLzClOBYoXZyQWpAL5GsY6CkaaOgq1"
              + "CmQDLgYwaLAHEg5ABMQNQLzAAQBQSwMELQAAAAgAAAAhABaTjLv//////////wUAFAB5Lm5weQEAEACD"
              + "AAAAAAAAAEcAAAAAAAAAm+wX6hsQychQxlCtnpJanFykbqWgXpNkqK6joJ6WX1RSlJgXn1+UkgoSd0vM"
              + "KU4FihdnJBakAvkaxjqaOgq1ChQALkYGRgBQSwECLQMtAAAACAAAACEAzMqcvVUAAACYAAAABQAAAAAA"
              + "AAAAAAAAgAEAAAAAeC5ucHlQSwECLQMtAAAACAAAACEAFpOMu0cAAACDAAAABQAAAAAAAAAAAAAAgAGM"
              + "AAAAeS5ucHlQSwUGAAAAAAIAAgBmAAAACgEAAAAA");

  @TempDir private Path folder = Path.of("");

  private Path file(String name, byte[] bytes) throws IOException {
    return Files.write(folder.resolve(name), bytes);
  }

  /** As numpy.save writes float32. */
  static byte[] npy(String shape, boolean columnsFirst, float... numbers) {
    String order = columnsFirst ? "True" : "False";
    String text = "{'descr': '<f4', 'fortran_order': " + order + ", 'shape': " + shape + ", }";
    String header = text + " ".repeat(117 - text.length()) + "\n";
    ByteBuffer bytes =
        ByteBuffer.allocate(10 + header.length() + 4 * numbers.length)
            .order(ByteOrder.LITTLE_ENDIAN);
    bytes.put((byte) 0x93).put("NUMPY".getBytes(StandardCharsets.US_ASCII)).putShort((short) 1);
    bytes.putShort((short) header.length());
    bytes.put(header.getBytes(StandardCharsets.US_ASCII));
    for (float number : numbers) {
      bytes.putFloat(number);
    }
    return bytes.array();
  }

  private static double[] numbers(Map<String, Tensor> tensors, String name) {
    return Tensors.toArray(Objects.requireNonNull(tensors.get(name)));
  }

  @Test
  void anArrayIsWrittenAsNumpyDoes() throws IOException {
    Path npz = file("data.npz", Base64.getDecoder().decode(NPZ.get(0)));
    Map<String, Tensor> arrays = NpzFile.read(npz);
    try (ZipFile zip = new ZipFile(npz.toFile())) {
      for (String name : List.of("x", "y")) {
        Path file = folder.resolve(name + ".npy");
        NpyFile.write(file, Objects.requireNonNull(arrays.get(name)));
        try (InputStream numpys = zip.getInputStream(zip.getEntry(name + ".npy"))) {
          assertThat(Files.readAllBytes(file)).as(name).isEqualTo(numpys.readAllBytes());
        }
      }
    }
    Path file = folder.resolve("b.npy");
    Tensor brain = Tensors.of(Dtype.FLOAT32, new double[] {1}, 1).to(ScalarType.BFloat16);
    assertThatThrownBy(() -> NpyFile.write(file, brain))
        .hasMessage(
            file + ": NPY files are not written in bfloat16: convert it with to(Dtype.FLOAT32)");
    assertThat(file).doesNotExist();
  }

  @Test
  void anNpzFileIsItsArraysByName() throws IOException {
    for (String text : NPZ) {
      Map<String, Tensor> read = NpzFile.read(file("data.npz", Base64.getDecoder().decode(text)));
      assertThat(read.keySet()).containsExactly("x", "y");
      assertThat(numbers(read, "x")).containsExactly(0, 1, 2, 3, 4, 5);
      assertThat(numbers(read, "y")).containsExactly(1, 0, 1);
      assertThat(Tensors.dtypeName(Objects.requireNonNull(read.get("y")))).isEqualTo("bool");
    }
  }

  @Test
  void whatIsNoNpzFileIsRefused() throws IOException {
    Path text = Files.writeString(folder.resolve("text.npz"), "no zip");
    assertThatThrownBy(() -> NpzFile.read(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(text + " is no NPZ file: it is not the zip that numpy.savez writes");
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      zip.putNextEntry(new ZipEntry("notes.txt"));
    }
    Path other = file("other.npz", bytes.toByteArray());
    assertThatThrownBy(() -> NpzFile.read(other))
        .hasMessage(other + " holds 'notes.txt': an NPZ file holds arrays, NAME.npy, alone");
    ByteArrayOutputStream torn = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(torn)) {
      zip.putNextEntry(new ZipEntry("x.npy"));
      zip.write(npy("(1000000000000, 8)", false, 1));
    }
    Path claims = file("claims.npz", torn.toByteArray());
    assertThatThrownBy(() -> NpzFile.read(claims))
        .isInstanceOf(EOFException.class)
        .hasMessage(
            claims + ", x.npy: its numbers take 32000000000000 bytes, the file has 4 of them");
  }

  /** Two zeros, a type, axes and numbers: the definition on the page of MNIST. */
  private static byte[] idx(int type, int[] shape, byte... numbers) {
    ByteBuffer bytes = ByteBuffer.allocate(4 + 4 * shape.length + numbers.length);
    bytes.put(new byte[] {0, 0, (byte) type, (byte) shape.length});
    Arrays.stream(shape).forEach(bytes::putInt);
    return bytes.put(numbers).array();
  }

  @Test
  void anIdxFileIsReadPackedOrNot() throws IOException {
    byte[] bytes =
        idx(
            0x08,
            new int[] {2, 1, 3},
            (byte) 1,
            (byte) 2,
            (byte) 3,
            (byte) 250,
            (byte) 5,
            (byte) 6);
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(packed)) {
      gzip.write(bytes);
    }
    for (byte[] content : List.of(bytes, packed.toByteArray())) {
      Tensor images = IdxFile.read(file("images", content));
      assertThat(Tensors.shape(images)).containsExactly(2, 1, 3);
      assertThat(Tensors.toArray(images)).containsExactly(1, 2, 3, 250, 5, 6);
    }
    byte[] number = ByteBuffer.allocate(8).putDouble(-1.5).array();
    assertThat(Tensors.toArray(IdxFile.read(file("d", idx(0x0E, new int[] {1}, number)))))
        .containsExactly(-1.5);
    byte[] whole = ByteBuffer.allocate(4).putInt(-70_000).array();
    assertThat(Tensors.toArray(IdxFile.read(file("i", idx(0x0C, new int[] {1}, whole)))))
        .containsExactly(-70_000);
  }

  @Test
  void whatIsNoIdxFileIsRefused() throws IOException {
    Path text = Files.writeString(folder.resolve("text"), "no array");
    assertThatThrownBy(() -> IdxFile.read(text))
        .hasMessage(
            text
                + " is no IDX file: it does not begin with two zeros, a type and a number of axes");
    Path kind = file("kind", idx(0x0A, new int[] {1}, (byte) 1));
    assertThatThrownBy(() -> IdxFile.read(kind)).hasMessage(kind + ": IDX has no type 0x0A");
    Path torn = file("torn", idx(0x08, new int[] {4}, (byte) 1));
    assertThatThrownBy(() -> IdxFile.read(torn))
        .isInstanceOf(EOFException.class)
        .hasMessage(torn + ": its numbers take 4 bytes, the file has 1 of them");
    Path large = file("large", idx(0x0E, new int[] {-1, -1, -1}, (byte) 1));
    assertThatThrownBy(() -> IdxFile.read(large))
        .hasMessage(large + ": its shape is beyond any memory");
  }

  private static float[] counted(int count) {
    float[] numbers = new float[count];
    IntStream.range(0, count).forEach(i -> numbers[i] = i);
    return numbers;
  }

  @Test
  void mappedSamplesAreThoseThatWouldBeRead() throws IOException {
    Path x = file("x.npy", npy("(5, 2, 3)", false, counted(30)));
    Path y = file("y.npy", npy("(5,)", false, counted(5)));
    MappedData data = MappedData.npy(Map.of("x", x, "y", y));
    Path saved = folder.resolve("data.safetensors");
    SafeTensors.write(
        saved, Map.of("odd", Tensors.of(new long[] {7}, 1), "inputs", NpyFile.read(x)), Map.of());
    MappedData other = MappedData.safetensors(saved, Map.of("x", "inputs"));
    assertThat(data.size()).isEqualTo(5);
    try (PointerScope scope = new PointerScope()) {
      assertThat(numbers(data.batch(4, 0), "x"))
          .containsExactly(24, 25, 26, 27, 28, 29, 0, 1, 2, 3, 4, 5);
      assertThat(numbers(data.range(3, 2), "y")).containsExactly(3, 4);
      assertThat(numbers(other.batch(1), "x")).containsExactly(6, 7, 8, 9, 10, 11);
      Tensor converted = Objects.requireNonNull(data.to(Dtype.FLOAT64).batch(1).get("x"));
      assertThat(Tensors.dtypeName(converted)).isEqualTo("float64");
      assertThat(Tensors.shape(converted)).containsExactly(1, 2, 3);
    }
    assertThat(MappedData.npy(Map.of("x", x, "y", y)).fingerprint()).isEqualTo(data.fingerprint());
    float[] changed = counted(30);
    changed[29] = -1;
    Path edited = file("edited.npy", npy("(5, 2, 3)", false, changed));
    assertThat(MappedData.npy(Map.of("x", edited, "y", y)).fingerprint())
        .isNotEqualTo(data.fingerprint());
  }

  @Test
  void whatIsLargerThanOneMapIsMappedInPieces() throws IOException {
    Path x = file("x.npy", npy("(5, 2)", false, counted(10)));
    StoredArray array = StoredArray.of("x", Dtype.FLOAT32.scalarType(), 4, 5, 2);
    try (PointerScope scope = new PointerScope()) {
      for (int piece : new int[] {1, 8, 17, 24, 1000}) {
        MappedArray mapped = MappedArray.of(x, 128, array, piece);
        assertThat(Tensors.toArray(mapped.rows(4, 0, 2))).containsExactly(8, 9, 0, 1, 4, 5);
      }
    }
  }

  @Test
  void filesThatCannotBeMappedAreRefused() throws IOException {
    Path columns = file("columns.npy", npy("(2, 3)", true, counted(6)));
    assertThatThrownBy(() -> MappedData.npy(Map.of("x", columns)))
        .hasMessage(
            columns
                + " has its first axis fastest, so its samples are not in one place: save "
                + "numpy.ascontiguousarray of it");
    Path scalar = file("scalar.npy", npy("()", false, 1));
    assertThatThrownBy(() -> MappedData.npy(Map.of("x", scalar)))
        .hasMessage(scalar + ": an array of samples has an axis for them and at least one, got []");
    Path torn = file("torn.npy", npy("(2, 3)", false, counted(5)));
    assertThatThrownBy(() -> MappedData.npy(Map.of("x", torn)))
        .isInstanceOf(EOFException.class)
        .hasMessage(torn + ": its numbers take 24 bytes, the file has 20 of them");
    Path three = file("three.npy", npy("(3,)", false, counted(3)));
    Path four = file("four.npy", npy("(4,)", false, counted(4)));
    Map<String, Path> both = new java.util.LinkedHashMap<>();
    both.put("x", three);
    both.put("y", four);
    assertThatThrownBy(() -> MappedData.npy(both))
        .hasMessage("all tensors must have as many samples as the first, 3, 'y' has 4");
    MappedData data = MappedData.npy(Map.of("x", three));
    assertThatThrownBy(() -> data.batch(3)).hasMessage("there are samples 0 to 2, got 3");
    Path saved = folder.resolve("data.safetensors");
    SafeTensors.write(saved, Map.of("x", NpyFile.read(three)), Map.of());
    assertThatThrownBy(() -> MappedData.safetensors(saved, Map.of("x", "z")))
        .hasMessage("no tensor 'z'; there are [x]");
  }
}
