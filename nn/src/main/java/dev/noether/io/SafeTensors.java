package dev.noether.io;

import static dev.noether.algebra.Checks.require;
import static dev.noether.algebra.Checks.requirePresent;

import dev.noether.torch.Tensors;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A safetensors file: a JSON header that names tensors, then their bytes.
 *
 * <p>Opening reads the header alone and checks it against the size of the file; each tensor is read
 * when it is asked for, so a file may be larger than memory. The format: eight bytes with the
 * length of the header (little-endian), the header {@code {"name": {"dtype", "shape",
 * "data_offsets": [begin, end)}}}, then the data without gaps.
 */
public final class SafeTensors implements TensorFile {
  /** No header of a real model comes near; a larger one is a damaged file. */
  private static final long LARGEST_HEADER = 100_000_000;

  private static final int LENGTH_BYTES = 8;
  private static final String METADATA = "__metadata__";
  private static final JsonMapper MAPPER =
      JsonMapper.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

  /** A tensor and its bytes, counted from the end of the header. */
  private record Place(StoredType type, List<Long> shape, long begin, long end) {
    Entry entry() {
      return new Entry(type.dtype(), shape, end - begin);
    }
  }

  private final Source source;
  private final long dataStart;
  private final Map<String, Entry> entries;
  private final Map<String, Place> places;
  private final Map<String, String> metadata;

  private SafeTensors(
      Source source,
      long dataStart,
      Map<String, Entry> entries,
      Map<String, Place> places,
      Map<String, String> metadata) {
    this.source = source;
    this.dataStart = dataStart;
    this.entries = Collections.unmodifiableMap(entries);
    this.places = places;
    this.metadata = Collections.unmodifiableMap(metadata);
  }

  /**
   * Opens a file and reads its header.
   *
   * @param path the file
   * @return the tensors, to be read one by one and closed
   * @throws DamagedFileException if the header is not one, or does not fit the file
   * @throws IOException if the file cannot be read
   */
  public static SafeTensors open(Path path) throws IOException {
    return Source.open(path, SafeTensors::parse);
  }

  /**
   * Reads the header of a file that is in memory.
   *
   * @param bytes the whole file; copied
   * @return the tensors, to be read one by one
   * @throws DamagedFileException if the header is not one, or does not fit the bytes
   * @throws IOException never otherwise
   */
  public static SafeTensors of(byte[] bytes) throws IOException {
    return Source.open(bytes, SafeTensors::parse);
  }

  private static SafeTensors parse(Source source) throws IOException {
    long size = source.size();
    if (size < LENGTH_BYTES) {
      throw new DamagedFileException("a safetensors file has at least 8 bytes, got " + size);
    }
    ByteBuffer length = ByteBuffer.allocate(LENGTH_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    source.read(0, length);
    long header = length.flip().getLong();
    if (header < 2 || header > LARGEST_HEADER || header > size - LENGTH_BYTES) {
      throw new DamagedFileException("its header claims " + header + " bytes in a file of " + size);
    }
    ByteBuffer json = ByteBuffer.allocate((int) header);
    source.read(LENGTH_BYTES, json);
    Map<String, Entry> entries = new LinkedHashMap<>();
    Map<String, Place> places = new LinkedHashMap<>();
    Map<String, String> metadata = Map.of();
    for (Map.Entry<String, JsonNode> field : tree(json.array()).properties()) {
      String name = field.getKey();
      if (name.equals(METADATA)) {
        metadata = texts(field.getValue());
      } else {
        Place place = place(name, field.getValue());
        requireRoom(name, place);
        places.put(name, place);
        entries.put(name, place.entry());
      }
    }
    long dataStart = LENGTH_BYTES + header;
    requireCovered(places, size - dataStart);
    return new SafeTensors(source, dataStart, entries, places, metadata);
  }

  private static Map<String, String> texts(JsonNode node) throws DamagedFileException {
    Map<String, String> texts = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> field : node.properties()) {
      if (!field.getValue().isString()) {
        throw new DamagedFileException(METADATA + " holds texts, got " + field.getValue());
      }
      texts.put(field.getKey(), field.getValue().asString());
    }
    if (!node.isObject()) {
      throw new DamagedFileException(METADATA + " must be an object of texts, got " + node);
    }
    return texts;
  }

  private static JsonNode tree(byte[] json) throws DamagedFileException {
    try {
      JsonNode tree = MAPPER.readTree(new String(json, StandardCharsets.UTF_8));
      if (!tree.isObject()) {
        throw new DamagedFileException("its header is not a JSON object");
      }
      return tree;
    } catch (JacksonException e) {
      throw new DamagedFileException("its header is not JSON: " + e.getOriginalMessage(), e);
    }
  }

  private static Place place(String name, JsonNode node) throws DamagedFileException {
    JsonNode dtype = node.path("dtype");
    JsonNode offsets = node.path("data_offsets");
    if (!dtype.isString()
        || !node.path("shape").isArray()
        || !offsets.isArray()
        || offsets.size() != 2) {
      throw new DamagedFileException("'" + name + "' needs a dtype, a shape and two data_offsets");
    }
    StoredType type = StoredType.named(dtype.asString()).orElse(null);
    if (type == null) {
      throw new DamagedFileException("'" + name + "' has the unknown dtype " + dtype.asString());
    }
    return new Place(
        type, shape(name, node), whole(name, offsets.get(0)), whole(name, offsets.get(1)));
  }

