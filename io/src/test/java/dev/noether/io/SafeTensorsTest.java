package dev.noether.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.noether.torch.Tensors;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Reading safetensors: right tensors from good files, clear errors from damaged ones. */
class SafeTensorsTest {
  @TempDir private Path folder = Path.of("");

  private static byte[] file(String header, int dataBytes) {
    byte[] json = header.getBytes(StandardCharsets.UTF_8);
    ByteBuffer bytes =
        ByteBuffer.allocate(8 + json.length + dataBytes).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putLong(json.length).put(json);
    for (int i = 0; i < dataBytes; i++) {
      bytes.put((byte) i);
    }
    return bytes.array();
  }

  @Test
  void aHeaderWhoseLengthLooksLikeAnotherFormatIsStillOne() throws IOException {
    Path file = folder.resolve("640.safetensors");
    byte[] bytes;
    String padding = "";
    do {
      padding += "        ";
      SafeTensors.write(file, Map.of(), Map.of("padding", padding));
      bytes = Files.readAllBytes(file);
    } while (bytes[0] != (byte) 0x80 || bytes[1] != 2); // a pickle begins like that
    try (TensorFile open = TensorFormat.open(file)) {
      assertThat(open.metadata()).containsEntry("padding", padding);
    }
  }

  @Test
  void tensorsAreReadOneByOne() throws IOException {
    byte[] bytes =
        file(
            "{\"__metadata__\":{\"format\":\"pt\"},"
                + "\"a\":{\"dtype\":\"I16\",\"shape\":[2,1],\"data_offsets\":[0,4]},"
                + "\"b\":{\"dtype\":\"U8\",\"shape\":[],\"data_offsets\":[4,5]}}",
            5);
    Path path = folder.resolve("x.safetensors");
    Files.write(path, bytes);
    try (PointerScope scope = new PointerScope();
        SafeTensors disk = SafeTensors.open(path);
        SafeTensors memory = SafeTensors.of(bytes)) {
      for (SafeTensors file : new SafeTensors[] {disk, memory}) {
        assertThat(file.names()).containsExactly("a", "b");
        assertThat(file.metadata()).containsEntry("format", "pt");
        assertThat(Tensors.toArray(file.tensor("a"))).containsExactly(0x0100, 0x0302);
        assertThat(Tensors.shape(file.tensor("a"))).containsExactly(2, 1);
        assertThat(Tensors.toArray(file.tensor("b"))).containsExactly(4);
        assertThatThrownBy(() -> file.tensor("c")).hasMessage("no tensor 'c'; there are [a, b]");
      }
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{} | its tensors take 0 bytes, the file has 4",
        "[] | its header is not a JSON object",
        "{\"__metadata__\":1} | __metadata__ must be an object of texts, got 1",
        "{\"__metadata__\":{\"a\":1}} | __metadata__ holds texts, got 1",
        "{\"a\" | its header is not JSON",
        "{\"a\":1} | 'a' needs a dtype, a shape and two data_offsets",
        "{\"a\":{\"dtype\":8,\"shape\":[1],\"data_offsets\":[0,4]}} | 'a' needs a dtype",
        "{\"a\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,4]}}{} | its header goes on after",
        "{\"a\":{\"dtype\":\"X\",\"shape\":[4],\"data_offsets\":[4,0]}} | 'a' ends before it begins",
        "{\"a\":{\"dtype\":\"X\",\"shape\":['99999999999999999999'],\"data_offsets\":[0,4]}} | its header is not JSON",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[-1],\"data_offsets\":[0,4]}} | 'a' has -1 where",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1.5],\"data_offsets\":[0,4]}} | 'a' has 1.5 where",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[4294967296,4294967296],\"data_offsets\":[0,4]}} | 'a' has a shape beyond any memory",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,4]}} | 'a' needs 8 bytes for its shape, its offsets give 4",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}} | 'a' begins at 4, expected 0",
        "{\"a\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,4]},\"b\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[2,4]}} | 'b' begins at 2, expected 4",
        "{\"a\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,4]},\"a\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,4]}} | its header is not JSON: Duplicate",
      })
  void damagedHeadersAreRefused(String header, String message) {
    assertThatThrownBy(() -> SafeTensors.of(file(header, 4)))
        .isInstanceOf(DamagedFileException.class)
        .hasMessageContaining(message);
  }

  @Test
  void aFileCutAnywhereIsRefused() {
    byte[] whole = file("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}", 4);
    for (int length = 0; length < whole.length; length++) {
      byte[] cut = java.util.Arrays.copyOf(whole, length);
      assertThatThrownBy(() -> SafeTensors.of(cut)).isInstanceOf(DamagedFileException.class);
    }
    byte[] huge = whole.clone();
    huge[4] = 1;
    assertThatThrownBy(() -> SafeTensors.of(huge))
        .hasMessageStartingWith("its header claims 4294967");
  }

  @ParameterizedTest
  @CsvSource({
    "Double",
    "Float",
    "Half",
    "BFloat16",
    "Long",
    "Int",
    "Short",
    "Char",
    "Byte",
    "Bool"
  })
  void whatIsWrittenIsReadBack(ScalarType type) throws IOException {
    Path path = folder.resolve("round.safetensors");
    try (PointerScope scope = new PointerScope()) {
      Map<String, Tensor> tensors = new LinkedHashMap<>();
      Tensor values = Tensors.of(new long[] {0, 1, 2, 3, 4, 5}, 2, 3).to(type);
      tensors.put("z turned", values.t());
      tensors.put("scalar", values.select(0, 1).select(0, 1));
      tensors.put("empty", values.narrow(0, 0, 0));
      SafeTensors.write(path, tensors, Map.of("quote", "\"\u00e9\""));
      try (SafeTensors file = SafeTensors.open(path)) {
        assertThat(file.names()).containsExactly("z turned", "scalar", "empty");
        assertThat(file.metadata()).containsExactly(Map.entry("quote", "\"\u00e9\""));
        Map<String, Tensor> read = file.tensors();
        tensors.forEach((name, tensor) -> assertThat(torch.equal(read.get(name), tensor)).isTrue());
        assertThat(Tensors.scalarType(file.tensor("scalar"))).isEqualTo(type);
      }
    }
  }

  @Test
  void aHeaderThatNobodyWouldReadIsNotWritten() {
    assertThatThrownBy(
            () ->
                SafeTensors.write(
                    folder.resolve("x"), Map.of(), Map.of("a", "b".repeat(100_000_000))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("the names and texts take 100000025 bytes, a header has at most 100000000");
    assertThat(folder.resolve("x")).doesNotExist();
  }

  @Test
  void aHundredThousandMutatedFilesEndInAnErrorOrInAFileThatFits() throws IOException {
    byte[] whole =
        file(
            "{\"__metadata__\":{\"format\":\"pt\"},"
                + "\"a\":{\"dtype\":\"F32\",\"shape\":[2,3],\"data_offsets\":[0,24]},"
                + "\"b\":{\"dtype\":\"I16\",\"shape\":[4],\"data_offsets\":[24,32]}}  ",
            32);
    java.util.Random random = new java.util.Random(1);
    int readable = 0;
    for (int i = 0; i < 100_000; i++) {
      byte[] mutated = mutate(whole, random);
      try (SafeTensors file = SafeTensors.of(mutated)) {
        readable++;
        long total = 0;
        for (TensorFile.Entry entry : file.entries().values()) {
          assertThat(entry.bytes()).isNotNegative();
          total += entry.bytes();
        }
        assertThat(total).isLessThan(mutated.length);
      } catch (DamagedFileException e) {
        assertThat(e.getMessage()).isNotBlank();
      }
    }
    assertThat(readable).isBetween(1_000, 99_000);
  }

  /** Flips, cuts, doubles or replaces some bytes, the digits of the header among them. */
  private static byte[] mutate(byte[] whole, java.util.Random random) {
    byte[] mutated = whole.clone();
    int changes = 1 + random.nextInt(4);
    for (int i = 0; i < changes && mutated.length > 0; i++) {
      int at = random.nextInt(mutated.length);
      switch (random.nextInt(5)) {
        case 0 -> mutated[at] ^= (byte) (1 << random.nextInt(8));
        case 1 -> mutated[at] = (byte) ('0' + random.nextInt(10));
        case 2 -> mutated[at] = (byte) "-.e[]{},:\" ".charAt(random.nextInt(11));
        case 3 -> mutated = java.util.Arrays.copyOf(mutated, at);
        default -> {
          byte[] longer = java.util.Arrays.copyOf(mutated, mutated.length + 1);
          System.arraycopy(mutated, at, longer, at + 1, mutated.length - at);
          mutated = longer;
        }
      }
    }
    return mutated;
  }
}
