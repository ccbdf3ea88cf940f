package dev.noether.io.pickle;

import static dev.noether.io.pickle.PtBytes.bytes;
import static dev.noether.io.pickle.PtBytes.call;
import static dev.noether.io.pickle.PtBytes.dict;
import static dev.noether.io.pickle.PtBytes.entries;
import static dev.noether.io.pickle.PtBytes.file;
import static dev.noether.io.pickle.PtBytes.global;
import static dev.noether.io.pickle.PtBytes.little;
import static dev.noether.io.pickle.PtBytes.storage;
import static dev.noether.io.pickle.PtBytes.tensor;
import static dev.noether.io.pickle.PtBytes.text;
import static dev.noether.io.pickle.PtBytes.tuple;
import static dev.noether.io.pickle.PtBytes.whole;
import static dev.noether.io.pickle.PtBytes.zip;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.noether.io.DamagedFileException;
import dev.noether.torch.Tensors;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.zip.ZipEntry;
import org.assertj.core.api.AbstractThrowableAssert;
import org.bytedeco.javacpp.PointerScope;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A damaged or hostile file of PyTorch's ends in a clear error, and nothing in it is executed. */
class DamagedPtFileTest {
  private static final String ONES = tuple(1);

  private static AbstractThrowableAssert<?, ?> assertRefused(byte[] file) {
    return assertThatThrownBy(() -> PtFile.of(file)).isInstanceOf(DamagedFileException.class);
  }

  private static AbstractThrowableAssert<?, ?> assertRefused(String pickle) throws IOException {
    return assertRefused(file(pickle));
  }

  @Test
  void theFilesOfTheseTestsAreReadWhereNothingIsWrong() throws IOException {
    try (PointerScope scope = new PointerScope();
        PtFile file = PtFile.of(file(dict("w", tensor(1, tuple(3), tuple(1))) + "."))) {
      assertThat(file.tensor("w").numel()).isEqualTo(3);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"model", "deflated", "checkpoint"})
  void aFileCutAnywhereIsRefused(String name) throws IOException {
    byte[] whole = PtBytes.resource(name);
    for (int length = 0; length < whole.length; length++) {
      assertRefused(Arrays.copyOf(whole, length));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "posix, system, posix.system",
    "os, system, os.system",
    "__builtin__, eval, builtins.eval",
    "builtins, getattr, builtins.getattr",
    "subprocess, Popen, subprocess.Popen",
    "torch, load, torch.load",
    "torch.nn.modules.linear, Linear, torch.nn.modules.linear.Linear",
    "numpy.core.multiarray, _reconstruct, numpy.core.multiarray._reconstruct",
  })
  void aGlobalOutsideTheListIsRefusedByName(String module, String name, String full)
      throws IOException {
    String message =
        "the pickle names "
            + full
            + ", which no file of tensors needs; nothing was executed. Save the state dict alone: "
            + "torch.save(model.state_dict(), path)";
    assertRefused(global(module, name) + tuple(text("touch /tmp/x")) + "R.").hasMessage(message);
    assertRefused(text(module) + text(name) + "\u0093)R.").hasMessage(message);
  }

  @ParameterizedTest
  @CsvSource({
    "0, POP",
    "1, POP_MARK",
    "2, DUP",
    "F, FLOAT",
    "I, INT",
    "L, LONG",
    "P, PERSID",
    "S, STRING",
    "V, UNICODE",
    "d, DICT",
    "g, GET",
    "i, INST",
    "l, LIST",
    "o, OBJ",
    "p, PUT",
    "\u0081, NEWOBJ",
    "\u0082, EXT1",
    "\u0083, EXT2",
    "\u0084, EXT4",
    "\u0092, NEWOBJ_EX",
    "\u0097, NEXT_BUFFER",
    "\u0098, READONLY_BUFFER",
    "\u00ff, no opcode of Python's"
  })
  void anOpcodeOutsideTheListIsRefusedByName(String opcode, String name) throws IOException {
    assertRefused("}" + opcode + ".")
        .hasMessage(
            "the pickle uses opcode 0x%02x (%s), which no state dict needs",
            (int) opcode.charAt(0), name);
  }

