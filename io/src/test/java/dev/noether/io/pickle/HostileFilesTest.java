package dev.noether.io.pickle;

import static dev.noether.io.pickle.PtBytes.bytes;
import static dev.noether.io.pickle.PtBytes.file;
import static dev.noether.io.pickle.PtBytes.global;
import static dev.noether.io.pickle.PtBytes.little;
import static dev.noether.io.pickle.PtBytes.text;
import static dev.noether.io.pickle.PtBytes.tuple;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.noether.algebra.Limits;
import dev.noether.io.Checkpoint;
import dev.noether.io.DamagedFileException;
import dev.noether.io.SafeTensors;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.ZipEntry;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Small files that would cost much ask for more than any model has, and are refused for that. */
class HostileFilesTest {
  private static AbstractThrowableAssert<?, ?> assertRefused(String pickle) throws IOException {
    byte[] file = file(pickle);
    return assertThatThrownBy(() -> PtFile.of(file)).isInstanceOf(DamagedFileException.class);
  }

  /** A list that contains itself. */
  private static final String CYCLE = "]q\0h\0a";

  /** Sixty lists, each of which holds the one before twice: 2^60 in all. */
  private static String doubling() {
    StringBuilder lists = new StringBuilder("]q\0");
    for (int i = 1; i <= 60; i++) {
      char before = (char) (i - 1);
      lists.append("](h").append(before).append('h').append(before).append("eq").append((char) i);
    }
    return lists.toString();
  }

  private static String deep(int levels) {
    return "]".repeat(levels) + "a".repeat(levels - 1);
  }

  @ParameterizedTest
  @CsvSource({"builtins, complex", "torch, device", "torch.serialization, _get_layout"})
  void callsTakeTextsAndNumbersAndNothingThatUnfolds(String module, String name)
      throws IOException {
    String message = "a call in the pickle needs a text or a number";
    for (String argument : new String[] {CYCLE, doubling(), deep(200_000), "}", "N"}) {
      assertRefused(global(module, name) + tuple(argument, argument) + "R.").hasMessage(message);
    }
  }

  @Test
  void aDtypeThatIsAListIsNotPrinted() throws IOException {
    String one = tuple(1);
    String storage = PtBytes.storage("FloatStorage", "0", 4);
    for (String dtype : new String[] {CYCLE, doubling(), deep(200_000)}) {
      assertRefused(
              PtBytes.call(
                      "_rebuild_tensor_v3",
                      storage,
                      PtBytes.whole(0),
                      one,
                      one,
                      "\u0089",
                      "N",
                      dtype)
                  + ".")
          .hasMessage("a tensor has a dtype that is none");
    }
  }

  @Test
  void callsInsideCallsAreBounded() throws IOException {
    String call = global("torch._tensor", "_rebuild_from_type_v2");
    String type = global("torch", "Tensor");
    int levels = 20_000;
    StringBuilder pickle = new StringBuilder(call);
    for (int i = 0; i < levels; i++) {
      pickle.append('(').append(call).append(type);
    }
    pickle.append(')');
    for (int i = 0; i < levels; i++) {
      pickle.append("Nt");
    }
    assertRefused(pickle + "R.")
        .hasMessage(
            "calls in the pickle stand deep inside each other: 101, and at most 100 are read");
  }

  @Test
  void valuesInsideThemselvesAndTooDeepAreBounded() throws IOException {
    String message = "its values are nested more than 100 deep, or contain themselves";
    assertRefused("}" + text("a") + CYCLE + "s.").hasMessage(message);
    assertRefused("}" + text("a") + deep(200_000) + "s.").hasMessage(message);
  }

  @Test
  void sharedListsThatUnfoldToVeryManyValuesAreBounded() throws IOException {
    String inner = "](](K\1K\2eq\1" + "h\1".repeat(900) + "eq\2";
    assertRefused("](" + inner + "h\2".repeat(900) + "e.")
        .hasMessageMatching("its values unfold to (very many: 500001|names of more than).*");
  }

  @Test
  void marksAreCountedAsValuesAre() throws IOException {
    assertRefused("(".repeat(Limits.PICKLE_VALUES + 1) + ".")
        .hasMessageStartingWith("the pickle has more than 2000000 values");
  }

  @Test
  void aNameOfAnyLengthIsReadNoFurtherThanNamesAreLong() throws IOException {
    String message = "the pickle has a long name: 257, and at most 256 are read";
    assertRefused("c" + "x".repeat(10_000_000) + "\nx\n.").hasMessage(message);
    String one = text("x".repeat(256));
    assertRefused(one + text("y") + "\u0093.").hasMessage(message);
  }

