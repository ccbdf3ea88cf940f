package dev.noether.io;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What a file holds, without its numbers, for each format that Noether reads or writes.
 *
 * @param format the kind of file
 * @param tensors what is said of each tensor, in the order of the file
 * @param texts what else the file tells
 * @param layers the layer of a checkpoint; else empty
 * @param inputs what an ONNX graph takes; else empty
 * @param outputs what an ONNX graph gives; else empty
 * @param operators how often an ONNX graph uses each operator; else empty
 */
public record FileContents(
    Format format,
    Map<String, TensorFile.Entry> tensors,
    Map<String, String> texts,
    List<Part> layers,
    List<Value> inputs,
    List<Value> outputs,
    Map<String, Integer> operators) {
  private static final JsonMapper MAPPER = new JsonMapper();
  private static final int DEEPEST = 64;

  /**
   * Copies the lists and maps.
   *
   * @param format the kind of file
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

  /** The kinds of files. */
  public enum Format {
    /** A layer with its weights, as {@link Checkpoint} writes it. */
    CHECKPOINT("Noether checkpoint"),
    /** Tensors alone. */
    SAFETENSORS("safetensors"),
    /** A state dict or checkpoint of PyTorch's. */
    PYTORCH("PyTorch"),
    /** A model in plain operations. */
    ONNX("ONNX");

    private final String title;

    Format(String title) {
      this.title = title;
    }

    /** What people call it. */
    @Override
    public String toString() {
      return title;
    }
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
    byte[] start = Source.start(path);
    // The length of a safetensors header may look like the start of another format.
    if (start.length == Source.START && start[8] == '{') {
      try (SafeTensors file = SafeTensors.open(path)) {
        return safeTensors(file);
      }
    }
    if (PtFile.beginsOne(start)) {
      try (PtFile file = PtFile.open(path)) {
        return tensors(Format.PYTORCH, file, List.of());
      }
    }
    if (OnnxContents.beginsOne(start)) {
      return OnnxContents.of(path);
    }
    throw new DamagedFileException(path + " is no safetensors, PyTorch or ONNX file");
  }

  private static FileContents safeTensors(SafeTensors file) throws DamagedFileException {
    String architecture = file.metadata().get("noether.architecture");
    if (architecture == null) {
      return tensors(Format.SAFETENSORS, file, List.of());
    }
    try {
      return tensors(Format.CHECKPOINT, file, List.of(part(MAPPER.readTree(architecture), 0)));
    } catch (JacksonException e) {
      throw new DamagedFileException("the architecture is no JSON: " + e.getMessage(), e);
    }
  }

  private static FileContents tensors(Format format, TensorFile file, List<Part> layers) {
    return new FileContents(
        format, file.entries(), file.metadata(), layers, List.of(), List.of(), Map.of());
  }

  private static Part part(JsonNode node, int depth) throws DamagedFileException {
    if (depth > DEEPEST) {
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
    return node.isArray()
        ? "(" + sum + ")"
        : node.path("group").asString("") + ": " + sum + " in the basis " + node.path("basis");
  }
}