  @Test
  void everyOtherByteIsEitherAnOpcodeOfTheListOrRefused() throws IOException {
    for (char opcode = 0; opcode < 256; opcode++) {
      if ("}])NX".indexOf(opcode) < 0) {
        assertRefused("" + opcode);
      }
    }
  }

  @Test
  void shapesAndPlacesThatCannotBeAreRefused() throws IOException {
    assertRefused(dict("w", tensor(0, tuple(-1), ONES)) + ".")
        .hasMessage("a tensor of shape [-1], strides [1] and offset 0 has a number below 0");
    assertRefused(dict("w", tensor(0, ONES, tuple(-1))) + ".").hasMessageEndingWith("below 0");
    assertRefused(dict("w", tensor(-1, ONES, ONES)) + ".").hasMessageEndingWith("below 0");
    assertRefused(dict("w", tensor(2, tuple(3), ONES)) + ".")
        .hasMessage(
            "a tensor of shape [3], strides [1] and offset 2 ends at byte 20 of a storage of 16");
    assertRefused(dict("w", tensor(0, tuple(2), tuple(Long.MAX_VALUE))) + ".")
        .hasMessage("a tensor has a shape beyond any memory: [2]");
    assertRefused(dict("w", tensor(0, tuple(1L << 32, 1L << 32), tuple(0, 0))) + ".")
        .hasMessage("a tensor has a shape beyond any memory: [4294967296, 4294967296]");
    assertRefused(dict("w", tensor(Long.MAX_VALUE, ONES, ONES)) + ".")
        .hasMessage("a tensor has a shape beyond any memory: [1]");
    assertRefused(dict("w", tensor(0, tuple(1, 1), ONES)) + ".")
        .hasMessage("a tensor of shape [1, 1] cannot have strides [1]");
    assertRefused(dict("w", tensor(0, tuple("\u008a\u0009" + "\u0001".repeat(9)), ONES)) + ".")
        .hasMessageStartingWith("a size beyond any memory: ");
    assertRefused(dict("w", tensor(0, tuple(new long[65]), tuple(new long[65]))) + ".")
        .hasMessage("a tensor has at most 64 axes, got 65");
  }

  @Test
  void anExpandedTensorTakesNoMoreMemoryThanItsStorage() throws IOException {
    String endless = tensor(0, tuple(1L << 40, 4), tuple(0, 1));
    try (PointerScope scope = new PointerScope();
        PtFile file = PtFile.of(file(dict("w", endless) + "."))) {
      assertThat(Tensors.shape(file.tensor("w"))).containsExactly(1L << 40, 4);
    }
  }

  @Test
  void storagesThatDoNotFitAreRefused() throws IOException {
    String other =
        call("_rebuild_tensor_v2", storage("FloatStorage", "0", 3), whole(0), ONES, ONES);
    assertRefused(dict("w", other) + ".").hasMessage("storage '0' must have 12 bytes, it has 16");
    String missing =
        call("_rebuild_tensor_v2", storage("FloatStorage", "../0", 4), whole(0), ONES, ONES);
    assertRefused(dict("w", missing) + ".").hasMessage("it lacks the entry 'a/data/../0'");
    assertRefused(storage("FloatStorage", "0", -1) + ".")
        .hasMessage("a storage cannot have -1 numbers");
    assertRefused(storage("FloatStorage", "0", Long.MAX_VALUE) + ".")
        .hasMessageStartingWith("a storage cannot have");
    assertRefused(storage("QInt9Storage", "0", 4) + ".")
        .hasMessageStartingWith("the pickle names torch.QInt9Storage, which no file of tensors");
    assertRefused(storage("float32", "0", 4) + ".")
        .hasMessage("torch.float32 is no kind of storage");
    assertRefused(text("0") + "Q.").hasMessage("a tuple is needed in the pickle");
    assertRefused(tuple(text("module"), "N", "N", "N", "N") + "Q.")
        .hasMessage("the pickle refers to something that is no storage");
  }

