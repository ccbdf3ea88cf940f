package dev.noether.nn.activation;

import static dev.noether.algebra.Checks.require;

import dev.noether.grid.FieldGroups;
import dev.noether.kernel.Field;
import dev.noether.kernel.FieldType;
import dev.noether.nn.EquivariantLayer;
import dev.noether.nn.LayerType;
import dev.noether.nn.Parameter;
import dev.noether.plain.Activation;
import dev.noether.plain.Axes;
import dev.noether.plain.PlainFields;
import dev.noether.plain.PlainGraph;
import dev.noether.plain.PlainLayer;
import dev.noether.torch.Dtype;
import dev.noether.torch.Seeds;
import dev.noether.torch.Tensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;

/**
 * Multiplies fields over the plane or space by gates: y = sigmoid(g - b) x, where the gates g are
 * trivial fields of the input and b a bias that trains, as escnn's {@code GatedNonLinearity1}.
 *
 * <p>Gates are dealt out by the size of the gated fields: the smallest ones get the first gates,
 * those of one size in the order of the type. Names in the state dict: {@code bias} {@code [1,
 * gates]}, {@code gates_indices}, {@code input_indices_gate}, and for each size S of gated fields
 * {@code input_indices_S} and {@code output_indices_S}.
 */
public final class FieldGate extends EquivariantLayer implements PlainLayer {
  /** How an architecture describes it. */
  public static final LayerType<FieldGate> TYPE =
      LayerType.independentOfBases(FieldGate.class)
          .fields("in", layer -> layer.type)
          .setting("gates", layer -> layer.gates)
          .setting("drop_gates", layer -> layer.dropsGates, true)
          .builds(
              s ->
                  new FieldGate(
                      s.fields("in"),
                      s.wholes("gates"),
                      s.flag("drop_gates"),
                      OptionalLong.empty(),
                      s.dtype()));

  private final FieldType type;
  private final List<Integer> gates;
  private final boolean dropsGates;
  private final FieldGroups<Integer> groups;
  private final Tensor gateChannels;
  private final Tensor gatedChannels;
  private final Tensor places;
  private final Parameter bias;

  /**
   * A gate; the biases start with a normal distribution.
   *
   * @param type all fields, gates and gated ones
   * @param gates which fields are gates: as many trivial ones as there are others
   * @param dropsGates whether the output holds the gated fields alone; else the opened gates too,
   *     in their places
   * @param seed of the first biases; empty for LibTorch's generator
   * @param dtype the dtype of the layer
   * @throws IllegalArgumentException if the numbers differ, or a gate is not trivial
   */
  public FieldGate(
      FieldType type, List<Integer> gates, boolean dropsGates, OptionalLong seed, Dtype dtype) {
    super(type, dropsGates ? gated(requireSpace(type, FieldGate.class), gates) : type);
    this.type = type;
    this.gates = gates.stream().sorted().toList();
    this.dropsGates = dropsGates;
    FieldType gated = gated(type, gates);
    groups = FieldGroups.bySize(gated);
    registerBuffers("groups.", groups.buffers());
    List<Integer> gateList = channels(type, this.gates);
    List<Integer> gatedList = channels(type, others(type, gates));
    gateChannels = registerBuffer("gate_channels", indices(gateList), false);
    gatedChannels = registerBuffer("gated_channels", indices(gatedList), false);
    registerDerived("gates_indices", () -> FieldGroups.compact(gateList));
    registerDerived("input_indices_gate", () -> FieldGroups.compact(gateList));
    for (FieldGroups.Group<Integer> group : groups.groups()) {
      List<Integer> own = group.channels().stream().map(gatedList::get).toList();
      registerDerived("input_indices_" + group.key(), () -> FieldGroups.compact(own));
      registerDerived(
          "output_indices_" + group.key(),
          () -> FieldGroups.compact(dropsGates ? group.channels() : own));
    }
    if (!dropsGates) {
      registerDerived("output_indices_gate", () -> FieldGroups.compact(gateList));
    }
    places = registerBuffer("places", indices(inverse(gateList, gatedList)), false);
    bias = registerParameter("bias", Seeds.normal(dtype, Seeds.generator(seed), 1, gates.size()));
  }

