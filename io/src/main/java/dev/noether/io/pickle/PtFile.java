package dev.noether.io.pickle;

import static dev.noether.algebra.Checks.require;
import static dev.noether.algebra.Checks.requirePresent;

import dev.noether.algebra.Limits;
import dev.noether.io.AtomicFiles;
import dev.noether.io.DamagedFileException;
import dev.noether.io.TensorFile;
import dev.noether.io.UnreadableTensorException;
import dev.noether.io.bytes.ByteSource;
import dev.noether.io.bytes.FirstBytes;
import dev.noether.io.bytes.NativeBytes;
import dev.noether.io.bytes.StoredType;
import dev.noether.torch.Scopes;
import dev.noether.torch.Tensors;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Tensor;

/**
 * A file of PyTorch's, as {@code torch.save} writes it since 1.6: a zip archive with a pickle that
 * names tensors, and their numbers beside it.
 *
 * <p>State dicts, nested checkpoints, lists and single tensors are read. A tensor is called by the
 * keys that lead to it, joined with dots: {@code {"model": {"0.weight": w}, "epoch": 3}} holds
 * {@code model.0.weight}, and {@link #metadata} holds {@code epoch}; a file of one tensor calls it
 * {@code tensor}. Opening reads the pickle alone; each tensor is read when it is asked for.
 *
 * <p>Nothing in a file is executed: a pickle that names anything but tensors, dicts and plain
 * values is refused. Tensors of other kinds, as quantized and sparse ones, are named in {@link
 * #entries} and not read; those beside them are. Tensors have the strides that they were saved
 * with, except that a part of a storage is cut out of it.
 */
public final class PtFile implements TensorFile {
  private static final int SMALL = 64;

  /** Of PyTorch's archives; it reads 1 to 10 itself. */
  private static final int LAST_VERSION = 10;

  private final ByteSource source;
  private final Archive archive;
  private final String root;
  private final boolean bigEndian;
  private final Map<String, PickledTensor> tensors;
  private final Map<String, Entry> entries;
  private final Map<String, String> metadata;

  private PtFile(
      ByteSource source,
      Archive archive,
      String root,
      boolean bigEndian,
      Map<String, PickledTensor> tensors,
      Map<String, String> metadata) {
    this.source = source;
    this.archive = archive;
    this.root = root;
    this.bigEndian = bigEndian;
    this.tensors = tensors;
    this.metadata = Collections.unmodifiableMap(metadata);
    Map<String, Entry> found = new LinkedHashMap<>();
    tensors.forEach((name, tensor) -> found.put(name, tensor.entry()));
    this.entries = Collections.unmodifiableMap(found);
  }

  /**
   * Opens a file and reads its pickle.
   *
   * @param path the file
   * @return the tensors, to be read one by one and closed
   * @throws DamagedFileException if the file is damaged, or holds what is refused
   * @throws IOException if the file cannot be read
   */
  public static PtFile open(Path path) throws IOException {
    return ByteSource.open(path, PtFile::read);
  }

  /**
   * Reads the pickle of a file that is in memory.
   *
   * @param bytes the whole file; copied
   * @return the tensors, to be read one by one
   * @throws DamagedFileException if the bytes are damaged, or hold what is refused
   * @throws IOException never otherwise
   */
  public static PtFile of(byte[] bytes) throws IOException {
    return ByteSource.open(bytes, PtFile::read);
  }

  private static void requireZip(ByteSource source) throws IOException {
    ByteBuffer start = ByteBuffer.allocate((int) Math.min(ByteSource.START, source.size()));
    source.read(0, start);
    if (!FirstBytes.isZip(start.array())) {
      throw new DamagedFileException(
          FirstBytes.isPickle(start.array())
              ? "it is a pickle as PyTorch wrote before 1.6: load and save it once with a newer one"
              : "a file of PyTorch's begins as a zip archive, this one does not");
    }
  }

  private static String root(Archive archive) throws DamagedFileException {
    String found = null;
    for (String name : archive.names()) {
      if (name.endsWith("/data.pkl") && name.indexOf('/') == name.lastIndexOf('/')) {
        if (found != null) {
          throw new DamagedFileException("it has two pickles: " + found + "data.pkl and " + name);
        }
        found = name.substring(0, name.length() - "data.pkl".length());
      }
    }
    if (found == null) {
      throw new DamagedFileException(
          "a file of PyTorch's has an entry NAME/data.pkl, this zip archive has none");
    }
    if (archive.has(found + "constants.pkl")) {
      throw new DamagedFileException(
          "it is a TorchScript program, not a state dict: save model.state_dict()");
    }
    return found;
  }

  private static PtFile read(ByteSource source) throws IOException {
    requireZip(source);
    Archive archive = Archive.open(source);
    String root = root(archive);
    boolean bigEndian = isBigEndian(archive, root + "byteorder");
    requireKnownVersion(archive, root + "version");
    requireKnownVersion(archive, root + ".data/version");
    byte[] pickle = archive.bytes(root + "data.pkl", Limits.PICKLE_BYTES);
    Flattened all = Flattened.of(Unpickler.read(pickle));
    for (PickledTensor tensor : all.tensors().values()) {
      if (tensor instanceof StridedTensor strided) {
        requireStorage(archive, root, strided);
      }
    }
    return new PtFile(source, archive, root, bigEndian, all.tensors(), all.texts());
  }

  private static void requireStorage(Archive archive, String root, StridedTensor tensor)
      throws DamagedFileException {
    StridedTensor.Storage storage = tensor.storage();
    long size = tensor.count() == 0 ? storage.bytes() : archive.size(key(root, storage));
    if (size != storage.bytes()) {
      throw new DamagedFileException(
          String.format(
              Locale.ROOT,
              "storage '%s' must have %d bytes, it has %d",
              storage.key(),
              storage.bytes(),
              size));
    }
  }

