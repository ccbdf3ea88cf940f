package dev.noether.io;

import static dev.noether.algebra.Checks.require;
import static dev.noether.algebra.Checks.requirePresent;

import dev.noether.algebra.Limits;
import dev.noether.algebra.Matrix;
import dev.noether.group.FiniteElement;
import dev.noether.group.FiniteGroup;
import dev.noether.group.Group;
import dev.noether.group.GroupDescription;
import dev.noether.group.IrrepId;
import dev.noether.io.bytes.JsonText;
import dev.noether.nn.Architecture;
import dev.noether.rep.Representation;
import dev.noether.torch.Dtype;
import dev.noether.torch.Tensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
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
 * a chain, {@code layers}. Representations that no text names stand among tensors, and a group that
 * no name gives is described as {@link GroupDescription} has it.
 */
final class ArchitectureJson {
  /** What the names of tensors that hold a change of basis begin with. */
  static final String BASIS = "noether.basis.";

  private static final JsonMapper MAPPER = new JsonMapper();

  /** How often a summand stands. */
  static final String COPIES = "copies";

  private static final int MOST_SUMMANDS = Limits.SUMMANDS / 10;

  private static final List<String> KEYS =
      List.of("type", "representations", "settings", "layers", "parametrizations");

  /** Levels of layers inside each other. */
  static final int DEEPEST = 64;

  private final Map<String, Tensor> tensors;
  private final Map<String, Representation> parsed = new HashMap<>();
  private final Map<String, Group> groups = new HashMap<>();
  private int layers;

