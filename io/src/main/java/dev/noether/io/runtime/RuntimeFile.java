package dev.noether.io.runtime;

import dev.noether.group.CompactGroup;
import dev.noether.group.Element;
import dev.noether.group.FiniteElement;
import dev.noether.group.FiniteGroup;
import dev.noether.group.Group;
import dev.noether.io.SafeTensors;
import dev.noether.kernel.FieldType;
import dev.noether.kernel.Space;
import dev.noether.nn.EquivariantFunction;
import dev.noether.nn.Layer;
import dev.noether.plain.PlainLayer;
import dev.noether.plain.Port;
import dev.noether.rep.Representation;
import dev.noether.torch.Dtype;
import dev.noether.torch.Tensors;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Models for noether-runtime, which computes them in plain Java without LibTorch.
 *
 * <p>The file is safetensors with float32 numbers, or weights in int8. Its header holds the graph
 * of operations as JSON, a hash of everything, and the matrices of the group's generators, by which
 * the runtime checks the symmetry. An equivariant linear map is stored as its blocks in the basis
 * of the irreps.
 */
public final class RuntimeFile {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private RuntimeFile() {}

  /**
   * Writes a model as it evaluates, with its present weights, whole or not at all.
   *
   * @param model a layer, or a chain of layers
   * @param path the file, by custom called {@code *.noether}; replaced if it is there
   * @throws IllegalArgumentException if a layer has no plain form, or one that the runtime lacks
   * @throws IOException if the file cannot be written; an old one is then as it was
   */
  public static void write(PlainLayer model, Path path) throws IOException {
    write(model, path, false);
  }

  /**
   * Writes a model whose equivariant maps are rounded to int8: their blocks in the basis of the
   * irreps, each with a step of its own, so that the maps stay equivariant for any representation.
   * All else, as biases and the linear layers of a plain head, stays in float32.
   *
   * @param model a layer, or a chain of layers; it stays as it is
   * @param path the file, replaced if it is there
   * @throws IllegalArgumentException if a layer has no plain form, or one that the runtime lacks
   * @throws IOException if the file cannot be written; an old one is then as it was
   */
  public static void writeInt8(PlainLayer model, Path path) throws IOException {
    write(model, path, true);
  }