  private static String key(String root, StridedTensor.Storage storage) {
    return root + "data/" + storage.key();
  }

  private static boolean isBigEndian(Archive archive, String name) throws IOException {
    String order = archive.has(name) ? small(archive, name) : "little";
    if (!order.equals("little") && !order.equals("big")) {
      throw new DamagedFileException("the byte order is little or big, got '" + order + "'");
    }
    return order.equals("big");
  }

  private static void requireKnownVersion(Archive archive, String name) throws IOException {
    String version = archive.has(name) ? small(archive, name) : "1";
    if (!version.matches("[1-9]\\d?") || Integer.parseInt(version) > LAST_VERSION) {
      throw new DamagedFileException(
          "archives of version 1 to " + LAST_VERSION + " are read, got '" + version + "'");
    }
  }

  private static String small(Archive archive, String name) throws IOException {
    return new String(archive.bytes(name, SMALL), StandardCharsets.UTF_8).strip();
  }

  /**
   * A part of a nested checkpoint: {@code select("model")} of {@code {"model": {"0.weight": w}}}
   * holds {@code 0.weight}.
   *
   * @param part the keys that lead to the part, joined with dots
   * @return its tensors and texts, read from this file as long as it is open
   * @throws IllegalArgumentException if no tensor is under the name
   */
  public PtFile select(String part) {
    Map<String, PickledTensor> chosen = TensorFile.part(tensors, part);
    require(!chosen.isEmpty(), "no tensor is under '%s'; there are %s", part, names());
    return new PtFile(source, archive, root, bigEndian, chosen, TensorFile.part(metadata, part));
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
    PickledTensor stored =
        requirePresent(tensors.get(name), "no tensor '%s'; there are %s", name, names());
    try {
      if (stored instanceof StridedTensor strided) {
        return tensor(name, strided);
      }
      throw new UnreadableTensorException(
          "'" + name + "' " + stored.entry().refusal().orElse("is not read"));
    } catch (IOException e) {
      throw source.named(e);
    }
  }

  private Tensor tensor(String name, StridedTensor stored) throws IOException {
    long[] shape = NativeBytes.array(stored.shape());
    if (stored.count() == 0) {
      return NativeBytes.empty(name, stored.type(), shape);
    }
    int width = stored.type().bytes();
    long bytes = stored.span() * width;
    Tensor numbers = NativeBytes.empty(name, stored.type(), stored.span());
    try {
      archive.read(key(root, stored.storage()), stored.offset() * width, numbers, bytes);
      if (bigEndian) {
        int word = stored.type().wordBytes();
        NativeBytes.forEach(numbers, bytes, piece -> reverse(piece, word));
      }
      return Scopes.compute(() -> view(numbers, stored, shape));
    } finally {
      numbers.deallocate();
    }
  }

  /** Never larger than what was read: an expanded axis stays one, a cut-out drops the rest. */
  private static Tensor view(Tensor numbers, StridedTensor stored, long[] shape) {
    if (stored.isContiguous()) {
      return numbers.view(shape);
    }
    long[] strides = NativeBytes.array(stored.strides());
    Tensor view = numbers.as_strided(shape, strides, new LongOptional(0));
    return stored.count() < stored.span() ? view.contiguous() : view;
  }

  private static void reverse(ByteBuffer piece, int width) {
    for (int start = 0; start < piece.limit(); start += width) {
      for (int i = 0; i < width / 2; i++) {
        byte low = piece.get(start + i);
        piece.put(start + i, piece.get(start + width - 1 - i));
        piece.put(start + width - 1 - i, low);
      }
    }
  }

  /**
   * Writes a state dict that {@code torch.load(path, weights_only=True)} reads, whole or not at
   * all.
   *
   * @param path the file, replaced if it is there
   * @param tensors tensors by name, in the order of the file, on any device
   * @throws IllegalArgumentException if a tensor has a dtype that the format lacks
   * @throws IOException if the file cannot be written; an old one is then as it was
   */
  public static void write(Path path, Map<String, Tensor> tensors) throws IOException {
    Pickler pickler = new Pickler();
    int count = 0;
    for (Map.Entry<String, Tensor> e : tensors.entrySet()) {
      StoredType type = StoredType.of(e.getKey(), e.getValue());
      pickler.tensor(e.getKey(), type, String.valueOf(count++), Tensors.shape(e.getValue()));
    }
    byte[] pickle = pickler.end();
    AtomicFiles.write(
        path,
        channel -> {
          try (ArchiveWriter archive = new ArchiveWriter(channel)) {
            archive.put("archive/data.pkl", pickle);
            archive.put("archive/byteorder", "little".getBytes(StandardCharsets.US_ASCII));
            int key = 0;
            for (Map.Entry<String, Tensor> e : tensors.entrySet()) {
              write(archive, "archive/data/" + key++, e.getKey(), e.getValue());
            }
            archive.put("archive/version", "3\n".getBytes(StandardCharsets.US_ASCII));
          }
        });
  }

  private static void write(ArchiveWriter archive, String entry, String name, Tensor tensor)
      throws IOException {
    try (PointerScope scope = new PointerScope()) {
      long bytes = tensor.numel() * StoredType.of(name, tensor).bytes();
      archive.put(entry, NativeBytes.plain(name, tensor), bytes);
    }
  }

  @Override
  public void close() throws IOException {
    archive.close();
  }

  /** The names. */
  @Override
  public String toString() {
    return "PtFile" + names();
  }
}
