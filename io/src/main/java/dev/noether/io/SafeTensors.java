package dev.noether.io;

import static dev.noether.algebra.Checks.require;
import static dev.noether.algebra.Checks.requirePresent;

import dev.noether.algebra.Limits;
import dev.noether.io.SafeTensorsHeader.Place;
import dev.noether.io.bytes.ByteSource;
import dev.noether.io.bytes.NativeBytes;
import dev.noether.io.bytes.StoredType;
import dev.noether.torch.Tensors;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
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
  private static final int LENGTH_BYTES = 8;
  private static final String METADATA = SafeTensorsHeader.METADATA;
  private static final JsonMapper MAPPER = new JsonMapper();

  private final ByteSource source;
  private final long dataStart;
  private final Map<String, Place> places;
  private final Map<String, Entry> entries;
  private final Map<String, String> metadata;

  private SafeTensors(ByteSource source, long dataStart, SafeTensorsHeader header) {
    this.source = source;
    this.dataStart = dataStart;
    places = header.places();
    metadata = Collections.unmodifiableMap(header.texts());
    Map<String, Entry> found = new LinkedHashMap<>();
    places.forEach((name, place) -> found.put(name, place.entry()));
    entries = Collections.unmodifiableMap(found);
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
    return ByteSource.open(path, SafeTensors::parse);
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
    return ByteSource.open(bytes, SafeTensors::parse);
  }

  private static SafeTensors parse(ByteSource source) throws IOException {
    long size = source.size();
    if (size < LENGTH_BYTES) {
      throw new DamagedFileException("a safetensors file has at least 8 bytes, got " + size);
    }
    ByteBuffer length = ByteBuffer.allocate(LENGTH_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    source.read(0, length);
    long header = length.flip().getLong();
    if (header < 2 || header > Limits.HEADER_BYTES || header > size - LENGTH_BYTES) {
      throw new DamagedFileException("its header claims " + header + " bytes in a file of " + size);
    }
    ByteBuffer json = ByteBuffer.allocate((int) header);
    source.read(LENGTH_BYTES, json);
    long dataStart = LENGTH_BYTES + header;
    return new SafeTensors(
        source, dataStart, SafeTensorsHeader.read(json.array(), size - dataStart));
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
    try {
      if (place.type().isEmpty()) {
        throw new UnreadableTensorException(
            "'" + name + "' " + place.entry().refusal().orElse("is not read"));
      }
      Tensor tensor =
          NativeBytes.empty(name, place.type().get(), NativeBytes.array(place.entry().shape()));
      source.read(dataStart + place.begin(), tensor, place.end() - place.begin());
      return tensor;
    } catch (IOException e) {
      throw source.named(e);
    }
  }

  /**
   * Where the bytes of a tensor begin, for whoever maps the file instead of reading it.
   *
   * @param name its name
   * @return the offset from the start of the file
   * @throws IllegalArgumentException if there is none of that name
   */
  public long offset(String name) {
    Place place = requirePresent(places.get(name), "no tensor '%s'; there are %s", name, names());
    return dataStart + place.begin();
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
    AtomicFiles.write(path, channel -> write(header, tensors, channel));
  }

  /**
   * A file in memory.
   *
   * @param tensors tensors by name, in the order of the file, on any device
   * @param metadata texts to go with them
   * @return the whole file, as {@link #of} takes it
   * @throws IllegalArgumentException as {@link #write}
   */
  public static byte[] toBytes(Map<String, Tensor> tensors, Map<String, String> metadata) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (WritableByteChannel channel = Channels.newChannel(bytes)) {
      write(header(tensors, metadata), tensors, channel);
    } catch (IOException e) {
      throw new UncheckedIOException(e); // memory does not fail
    }
    return bytes.toByteArray();
  }

  private static void write(byte[] header, Map<String, Tensor> tensors, WritableByteChannel channel)
      throws IOException {
    ByteBuffer length = ByteBuffer.allocate(LENGTH_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    NativeBytes.writeFully(channel, length.putLong(header.length).flip());
    NativeBytes.writeFully(channel, ByteBuffer.wrap(header));
    for (Map.Entry<String, Tensor> e : tensors.entrySet()) {
      try (PointerScope scope = new PointerScope()) {
        long bytes = e.getValue().numel() * StoredType.of(e.getKey(), e.getValue()).bytes();
        NativeBytes.write(NativeBytes.plain(e.getKey(), e.getValue()), bytes, channel);
      }
    }
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
      require(
          type.isInSafeTensors(),
          "'%s' is %s, which safetensors lacks: write a file of PyTorch's, or the real view of it, "
              + "torch.view_as_real",
          e.getKey(),
          type.dtype());
      long end = begin + e.getValue().numel() * type.bytes();
      ObjectNode node = root.putObject(e.getKey()).put("dtype", type.name());
      ArrayNode shape = node.putArray("shape");
      Arrays.stream(Tensors.shape(e.getValue())).forEach(shape::add);
      node.putArray("data_offsets").add(begin).add(end);
      begin = end;
    }
    byte[] json = MAPPER.writeValueAsBytes(root);
    require(
        json.length < Limits.HEADER_BYTES,
        "the names and texts take %d bytes, a header has at most %d",
        json.length,
        Limits.HEADER_BYTES);
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
