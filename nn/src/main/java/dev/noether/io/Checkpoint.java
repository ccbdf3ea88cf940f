package dev.noether.io;

import static dev.noether.algebra.Checks.require;

import dev.noether.nn.Architecture;
import dev.noether.nn.Layer;
import dev.noether.nn.LayerRegistry;
import dev.noether.torch.Tensors;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.InputArchive;
import org.bytedeco.pytorch.Optimizer;
import org.bytedeco.pytorch.OutputArchive;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * A layer in a file: its state dict, and what it is, so that it can be built again.
 *
 * <p>The file is safetensors. Its texts {@code noether.format}, {@code noether.architecture} (the
 * layers, their representations and options as JSON), {@code noether.bases} (a fingerprint of the
 * basis of every representation) and {@code noether.hash} (SHA-256 of the architecture and of all
 * names, shapes and numbers) tell the rest; representations that no text names stand among the
 * tensors as {@code noether.basis.N}. Optimizer state and whatever else belongs to a run go along
 * as {@code extra.NAME}.
 */
public final class Checkpoint {
  private static final String FORMAT = "noether.format";
  private static final String ARCHITECTURE = "noether.architecture";
  private static final String BASES = "noether.bases";
  private static final String HASH = "noether.hash";
  private static final String EXTRA = "extra.";
  private static final String OPTIMIZER = "noether.optimizer";
  private static final String VERSION = "1";

  private Checkpoint() {}

  /**
   * Writes a layer, whole or not at all.
   *
   * @param layer the layer
   * @param path the file, replaced if it is there
   * @throws IllegalArgumentException if the layer, or one in it, cannot be described; use {@link
   *     SafeTensors#write} for its state dict alone
   * @throws IOException if the file cannot be written; an old one is then as it was
   */
  public static void save(Layer layer, Path path) throws IOException {
    save(layer, Map.of(), path);
  }

  /**
   * Writes a layer and other tensors, such as an optimizer's, whole or not at all.
   *
   * @param layer the layer
   * @param extra tensors by name
   * @param path the file, replaced if it is there
   * @throws IllegalArgumentException if the layer, or one in it, cannot be described
   * @throws IOException if the file cannot be written; an old one is then as it was
   */
  public static void save(Layer layer, Map<String, Tensor> extra, Path path) throws IOException {
    Optional<Architecture> architecture = LayerRegistry.standard().describe(layer);
    require(
        architecture.isPresent(),
        "%s holds a layer of your own, which a checkpoint cannot describe: register its "
            + "LayerType, or write the state dict with SafeTensors",
        layer);
    try (PointerScope scope = new PointerScope()) {
      write(architecture.get(), layer.stateDict(), extra, path);
    }
  }

  /**
   * Writes a state dict with what it is the state of, its tensors as they are, whole or not at all.
   *
   * @param architecture the layer
   * @param state its tensors by name, as {@link Layer#load} takes them
   * @param path the file, replaced if it is there
   * @throws IllegalArgumentException if the layer cannot be described or does not take the state
   * @throws IOException if the file cannot be written; an old one is then as it was
   */
  public static void save(Architecture architecture, Map<String, Tensor> state, Path path)
      throws IOException {
    try (PointerScope scope = new PointerScope()) {
      LayerRegistry.standard().build(architecture).load(state);
      write(architecture, state, Map.of(), path);
    }
  }

  private static void write(
      Architecture architecture, Map<String, Tensor> state, Map<String, Tensor> extra, Path path)
      throws IOException {
    Map<String, Tensor> tensors = new LinkedHashMap<>(state);
    Map<String, String> texts = new LinkedHashMap<>();
    texts.put(FORMAT, VERSION);
    String described = ArchitectureJson.write(architecture, tensors);
    texts.put(ARCHITECTURE, described);
    texts.put(BASES, BasisHashes.of(architecture).toString());
    extra.forEach((name, tensor) -> tensors.put(EXTRA + name, tensor.detach()));
    texts.put(HASH, hash(described, tensors.keySet(), tensors::get));
    SafeTensors.write(path, tensors, texts);
  }

