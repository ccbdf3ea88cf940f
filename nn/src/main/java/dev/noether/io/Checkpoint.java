package dev.noether.io;

import static dev.noether.algebra.Checks.require;
import static dev.noether.algebra.Checks.requirePresent;

import dev.noether.algebra.Matrix;
import dev.noether.group.FiniteGroup;
import dev.noether.group.IrrepId;
import dev.noether.nn.Architecture;
import dev.noether.nn.Layer;
import dev.noether.rep.Representation;
import dev.noether.torch.Dtype;
import dev.noether.torch.Tensors;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.InputArchive;
import org.bytedeco.pytorch.Optimizer;
import org.bytedeco.pytorch.OutputArchive;
import org.bytedeco.pytorch.Tensor;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A layer in a file: its state dict, and what it is, so that it can be built again.
 *
 * <p>The file is safetensors. Its texts {@code noether.format}, {@code noether.architecture} (the
 * layers, their representations and options as JSON) and {@code noether.hash} (SHA-256 of all
 * names, shapes and numbers) tell the rest; representations that no text names stand among the
 * tensors as {@code noether.basis.N}. Optimizer state and whatever else belongs to a run go along
 * as {@code extra.NAME}.
 */
public final class Checkpoint {
  private static final String FORMAT = "noether.format";
  private static final String ARCHITECTURE = "noether.architecture";
  private static final String HASH = "noether.hash";
  private static final String BASIS = "noether.basis.";
  private static final String EXTRA = "extra.";
  private static final String OPTIMIZER = "noether.optimizer";
  private static final String VERSION = "1";
  private static final JsonMapper MAPPER = new JsonMapper();

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
    Optional<Architecture> architecture = layer.architecture();
    require(
        architecture.isPresent(),
        "%s holds a layer of your own, which a checkpoint cannot describe: override "
            + "architecture(), or write the state dict with SafeTensors",
        layer);
    try (PointerScope scope = new PointerScope()) {
      Map<String, Tensor> tensors = new LinkedHashMap<>(layer.stateDict());
      String described = MAPPER.writeValueAsString(describe(architecture.get(), tensors));
      extra.forEach((name, tensor) -> tensors.put(EXTRA + name, tensor.detach()));
      Map<String, String> texts = new LinkedHashMap<>();
      texts.put(FORMAT, VERSION);
      texts.put(ARCHITECTURE, described);
      texts.put(HASH, hash(tensors));
      SafeTensors.write(path, tensors, texts);
    }
  }

  /**
   * Reads a layer: builds it and loads its state.
   *
   * @param path a file that {@link #save} wrote
   * @return a new layer on the CPU, in training mode
   * @throws IOException if the file cannot be read, is damaged, or is no checkpoint
   */
  public static Layer load(Path path) throws IOException {
    try (SafeTensors file = SafeTensors.open(path);
        PointerScope scope = new PointerScope()) {
      Map<String, Tensor> tensors = checked(file);
      Layer layer = build(architecture(file), tensors);
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
   * @param path a file that {@link #save} wrote, or any safetensors file of a state dict
   * @throws IllegalArgumentException if the state does not fit; the layer is then as it was
   * @throws IOException if the file cannot be read or is damaged; the layer is then as it was
   */
  public static void loadInto(Layer layer, Path path) throws IOException {
    try (SafeTensors file = SafeTensors.open(path);
        PointerScope scope = new PointerScope()) {
      layer.load(state(checked(file)));
    }
  }

  /**
   * The other tensors of a file.
   *
   * @param path a file that {@link #save(Layer, Map, Path)} wrote
   * @return the tensors by name
   * @throws IOException if the file cannot be read or is damaged
   */
  public static Map<String, Tensor> extra(Path path) throws IOException {
    try (SafeTensors file = SafeTensors.open(path)) {
      Map<String, Tensor> found = new LinkedHashMap<>();
      checked(file)
          .forEach(
              (name, tensor) -> {
                if (name.startsWith(EXTRA)) {
                  found.put(name.substring(EXTRA.length()), tensor);
                }
              });
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
    Path temporary = Files.createTempFile("noether-optimizer", ".archive");
    try (PointerScope scope = new PointerScope()) {
      OutputArchive archive = new OutputArchive();
      optimizer.save(archive);
      archive.save_to(temporary.toString());
      byte[] bytes = Files.readAllBytes(temporary);
      Map<String, Tensor> all = new LinkedHashMap<>(extra);
      Tensor state = NativeBytes.empty(StoredType.U8, bytes.length);
      new BytePointer(state.data_ptr()).put(bytes, 0, bytes.length);
      all.put(OPTIMIZER, state);
      save(layer, all, path);
    } finally {
      Files.deleteIfExists(temporary);
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
   * @throws IllegalArgumentException if the state does not fit; the layer is then as it was
   * @throws IOException if the file cannot be read or is damaged; the layer is then as it was
   */
  public static Map<String, Tensor> resume(Layer layer, Optimizer optimizer, Path path)
      throws IOException {
    Map<String, Tensor> extra = new LinkedHashMap<>(extra(path));
    Tensor bytes = extra.remove(OPTIMIZER);
    if (bytes == null) {
      throw new DamagedFileException(path + " holds no optimizer: read it with load or loadInto");
    }
    try (PointerScope scope = new PointerScope()) {
      Map<String, Tensor> before = new LinkedHashMap<>();
      layer.stateDict().forEach((name, tensor) -> before.put(name, tensor.clone()));
      loadInto(layer, path);
      try {
        InputArchive archive = new InputArchive();
        archive.load_from(new BytePointer(bytes.data_ptr()), bytes.numel());
        optimizer.load(archive);
      } catch (RuntimeException e) {
        layer.load(before);
        throw new DamagedFileException("the optimizer's state does not fit this optimizer", e);
      }
    }
    return extra;
  }

  private static Map<String, Tensor> state(Map<String, Tensor> tensors) {
    Map<String, Tensor> state = new LinkedHashMap<>(tensors);
    state.keySet().removeIf(name -> name.startsWith(EXTRA) || name.startsWith(BASIS));
    return state;
  }

  /** All tensors; where the file tells their hash, they must have it. */
  private static Map<String, Tensor> checked(SafeTensors file) throws IOException {
    Map<String, Tensor> tensors = file.tensors();
    String expected = file.metadata().get(HASH);
    if (expected != null && !expected.equals(hash(tensors))) {
      throw new DamagedFileException("the tensors do not have the hash that the file tells");
    }
    return tensors;
  }

  /** SHA-256 over names in alphabetical order, dtypes, shapes and bytes. */
  private static String hash(Map<String, Tensor> tensors) throws IOException {
    MessageDigest digest;
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
    for (Map.Entry<String, Tensor> e : new TreeMap<>(tensors).entrySet()) {
      try (PointerScope scope = new PointerScope()) {
        Tensor tensor = e.getValue();
        StoredType type = StoredType.of(e.getKey(), tensor);
        String head = e.getKey() + " " + type + " " + Arrays.toString(Tensors.shape(tensor));
        digest.update(head.getBytes(StandardCharsets.UTF_8));
        NativeBytes.forEach(
            NativeBytes.plain(tensor), tensor.numel() * type.bytes(), digest::update);
      }
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  private static ObjectNode describe(Architecture architecture, Map<String, Tensor> tensors) {
    ObjectNode node = MAPPER.createObjectNode().put("type", architecture.type());
    if (!architecture.representations().isEmpty()) {
      ObjectNode roles = node.putObject("representations");
      architecture
          .representations()
          .forEach((role, rho) -> roles.set(role, describe(rho, tensors)));
    }
    ObjectNode settings = node.putObject("settings");
    architecture.settings().forEach(settings::put);
    if (!architecture.layers().isEmpty()) {
      ArrayNode layers = node.putArray("layers");
      architecture.layers().forEach(part -> layers.add(describe(part, tensors)));
    }
    return node;
  }

  /** A text where one names it; else irreps and the change of basis, summand by summand. */
  private static JsonNode describe(Representation rho, Map<String, Tensor> tensors) {
    Optional<Representation> named = parsed(rho.toString());
    if (named.isPresent()
        && named.get().equals(rho)
        && named.get().summands().equals(rho.summands())) {
      return MAPPER.getNodeFactory().stringNode(rho.toString());
    }
    if (rho.summands().size() > 1) {
      ArrayNode parts = MAPPER.createArrayNode();
      rho.summands().forEach(summand -> parts.add(describe(summand, tensors)));
      return parts;
    }
    FiniteGroup group = rho.group();
    require(
        isNamed(group),
        "%s cannot be described: its group is not known by its name; write the state dict with "
            + "SafeTensors",
        rho);
    String basis = BASIS + tensors.keySet().stream().filter(n -> n.startsWith(BASIS)).count();
    tensors.put(basis, Tensors.of(Dtype.FLOAT64, rho.changeOfBasis()));
    ObjectNode node = MAPPER.createObjectNode().put("group", group.name());
    ArrayNode irreps = node.putArray("irreps");
    rho.irreps().forEach(irrep -> irreps.add(irrep.id().toString()));
    return node.put("basis", basis);
  }

  private static boolean isNamed(FiniteGroup group) {
    try {
      return FiniteGroup.named(group.name()).equals(group);
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private static Optional<Representation> parsed(String text) {
    try {
      return Optional.of(Representation.parse(text));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private static JsonNode architecture(SafeTensors file) throws IOException {
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
    try {
      return MAPPER.readTree(text);
    } catch (JacksonException e) {
      throw new DamagedFileException("the architecture is no JSON: " + e.getMessage(), e);
    }
  }

  private static Layer build(JsonNode node, Map<String, Tensor> tensors) {
    return read(node, tensors, 0).build();
  }

  private static Architecture read(JsonNode node, Map<String, Tensor> tensors, int depth) {
    require(depth < 64, "the architecture is nested more than 64 deep");
    Map<String, Representation> representations = new LinkedHashMap<>();
    node.path("representations")
        .properties()
        .forEach(e -> representations.put(e.getKey(), representation(e.getValue(), tensors)));
    Map<String, String> settings = new LinkedHashMap<>();
    node.path("settings")
        .properties()
        .forEach(e -> settings.put(e.getKey(), e.getValue().asString("")));
    List<Architecture> layers = new ArrayList<>();
    for (JsonNode part : node.path("layers")) {
      layers.add(read(part, tensors, depth + 1));
    }
    return new Architecture(node.path("type").asString(""), representations, settings, layers);
  }

  private static Representation representation(JsonNode node, Map<String, Tensor> tensors) {
    if (node.isString()) {
      return Representation.parse(node.asString());
    }
    if (node.isArray()) {
      List<Representation> parts = new ArrayList<>();
      for (JsonNode part : node) {
        require(part.isString() || part.isObject(), "a summand is a text or an object");
        parts.add(representation(part, tensors));
      }
      return Representation.directSum(parts);
    }
    FiniteGroup group = FiniteGroup.named(node.path("group").asString(""));
    List<Representation> irreps = new ArrayList<>();
    for (JsonNode id : node.path("irreps")) {
      List<Integer> numbers = new ArrayList<>();
      for (String number : id.asString("").split(",", -1)) {
        numbers.add(Integer.parseInt(number));
      }
      irreps.add(Representation.irrep(group.irrep(new IrrepId(numbers))));
    }
    Representation sum = Representation.directSum(irreps);
    String name = node.path("basis").asString("");
    Tensor basis =
        requirePresent(tensors.get(name), "the basis '%s' of a representation is missing", name);
    require(
        Arrays.equals(Tensors.shape(basis), new long[] {sum.size(), sum.size()}),
        "'%s' must hold the basis of a representation of size %d",
        name,
        sum.size());
    Matrix q = Matrix.of(sum.size(), sum.size(), Tensors.toArray(basis));
    return sum.changeBasis(q);
  }
}
