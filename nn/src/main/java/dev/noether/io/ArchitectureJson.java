package dev.noether.io;

import static dev.noether.algebra.Checks.require;
import static dev.noether.algebra.Checks.requirePresent;

import dev.noether.algebra.Matrix;
import dev.noether.group.Group;
import dev.noether.group.IrrepId;
import dev.noether.nn.Architecture;
import dev.noether.rep.Representation;
import dev.noether.torch.Dtype;
import dev.noether.torch.Tensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * An architecture as JSON: {@code type}, {@code representations} by role, {@code settings} and, for
 * a chain, {@code layers}. Representations that no text names stand among tensors.
 */
final class ArchitectureJson {
  /** What the names of tensors that hold a change of basis begin with. */
  static final String BASIS = "noether.basis.";

  private static final JsonMapper MAPPER = new JsonMapper();

  private ArchitectureJson() {}

  /** The text; puts what representations it cannot name into {@code tensors}. */
  static String write(Architecture architecture, Map<String, Tensor> tensors) {
    return MAPPER.writeValueAsString(describe(architecture, tensors));
  }

  /**
   * Reads a text.
   *
   * @throws IllegalArgumentException if it is none, or a tensor that it names is missing
   */
  static Architecture read(String text, Map<String, Tensor> tensors) {
    try {
      return read(MAPPER.readTree(text), tensors, 0);
    } catch (JacksonException e) {
      throw new IllegalArgumentException(
          "the architecture is no JSON: " + e.getOriginalMessage(), e);
    }
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
    if (!architecture.parametrizations().isEmpty()) {
      ObjectNode maps = node.putObject("parametrizations");
      architecture
          .parametrizations()
          .forEach((parameter, map) -> maps.set(parameter, describe(map, tensors)));
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
    Group group = rho.group();
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

  private static boolean isNamed(Group group) {
    try {
      return Group.named(group.name()).equals(group);
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
    Map<String, Architecture> maps = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> entry : node.path("parametrizations").properties()) {
      maps.put(entry.getKey(), read(entry.getValue(), tensors, depth + 1));
    }
    return new Architecture(
        node.path("type").asString(""), representations, settings, layers, maps);
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
    Group group = Group.named(node.path("group").asString(""));
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