  @Test
  void namesThatOccurTwiceAreRefused() throws IOException {
    String w = tensor(0, ONES, ONES);
    assertRefused("}(" + text("w") + w + text("w") + w + "u.").hasMessage("a dict holds 'w' twice");
    assertRefused("}(" + text("a.w") + w + text("a") + dict("w", w) + "u.")
        .hasMessage("two of its values are called 'a.w'");
    assertRefused("}" + ")" + "N" + "s.").hasMessage("a dict's keys must be texts or numbers");
  }

  @Test
  void valuesThatContainThemselvesAreRefused() throws IOException {
    String message = "its values are nested more than 100 deep, or contain themselves";
    assertRefused("]q\u0001h\u0001a.").hasMessage(message);
    assertRefused("}q\u0001" + text("me") + "h\u0001s.").hasMessage(message);
    assertRefused("]q\u0001}q\u0002" + text("list") + "h\u0001sa.").hasMessage(message);
    assertRefused(")" + "\u0085".repeat(100_000) + ".").hasMessage(message);
  }

  @Test
  void aSmallPickleThatUnfoldsToVeryManyValuesIsRefused() throws IOException {
    StringBuilder laughs = new StringBuilder(dict("w", tensor(0, ONES, ONES)) + "q\u0000");
    for (char level = 1; level < 60; level++) {
      String below = "h" + (char) (level - 1);
      laughs.append("(").append(below.repeat(10)).append("tq").append(level);
    }
    assertRefused(laughs + ".")
        .hasMessage("its values unfold to names of more than 20000000 characters");
    assertRefused(zip(entries(bytes("\u0080\u0002" + "}".repeat(2_500_000))), ZipEntry.DEFLATED))
        .hasMessageStartingWith("the pickle has more than 2000000 values");
    assertRefused("}" + "q\u0000".repeat(2_500_000) + ".")
        .hasMessageStartingWith("the pickle has more than 2000000 values");
  }

  @Test
  void theStackAndTheMemoCannotBeAbused() throws IOException {
    assertRefused(".").hasMessage("the pickle takes a value that is not there");
    assertRefused("N(.").hasMessage("the pickle takes a value that is not there");
    assertRefused("N(q\u0000.").hasMessage("the pickle takes a value that is not there");
    assertRefused("Nt.").hasMessage("the pickle goes back to a mark that is not there");
    assertRefused("h\u0005.").hasMessage("the pickle recalls value 5, which it never kept");
    assertRefused("j" + little(-1) + ".")
        .hasMessage("the pickle recalls value 4294967295, which it never kept");
    assertRefused("NNa.").hasMessage("the pickle appends to something that is no list");
    assertRefused(")Na.").hasMessage("the pickle appends to something that is no list");
    assertRefused("NNNs.").hasMessage("the pickle puts an entry into something that is no dict");
    assertRefused("}(Nu.").hasMessage("the pickle puts an entry into something that is no dict");
    assertRefused("NN\u0093.").hasMessage("the pickle names a global by something that is no text");
    assertRefused("N)R.").hasMessage("the pickle calls something that is no function");
    assertRefused(global("torch", "Tensor") + ")R.")
        .hasMessage("torch.Tensor is a class, not a function");
    assertRefused("N}b.").hasMessage("the pickle sets the state of something that is no dict");
    assertRefused("}").hasMessage("the pickle ends without a STOP");
    assertRefused("J\u0001").hasMessage("the pickle ends in the middle of a value");
    assertRefused("\u0080\u0006N.").hasMessage("pickle protocols 2 to 5 are read, got 6");
  }

