package dev.noether.train;

import static dev.noether.algebra.Checks.require;
import static dev.noether.algebra.Checks.requirePresent;

import dev.noether.torch.Dtype;
import dev.noether.torch.Scopes;
import dev.noether.torch.Tensors;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;

/**
 * Samples: named tensors whose first axis counts them.
 *
 * <pre>{@code
 * Dataset data = Dataset.of(torch.randn(1000, 12), torch.randn(1000, 4)); // called x and y
 * Dataset.Split split = data.split(0.2, 0);
 * long held = split.validation().size();
 * }</pre>
 *
 * @param tensors by name, such as {@code x} and {@code y}, all with as many samples
 */
public record Dataset(Map<String, Tensor> tensors) implements DataSource {
  private static final int PIECE = 1 << 20;

  /**
   * Two parts of a data set.
   *
   * @param training the first part
   * @param validation the rest
   */
  public record Split(Dataset training, Dataset validation) {}

  /**
   * Samples; the tensors outlive the scopes that are open now.
   *
   * @param tensors by name
   * @throws IllegalArgumentException if there is none, one has no axis of samples or no sample, or
   *     their numbers of samples differ
   */
  public Dataset {
    require(!tensors.isEmpty(), "a data set needs at least one tensor, got none");
    tensors = Collections.unmodifiableMap(new LinkedHashMap<>(tensors));
    long first = -1;
    for (Map.Entry<String, Tensor> e : tensors.entrySet()) {
      long[] shape = Tensors.shape(e.getValue());
      require(
          shape.length >= 1 && shape[0] >= 1,
          "'%s' must be [samples, ...] with at least one sample, got %s",
          e.getKey(),
          Arrays.toString(shape));
      first = first < 0 ? shape[0] : first;
      require(
          shape[0] == first,
          "all tensors must have as many samples as the first, %d, '%s' has %d",
          first,
          e.getKey(),
          shape[0]);
      Scopes.keep(e.getValue());
    }
  }

  /**
   * Samples of an input and a target.
   *
   * @param x the inputs, {@code [samples, ...]}, called {@code x}
   * @param y the targets, {@code [samples, ...]}, called {@code y}
   * @return the data set
   * @throws IllegalArgumentException as the constructor
   */
  public static Dataset of(Tensor x, Tensor y) {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    tensors.put("x", x);
    tensors.put("y", y);
    return new Dataset(tensors);
  }

  @Override
  public long size() {
    return tensors.values().iterator().next().size(0);
  }

  /**
   * A tensor by name.
   *
   * @param name such as {@code x}
   * @return the tensor, {@code [samples, ...]}
   * @throws IllegalArgumentException if there is none of that name
   */
  public Tensor tensor(String name) {
    return requirePresent(
        tensors.get(name), "the data have no '%s', only %s", name, tensors.keySet());
  }

  /**
   * Chosen samples.
   *
   * @param samples their numbers, at least one
   * @return copies of these samples, in this order
   */
  public Dataset select(long... samples) {
    return new Dataset(batch(samples));
  }

  @Override
  public Map<String, Tensor> batch(long... samples) {
    Tensor indices = Tensors.of(samples, samples.length);
    Map<String, Tensor> chosen = new LinkedHashMap<>();
    tensors.forEach(
        (name, tensor) ->
            chosen.put(
                name,
                tensor.index_select(
                    0,
                    tensor.is_cpu()
                        ? indices
                        : indices.to(tensor.device(), indices.scalar_type()))));
    return chosen;
  }

  /** Samples in a row as views. */
  @Override
  public Map<String, Tensor> range(long from, int count) {
    Map<String, Tensor> chosen = new LinkedHashMap<>();
    tensors.forEach((name, tensor) -> chosen.put(name, tensor.narrow(0, from, count)));
    return chosen;
  }

  /**
   * Deals the samples into two parts, at random.
   *
   * @param validation how much of all becomes the second part, between 0 and 1
   * @param seed the same one gives the same parts
   * @return the parts
   * @throws IllegalArgumentException if one part were empty
   */
  public Split split(double validation, long seed) {
    long size = size();
    long rest = Math.round(size * validation);
    require(
        validation > 0 && validation < 1 && rest >= 1 && rest < size,
        "a split needs samples in both parts: validation must be a fraction between 0 and 1, got "
            + "%s of %d samples",
        validation,
        size);
    long[] order = Draws.split(size, seed);
    int cut = Math.toIntExact(size - rest);
    try (PointerScope scope = new PointerScope()) {
      return new Split(
          select(Arrays.copyOf(order, cut)), select(Arrays.copyOfRange(order, cut, order.length)));
    }
  }

  /**
   * The same samples in a dtype, such as that of a model.
   *
   * @param dtype the dtype
   * @param names the tensors that change; all where none is named
   * @return new samples, or the same tensors where they have it
   * @throws IllegalArgumentException if there is no tensor of a name
   */
  public Dataset to(Dtype dtype, String... names) {
    Set<String> chosen = names.length == 0 ? tensors.keySet() : Set.of(names);
    chosen.forEach(this::tensor);
    Map<String, Tensor> changed = new LinkedHashMap<>(tensors);
    chosen.forEach(
        name ->
            changed.put(
                name, Scopes.compute(() -> new Tensor(tensor(name).to(dtype.scalarType())))));
    return new Dataset(changed);
  }

  /** 64 bits of a hash of names, shapes, dtypes and numbers. */
  @Override
  public long fingerprint() {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      for (Map.Entry<String, Tensor> e : tensors.entrySet()) {
        List<Object> kind =
            List.of(
                e.getKey(),
                Arrays.toString(Tensors.shape(e.getValue())),
                Tensors.dtypeName(e.getValue()));
        digest.update(kind.toString().getBytes(StandardCharsets.UTF_8));
        update(digest, e.getValue());
      }
      return ByteBuffer.wrap(digest.digest()).getLong();
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  private static void update(MessageDigest digest, Tensor tensor) {
    try (PointerScope scope = new PointerScope()) {
      Tensor plain = tensor.detach().cpu().contiguous();
      BytePointer bytes = new BytePointer(plain.data_ptr());
      byte[] piece = new byte[PIECE];
      long count = plain.nbytes();
      for (long start = 0; start < count; start += PIECE) {
        int length = (int) Math.min(PIECE, count - start);
        bytes.position(start).get(piece, 0, length);
        digest.update(piece, 0, length);
      }
    }
  }

  /** The names with their shapes. */
  @Override
  public String toString() {
    Map<String, String> shapes = new LinkedHashMap<>();
    tensors.forEach((name, tensor) -> shapes.put(name, Arrays.toString(Tensors.shape(tensor))));
    return "Dataset" + shapes;
  }
}