  /**
   * Reads a layer: builds it and loads its state.
   *
   * @param path a file that {@link #save} wrote
   * @return a new layer on the CPU, in training mode
   * @throws IOException if the file cannot be read, is damaged, or is no checkpoint
   */
  public static Layer load(Path path) throws IOException {
    try (TensorFile file = TensorFile.open(path);
        PointerScope scope = new PointerScope()) {
      Map<String, Tensor> tensors = checked(file);
      Architecture architecture = architecture(file, tensors);
      Optional<String> other = otherBasis(architecture, file);
      if (other.isPresent()) {
        throw new DamagedFileException(path + ": " + other.get());
      }
      Layer layer = LayerRegistry.standard().build(architecture);
      layer.load(state(tensors));
      return layer;
    } catch (IllegalArgumentException e) {
      throw new DamagedFileException(path + " does not hold a layer: " + e.getMessage(), e);
    }
  }

  /**
   * Reads a state into a layer.
   *
   * @param layer the layer, of the same kind as the one saved
   * @param path a file that {@link #save} wrote, or one of a state dict in any format
   * @throws IllegalArgumentException if the state does not fit, or its weights are coordinates in
   *     other bases than the layer's; the layer is then as it was
   * @throws IOException if the file cannot be read or is damaged; the layer is then as it was
   */
  public static void loadInto(Layer layer, Path path) throws IOException {
    try (TensorFile file = TensorFile.open(path);
        PointerScope scope = new PointerScope()) {
      requireBases(layer, file);
      layer.load(state(file));
    }
  }

  /**
   * Reads a state into a layer, also one in other bases, through {@link BasisConversion}.
   *
   * @param layer the layer, of the same kind as the one saved
   * @param path a file that {@link #save} wrote, or one of a state dict in any format
   * @throws IllegalArgumentException if the state does not fit or cannot be converted; the layer is
   *     then as it was
   * @throws IOException if the file cannot be read or is damaged; the layer is then as it was
   */
  public static void convertInto(Layer layer, Path path) throws IOException {
    try (TensorFile file = TensorFile.open(path);
        PointerScope scope = new PointerScope()) {
      requireConvertible(file, layer);
      layer.load(BasisConversion.convert(state(file), layer));
    }
  }

  /**
   * Checks that a file's state can be converted for a layer: if the file was written in other
   * bases, every layer must have its basis in the state dict, or work the same in any.
   *
   * @param file an open file
   * @param layer the layer
   * @throws IllegalArgumentException if there is a layer of which this does not hold
   * @throws IOException if the file is damaged
   */
  public static void requireConvertible(TensorFile file, Layer layer) throws IOException {
    Optional<Architecture> architecture = LayerRegistry.standard().describe(layer);
    if (architecture.isPresent()
        && file.metadata().containsKey(BASES)
        && otherBasis(architecture.get(), file).isPresent()) {
      BasisConversion.requireStored(layer);
    }
  }

  private static void requireBases(Layer layer, TensorFile file) throws DamagedFileException {
    Optional<Architecture> architecture = LayerRegistry.standard().describe(layer);
    if (architecture.isPresent() && file.metadata().containsKey(BASES)) {
      Optional<String> other = otherBasis(architecture.get(), file);
      require(other.isEmpty(), "%s; the layer is unchanged", other.orElse(""));
    }
  }

  /** What to tell of a representation whose basis is not the one that the file was written with. */
  private static Optional<String> otherBasis(Architecture architecture, TensorFile file)
      throws DamagedFileException {
    String told = file.metadata().getOrDefault(BASES, "{}");
    return BasisHashes.of(architecture)
        .firstOther(BasisHashes.read(told))
        .map(
            name ->
                "the basis of the representation '"
                    + name
                    + "' is not the one that the weights were saved in, so they would be other "
                    + "maps: convert them with Checkpoint.convertInto or ./noether convert");
  }