  @Test
  void lengthsBeyondTheFileAreRefused() throws IOException {
    assertRefused("X" + little(-1) + ".")
        .hasMessage("the pickle has a text or bytes of 4294967295 bytes, 1 are left");
    assertRefused("\u008d" + little(-1L) + ".")
        .hasMessage("the pickle has a text or bytes of 18446744073709551615 bytes, 1 are left");
    assertRefused("\u008e" + little(1L << 32) + ".").hasMessageContaining("of 4294967296 bytes");
    assertRefused("\u0095" + little(1L << 32) + "N.").hasMessageContaining("a frame of 4294967296");
    assertRefused("\u008b" + little(1 << 30) + ".")
        .hasMessage("the pickle has a number of 1073741824 bytes");
  }

  @Test
  void callsWithOtherArgumentsAreRefused() throws IOException {
    assertRefused(call("_rebuild_tensor_v2") + ".")
        .hasMessage("a call in the pickle lacks arguments");
    assertRefused(call("_rebuild_tensor_v2", "N") + ".").hasMessage("a tensor needs a storage");
    assertRefused(call("_rebuild_parameter", "N") + ".").hasMessage("a parameter needs a tensor");
    assertRefused(global("collections", "OrderedDict") + tuple(")") + "R.")
        .hasMessage("an OrderedDict begins empty in the pickles of PyTorch");
    assertRefused(global("_codecs", "encode") + tuple(text("x"), text("rot13")) + "R.")
        .hasMessage("_codecs.encode is for bytes written as latin1 text");
    assertRefused(
            call(
                    "_rebuild_tensor_v3",
                    storage("FloatStorage", "0", 4),
                    whole(0),
                    ONES,
                    ONES,
                    "N",
                    "N",
                    "N")
                + ".")
        .hasMessage("a tensor has a dtype that is none");
    assertRefused(
            global("torch._tensor", "_rebuild_from_type_v2")
                + tuple(global("torch._utils", "_rebuild_tensor_v2"), "N", "N", "N")
                + "R.")
        .hasMessage("a tensor of an unknown class");
  }

  @ParameterizedTest
  @ValueSource(strings = {"../x", "a/../../x", "/x", "C:x", "a/.."})
  void anEntryThatLeavesTheArchiveIsRefused(String name) throws IOException {
    Map<String, byte[]> entries = entries(bytes("\u0080\u0002}."));
    entries.put(name, new byte[1]);
    assertRefused(zip(entries, ZipEntry.STORED))
        .hasMessage("the entry '" + name + "' leaves the archive");
  }

  @Test
  void archivesOfAnotherKindAreRefused() throws IOException {
    assertRefused(new byte[0])
        .hasMessageStartingWith("a file of PyTorch's begins as a zip archive");
    assertRefused(zip(Map.of("x", new byte[1]), ZipEntry.STORED))
        .hasMessage("a file of PyTorch's has an entry NAME/data.pkl, this zip archive has none");
    Map<String, byte[]> entries = entries(bytes("\u0080\u0002}."));
    entries.put("b/data.pkl", new byte[1]);
    assertRefused(zip(entries, ZipEntry.STORED))
        .hasMessage("it has two pickles: a/data.pkl and b/data.pkl");
    entries.remove("b/data.pkl");
    entries.put("a/version", bytes("99\n"));
    assertRefused(zip(entries, ZipEntry.STORED))
        .hasMessage("archives of version 1 to 10 are read, got '99'");
    entries.put("a/version", new byte[65]);
    assertRefused(zip(entries, ZipEntry.STORED))
        .hasMessage("'a/version' has 65 bytes, more than the 64 that are read");
    entries.remove("a/version");
    entries.put("a/byteorder", bytes("middle"));
    assertRefused(zip(entries, ZipEntry.STORED))
        .hasMessage("the byte order is little or big, got 'middle'");
  }

  /** The places of the central directory's headers. */
  private static int[] directory(byte[] file) {
    int[] found = new int[8];
    int count = 0;
    for (int i = 0; i + 4 <= file.length; i++) {
      if (file[i] == 'P' && file[i + 1] == 'K' && file[i + 2] == 1 && file[i + 3] == 2) {
        found[count++] = i;
      }
    }
    return Arrays.copyOf(found, count);
  }