  private ArchitectureJson(Map<String, Tensor> tensors) {
    this.tensors = tensors;
  }

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
      return new ArchitectureJson(tensors).read(MAPPER.readTree(text), 0);
    } catch (JacksonException e) {
      throw new IllegalArgumentException("the architecture is no JSON: " + JsonText.problem(e), e);
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
    Optional<Representation> named =
        isNamed(rho.group()) ? parsed(rho.toString()) : Optional.empty();
    if (named.isPresent()
        && named.get().equals(rho)
        && named.get().summands().equals(rho.summands())) {
      return MAPPER.getNodeFactory().stringNode(rho.toString());
    }
    if (rho.summands().size() > 1) {
      return describe(rho.summands(), tensors);
    }
    String basis = basis(rho.changeOfBasis(), tensors);
    ObjectNode node = MAPPER.createObjectNode().put("group", text(rho.group()));
    ArrayNode irreps = node.putArray("irreps");
    rho.irreps().forEach(irrep -> irreps.add(irrep.id().toString()));
    return node.put("basis", basis);
  }

  /** Equal neighbours are described once, with their number. */
  private static JsonNode describe(List<Representation> summands, Map<String, Tensor> tensors) {
    ArrayNode parts = MAPPER.createArrayNode();
    for (int first = 0, next; first < summands.size(); first = next) {
      Representation summand = summands.get(first);
      next = first + 1;
      while (next < summands.size() && summands.get(next).equals(summand)) {
        next++;
      }
      JsonNode node = describe(summand, tensors);
      if (next - first > 1 && node instanceof ObjectNode own) {
        parts.add(own.put(COPIES, next - first));
      } else {
        for (int copy = first; copy < next; copy++) {
          parts.add(node);
        }
      }
    }
    return parts;
  }

  /** The name of the tensor that holds a change of basis, a new one or the one that is there. */
  private static String basis(Matrix matrix, Map<String, Tensor> tensors) {
    Tensor tensor = Tensors.of(Dtype.FLOAT64, matrix);
    int count = 0;
    for (Tensor known; (known = tensors.get(BASIS + count)) != null; count++) {
      if (known.equal(tensor)) {
        return BASIS + count;
      }
    }
    tensors.put(BASIS + count, tensor);
    return BASIS + count;
  }

  /** The name, or the description of a group of one's own. */
  private static String text(Group group) {
    return group instanceof FiniteGroup finite && !isNamed(group)
        ? finite.description().toString()
        : group.name();
  }

  /** Whether a name gives the very group, its labels included; else a file holds the group. */
  private static boolean isNamed(Group group) {
    try {
      Group named = Group.named(group.name());
      return named.equals(group) && labels(named).equals(labels(group));
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private static List<String> labels(Group group) {
    return group instanceof FiniteGroup finite
        ? finite.elements().stream().map(FiniteElement::toString).toList()
        : List.of();
  }

  private static Optional<Representation> parsed(String text) {
    try {
      return Optional.of(Representation.parse(text));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private Architecture read(JsonNode node, int depth) {
    require(depth < DEEPEST, "the architecture is nested more than %d deep", DEEPEST);
    layers++;
    require(layers <= Limits.LAYERS, "the architecture has more than %d layers", Limits.LAYERS);
    for (String key : node.propertyNames()) {
      require(
          KEYS.contains(key) || !node.has("type"), // the lack of which is told first
          "an architecture has the keys %s, got '%s'; how inputs and outputs transform stands under"
              + " 'representations', and all else that a layer is told under 'settings'",
          KEYS,
          key);
    }
    Map<String, Representation> representations = new LinkedHashMap<>();
    node.path("representations")
        .properties()
        .forEach(e -> representations.put(e.getKey(), representation(e.getValue())));
    Map<String, String> settings = new LinkedHashMap<>();
    node.path("settings")
        .properties()
        .forEach(e -> settings.put(e.getKey(), e.getValue().asString("")));
    List<Architecture> parts = new ArrayList<>();
    for (JsonNode part : node.path("layers")) {
      parts.add(read(part, depth + 1));
    }
    Map<String, Architecture> maps = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> entry : node.path("parametrizations").properties()) {
      maps.put(entry.getKey(), read(entry.getValue(), depth + 1));
    }
    return new Architecture(node.path("type").asString(""), representations, settings, parts, maps);
  }

  private Representation representation(JsonNode node) {
    if (node.isString()) {
      return parsed.computeIfAbsent(node.asString(), Representation::parse);
    }
    if (node.isArray()) {
      List<Representation> parts = new ArrayList<>();
      long coordinates = 0;
      for (JsonNode part : node) {
        require(part.isString() || part.isObject(), "a summand is a text or an object");
        int copies = part.has(COPIES) ? part.path(COPIES).asInt(0) : 1;
        require(
            copies >= 1 && parts.size() + (long) copies <= MOST_SUMMANDS,
            "'copies' of a summand is from 1 to %d for all together, got %s after %d",
            MOST_SUMMANDS,
            part.path(COPIES),
            parts.size());
        Representation summand = representation(part);
        coordinates += (long) copies * summand.size();
        require(
            coordinates <= Limits.COORDINATES,
            "a representation has at most %d coordinates, got %d",
            Limits.COORDINATES,
            coordinates);
        parts.addAll(Collections.nCopies(copies, summand));
      }
      return Representation.directSum(parts);
    }
    Group group = groups.computeIfAbsent(node.path("group").asString(""), ArchitectureJson::group);
    List<Representation> irreps = new ArrayList<>();
    for (JsonNode id : node.path("irreps")) {
      irreps.add(Representation.irrep(group.irrep(irrepId(id.asString("")))));
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

  /**
   * A name, or the description of a group of one's own, which is checked against its fingerprint.
   */
  private static Group group(String text) {
    return isDescription(text) ? GroupDescription.parse(text).group() : Group.named(text);
  }

  /** No name of a group has such a word. */
  static boolean isDescription(String group) {
    return group.startsWith("group ");
  }

  private static IrrepId irrepId(String text) {
    List<Integer> numbers = new ArrayList<>();
    for (String number : text.split(",", -1)) {
      require(
          number.matches("\\d{1,9}"),
          "an irrep of a basis is called by its numbers, as \"1,0\", got \"%s\"",
          text);
      numbers.add(Integer.parseInt(number));
    }
    return new IrrepId(numbers);
  }
}