  private static List<Long> shape(String name, JsonNode node) throws DamagedFileException {
    List<Long> axes = new ArrayList<>();
    for (JsonNode axis : node.path("shape")) {
      axes.add(whole(name, axis));
    }
    return axes;
  }

  private static void requireRoom(String name, Place place) throws DamagedFileException {
    long count;
    try {
      count = place.type.bytes(place.shape);
    } catch (ArithmeticException e) {
      throw new DamagedFileException(
          "'" + name + "' has a shape beyond any memory: " + place.shape, e);
    }
    long given = place.end - place.begin;
    if (given != count) {
      throw new DamagedFileException(
          "'" + name + "' needs " + count + " bytes for its shape, its offsets give " + given);
    }
  }

  private static long whole(String name, JsonNode number) throws DamagedFileException {
    if (!number.isIntegralNumber() || !number.canConvertToLong() || number.asLong() < 0) {
      throw new DamagedFileException(
          "'" + name + "' has " + number + " where a number from 0 on must be");
    }
    return number.asLong();
  }

  /** The tensors lie side by side, from the first byte of the data to its last. */
  private static void requireCovered(Map<String, Place> places, long size)
      throws DamagedFileException {
    List<Map.Entry<String, Place>> sorted = new ArrayList<>(places.entrySet());
    sorted.sort(
        Comparator.comparingLong((Map.Entry<String, Place> e) -> e.getValue().begin())
            .thenComparingLong(e -> e.getValue().end()));
    long next = 0;
    for (Map.Entry<String, Place> e : sorted) {
      if (e.getValue().begin() != next) {
        throw new DamagedFileException(
            "'" + e.getKey() + "' begins at " + e.getValue().begin() + ", expected " + next);
      }
      next = e.getValue().end();
    }
    if (next != size) {
      throw new DamagedFileException("its tensors take " + next + " bytes, the file has " + size);
    }
  }

  @Override
  public Map<String, String> metadata() {
    return metadata;
  }

  @Override
  public Map<String, Entry> entries() {
    return entries;
  }

  @Override
  public Tensor tensor(String name) throws IOException {
    Place place = requirePresent(places.get(name), "no tensor '%s'; there are %s", name, names());
    long[] shape = StridedTensor.array(place.shape);
    Tensor tensor = NativeBytes.empty(place.type, shape);
    source.read(dataStart + place.begin, tensor, place.end - place.begin);
    return tensor;
  }

  /**
   * Writes a file, whole or not at all.
   *
   * @param path the file, replaced if it is there
   * @param tensors tensors by name, in the order of the file, on any device
   * @param metadata texts to go with them
   * @throws IllegalArgumentException if a tensor has a dtype that the format lacks, or is called
   *     {@code __metadata__}
   * @throws IOException if the file cannot be written; an old one is then as it was
   */
  public static void write(Path path, Map<String, Tensor> tensors, Map<String, String> metadata)
      throws IOException {
    byte[] header = header(tensors, metadata);
    AtomicFiles.write(
        path,
        channel -> {
          ByteBuffer length = ByteBuffer.allocate(LENGTH_BYTES).order(ByteOrder.LITTLE_ENDIAN);
          NativeBytes.writeFully(channel, length.putLong(header.length).flip());
          NativeBytes.writeFully(channel, ByteBuffer.wrap(header));
          for (Map.Entry<String, Tensor> e : tensors.entrySet()) {
            try (PointerScope scope = new PointerScope()) {
              long bytes = e.getValue().numel() * StoredType.of(e.getKey(), e.getValue()).bytes();
              NativeBytes.write(NativeBytes.plain(e.getValue()), bytes, channel);
            }
          }
        });
  }

  /** The header as JSON, filled with spaces so that the data begins at a multiple of 8. */
  private static byte[] header(Map<String, Tensor> tensors, Map<String, String> metadata) {
    ObjectNode root = MAPPER.createObjectNode();
    if (!metadata.isEmpty()) {
      ObjectNode texts = root.putObject(METADATA);
      metadata.forEach(texts::put);
    }
    long begin = 0;
    for (Map.Entry<String, Tensor> e : tensors.entrySet()) {
      require(!e.getKey().equals(METADATA), "no tensor can be called '%s'", METADATA);
      StoredType type = StoredType.of(e.getKey(), e.getValue());
      long end = begin + e.getValue().numel() * type.bytes();
      ObjectNode node = root.putObject(e.getKey()).put("dtype", type.name());
      ArrayNode shape = node.putArray("shape");
      Arrays.stream(Tensors.shape(e.getValue())).forEach(shape::add);
      node.putArray("data_offsets").add(begin).add(end);
      begin = end;
    }
    byte[] json = MAPPER.writeValueAsBytes(root);
    require(
        json.length < LARGEST_HEADER,
        "the names and texts take %d bytes, a header has at most %d",
        json.length,
        LARGEST_HEADER);
    byte[] padded =
        Arrays.copyOf(json, (json.length + LENGTH_BYTES - 1) / LENGTH_BYTES * LENGTH_BYTES);
    Arrays.fill(padded, json.length, padded.length, (byte) ' ');
    return padded;
  }

  @Override
  public void close() throws IOException {
    source.close();
  }

  /** The names and shapes. */
  @Override
  public String toString() {
    return "SafeTensors" + Arrays.toString(names().toArray());
  }
}
