package dev.noether.grid;

import dev.noether.kernel.Field;
import dev.noether.kernel.FieldType;
import dev.noether.torch.Buffers;
import dev.noether.torch.Tensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;

/**
 * The fields of a type, those of one kind together: what layers that treat fields one by one
 * compute with. Groups come in ascending order of their key, and in a group fields in the order of
 * the type.
 *
 * @param <K> what tells kinds apart, as the size
 */
public final class FieldGroups<K extends Comparable<K>> {
  private final int axis;
  private final List<Group<K>> groups;
  private final Buffers buffers = new Buffers();
  private final Tensor fieldOfChannel;
  private final Tensor channelOrder;
  private final Tensor fieldOrder;
  private final boolean inOrder;
  private final long[] owners;
  private final long[] channelPlaces;
  private final long[] fieldPlaces;

  /**
   * The fields of one kind.
   *
   * @param <K> what tells kinds apart
   * @param key what they share
   * @param size the number of channels of each
   * @param fields their places among the fields
   * @param channels their channels, field after field
   * @param picks the channels as a tensor
   */
  public record Group<K>(
      K key, int size, List<Integer> fields, List<Integer> channels, Tensor picks) {
    /**
     * How many fields there are.
     *
     * @return at least 1
     */
    public int count() {
      return fields.size();
    }

    private boolean isAdjacent() {
      return adjacent(channels);
    }
  }

  private FieldGroups(FieldType type, Function<Field, K> key) {
    axis = -1 - type.space().dimension();
    Map<K, List<Integer>> places = new TreeMap<>();
    for (int i = 0; i < type.fields().size(); i++) {
      places.computeIfAbsent(key.apply(type.fields().get(i)), k -> new ArrayList<>()).add(i);
    }
    int[] starts = type.starts();
    List<Integer> allFields = new ArrayList<>();
    List<Integer> allChannels = new ArrayList<>();
    groups = new ArrayList<>();
    places.forEach(
        (own, fields) -> {
          int size = type.fields().get(fields.get(0)).size();
          List<Integer> channels =
              fields.stream()
                  .flatMap(f -> IntStream.range(starts[f], starts[f] + size).boxed())
                  .toList();
          Tensor picks = buffers.add("channels_" + groups.size(), indices(channels));
          groups.add(new Group<>(own, size, List.copyOf(fields), channels, picks));
          allFields.addAll(fields);
          allChannels.addAll(channels);
        });
    inOrder = adjacent(allChannels);
    owners =
        IntStream.range(0, type.fields().size())
            .flatMap(f -> IntStream.generate(() -> f).limit(type.fields().get(f).size()))
            .asLongStream()
            .toArray();
    channelPlaces = inverse(allChannels).stream().mapToLong(Integer::longValue).toArray();
    fieldPlaces = inverse(allFields).stream().mapToLong(Integer::longValue).toArray();
    fieldOfChannel = buffers.add("field_of_channel", Tensors.of(owners, owners.length));
    channelOrder = buffers.add("channel_order", indices(inverse(allChannels)));
    fieldOrder = buffers.add("field_order", indices(inverse(allFields)));
  }

  /**
   * Fields of one size together.
   *
   * @param type the fields
   * @return the groups by ascending size
   */
  public static FieldGroups<Integer> bySize(FieldType type) {
    return new FieldGroups<>(type, Field::size);
  }

  /**
   * Fields of one name together.
   *
   * @param type the fields, equal wherever their names are
   * @return the groups in the order of the names
   */
  public static FieldGroups<String> byName(FieldType type) {
    return new FieldGroups<>(type, Field::name);
  }

  /**
   * Whether channels and fields stand as the type has them where groups stand one after the other.
   *
   * @return true where nothing has to be moved
   */
  public boolean isInOrder() {
    return inOrder;
  }

  /**
   * The field of each channel.
   *
   * @return places among the fields
   */
  public long[] owners() {
    return owners.clone();
  }

  /**
   * Where the channels of the type stand among those of the groups, one after the other.
   *
   * @return places among the channels
   */
  public long[] channelPlaces() {
    return channelPlaces.clone();
  }

  /**
   * Where the fields of the type stand among those of the groups, one after the other.
   *
   * @return places among the fields
   */
  public long[] fieldPlaces() {
    return fieldPlaces.clone();
  }

  private static List<Integer> inverse(List<Integer> order) {
    Integer[] inverse = new Integer[order.size()];
    for (int i = 0; i < inverse.length; i++) {
      inverse[order.get(i)] = i;
    }
    return Arrays.asList(inverse);
  }

  private static Tensor indices(List<Integer> places) {
    return Tensors.of(places.stream().mapToLong(Integer::longValue).toArray(), places.size());
  }