  @Test
  void anArchiveOfVeryManyEntriesIsRefusedBeforeTheyAreKept() {
    int count = Limits.ENTRIES + 1;
    ByteBuffer directory =
        ByteBuffer.allocate(4 + 46 * count + 22).order(ByteOrder.LITTLE_ENDIAN).putInt(0x04034b50);
    for (int i = 0; i < count; i++) {
      directory.putInt(4 + 46 * i, 0x02014b50);
    }
    int end = 4 + 46 * count;
    directory.putInt(end, 0x06054b50).putInt(end + 12, 46 * count).putInt(end + 16, 4);
    byte[] archive = directory.array();
    assertThatThrownBy(() -> PtFile.of(archive))
        .isInstanceOf(DamagedFileException.class)
        .hasMessage("its zip directory has entries: 100001, and at most 100000 are read");
  }

  @Test
  void aStorageThatUnpacksAHundredfoldIsRefusedBeforeItIsUnpacked() throws IOException {
    Map<String, byte[]> entries =
        new LinkedHashMap<>(
            PtBytes.entries(
                bytes("\u0080\2}" + text("w") + PtBytes.tensor(0, tuple(4), tuple(1)) + "s.")));
    entries.put("a/data/0", new byte[70_000_000]);
    byte[] bomb = PtBytes.zip(entries, ZipEntry.DEFLATED);
    assertThatThrownBy(() -> PtFile.of(bomb))
        .isInstanceOf(DamagedFileException.class)
        .hasMessage(
            "'a/data/0' unpacks to 70000000 bytes, a hundred times what is in the file: store it as"
                + " it is");
  }

  private static byte[] safeTensors(String header) {
    return bytes(little((long) header.length()) + header);
  }

  @Test
  void aHeaderOfVeryManyTensorsOrTextsIsRefused() {
    StringBuilder tensors = new StringBuilder("{");
    StringBuilder texts = new StringBuilder("{\"__metadata__\":{");
    for (int i = 0; i <= Limits.ENTRIES; i++) {
      String comma = i == 0 ? "" : ",";
      tensors.append(comma).append('"').append(i);
      tensors.append("\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]}");
      texts.append(comma).append('"').append(i).append("\":\"\"");
    }
    assertThatThrownBy(() -> SafeTensors.of(safeTensors(tensors + "}")))
        .isInstanceOf(DamagedFileException.class)
        .hasMessageMatching(".*more tensors than any model: 100001, and at most 100000 are read");
    assertThatThrownBy(() -> SafeTensors.of(safeTensors(texts + "}}")))
        .isInstanceOf(DamagedFileException.class)
        .hasMessageMatching(".*more texts than any model: 100001, and at most 100000 are read");
    String axes = "{\"a\":{\"dtype\":\"U8\",\"shape\":[" + "0,".repeat(1_000_000) + "0]}}";
    assertThatThrownBy(() -> SafeTensors.of(safeTensors(axes)))
        .hasMessage("'a' has more axes than LibTorch knows: 65, and at most 64 are read");
  }

  @Test
  void aHeaderThatIsNoTextIsRefused() {
    String header = "{\"__metadata__\":{\"a\":\"\u00ff\"}}";
    assertThatThrownBy(() -> SafeTensors.of(safeTensors(header)))
        .isInstanceOf(DamagedFileException.class)
        .hasMessage("its header is no UTF-8: byte 22 begins no character");
    String wide = "{\0\"\0a\0\"\0:\0{\0}\0}\0";
    assertThatThrownBy(() -> SafeTensors.of(safeTensors(wide)))
        .hasMessage("its header is not a JSON object");
    String name = "{\"" + "a".repeat(100_000) + "\":1}";
    assertThatThrownBy(() -> SafeTensors.of(safeTensors(name)))
        .isInstanceOf(DamagedFileException.class)
        .message()
        .startsWith("its header is not JSON: Name length")
        .doesNotContain("StreamReadConstraints");
  }

  @Test
  void anArchitectureOfVeryManyLayersOrLevelsIsRefused() {
    String layer = "{\"type\":\"PointwiseNonlinearity\"}";
    String many = "{\"layers\":[" + (layer + ",").repeat(Limits.LAYERS) + layer + "]}";
    assertThatThrownBy(() -> Checkpoint.architecture(many))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("the architecture has more than 5000 layers");
    String nested = "{\"layers\":[".repeat(100) + "]}".repeat(100);
    assertThatThrownBy(() -> Checkpoint.architecture(nested))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("the architecture is nested more than 64 deep");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{ | it ends too early",
        "{\"type\": } | Unexpected character ('}' (code 125)): expected a valid value",
        "[1, x] | Unrecognized token 'x': was expecting",
      })
  void textsThatAreNoJsonAreToldWithoutAWordOfTheParsers(String json, String problem) {
    assertThatThrownBy(() -> Checkpoint.architecture(json))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("the architecture is no JSON: " + problem)
        .hasMessageNotContaining("Source")
        .hasMessageNotContaining("REDACTED");
  }
}
