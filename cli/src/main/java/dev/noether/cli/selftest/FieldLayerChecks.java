package dev.noether.cli.selftest;

import dev.noether.algebra.Matrix;
import dev.noether.grid.FieldAction;
import dev.noether.group.CompactGroup;
import dev.noether.group.Element;
import dev.noether.group.FiniteGroup;
import dev.noether.group.Group;
import dev.noether.group.Irrep;
import dev.noether.group.Orthogonal2;
import dev.noether.group.Orthogonal3;
import dev.noether.group.Subgroup;
import dev.noether.kernel.Field;
import dev.noether.kernel.FieldType;
import dev.noether.kernel.Space;
import dev.noether.nn.EquivariantLayer;
import dev.noether.nn.activation.FieldGate;
import dev.noether.nn.activation.FieldNormNonlinearity;
import dev.noether.nn.activation.FourierPointwise;
import dev.noether.nn.activation.SamplePoints;
import dev.noether.nn.linear.Disentangle;
import dev.noether.nn.norm.BatchStatisticsOptions;
import dev.noether.nn.norm.FieldNorm;
import dev.noether.nn.norm.InnerBatchNorm;
import dev.noether.nn.pooling.GaussianPooling;
import dev.noether.nn.pooling.GroupPooling;
import dev.noether.nn.pooling.Mask;
import dev.noether.nn.pooling.MaxPooling;
import dev.noether.nn.pooling.NormMaxPooling;
import dev.noether.nn.pooling.NormPooling;
import dev.noether.nn.pooling.Window;
import dev.noether.plain.Activation;
import dev.noether.torch.ComputeDevice;
import dev.noether.torch.Dtype;
import dev.noether.torch.Tensors;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import tools.jackson.databind.JsonNode;

/** Layers around steerable convolutions, and how groups move fields on grids. */
final class FieldLayerChecks {
  private static final double MOVED = 1e-5;

  private FieldLayerChecks() {}

  /** Makes the layer of a case. */
  private interface Maker {
    EquivariantLayer make(ReferenceCase reference) throws IOException;
  }

  static Optional<SelfTest.Check> of(String kind) {
    return switch (kind) {
      case "Transform" -> Optional.of(FieldLayerChecks::transform);
      case "RestrictionDisentangle" -> Optional.of(FieldLayerChecks::disentangle);
      case "GatedNonLinearity2" -> Optional.of(FieldLayerChecks::gateOfTwoInputs);
      default ->
          maker(kind)
              .map(
                  maker ->
                      (reference, device, comparison) ->
                          LayerChecks.run(maker.make(reference), reference, device, comparison));
    };
  }

  private static Optional<Maker> maker(String kind) {
    return Optional.ofNullable(
        switch (kind) {
          case "GroupPooling" -> reference -> new GroupPooling(in(reference));
          case "NormPool" -> reference -> new NormPooling(in(reference));
          case "InnerBatchNorm" -> FieldLayerChecks::innerBatchNorm;
          case "FieldNorm" -> FieldLayerChecks::fieldNorm;
          case "GatedNonLinearity1" -> FieldLayerChecks::gate;
          case "NormNonLinearity" -> FieldLayerChecks::norm;
          case "PointwiseAvgPoolAntialiased" -> FieldLayerChecks::gaussian;
          case "PointwiseMaxPoolAntialiased" -> FieldLayerChecks::antialiased;
          case "NormMaxPool" -> reference -> new NormMaxPooling(in(reference), window(reference));
          case "MaskModule" -> FieldLayerChecks::mask;
          case "FourierPointwise" -> FieldLayerChecks::fourier;
          case "QuotientFourierPointwise" -> FieldLayerChecks::quotientFourier;
          default -> null;
        });
  }

  /** The fields that a part of a case spells out. */
  static FieldType type(ReferenceCase reference, String part) throws IOException {
    JsonNode spec = reference.part(part);
    Space space = SteerableChecks.space(spec.path("gspace"));
    List<Field> fields = new ArrayList<>();
    for (JsonNode term : spec.path("fields")) {
      Field field = SteerableChecks.field(space, term, reference);
      for (int copy = 0; copy < term.path("multiplicity").asInt(1); copy++) {
        fields.add(field);
      }
    }
    return new FieldType(space, fields);
  }

  private static FieldType in(ReferenceCase reference) throws IOException {
    return type(reference, "in_type");
  }

  private static JsonNode config(ReferenceCase reference) throws IOException {
    return reference.part("config");
  }

  private static Dtype dtype(ReferenceCase reference) throws IOException {
    return reference.dtype("output.train");
  }

  private static EquivariantLayer innerBatchNorm(ReferenceCase reference) throws IOException {
    JsonNode config = config(reference);
    return new InnerBatchNorm(
        in(reference),
        new BatchStatisticsOptions(
            config.path("eps").asDouble(1e-5),
            config.path("momentum").asDouble(0.1),
            reference.flag("affine"),
            reference.flag("track_running_stats"),
            dtype(reference)));
  }

