package dev.noether.runtime;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A model's file: safetensors with float32 or int8 tensors, whose header holds the graph as text
 * and a hash of the graph and all numbers. Nothing is allocated that the file cannot show for.
 */
final class TensorStore {
  private static final int HEADER_BYTES = 50_000_000;

  @SuppressWarnings("ArrayRecordComponent") // never compared, never shown
  private record Place(int[] shape, int start, int end, boolean whole) {}

  private final Map<String, Place> places = new LinkedHashMap<>();
  private final byte[] data;
  private final String graph;

  private TensorStore(Fields header, Map<?, ?> all, byte[] data) throws ModelFileException {
    this.data = data;
    header.requireOnly("format", "version", "graph", "sha256");
    graph = header.text("graph");
    for (Map.Entry<?, ?> entry : all.entrySet()) {
      if (!entry.getKey().equals("__metadata__")) {
        String name = (String) entry.getKey();
        places.put(name, place(Fields.of(entry.getValue(), name), name));
      }
    }
    verify(header.text("sha256"));
  }

  private Place place(Fields tensor, String name) throws ModelFileException {
    tensor.requireOnly("dtype", "shape", "data_offsets");
    int[] range = tensor.wholes("data_offsets", 0, data.length);
    int[] shape = tensor.wholes("shape", 0, Integer.MAX_VALUE);
    boolean whole = tensor.text("dtype").equals("I8");
    long bytes = whole ? 1 : 4;
    for (int axis : shape) {
      bytes = Math.min(bytes * axis, Integer.MAX_VALUE + 1L);
    }
    if (!(whole || tensor.text("dtype").equals("F32"))
        || range.length != 2
        || range[1] - (long) range[0] != bytes) {
      throw tensor.damaged("data_offsets of " + name);
    }
    return new Place(shape, range[0], range[1], whole);
  }

  private void verify(String hash) throws ModelFileException {
    if (!hash(graph, table(), data).equals(hash)) {
      throw new ModelFileException(
          "the model is damaged: its numbers or its graph are not those that were written");
    }
  }

  /** A line for each tensor: its name, shape and end. */
  private String table() {
    StringBuilder table = new StringBuilder();
    places.forEach((name, place) -> table.append(line(name, place.shape, place.end)));
    return table.toString();
  }

  /** What the hash covers of a tensor's place in the file. */
  static String line(String name, int[] shape, long end) {
    return name + " " + Arrays.toString(shape) + " " + end + "\n";
  }

  /** The SHA-256 of the graph's text, the tensors' places and their numbers, in hexadecimal. */
  static String hash(String graph, String table, byte[] data) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(graph.getBytes(StandardCharsets.UTF_8));
      digest.update(table.getBytes(StandardCharsets.UTF_8));
      digest.update(data);
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  /**
   * Reads a file whole.
   *
   * @throws ModelFileException if it is no model or damaged
   */
  static TensorStore read(InputStream stream) throws IOException {
    byte[] first = stream.readNBytes(8);
    if (first.length < 8) {
      throw new ModelFileException("no model: the file ends in its first eight bytes");
    }
    long length = ByteBuffer.wrap(first).order(ByteOrder.LITTLE_ENDIAN).getLong();
    if (length < 2 || length > HEADER_BYTES) {
      throw new ModelFileException(
          "no model: it needs a header of 2 to " + HEADER_BYTES + " bytes, got " + length);
    }
    byte[] header = stream.readNBytes((int) length);
    if (header.length < length) {
      throw new ModelFileException("the model is cut off: the file ends in its header");
    }
    Object all = Json.parse(text(header));
    Fields object = Fields.of(all, "the header");
    if (!object.has("__metadata__")) {
      throw new ModelFileException("no model of this runtime: make one with noether export");
    }
    Fields metadata = Fields.of(((Map<?, ?>) all).get("__metadata__"), "the header");
    if (!metadata.has("format") || !metadata.text("format").equals(Model.FORMAT)) {
      throw new ModelFileException("no model of this runtime: make one with noether export");
    }
    String version = metadata.text("version");
    if (!version.equals(Model.VERSION)) {
      throw new ModelFileException(
          "the model is of version "
              + version
              + ", and this runtime reads "
              + Model.VERSION
              + ": export it again");
    }
    return new TensorStore(metadata, (Map<?, ?>) all, rest(stream, bytes((Map<?, ?>) all)));
  }

  /** How many bytes of numbers the header tells of. */
  private static long bytes(Map<?, ?> all) throws ModelFileException {
    long bytes = 0;
    for (Map.Entry<?, ?> entry : all.entrySet()) {
      if (!entry.getKey().equals("__metadata__")) {
        String name = (String) entry.getKey();
        bytes = Math.max(bytes, Fields.of(entry.getValue(), name).last("data_offsets"));
      }
    }
    return bytes;
  }

  private static byte[] rest(InputStream stream, long bytes) throws IOException {
    long most = Runtime.getRuntime().maxMemory();
    if (bytes > Math.min(most / 3, Integer.MAX_VALUE - 8)) {
      throw new ModelFileException(
          "the model has "
              + bytes
              + " bytes of numbers, more than this JVM has memory for ("
              + most
              + "): raise -Xmx");
    }
    byte[] data = stream.readNBytes((int) bytes);
    if (data.length < bytes || stream.read() >= 0) {
      throw new ModelFileException(
          "the model is damaged: its numbers are not as many as its header says");
    }
    return data;
  }

  private static String text(byte[] header) throws ModelFileException {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(header)).toString();
    } catch (CharacterCodingException e) {
      throw new ModelFileException("the model's header is damaged: no UTF-8");
    }
  }

  String graph() {
    return graph;
  }

  int[] shape(String name) throws ModelFileException {
    return place(name).shape.clone();
  }

  float[] numbers(String name) throws ModelFileException {
    Place place = place(name);
    if (place.whole) {
      float[] levels = new float[place.end - place.start];
      for (int i = 0; i < levels.length; i++) {
        levels[i] = data[place.start + i];
      }
      return levels;
    }
    float[] numbers = new float[(place.end - place.start) / 4];
    ByteBuffer.wrap(data, place.start, place.end - place.start)
        .order(ByteOrder.LITTLE_ENDIAN)
        .asFloatBuffer()
        .get(numbers);
    return numbers;
  }

  private Place place(String name) throws ModelFileException {
    Place place = places.get(name);
    if (place == null) {
      throw new ModelFileException("the model is damaged: it has no tensor '" + name + "'");
    }
    return place;
  }
}
