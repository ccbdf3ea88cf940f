package dev.noether.io;

import dev.noether.io.bytes.JsonText;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What a file holds, without its numbers, for each format that Noether reads or writes.
 *
 * @param format the format of the file
 * @param tensors what is said of each tensor, in the order of the file
 * @param texts what else the file tells
 * @param layers the layer of a checkpoint; else empty
 * @param inputs what an ONNX graph takes; else empty
 * @param outputs what an ONNX graph gives; else empty
 * @param operators how often an ONNX graph uses each operator; else empty
 */
public record FileContents(
    TensorFormat format,
    Map<String, TensorFile.Entry> tensors,
    Map<String, String> texts,
    List<Part> layers,
    List<Value> inputs,
    List<Value> outputs,
    Map<String, Integer> operators) {
  private static final JsonMapper MAPPER = new JsonMapper();

  /**
   * Copies the lists and maps.
   *
   * @param format the format of the file
   * @param tensors what is said of each tensor
   * @param texts what else the file tells
   * @param layers the layer of a checkpoint
   * @param inputs what an ONNX graph takes
   * @param outputs what an ONNX graph gives
   * @param operators how often an ONNX graph uses each operator
   */
  public FileContents {
    tensors = Collections.unmodifiableMap(new LinkedHashMap<>(tensors));
    texts = Collections.unmodifiableMap(new LinkedHashMap<>(texts));
    layers = List.copyOf(layers);
    inputs = List.copyOf(inputs);
    outputs = List.copyOf(outputs);
    operators = Collections.unmodifiableMap(new LinkedHashMap<>(operators));
  }

  /**
   * A layer as its checkpoint describes it, whether or not this version can build it.
   *
   * @param type the name of its class
   * @param representations its representations as text, by role
   * @param settings its other options
   * @param layers its parts
   */
  public record Part(
      String type,
      Map<String, String> representations,
      Map<String, String> settings,
      List<Part> layers) {
    /**
     * Copies the lists and maps.
     *
     * @param type the name of its class
     * @param representations its representations as text, by role
     * @param settings its other options
     * @param layers its parts
     */
    public Part {
      representations = Collections.unmodifiableMap(new LinkedHashMap<>(representations));
      settings = Collections.unmodifiableMap(new LinkedHashMap<>(settings));
      layers = List.copyOf(layers);
    }
  }

  /**
   * An input or output of a graph.
   *
   * @param name its name
   * @param dtype as PyTorch names it
   * @param shape its axes: numbers, or names of those that vary
   */
  public record Value(String name, String dtype, List<String> shape) {
    /**
     * Copies the shape.
     *
     * @param name its name
     * @param dtype as PyTorch names it
     * @param shape its axes
     */
    public Value {
      shape = List.copyOf(shape);
    }
  }

  /**
   * Looks into a file; its first bytes tell what it is.
   *
   * @param path the file
   * @return what it holds
   * @throws DamagedFileException if the file is damaged, or of none of the formats
   * @throws IOException if the file cannot be read
   */
  public static FileContents of(Path path) throws IOException {
    Optional<TensorFormat> format = TensorFormat.of(path);
    if (format.isEmpty()) {
      throw new DamagedFileException(path + " is no safetensors, PyTorch or ONNX file");
    }
    try {
      return format.get().contents(path);
    } catch (DamagedFileException e) {
      throw e.in(path);
    }
  }

  static FileContents ofTensors(TensorFormat format, Path path) throws IOException {
    try (TensorFile file = format.openTensors(path)) {
      return tensors(format, file, layers(file));
    }
  }

  private static List<Part> layers(TensorFile file) throws DamagedFileException {
    String architecture = file.metadata().get(CheckpointFile.ARCHITECTURE);
    if (architecture == null) {
      return List.of();
    }
    try {
      return List.of(part(MAPPER.readTree(architecture), 0));
    } catch (JacksonException e) {
      throw new DamagedFileException("the architecture is no JSON: " + JsonText.problem(e), e);
    }
  }

  /**
   * What people call the kind of file.
   *
   * @return such as {@code Noether checkpoint} or {@code ONNX}
   */
  public String title() {
    return layers.isEmpty() ? format.toString() : "Noether checkpoint";
  }

  private static FileContents tensors(TensorFormat format, TensorFile file, List<Part> layers) {
    return new FileContents(
        format, file.entries(), file.metadata(), layers, List.of(), List.of(), Map.of());
  }

  private static Part part(JsonNode node, int depth) throws DamagedFileException {
    if (depth > ArchitectureJson.DEEPEST) {
      throw new DamagedFileException("the architecture is nested more than 64 deep");
    }
    Map<String, String> representations = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> e : node.path("representations").properties()) {
      representations.put(e.getKey(), representation(e.getValue()));
    }
    Map<String, String> settings = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> e : node.path("settings").properties()) {
      settings.put(e.getKey(), e.getValue().asString(""));
    }
    List<Part> layers = new ArrayList<>();
    for (JsonNode layer : node.path("layers")) {
      layers.add(part(layer, depth + 1));
    }
    return new Part(node.path("type").asString("unknown"), representations, settings, layers);
  }

  /** The name, also of a group that is described: the first text in quotes. */
  private static String group(String text) {
    if (!ArchitectureJson.isDescription(text)) {
      return text;
    }
    String[] parts = text.split("\"", 3);
    return parts.length == 3 ? parts[1] : text;
  }

  /** A text, a list of summands, or irreps in a basis that stands among the tensors. */
  private static String representation(JsonNode node) {
    if (node.isString()) {
      return node.asString();
    }
    List<String> parts = new ArrayList<>();
    for (JsonNode part : node.isArray() ? node : node.path("irreps")) {
      parts.add(node.isArray() ? representation(part) : "irrep(" + part.asString("") + ")");
    }
    String sum = String.join(" + ", parts);
    int copies = node.path(ArchitectureJson.COPIES).asInt(1);
    return node.isArray()
        ? "(" + sum + ")"
        : (copies > 1 ? copies + " copies of " : "")
            + group(node.path("group").asString(""))
            + ": "
            + sum
            + " in the basis "
            + node.path("basis");
  }
}
