package dev.noether.io;

import static dev.noether.algebra.Checks.require;

import dev.noether.nn.Architecture;
import dev.noether.nn.Layer;
import dev.noether.nn.LayerRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Optimizer;
import org.bytedeco.pytorch.Tensor;

/**
 * A layer in a file: its parameters and persistent buffers, and what it is, so that it can be built
 * again.
 *
 * <p>The file is safetensors. Bases are not in it, because they follow from the representations:
 * its text {@code noether.bases} has a fingerprint of each, and a version that would choose others
 * refuses the file. {@code noether.architecture} tells the layers, their representations and
 * options as JSON, {@code noether.format} is 2 (1, with bases, is read too), and {@code
 * noether.hash} is a SHA-256 of all texts and of all names, shapes and numbers. Representations
 * that no text names stand among the tensors as {@code noether.basis.N}. Optimizer state and
 * whatever else belongs to a run go along as {@code extra.NAME}.
 *
 * <p>A file is opened once and read once, so that what is read is what one save wrote, whoever
 * saves meanwhile.
 *
 * <pre>{@code
 * Representation rho = Representation.parse("C4: regular");
 * Path file = Path.of("policy.safetensors");
 * Checkpoint.save(new EquivariantMlp(rho, rho, MlpOptions.hidden(64)), file);
 * EquivariantMlp again = Checkpoint.load(file, EquivariantMlp.class);
 * }</pre>
 */
public final class Checkpoint {
  private static final String OPTIMIZER = "noether.optimizer";

  private Checkpoint() {}

  /** What to do with a checkpoint or a file of a state dict. */
  @FunctionalInterface
  private interface Use<T> {
    T of(TensorFile file) throws IOException;
  }

  /** Opens a file; whatever is wrong with it, the message names it. */
  private static <T> T reading(Path path, Use<T> use) throws IOException {
    try (TensorFile file = TensorFormat.open(path)) {
      return use.of(file);
    } catch (DamagedFileException e) {
      throw e.in(path);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(path + ": " + e.getMessage(), e);
    }
  }

  /** Before all tensors are read, which may be very many. */
  private static void requireNames(Layer layer, TensorFile file) {
    Set<String> missing = new TreeSet<>(layer.trainedState().keySet());
    missing.removeAll(file.names());
    require(
        missing.isEmpty(),
        "state dict does not fit: it has no %s; the layer is unchanged",
        missing.stream().limit(5).toList());
  }