  private static EquivariantLayer fieldNorm(ReferenceCase reference) throws IOException {
    return new FieldNorm(
        in(reference),
        config(reference).path("eps").asDouble(1e-5),
        reference.flag("affine"),
        dtype(reference));
  }

  private static EquivariantLayer gate(ReferenceCase reference) throws IOException {
    FieldType type = in(reference);
    JsonNode words = config(reference).path("gates");
    List<Integer> gates =
        IntStream.range(0, type.fields().size())
            .filter(
                i ->
                    words.isArray()
                        ? words.path(i).asString().equals("gate")
                        : i < type.fields().size() / 2)
            .boxed()
            .toList();
    return new FieldGate(
        type, gates, reference.flag("drop_gates"), OptionalLong.empty(), dtype(reference));
  }

  private static EquivariantLayer norm(ReferenceCase reference) throws IOException {
    String name = config(reference).path("function").asString("n_relu").replace("n_", "");
    return new FieldNormNonlinearity(
        in(reference),
        FieldNormNonlinearity.Function.valueOf(name.toUpperCase(Locale.ROOT)),
        reference.flag("bias"),
        dtype(reference));
  }

  private static EquivariantLayer gaussian(ReferenceCase reference) throws IOException {
    JsonNode config = config(reference);
    double sigma = config.path("sigma").asDouble();
    return new GaussianPooling(
        in(reference),
        sigma,
        config.path("stride").asInt(1),
        config.path("padding").isNumber()
            ? config.path("padding").asInt()
            : GaussianPooling.usualPadding(sigma),
        dtype(reference));
  }

  private static Window window(ReferenceCase reference) throws IOException {
    JsonNode config = config(reference);
    int kernel = config.path("kernel_size").asInt();
    return new Window(
        kernel,
        config.path("stride").asInt(kernel),
        config.path("padding").asInt(0),
        config.path("ceil_mode").asBoolean(false));
  }

  private static EquivariantLayer antialiased(ReferenceCase reference) throws IOException {
    return MaxPooling.antialiased(
        in(reference),
        window(reference),
        config(reference).path("sigma").asDouble(0.6),
        dtype(reference));
  }

  private static EquivariantLayer mask(ReferenceCase reference) throws IOException {
    JsonNode config = config(reference);
    return new Mask(
        in(reference),
        config.path("size").asInt(),
        config.path("margin").asDouble(0),
        config.path("sigma").asDouble(2),
        dtype(reference));
  }

  private static Activation activation(JsonNode config) {
    String name = config.path("function").asString("p_relu").replace("p_", "");
    return Activation.valueOf(name.toUpperCase(Locale.ROOT));
  }

  private static EquivariantLayer fourier(ReferenceCase reference) throws IOException {
    JsonNode config = config(reference);
    Space space = in(reference).space();
    return FourierPointwise.onGroup(
        space,
        config.path("channels").asInt(),
        irreps(space, config),
        samples(reference, space),
        activation(config),
        dtype(reference));
  }

  private static List<Irrep> irreps(Space space, JsonNode config) {
    List<Irrep> irreps = new ArrayList<>();
    config.path("irreps").forEach(id -> irreps.add(space.group().irrep(ReferenceCase.id(id))));
    return irreps;
  }

  private static EquivariantLayer quotientFourier(ReferenceCase reference) throws IOException {
    JsonNode config = config(reference);
    Space space = in(reference).space();
    if (space.group() instanceof FiniteGroup group) {
      Space smaller = subgroup(space, config.path("subgroup"));
      List<Matrix> moves =
          ((FiniteGroup) smaller.group()).elements().stream().map(smaller::action).toList();
      Subgroup own =
          group.subgroupWhere(
              g ->
                  moves.stream()
                      .anyMatch(move -> move.distance(space.action(group.element(g))) < 1e-6));
      return FourierPointwise.onCosets(
          space,
          config.path("channels").asInt(),
          own,
          irreps(space, config),
          samples(reference, space),
          activation(config),
          dtype(reference));
    }
    List<Integer> degrees = new ArrayList<>();
    config.path("irreps").forEach(id -> degrees.add(id.path(id.size() - 1).asInt()));
    return FourierPointwise.onSphere(
        space,
        config.path("channels").asInt(),
        degrees,
        samples(reference, space),
        activation(config),
        dtype(reference));
  }