  private static void write(PlainLayer model, Path path, boolean small) throws IOException {
    boolean training = model instanceof Layer layer && layer.isTraining();
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      if (model instanceof Layer layer) {
        layer.eval();
      }
      RuntimeGraph.State state = new RuntimeGraph.State(small);
      String graph = MAPPER.writeValueAsString(graph(model, state));
      Map<String, String> texts = new LinkedHashMap<>();
      texts.put("format", "noether.runtime");
      texts.put("version", "1");
      texts.put("graph", graph);
      texts.put("sha256", hash(graph, state.tensors));
      SafeTensors.write(path, state.tensors, texts);
    } finally {
      if (training) {
        ((Layer) model).train();
      }
    }
  }

  private static ObjectNode graph(PlainLayer model, RuntimeGraph.State state) {
    RuntimeGraph builder = new RuntimeGraph("", state);
    List<Integer> inputs = new ArrayList<>();
    for (int i = 0; i < model.inputs().size(); i++) {
      inputs.add(state.values++);
    }
    int result = model.plain(builder, inputs);
    Optional<EquivariantFunction> symmetry = symmetry(model);
    ObjectNode graph = MAPPER.createObjectNode();
    ArrayNode ports = graph.putArray("inputs");
    for (int i = 0; i < model.inputs().size(); i++) {
      int place = i;
      describe(
          ports.addObject(),
          model.inputs().get(i),
          symmetry.map(s -> s.inputs().get(place).representation()));
    }
    describe(
        graph.putArray("outputs").addObject(),
        model.output(),
        symmetry.map(EquivariantFunction::out));
    graph.putArray("results").add(result);
    symmetry.ifPresent(s -> generators(graph.putArray("symmetry"), s, builder));
    graph.put("values", state.values);
    graph.set("nodes", state.nodes);
    return graph;
  }

  /** The claim that the runtime checks, where it is one of these very inputs. */
  private static Optional<EquivariantFunction> symmetry(PlainLayer model) {
    Optional<EquivariantFunction> claim =
        model instanceof Layer layer ? layer.equivariance() : Optional.empty();
    return claim.filter(
        function ->
            function.inputs().size() == model.inputs().size()
                && function.out().size() == model.output().size()
                && isOverGrid(model.output()) == function.fields().isPresent()
                && fits(function, model.inputs()));
  }

  private static boolean fits(EquivariantFunction function, List<Port> ports) {
    for (int i = 0; i < ports.size(); i++) {
      EquivariantFunction.Input input = function.inputs().get(i);
      if (input.representation().size() != ports.get(i).size()
          || input.fields().isPresent() != isOverGrid(ports.get(i))) {
        return false;
      }
    }
    return true;
  }

  private static boolean isOverGrid(Port port) {
    return port.axes().gridDimension() > 0;
  }

  private static void describe(ObjectNode node, Port port, Optional<Representation> how) {
    node.put("name", port.name());
    ArrayNode axes = node.putArray("axes");
    port.axes().names().forEach(axes::add);
    node.put("size", port.size()).put("representation", how.map(Object::toString).orElse(""));
  }

  private static void generators(ArrayNode array, EquivariantFunction claim, RuntimeGraph builder) {
    for (Element element : elements(claim)) {
      ObjectNode generator = array.addObject().put("element", element.toString());
      ArrayNode ports = generator.putArray("ports");
      for (EquivariantFunction.Input in : claim.inputs()) {
        matrices(ports.addObject(), in.representation(), in.fields(), element, builder);
      }
      matrices(ports.addObject(), claim.out(), claim.fields(), element, builder);
    }
  }

  /** Where there are grids, those that permute their places. */
  private static List<? extends Element> elements(EquivariantFunction claim) {
    return Stream.concat(
            claim.inputs().stream().flatMap(in -> in.fields().stream()), claim.fields().stream())
        .findFirst()
        .<List<? extends Element>>map(fields -> gridElements(fields.space()))
        .orElseGet(() -> elements(claim.out().group()));
  }

  /** Of a finite group so many as generate the rest. */
  private static List<? extends Element> gridElements(Space space) {
    List<Element> all = space.gridElements();
    if (!(space.group() instanceof FiniteGroup group)) {
      return all;
    }
    List<Element> some = new ArrayList<>();
    Set<Integer> known = new HashSet<>(Set.of(group.identity()));
    for (Element element : all) {
      if (known.contains(((FiniteElement) element).index())) {
        continue;
      }
      some.add(element);
      Deque<Integer> open = new ArrayDeque<>(known);
      while (!open.isEmpty()) {
        int product = open.remove();
        for (Element by : some) {
          int next = group.multiply(product, ((FiniteElement) by).index());
          if (known.add(next)) {
            open.add(next);
          }
        }
      }
    }
    return some;
  }

  /** Generators of a finite group; of a compact one elements that generate a dense subgroup. */
  private static List<? extends Element> elements(Group group) {
    return group instanceof FiniteGroup finite
        ? finite.generators().stream().map(finite::element).toList()
        : ((CompactGroup) group).sample(3, 0);
  }

  private static void matrices(
      ObjectNode port,
      Representation representation,
      Optional<FieldType> fields,
      Element element,
      RuntimeGraph builder) {
    if (fields.isPresent()) {
      ArrayNode action = port.putArray("action");
      for (double entry : fields.get().space().action(element).toArray()) {
        action.add(Math.round(entry));
      }
    }
    ArrayNode runs = port.putArray("runs");
    for (Representation.Run run : representation.runs()) {
      Tensor matrix = Tensors.of(Dtype.FLOAT32, run.summand().at(element));
      runs.addObject()
          .put("count", run.count())
          .put("matrix", builder.keep("symmetry." + element, matrix));
    }
  }

  /** A line for each tensor, as the runtime has it: its name, shape and end in the file. */
  private static String table(Map<String, Tensor> tensors) {
    StringBuilder table = new StringBuilder();
    long end = 0;
    for (Map.Entry<String, Tensor> entry : tensors.entrySet()) {
      end += bytes(entry.getValue()) * entry.getValue().numel();
      table.append(entry.getKey()).append(' ');
      table.append(Arrays.toString(Tensors.shape(entry.getValue()))).append(' ').append(end);
      table.append('\n');
    }
    return table.toString();
  }

  private static int bytes(Tensor tensor) {
    return tensor.is_floating_point() ? Float.BYTES : Byte.BYTES;
  }

  private static String hash(String graph, Map<String, Tensor> tensors) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(graph.getBytes(StandardCharsets.UTF_8));
      digest.update(table(tensors).getBytes(StandardCharsets.UTF_8));
      for (Tensor tensor : tensors.values()) {
        double[] values = Tensors.toArray(tensor);
        int size = bytes(tensor);
        ByteBuffer bytes = ByteBuffer.allocate(values.length * size).order(ByteOrder.LITTLE_ENDIAN);
        for (double value : values) {
          if (size == Byte.BYTES) {
            bytes.put((byte) value);
          } else {
            bytes.putFloat((float) value);
          }
        }
        digest.update(bytes.flip());
      }
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