  private static ByteBuffer ordered(byte[] file) {
    return ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
  }

  @Test
  void entriesThatOverlapOrReachBeyondTheFileAreRefused() throws IOException {
    byte[] good = file(dict("w", tensor(0, tuple(4), tuple(1))) + ".");
    int first = directory(good)[0];
    int second = directory(good)[1];
    byte[] overlapping = good.clone();
    ordered(overlapping).putInt(second + 42, ordered(good).getInt(first + 42));
    assertRefused(overlapping).hasMessageMatching("'a/data.*' overlaps another entry");
    byte[] outside = good.clone();
    ordered(outside).putInt(second + 42, Integer.MAX_VALUE);
    assertRefused(outside)
        .hasMessage(
            "its zip directory is damaged: local file header for a/data/0 starts after central "
                + "directory");
    byte[] large = good.clone();
    ordered(large).putInt(second + 20, 1 << 30).putInt(second + 24, 1 << 30);
    assertRefused(large)
        .hasMessage(
            "its zip directory is damaged: data for a/data/0 overlaps with central directory.");
    byte[] unequal = good.clone();
    ordered(unequal).putInt(second + 24, 17);
    assertRefused(unequal).hasMessage("'a/data/0' claims 17 bytes out of 16, which cannot be");
    byte[] encrypted = good.clone();
    ordered(encrypted).putShort(second + 8, (short) 1);
    assertRefused(encrypted).hasMessage("'a/data/0' is encrypted or packed in an unknown way");
  }

  @Test
  void twoEntriesOfOneNameAreRefused() throws IOException {
    Map<String, byte[]> entries = entries(bytes("\u0080\u0002}."));
    entries.put("a/data/1", new byte[1]);
    byte[] file = zip(entries, ZipEntry.STORED);
    for (int i = 0; i + 8 <= file.length; i++) {
      if (new String(file, i, 8, StandardCharsets.ISO_8859_1).equals("a/data/1")) {
        file[i + 7] = '0';
      }
    }
    assertRefused(file).hasMessage("it has two entries 'a/data/0'");
  }

  @Test
  void zipBombsAreRefusedBeforeTheyUnfold() throws IOException {
    byte[] bomb = zip(entries(new byte[100_000_001]), ZipEntry.DEFLATED);
    assertThat(bomb.length).isLessThan(200_000);
    assertRefused(bomb)
        .hasMessage(
            "'a/data.pkl' unpacks to 100000001 bytes, a hundred times what is in the file: store it"
                + " as it is");
    assertRefused(zip(entries(new byte[32_000_001]), ZipEntry.STORED))
        .hasMessage("'a/data.pkl' has 32000001 bytes, more than the 32000000 that are read");
    byte[] liar = PtBytes.resource("deflated");
    int first = directory(liar)[0];
    int size = ordered(liar).getInt(first + 24);
    ordered(liar).putInt(first + 24, 1 << 30);
    assertRefused(liar).hasMessageMatching("'archive/data.pkl' claims 1073741824 bytes out of .*");
    ordered(liar).putInt(first + 24, size + 1);
    assertRefused(liar).hasMessage("the file ends before its tensors do");
    ordered(liar).putInt(first + 24, size - 1);
    assertRefused(liar).hasMessageStartingWith("'archive/data.pkl' does not have its checksum");
  }

  @ParameterizedTest
  @ValueSource(strings = {"views", "deflated"})
  void aChangedNumberIsSeenByEveryViewOfItsStorage(String name) throws IOException {
    byte[] bytes = PtBytes.resource(name);
    int entry = directory(bytes)[1];
    ByteBuffer little = ordered(bytes);
    int header = little.getInt(entry + 42);
    int data = header + 30 + little.getShort(header + 26) + little.getShort(header + 28);
    bytes[data + 20] ^= 1;
    try (PtFile file = PtFile.of(bytes)) {
      for (String view : List.of("whole", "scalar", "column")) {
        assertThatThrownBy(() -> file.tensor(view))
            .isInstanceOf(DamagedFileException.class)
            .hasMessageMatching(
                "'archive/data/0' does not have its checksum.*|deflated data are .*|the file ends .*");
      }
    }
  }