  /**
   * The other tensors of a file.
   *
   * @param path a file that {@link #save(Layer, Map, Path)} wrote
   * @return the tensors by name
   * @throws IOException if the file cannot be read or is damaged
   */
  public static Map<String, Tensor> extra(Path path) throws IOException {
    try (TensorFile file = TensorFile.open(path)) {
      verify(file);
      Map<String, Tensor> found = new LinkedHashMap<>();
      for (String name : file.names()) {
        if (name.startsWith(EXTRA)) {
          found.put(name.substring(EXTRA.length()), file.tensor(name));
        }
      }
      return found;
    }
  }

  /**
   * Writes a run that {@link #resume} continues: a layer, its optimizer and other tensors, whole or
   * not at all.
   *
   * @param layer the layer
   * @param optimizer the optimizer of its parameters
   * @param extra tensors by name, such as the number of steps done
   * @param path the file, replaced if it is there
   * @throws IllegalArgumentException if the layer, or one in it, cannot be described
   * @throws IOException if the file cannot be written; an old one is then as it was
   */
  public static void saveRun(Layer layer, Optimizer optimizer, Map<String, Tensor> extra, Path path)
      throws IOException {
    try (PointerScope scope = new PointerScope()) {
      Map<String, Tensor> all = new LinkedHashMap<>(extra);
      all.put(OPTIMIZER, archive(optimizer));
      save(layer, all, path);
    }
  }

  /** LibTorch's own archive of an optimizer, as bytes. */
  private static Tensor archive(Optimizer optimizer) throws IOException {
    Path temporary = Files.createTempFile("noether-optimizer", ".archive");
    try {
      OutputArchive archive = new OutputArchive();
      optimizer.save(archive);
      archive.save_to(temporary.toString());
      try (FileChannel channel = FileChannel.open(temporary)) {
        Source source = new Source.OnDisk(channel);
        Tensor bytes = NativeBytes.empty(StoredType.U8, source.size());
        source.read(0, bytes, source.size());
        return bytes;
      }
    } finally {
      Files.deleteIfExists(temporary);
    }
  }

  private static void restore(Optimizer optimizer, Tensor archived) {
    InputArchive archive = new InputArchive();
    archive.load_from(new BytePointer(archived.data_ptr()), archived.numel());
    optimizer.load(archive);
  }

  /**
   * Continues a run: reads the state of a layer and of its optimizer, bit for bit.
   *
   * <p>The optimizer's state is LibTorch's own archive, which LibTorch interprets: resume only runs
   * that you wrote.
   *
   * @param layer the layer, of the same kind as the one saved
   * @param optimizer an optimizer of its parameters, of the same kind as the one saved
   * @param path a file that {@link #saveRun} wrote
   * @return the other tensors
   * @throws IllegalArgumentException if the state does not fit; layer and optimizer are then as
   *     they were
   * @throws IOException if the file cannot be read, is damaged, or holds the state of another
   *     optimizer; layer and optimizer are then as they were
   */
  public static Map<String, Tensor> resume(Layer layer, Optimizer optimizer, Path path)
      throws IOException {
    Map<String, Tensor> extra = new LinkedHashMap<>(extra(path));
    Tensor archived = extra.remove(OPTIMIZER);
    if (archived == null) {
      throw new DamagedFileException(path + " holds no optimizer: read it with load or loadInto");
    }
    try (PointerScope scope = new PointerScope()) {
      Tensor optimizerBefore = archive(optimizer);
      Map<String, Tensor> before = new LinkedHashMap<>();
      layer.stateDict().forEach((name, tensor) -> before.put(name, tensor.clone()));
      loadInto(layer, path);
      try {
        restore(optimizer, archived);
      } catch (RuntimeException e) {
        layer.load(before);
        restore(optimizer, optimizerBefore);
        throw new DamagedFileException("the optimizer's state does not fit this optimizer", e);
      }
    }
    return extra;
  }

  /**
   * The state dict of a file, as it is there.
   *
   * @param file a file that {@link #save} wrote, or one of a state dict in any format
   * @return new tensors by name, without a checkpoint's other tensors
   * @throws IOException if the file cannot be read or is damaged
   */
  public static Map<String, Tensor> state(TensorFile file) throws IOException {
    return isCheckpoint(file) ? state(checked(file)) : file.tensors();
  }