  /**
   * A gate whose first half of fields are the gates, in float32.
   *
   * @param type all fields, gates first
   * @return the layer
   * @throws IllegalArgumentException if the number of fields is odd, or a gate is not trivial
   */
  public static FieldGate halves(FieldType type) {
    return new FieldGate(
        type,
        IntStream.range(0, type.fields().size() / 2).boxed().toList(),
        true,
        OptionalLong.empty(),
        Dtype.FLOAT32);
  }

  /**
   * The type with a gate for each field, gates first.
   *
   * @param type the fields to be gated
   * @return what {@link #halves} takes
   */
  public static FieldType withGates(FieldType type) {
    return type.space().type(type.space().trivialField(), type.fields().size()).plus(type);
  }

  private static List<Integer> others(FieldType type, List<Integer> gates) {
    return IntStream.range(0, type.fields().size())
        .filter(i -> !gates.contains(i))
        .boxed()
        .toList();
  }

  private static FieldType gated(FieldType type, List<Integer> gates) {
    Field one = type.space().trivialField();
    for (int gate : gates) {
      require(
          gate >= 0 && gate < type.fields().size() && type.fields().get(gate).equals(one),
          "a gate must be one of the trivial fields, got field %d of %s",
          gate,
          type);
    }
    List<Integer> others = others(type, gates);
    require(
        others.size() == gates.size() && !gates.isEmpty(),
        "every gated field needs a gate of its own, got %d gates for %d fields (%s)",
        gates.size(),
        others.size(),
        type);
    return new FieldType(type.space(), others.stream().map(type.fields()::get).toList());
  }

  private static List<Integer> channels(FieldType type, List<Integer> fields) {
    int[] starts = type.starts();
    List<Integer> channels = new ArrayList<>();
    for (int field : fields) {
      for (int i = 0; i < type.fields().get(field).size(); i++) {
        channels.add(starts[field] + i);
      }
    }
    return channels;
  }

  /** Where each channel of the input stands when gates come first. */
  private static List<Integer> inverse(List<Integer> gates, List<Integer> gated) {
    List<Integer> order = Stream.concat(gates.stream(), gated.stream()).toList();
    return IntStream.range(0, order.size()).mapToObj(order::indexOf).toList();
  }

  private static Tensor indices(List<Integer> places) {
    return Tensors.of(places.stream().mapToLong(Integer::longValue).toArray(), places.size());
  }

  @Override
  protected Tensor compute(Tensor input) {
    int axis = groups.axis();
    Tensor own = input.index_select(axis, gateChannels);
    Tensor open = own.sub(bias.value().reshape(groups.onGrid(gates.size()))).sigmoid();
    Tensor fields = input.index_select(axis, gatedChannels);
    Tensor gated = groups.scaled(fields, groups.inOrderOfFields(open, axis));
    return dropsGates ? gated : Tensors.concatenate(axis, open, gated).index_select(axis, places);
  }

  @Override
  public <V> V plain(PlainGraph<V> graph, V x) {
    V last = axes().to(Axes.FEATURES, graph, x);
    V own = graph.select(last, longs(gateChannels));
    V minus = graph.constant("bias", bias.value().flatten().neg());
    V open = graph.apply(Activation.SIGMOID, graph.add(own, minus));
    V fields = graph.select(last, longs(gatedChannels));
    PlainFields<V, Integer> plain = new PlainFields<>(graph, groups);
    V gated = graph.multiply(fields, plain.spread(plain.inOrder(open)));
    V result = dropsGates ? gated : graph.select(graph.concatenate(open, gated), longs(places));
    return Axes.FEATURES.to(axes(), graph, result);
  }

  private static long[] longs(Tensor places) {
    return Arrays.stream(Tensors.toArray(places)).mapToLong(Math::round).toArray();
  }

  @Override
  public String toString() {
    return "FieldGate(" + type + ")";
  }
}