  /** Flips, cuts, doubles, overwrites or copies some bytes. */
  private static byte[] mutated(byte[] whole, Random random) {
    byte[] bytes = whole.clone();
    int changes = 1 + random.nextInt(4);
    for (int i = 0; i < changes && bytes.length > 8; i++) {
      int at = random.nextInt(bytes.length - 8);
      switch (random.nextInt(7)) {
        case 0 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
        case 1 -> bytes[at] = (byte) random.nextInt(256);
        case 2 -> ordered(bytes).putInt(at, random.nextInt());
        case 3 -> ordered(bytes).putLong(at, random.nextBoolean() ? -1 : Long.MAX_VALUE);
        case 4 -> bytes = random.nextInt(8) == 0 ? Arrays.copyOf(bytes, at) : bytes;
        case 5 -> System.arraycopy(bytes, random.nextInt(bytes.length - 8), bytes, at, 8);
        default -> {
          byte[] longer = Arrays.copyOf(bytes, bytes.length + 1);
          System.arraycopy(bytes, at, longer, at + 1, bytes.length - at);
          bytes = longer;
        }
      }
    }
    return bytes;
  }

  private static double[] values(PtFile file, String name) throws IOException {
    try (PointerScope scope = new PointerScope()) {
      return Tensors.toArray(file.tensor(name));
    }
  }

  /** The checksums of the archive let no changed byte through. */
  @Test
  void fortyThousandMutatedFilesEndInAnErrorOrInTheRightTensors() throws IOException {
    Random random = new Random(1);
    int readable = 0;
    for (String name : List.of("model", "deflated")) {
      byte[] whole = PtBytes.resource(name);
      PtFile original = PtFile.of(whole);
      List<String> names = List.copyOf(original.names());
      for (int i = 0; i < 20_000; i++) {
        String chosen = names.get(random.nextInt(names.size()));
        try (PtFile file = PtFile.of(mutated(whole, random))) {
          assertThat(file.entries()).isEqualTo(original.entries());
          assertThat(values(file, chosen)).isEqualTo(values(original, chosen));
          readable++;
        } catch (DamagedFileException e) {
          assertThat(e.getMessage()).isNotBlank();
        }
      }
    }
    assertThat(readable).isBetween(1_000, 39_000);
  }

  /** Without an archive around them, whose checksums would stop them all. */
  @Test
  void sixtyThousandMutatedPicklesEndInAnErrorOrInTensorsThatFit() throws IOException {
    Random random = new Random(2);
    int readable = 0;
    for (String name : List.of("views", "checkpoint", "protocol4")) {
      byte[] pickle =
          Objects.requireNonNull(PtBytes.unzip(PtBytes.resource(name)).get("archive/data.pkl"));
      for (int i = 0; i < 20_000; i++) {
        try {
          Flattened values = Flattened.of(Unpickler.read(mutated(pickle, random)));
          values.tensors().values().forEach(DamagedPtFileTest::assertFits);
          readable++;
        } catch (DamagedFileException e) {
          assertThat(e.getMessage()).isNotBlank();
        }
      }
    }
    assertThat(readable).isBetween(1_000, 59_000);
  }

  private static void assertFits(PickledTensor any) {
    if (!(any instanceof StridedTensor tensor)) {
      assertThat(any.entry().refusal()).isPresent();
      return;
    }
    long last = tensor.offset();
    long least = last;
    for (int i = 0; i < tensor.shape().size(); i++) {
      last += (tensor.shape().get(i) - 1) * tensor.strides().get(i);
      least = Math.min(least, Math.min(tensor.shape().get(i), tensor.strides().get(i)));
    }
    boolean inside = (last + 1) * tensor.type().bytes() <= tensor.storage().bytes();
    assertThat(least >= 0 && (inside || tensor.count() == 0)).as("%s", tensor).isTrue();
  }
}