  /**
   * Whether a file tells what its tensors are the state of.
   *
   * @param file an open file
   * @return true for one that {@link #save} wrote
   */
  public static boolean isCheckpoint(TensorFile file) {
    return file.metadata().containsKey(FORMAT);
  }

  /**
   * What a file is the state of.
   *
   * @param path a file that {@link #save} wrote
   * @return the layer without its weights
   * @throws IOException if the file cannot be read, is damaged, or is no checkpoint
   */
  public static Architecture architecture(Path path) throws IOException {
    try (TensorFile file = TensorFile.open(path);
        PointerScope scope = new PointerScope()) {
      Map<String, Tensor> bases = new LinkedHashMap<>();
      for (String name : file.names()) {
        if (name.startsWith(ArchitectureJson.BASIS)) {
          bases.put(name, file.tensor(name));
        }
      }
      return architecture(file, bases);
    } catch (IllegalArgumentException e) {
      throw new DamagedFileException(path + " does not hold a layer: " + e.getMessage(), e);
    }
  }

  /**
   * Reads an architecture as the header of a checkpoint tells it, in JSON.
   *
   * @param json such as {@code {"type": "EquivariantLinear", "representations": {"in": "C4:
   *     regular", "out": "C4: 2 x regular"}}}; settings that are left out are the layer's defaults
   * @return the layer without its weights
   * @throws IllegalArgumentException if the text is no architecture
   */
  public static Architecture architecture(String json) {
    return ArchitectureJson.read(json, Map.of());
  }

  private static Map<String, Tensor> state(Map<String, Tensor> tensors) {
    Map<String, Tensor> state = new LinkedHashMap<>(tensors);
    state
        .keySet()
        .removeIf(name -> name.startsWith(EXTRA) || name.startsWith(ArchitectureJson.BASIS));
    return state;
  }

  /** All tensors; where the file tells their hash, they must have it. */
  private static Map<String, Tensor> checked(TensorFile file) throws IOException {
    Map<String, Tensor> tensors = file.tensors();
    requireHash(file, tensors::get);
    return tensors;
  }

  /** The same without keeping them. */
  private static void verify(TensorFile file) throws IOException {
    requireHash(file, file::tensor);
  }

  private static void requireHash(TensorFile file, Reader reader) throws IOException {
    Map<String, String> texts = file.metadata();
    String expected = texts.get(HASH);
    String described = texts.getOrDefault(ARCHITECTURE, "");
    if (expected != null && !expected.equals(hash(described, file.names(), reader))) {
      throw new DamagedFileException("the tensors do not have the hash that the file tells");
    }
  }

  /** Where a tensor comes from. */
  private interface Reader {
    @Nullable Tensor read(String name) throws IOException;
  }

  /** SHA-256 over the architecture, then names in alphabetical order, dtypes, shapes and bytes. */
  private static String hash(String architecture, Set<String> names, Reader reader)
      throws IOException {
    MessageDigest digest = BasisHashes.sha256();
    digest.update(architecture.getBytes(StandardCharsets.UTF_8));
    for (String name : new TreeSet<>(names)) {
      try (PointerScope scope = new PointerScope()) {
        Tensor tensor = Objects.requireNonNull(reader.read(name));
        StoredType type = StoredType.of(name, tensor);
        String head = name + " " + type + " " + Arrays.toString(Tensors.shape(tensor));
        digest.update(head.getBytes(StandardCharsets.UTF_8));
        NativeBytes.forEach(
            NativeBytes.plain(tensor), tensor.numel() * type.bytes(), digest::update);
      }
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  private static Architecture architecture(TensorFile file, Map<String, Tensor> tensors)
      throws IOException {
    String format = file.metadata().get(FORMAT);
    String text = file.metadata().get(ARCHITECTURE);
    if (format == null || text == null) {
      throw new DamagedFileException(
          "the file holds tensors but no architecture: build the layer and use loadInto");
    }
    if (!format.equals(VERSION)) {
      throw new DamagedFileException(
          "the checkpoint has format " + format + ", this version reads " + VERSION);
    }
    return ArchitectureJson.read(text, tensors);
  }
}
