package dev.noether.io;

import static dev.noether.algebra.Checks.require;

import dev.noether.io.bytes.NativeBytes;
import dev.noether.io.bytes.StoredType;
import dev.noether.nn.Architecture;
import dev.noether.nn.Layer;
import dev.noether.nn.LayerRegistry;
import dev.noether.torch.LibTorch;
import dev.noether.torch.Tensors;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;

/**
 * What a checkpoint holds. Each tensor is read once, and none is believed before the hash of all of
 * them and of the texts has been compared.
 *
 * <p>Format 2 holds parameters and persistent buffers; format 1, which earlier versions wrote,
 * holds the bases too, and its hash leaves out the texts but the architecture.
 */
final class CheckpointFile {
  static final String ARCHITECTURE = "noether.architecture";
  static final String EXTRA = "extra.";

  private static final String OWN = "noether.";
  private static final String FORMAT = OWN + "format";
  private static final String BASES = OWN + "bases";
  private static final String HASH = OWN + "hash";
  private static final String FIRST = "1";
  private static final String VERSION = "2";

  private final String format;
  private final Architecture architecture;
  private final BasisHashes bases;
  private final Map<String, Tensor> tensors;

  private CheckpointFile(
      String format, Architecture architecture, BasisHashes bases, Map<String, Tensor> tensors) {
    this.format = format;
    this.architecture = architecture;
    this.bases = bases;
    this.tensors = tensors;
  }

  /** Whether a file is a checkpoint, sound or not. */
  static boolean isOne(TensorFile file) {
    return file.metadata().keySet().stream().anyMatch(name -> name.startsWith(OWN));
  }

  /**
   * What a file is made of.
   *
   * @param tensors by name
   * @param texts by name, the hash among them
   */
  record Contents(Map<String, Tensor> tensors, Map<String, String> texts) {}

  /** Writes a checkpoint, whole or not at all. */
  static void write(
      Architecture architecture,
      Map<String, Tensor> state,
      Map<String, Tensor> extra,
      BasisHashes bases,
      Path path)
      throws IOException {
    Contents contents = contents(architecture, state, extra, bases);
    SafeTensors.write(path, contents.tensors(), contents.texts());
  }

  /** What {@link #read} reads. */
  static Contents contents(
      Architecture architecture,
      Map<String, Tensor> state,
      Map<String, Tensor> extra,
      BasisHashes bases)
      throws IOException {
    Map<String, Tensor> tensors = new LinkedHashMap<>(state);
    Map<String, String> texts = new LinkedHashMap<>();
    texts.put(FORMAT, VERSION);
    texts.put(ARCHITECTURE, ArchitectureJson.write(architecture, tensors));
    texts.put(BASES, bases.toString());
    extra.forEach((name, tensor) -> tensors.put(EXTRA + name, tensor.detach()));
    MessageDigest digest = BasisHashes.sha256();
    digestTexts(digest, texts);
    for (Map.Entry<String, Tensor> e : new TreeMap<>(tensors).entrySet()) {
      digestTensor(digest, e.getKey(), e.getValue());
    }
    texts.put(HASH, HexFormat.of().formatHex(digest.digest()));
    return new Contents(tensors, texts);
  }

  /**
   * Reads and checks all, and keeps the tensors whose names are wanted, and the bases of the
   * architecture.
   */
  static CheckpointFile read(TensorFile file, Predicate<String> wanted) throws IOException {
    Map<String, String> texts = file.metadata();
    String format = text(texts, FORMAT);
    if (!format.equals(FIRST) && !format.equals(VERSION)) {
      throw new DamagedFileException(
          "the checkpoint has format " + format + ", this version reads 1 and 2");
    }
    String described = text(texts, ARCHITECTURE);
    String expected = text(texts, HASH);
    BasisHashes bases = BasisHashes.read(text(texts, BASES));
    Map<String, Tensor> kept = new TreeMap<>();
    MessageDigest digest = BasisHashes.sha256();
    if (format.equals(FIRST)) {
      digest.update(described.getBytes(StandardCharsets.UTF_8));
    } else {
      digestTexts(digest, texts);
    }
    requireReadable(file);
    for (String name : new TreeSet<>(file.names())) {
      if (wanted.test(name) || name.startsWith(ArchitectureJson.BASIS)) {
        Tensor tensor = file.tensor(name);
        digestTensor(digest, name, tensor);
        kept.put(name, tensor);
      } else {
        try (PointerScope scope = new PointerScope()) {
          digestTensor(digest, name, file.tensor(name));
        }
      }
    }
    if (!expected.equals(HexFormat.of().formatHex(digest.digest()))) {
      throw new DamagedFileException(
          "its texts and tensors do not have the hash that it tells: it is damaged, or was changed");
    }
    Architecture architecture = architecture(described, kept, numbers(file));
    Set<String> places = BasisHashes.places(architecture);
    if (!bases.hashes().keySet().equals(places)) {
      throw new DamagedFileException(
          "it tells the bases of the representations "
              + bases.hashes().keySet()
              + ", and has the representations "
              + places);
    }
    Map<String, Tensor> ordered = new LinkedHashMap<>();
    file.names().stream()
        .filter(kept::containsKey)
        .forEach(name -> ordered.put(name, Objects.requireNonNull(kept.get(name))));
    return new CheckpointFile(format, architecture, bases, ordered);
  }

  /** No layer has tensors of other kinds. */
  private static void requireReadable(TensorFile file) throws DamagedFileException {
    for (Map.Entry<String, TensorFile.Entry> e : file.entries().entrySet()) {
      if (e.getValue().refusal().isPresent()) {
        throw new DamagedFileException(
            "'" + e.getKey() + "' " + e.getValue().refusal().get() + ": it is damaged");
      }
    }
  }