  /** Those that a case spells out as matrices, else evenly spaced turns, else all elements. */
  private static SamplePoints samples(ReferenceCase reference, Space space) throws IOException {
    if (reference.tensors().containsKey("grid.rotations")) {
      double[] numbers = Tensors.toArray(reference.tensor("grid.rotations"));
      int d = space.dimension();
      return SamplePoints.of(
          IntStream.range(0, numbers.length / (d * d))
              .mapToObj(i -> Arrays.copyOfRange(numbers, i * d * d, (i + 1) * d * d))
              .map(own -> Matrix.of(d, d, own))
              .map(matrix -> element(space, matrix))
              .toList());
    }
    Group group = space.group();
    return group instanceof CompactGroup compact
        ? SamplePoints.turns(compact, config(reference).path("grid").path("N").asInt())
        : SamplePoints.all((FiniteGroup) group);
  }

  private static Element element(Space space, Matrix matrix) {
    if (space.group() instanceof FiniteGroup finite) {
      return finite.elements().stream()
          .filter(g -> space.action(g).distance(matrix) < 1e-6)
          .findFirst()
          .orElseThrow(() -> new IllegalArgumentException(matrix + " is not in " + space));
    }
    return space.dimension() == 2 ? Orthogonal2.of(matrix) : Orthogonal3.of(matrix);
  }

  /** The second of two modules in a row; the first one changes the type alone. */
  private static void disentangle(
      ReferenceCase reference, ComputeDevice device, Comparison comparison) throws IOException {
    FieldType type = in(reference);
    Space smaller = subgroup(type.space(), config(reference).path("subgroup"));
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    reference
        .tensors()
        .forEach((name, own) -> tensors.put(name.replace("state.1.", "state."), own));
    LayerChecks.run(
        new Disentangle(type.restrict(smaller), dtype(reference)),
        new ReferenceCase(reference.name(), reference.description(), tensors),
        device,
        comparison);
  }

  /** A number of rotations, or the number of the first reflection, if there is one, and that. */
  static Space subgroup(Space whole, JsonNode id) {
    int rotations = id.isArray() ? id.path(id.size() - 1).asInt() : id.asInt();
    boolean reflects = id.isArray() && id.size() == 2 && id.path(0).isNumber();
    if (!reflects) {
      return rotations < 0 ? Space.so2() : Space.cyclic(rotations);
    }
    // The reflection (1, k) of D_n is that in the axis turned by half of k turns.
    List<? extends Element> elements =
        whole.group() instanceof FiniteGroup finite ? finite.elements() : List.of();
    int order = elements.size() / 2;
    double turned = order > 0 ? Math.PI * id.path(0).asInt() / order : id.path(0).asDouble() / 2;
    double axis = Math.PI / 2 + turned;
    return rotations == 1 ? Space.flip(axis) : Space.dihedral(rotations, axis);
  }

  /** One gate for each field, in a tensor of their own: the same as with the gates in front. */
  private static void gateOfTwoInputs(
      ReferenceCase reference, ComputeDevice device, Comparison comparison) throws IOException {
    FieldType gates = type(reference, "gates_type");
    FieldType type = gates.plus(in(reference));
    FieldGate layer =
        new FieldGate(
            type,
            IntStream.range(0, gates.fields().size()).boxed().toList(),
            true,
            OptionalLong.empty(),
            dtype(reference));
    Map<String, Tensor> tensors = new LinkedHashMap<>(reference.tensors());
    tensors.keySet().removeIf(name -> name.startsWith("state."));
    layer.stateDict().forEach((name, own) -> tensors.put("state." + name, own));
    for (String name : new String[] {"state.bias", "grad.bias"}) {
      tensors.put(name, reference.tensor(name).squeeze(-1));
    }
    LayerChecks.run(
        new LayerChecks.Subject(
            layer,
            inputs ->
                layer.forward(
                    Tensors.concatenate(
                        -1L - type.space().dimension(),
                        Objects.requireNonNull(inputs.get("x0")),
                        Objects.requireNonNull(inputs.get("x1"))))),
        new ReferenceCase(reference.name(), reference.description(), tensors),
        device,
        comparison);
  }

  /** How the elements that permute a grid move a field. */
  private static void transform(
      ReferenceCase reference, ComputeDevice device, Comparison comparison) throws IOException {
    FieldType type = in(reference);
    Tensor x = reference.tensor("input.x");
    for (JsonNode entry : reference.part("elements")) {
      String name = entry.path("tensor").asString();
      double[] entries = new double[type.space().dimension() * type.space().dimension()];
      int next = 0;
      for (JsonNode row : entry.path("basespace")) {
        for (JsonNode number : row) {
          entries[next++] = number.asDouble();
        }
      }
      int d = type.space().dimension();
      Element element = moving(type.space(), Matrix.of(d, d, entries));
      comparison.close(
          name,
          FieldAction.act(type, element, x.to(device.toTorch(), x.scalar_type())),
          reference.tensor(name),
          MOVED);
    }
  }

  private static Element moving(Space space, Matrix action) {
    return space.gridElements().stream()
        .filter(g -> space.action(g).distance(action) < 1e-6)
        .findFirst()
        .orElseThrow(
            () -> new IllegalArgumentException("no element of " + space + " is " + action));
  }
}