  private static boolean adjacent(List<Integer> places) {
    return IntStream.range(1, places.size()).allMatch(i -> places.get(i) == places.get(i - 1) + 1);
  }

  /**
   * Places as escnn's state dicts hold them: start and end where they are adjacent, else all.
   *
   * @param places ascending places
   * @return a tensor of whole numbers
   */
  public static Tensor compact(List<Integer> places) {
    return adjacent(places)
        ? Tensors.of(new long[] {places.get(0), places.get(places.size() - 1) + 1L}, 2)
        : indices(places);
  }

  /**
   * The groups.
   *
   * @return in ascending order of their keys
   */
  public List<Group<K>> groups() {
    return groups;
  }

  /**
   * The tensors that this computes with.
   *
   * @return for the layer to register
   */
  public Buffers buffers() {
    return buffers;
  }

  /**
   * The axis of the channels, counted from the end.
   *
   * @return -3 in the plane, -4 in space
   */
  public int axis() {
    return axis;
  }

  /**
   * Applies a function to the fields of each kind.
   *
   * @param x {@code [..., channels, grid]}
   * @param function from {@code [..., fields, size, grid]} to a tensor of the same shape
   * @return {@code [..., channels, grid]}
   */
  public Tensor map(Tensor x, BiFunction<Group<K>, Tensor, Tensor> function) {
    List<Tensor> parts = new ArrayList<>();
    for (Group<K> group : groups) {
      parts.add(function.apply(group, fields(group, x)).flatten(axis - 1, axis));
    }
    Tensor joined = Tensors.join(axis, parts);
    return inOrder ? joined : joined.index_select(axis, channelOrder);
  }

  /**
   * Reduces each field to one channel.
   *
   * @param x {@code [..., channels, grid]}
   * @param function from {@code [..., fields, size, grid]} to {@code [..., fields, grid]}
   * @return {@code [..., fields, grid]}
   */
  public Tensor reduce(Tensor x, BiFunction<Group<K>, Tensor, Tensor> function) {
    List<Tensor> parts = new ArrayList<>();
    for (Group<K> group : groups) {
      parts.add(function.apply(group, fields(group, x)));
    }
    Tensor joined = Tensors.join(axis, parts);
    return inOrder ? joined : joined.index_select(axis, fieldOrder);
  }

  /** {@code [..., fields, size, grid]}. */
  private Tensor fields(Group<K> group, Tensor x) {
    Tensor own =
        group.channels().size() == x.size(axis)
            ? x
            : group.isAdjacent()
                ? x.narrow(axis, group.channels().get(0), group.channels().size())
                : x.index_select(axis, group.picks());
    return own.unflatten(axis, group.count(), group.size());
  }

  /**
   * Multiplies each field by a number.
   *
   * @param x {@code [..., channels, grid]}
   * @param factors {@code [..., fields, grid]}
   * @return {@code [..., channels, grid]}
   */
  public Tensor scaled(Tensor x, Tensor factors) {
    if (groups.size() == 1) {
      Group<K> only = groups.get(0);
      return x.unflatten(axis, only.count(), only.size())
          .mul(factors.unsqueeze(axis))
          .flatten(axis - 1, axis);
    }
    return x.mul(factors.index_select(axis, fieldOfChannel));
  }

  /**
   * A number for each field at each of its channels.
   *
   * @param numbers {@code [fields]}
   * @return {@code [channels]}
   */
  public Tensor spread(Tensor numbers) {
    return numbers.index_select(0, fieldOfChannel);
  }

  /**
   * Sums over the channels of each field.
   *
   * @param numbers {@code [channels]}
   * @return {@code [fields]}
   */
  public Tensor sums(Tensor numbers) {
    return numbers.new_zeros(fieldOrder.numel()).index_add(0, fieldOfChannel, numbers);
  }

  /**
   * Numbers that come group after group, as escnn counts gates and biases, in the order of the
   * fields.
   *
   * @param numbers {@code [..., fields, grid]} or {@code [fields]} with axis 0
   * @param along the axis of the fields
   * @return the same shape
   */
  public Tensor inOrderOfFields(Tensor numbers, int along) {
    return inOrder ? numbers : numbers.index_select(along, fieldOrder);
  }

  /**
   * The shape of numbers of channels or fields against a grid: {@code [n, 1, 1]}.
   *
   * @param count n
   * @param more axes behind those of the grid
   * @return n, then a 1 for each axis of the grid, then the further ones
   */
  public long[] onGrid(long count, long... more) {
    long[] shape = new long[-axis + more.length];
    Arrays.fill(shape, 1);
    shape[0] = count;
    System.arraycopy(more, 0, shape, -axis, more.length);
    return shape;
  }
}