  private static boolean isState(String name) {
    return !name.startsWith(CheckpointFile.EXTRA);
  }

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
      write(architecture.get(), layer.trainedState(), extra, path);
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
      Layer layer = LayerRegistry.standard().build(architecture);
      layer.load(state);
      Map<String, Tensor> trained = new LinkedHashMap<>(state);
      trained.keySet().retainAll(layer.trainedState().keySet());
      write(architecture, trained, Map.of(), path);
    }
  }

  private static void write(
      Architecture architecture, Map<String, Tensor> state, Map<String, Tensor> extra, Path path)
      throws IOException {
    CheckpointFile.write(architecture, state, extra, BasisHashes.of(architecture), path);
  }

  /**
   * Reads a layer: builds it and loads its state.
   *
   * @param path a file that {@link #save} wrote
   * @return a new layer on the CPU, in training mode
   * @throws IOException if the file cannot be read, is damaged, or is no checkpoint
   */
  public static Layer load(Path path) throws IOException {
    try (PointerScope scope = new PointerScope()) {
      return reading(path, file -> CheckpointFile.read(file, Checkpoint::isState).layer());
    }
  }

  /**
   * Reads a layer of a known type, which can then be called: {@code Checkpoint.load(path,
   * EquivariantMlp.class).forward(x)}.
   *
   * @param <L> the type
   * @param path a file that {@link #save} wrote
   * @param type the layer's class, or one that it extends
   * @return a new layer on the CPU, in training mode
   * @throws IllegalArgumentException if the file holds another layer
   * @throws IOException if the file cannot be read, is damaged, or is no checkpoint
   */
  public static <L extends Layer> L load(Path path, Class<L> type) throws IOException {
    Layer layer = load(path);
    require(
        type.isInstance(layer),
        "%s holds a layer of type %s, not %s",
        path,
        layer.getClass().getSimpleName(),
        type.getSimpleName());
    return type.cast(layer);
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
    try (PointerScope scope = new PointerScope()) {
      reading(
          path,
          file -> {
            if (CheckpointFile.isOne(file)) {
              CheckpointFile.read(file, Checkpoint::isState).into(layer);
            } else {
              requireNames(layer, file);
              layer.load(file.tensors());
            }
            return layer;
          });
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
    try (PointerScope scope = new PointerScope()) {
      reading(
          path,
          file -> {
            layer.load(BasisConversion.convert(stateFor(layer, file), layer));
            return layer;
          });
    }
  }

  /**
   * The state dict of a file, to be converted for a layer: if the file was written in other bases,
   * every layer must have its basis in the state dict, or work the same in any.
   *
   * @param layer the layer
   * @param file an open file
   * @return new tensors by name
   * @throws IllegalArgumentException if there is a layer of which this does not hold
   * @throws IOException if the file cannot be read or is damaged
   */
  public static Map<String, Tensor> stateFor(Layer layer, TensorFile file) throws IOException {
    if (!CheckpointFile.isOne(file)) {
      return file.tensors();
    }
    CheckpointFile checkpoint = CheckpointFile.read(file, Checkpoint::isState);
    Optional<Architecture> architecture = LayerRegistry.standard().describe(layer);
    if (checkpoint.holdsBases()
        && architecture.isPresent()
        && checkpoint.otherBasis(architecture.get()).isPresent()) {
      BasisConversion.requireStored(layer);
    }
    return checkpoint.stateDict();
  }

  /**
   * The other tensors of a file.
   *
   * @param path a file that {@link #save(Layer, Map, Path)} wrote
   * @return the tensors by name
   * @throws IOException if the file cannot be read or is damaged
   */
  public static Map<String, Tensor> extra(Path path) throws IOException {
    Predicate<String> isExtra = name -> !isState(name);
    return reading(path, file -> CheckpointFile.read(file, isExtra).extra());
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
      all.put(OPTIMIZER, OptimizerArchive.of(optimizer));
      save(layer, all, path);
    }
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
    return reading(path, file -> resume(layer, optimizer, CheckpointFile.read(file, name -> true)));
  }

  private static Map<String, Tensor> resume(
      Layer layer, Optimizer optimizer, CheckpointFile checkpoint) throws IOException {
    Map<String, Tensor> extra = checkpoint.extra();
    Tensor archived = extra.remove(OPTIMIZER);
    if (archived == null) {
      throw new DamagedFileException("it holds no optimizer: read it with load or loadInto");
    }
    try (PointerScope scope = new PointerScope()) {
      Tensor optimizerBefore = OptimizerArchive.of(optimizer);
      Map<String, Tensor> before = new LinkedHashMap<>();
      layer.trainedState().forEach((name, tensor) -> before.put(name, tensor.clone()));
      checkpoint.into(layer);
      try {
        OptimizerArchive.restore(optimizer, archived);
      } catch (DamagedFileException e) {
        layer.loadTrained(before);
        OptimizerArchive.restore(optimizer, optimizerBefore);
        throw e;
      }
    } finally {
      checkpoint.forgetState();
    }
    return extra;
  }

  /**
   * The state dict of a file, with its bases.
   *
   * @param file a file that {@link #save} wrote, or one of a state dict in any format
   * @return new tensors by name, without a checkpoint's other tensors
   * @throws IOException if the file cannot be read, is damaged, or is a checkpoint of a layer that
   *     cannot be built
   */
  public static Map<String, Tensor> state(TensorFile file) throws IOException {
    return CheckpointFile.isOne(file)
        ? CheckpointFile.read(file, Checkpoint::isState).stateDict()
        : file.tensors();
  }

  /**
   * Whether a file tells what its tensors are the state of.
   *
   * @param file an open file
   * @return true for one that {@link #save} wrote
   */
  public static boolean isCheckpoint(TensorFile file) {
    return CheckpointFile.isOne(file);
  }

  /**
   * What a file is the state of.
   *
   * @param path a file that {@link #save} wrote
   * @return the layer without its weights
   * @throws IOException if the file cannot be read, is damaged, or is no checkpoint
   */
  public static Architecture architecture(Path path) throws IOException {
    try (PointerScope scope = new PointerScope()) {
      return reading(path, file -> CheckpointFile.read(file, name -> false).architecture());
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
}
