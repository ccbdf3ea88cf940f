package dev.noether.io.pickle;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipArchiveOutputStream;
import org.apache.commons.compress.archivers.zip.ZipFile;
import org.apache.commons.compress.utils.SeekableInMemoryByteChannel;

/** Files of PyTorch's for tests: those of the resources, and pickles put together by hand. */
public final class PtBytes {
  private PtBytes() {}

  /** A file that {@code tools/make_pt_files.py} wrote. */
  public static byte[] resource(String name) throws IOException {
    try (InputStream stream =
        PtBytes.class.getResourceAsStream("/dev/noether/io/" + name + ".pt")) {
      return Objects.requireNonNull(stream).readAllBytes();
    }
  }

  /** The entries of an archive, in its order. */
  public static Map<String, byte[]> unzip(byte[] archive) throws IOException {
    Map<String, byte[]> entries = new LinkedHashMap<>();
    try (ZipFile zip =
        ZipFile.builder().setSeekableByteChannel(new SeekableInMemoryByteChannel(archive)).get()) {
      for (ZipArchiveEntry entry : Collections.list(zip.getEntries())) {
        try (InputStream stream = zip.getInputStream(entry)) {
          entries.put(entry.getName(), stream.readAllBytes());
        }
      }
    }
    return entries;
  }

  /** An archive of these entries, with checksums that are right. */
  public static byte[] zip(Map<String, byte[]> entries, int method) throws IOException {
    SeekableInMemoryByteChannel channel = new SeekableInMemoryByteChannel();
    try (ZipArchiveOutputStream zip = new ZipArchiveOutputStream(channel)) {
      for (Map.Entry<String, byte[]> e : entries.entrySet()) {
        ZipArchiveEntry entry = new ZipArchiveEntry(e.getKey());
        entry.setMethod(method);
        entry.setSize(e.getValue().length);
        zip.putArchiveEntry(entry);
        zip.write(e.getValue());
        zip.closeArchiveEntry();
      }
      zip.finish();
      return Arrays.copyOf(channel.array(), (int) channel.size());
    }
  }

  /** The entries of a file around a pickle: storage 0 holds the bytes 0 to 15. */
  public static Map<String, byte[]> entries(byte[] pickle) {
    Map<String, byte[]> entries = new LinkedHashMap<>();
    entries.put("a/data.pkl", pickle);
    byte[] numbers = new byte[16];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = (byte) i;
    }
    entries.put("a/data/0", numbers);
    entries.put("a/version", "3\n".getBytes(StandardCharsets.UTF_8));
    return entries;
  }

  /** A file around a pickle of protocol 2, whose bytes are the characters of a text. */
  public static byte[] file(String pickle) throws IOException {
    return zip(entries(bytes("\u0080\u0002" + pickle)), ZipArchiveEntry.STORED);
  }

  public static byte[] bytes(String characters) {
    return characters.getBytes(StandardCharsets.ISO_8859_1);
  }

  public static String text(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    return "X" + little(bytes.length) + new String(bytes, StandardCharsets.ISO_8859_1);
  }

  /** Four bytes, lowest first. */
  public static String little(int number) {
    return little(number, Integer.BYTES);
  }

  /** Eight bytes, lowest first. */
  public static String little(long number) {
    return little(number, Long.BYTES);
  }

  private static String little(long number, int bytes) {
    StringBuilder characters = new StringBuilder();
    for (int i = 0; i < bytes; i++) {
      characters.append((char) ((number >> (Byte.SIZE * i)) & 0xff));
    }
    return characters.toString();
  }

  public static String whole(long number) {
    return "\u008a\u0008" + little(number);
  }

  public static String global(String module, String name) {
    return "c" + module + "\n" + name + "\n";
  }

  public static String tuple(String... items) {
    return "(" + String.join("", items) + "t";
  }

  public static String tuple(long... numbers) {
    return Arrays.stream(numbers)
        .mapToObj(PtBytes::whole)
        .collect(Collectors.joining("", "(", "t"));
  }

  public static String storage(String kind, String key, long count) {
    return tuple(text("storage"), global("torch", kind), text(key), text("cpu"), whole(count))
        + "Q";
  }

  /** A tensor of float32 in storage 0. */
  public static String tensor(long offset, String shape, String strides) {
    return call(
        "_rebuild_tensor_v2",
        storage("FloatStorage", "0", 4),
        whole(offset),
        shape,
        strides,
        "\u0089",
        "N");
  }

  public static String call(String function, String... arguments) {
    return global("torch._utils", function) + tuple(arguments) + "R";
  }

  /** A dict of one entry. */
  public static String dict(String key, String value) {
    return "}" + text(key) + value + "s";
  }
}