  private static String text(Map<String, String> texts, String name) throws DamagedFileException {
    String text = texts.get(name);
    if (text == null) {
      throw new DamagedFileException(
          isNone(texts)
              ? "the file holds tensors but no architecture: build the layer and use loadInto"
              : "a checkpoint has a text '" + name + "', this one lacks it: it is damaged");
    }
    return text;
  }

  private static boolean isNone(Map<String, String> texts) {
    return texts.keySet().stream().noneMatch(name -> name.startsWith(OWN));
  }

  private static Architecture architecture(
      String described, Map<String, Tensor> tensors, long numbers) throws DamagedFileException {
    try {
      Architecture architecture = ArchitectureJson.read(described, tensors);
      ArchitectureSizes.require(architecture, numbers);
      return architecture;
    } catch (IllegalArgumentException e) {
      throw new DamagedFileException("it does not hold a layer: " + e.getMessage(), e);
    }
  }

  /** How many numbers of a layer's state the file holds. */
  private static long numbers(TensorFile file) {
    return file.entries().entrySet().stream()
        .filter(e -> !e.getKey().startsWith(EXTRA))
        .mapToLong(e -> e.getValue().shape().stream().reduce(1L, (a, b) -> a * b))
        .sum();
  }

  Architecture architecture() {
    return architecture;
  }

  /** The layer without its weights. */
  Layer build() throws DamagedFileException {
    try {
      return LayerRegistry.standard().build(architecture);
    } catch (IllegalArgumentException e) {
      throw new DamagedFileException("it does not hold a layer: " + e.getMessage(), e);
    } catch (RuntimeException e) {
      if (LibTorch.isOutOfMemory(e)) {
        throw new DamagedFileException(
            "it describes layers that take more memory than there is: " + architecture.type(), e);
      }
      throw e;
    }
  }

  /** The layer with its weights. */
  Layer layer() throws DamagedFileException {
    requireSameBases();
    Layer layer = build();
    try {
      if (holdsBases()) {
        layer.load(state());
      } else {
        layer.loadTrained(state());
      }
    } catch (IllegalArgumentException e) {
      throw new DamagedFileException("it does not hold a layer: " + e.getMessage(), e);
    }
    return layer;
  }

  /** Reads the state into a layer that works in the bases of the file. */
  void into(Layer layer) throws DamagedFileException {
    Optional<Architecture> own = LayerRegistry.standard().describe(layer);
    Optional<String> other = otherBasis(own.orElse(architecture));
    require(other.isEmpty(), "%s; the layer is unchanged", other.orElse(""));
    if (holdsBases()) {
      layer.load(state());
    } else if (own.equals(Optional.of(architecture))) {
      layer.loadTrained(state());
    } else {
      layer.load(layer().stateDict());
    }
  }

  /** The state dict with its bases: those of the file, or of the layer that it describes. */
  Map<String, Tensor> stateDict() throws DamagedFileException {
    return holdsBases() ? state() : layer().stateDict();
  }

  boolean holdsBases() {
    return format.equals(FIRST);
  }

  /** The tensors of the state, by their names. */
  Map<String, Tensor> state() {
    Map<String, Tensor> state = new LinkedHashMap<>(tensors);
    state
        .keySet()
        .removeIf(name -> name.startsWith(EXTRA) || name.startsWith(ArchitectureJson.BASIS));
    return state;
  }

  /** The tensors that went along, by their own names. */
  Map<String, Tensor> extra() {
    Map<String, Tensor> found = new LinkedHashMap<>();
    tensors.forEach(
        (name, tensor) -> {
          if (name.startsWith(EXTRA)) {
            found.put(name.substring(EXTRA.length()), tensor);
          }
        });
    return found;
  }

  /** Gives the memory of the state back; what went along stays. */
  void forgetState() {
    tensors.forEach(
        (name, tensor) -> {
          if (!name.startsWith(EXTRA)) {
            tensor.deallocate();
          }
        });
  }

  void requireSameBases() throws DamagedFileException {
    Optional<String> other = otherBasis(architecture);
    if (other.isPresent()) {
      throw new DamagedFileException(other.get());
    }
  }

  /** What to tell of a representation whose basis is not the one that the file was written with. */
  Optional<String> otherBasis(Architecture own) {
    String advice =
        holdsBases()
            ? "convert them with Checkpoint.convertInto or ./noether convert"
            : "write the state dict, which holds its bases, with the version of Noether that wrote "
                + "the file (./noether convert MODEL OUT.pt), and convert that";
    return BasisHashes.of(own)
        .firstOther(bases)
        .map(
            name ->
                "the basis of the representation '"
                    + name
                    + "' is not the one that the weights were saved in, so they would be other "
                    + "maps: "
                    + advice);
  }

  /** All texts but the hash itself, in alphabetical order, each after its length. */
  private static void digestTexts(MessageDigest digest, Map<String, String> texts) {
    new TreeMap<>(texts)
        .forEach(
            (name, text) -> {
              if (!name.equals(HASH)) {
                digestText(digest, name);
                digestText(digest, text);
              }
            });
  }

  private static void digestText(MessageDigest digest, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(bytes.length).flip());
    digest.update(bytes);
  }

  /** Its name, dtype, shape and bytes. */
  private static void digestTensor(MessageDigest digest, String name, Tensor tensor)
      throws IOException {
    try (PointerScope scope = new PointerScope()) {
      StoredType type = StoredType.of(name, tensor);
      String head = name + " " + type + " " + Arrays.toString(Tensors.shape(tensor));
      digest.update(head.getBytes(StandardCharsets.UTF_8));
      NativeBytes.forEach(
          NativeBytes.plain(name, tensor), tensor.numel() * type.bytes(), digest::update);
    }
  }
}
