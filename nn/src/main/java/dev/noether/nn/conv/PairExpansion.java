package dev.noether.nn.conv;

import dev.noether.kernel.KernelPair;
import dev.noether.kernel.KernelPart;
import dev.noether.torch.Buffers;
import dev.noether.torch.Dtype;
import dev.noether.torch.Tensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * The kernel from all copies of one field to all copies of another: one product with the maps of
 * each frequency, one with the harmonics times the profiles of the rings.
 */
final class PairExpansion {
  private final int count;
  private final long copies;
  private final long outCopies;
  private final long inCopies;
  private final long outSize;
  private final long inSize;
  private final long points;
  private final List<Maps> maps = new ArrayList<>();
  private final @Nullable Tensor chosen;
  private final Tensor scales;
  private final Tensor profiles;
  private final Buffers buffers = new Buffers();

  /** The maps of one frequency, {@code [maps, components * out.size * in.size]}. */
  private record Maps(Tensor values, long components, long number, long rings) {
    long weights() {
      return number * rings;
    }
  }

  PairExpansion(KernelPair pair, Dtype dtype) {
    outSize = pair.basis().basis().out().size();
    inSize = pair.basis().basis().in().size();
    points = pair.basis().points().count();
    outCopies = pair.outCopies();
    inCopies = pair.inCopies();
    copies = outCopies * inCopies;
    count = pair.stop() - pair.start();
    List<KernelPart> parts = pair.basis().parts();
    for (KernelPart part : parts) {
      Tensor values =
          add(
              "maps." + maps.size(),
              dtype,
              () -> byMap(part, outSize * inSize),
              part.maps(),
              part.components() * outSize * inSize);
      maps.add(new Maps(values, part.components(), part.maps(), part.rings()));
    }
    int[] weights = parts.stream().flatMapToInt(p -> Arrays.stream(p.weights())).toArray();
    chosen =
        isRange(weights)
            ? null
            : buffers.add(
                "chosen",
                Tensors.of(
                    Arrays.stream(weights).mapToLong(w -> Math.max(0, w)).toArray(),
                    weights.length));
    scales =
        add(
            "scales",
            dtype,
            () -> parts.stream().flatMapToDouble(p -> Arrays.stream(p.scales())).toArray(),
            weights.length);
    int features = parts.stream().mapToInt(p -> p.components() * p.rings()).sum();
    profiles = add("profiles", dtype, () -> rows(parts), features, points);
  }

  private static boolean isRange(int[] weights) {
    return IntStream.range(0, weights.length).allMatch(i -> weights[i] == i);
  }

  /** {@code [maps, components, out.size * in.size]} of {@code [components, maps, ..]}. */
  private static double[] byMap(KernelPart part, long size) {
    double[] values = part.values();
    double[] turned = new double[values.length];
    int entries = (int) size;
    for (int component = 0; component < part.components(); component++) {
      for (int map = 0; map < part.maps(); map++) {
        int from = component * part.maps() + map;
        int to = map * part.components() + component;
        System.arraycopy(values, from * entries, turned, to * entries, entries);
      }
    }
    return turned;
  }

  /** {@code [features, points]}. */
  private static double[] rows(List<KernelPart> parts) {
    return parts.stream().flatMapToDouble(part -> Arrays.stream(part.profiles())).toArray();
  }

  private Tensor add(String name, Dtype dtype, Supplier<double[]> numbers, long... shape) {
    return buffers.add(
        name,
        Tensors.of(dtype, numbers.get(), shape),
        () -> Tensors.of(Dtype.FLOAT64, numbers.get(), shape));
  }

  Buffers buffers() {
    return buffers;
  }

  /** How many weights it has. */
  long count() {
    return count;
  }

  /**
   * The kernel of a pair.
   *
   * @param numbers the weights of this pair
   * @return {@code [out copies * out.size, in copies * in.size, points]}
   */
  Tensor expand(Tensor numbers) {
    return features(numbers).t().mm(profiles).view(outCopies * outSize, inCopies * inSize, points);
  }

  /** The filters that a kernel is a sum of, {@code [filters, points]}. */
  Tensor profiles() {
    return profiles;
  }

  /**
   * The matrices of a pair, one for each filter.
   *
   * @param numbers the weights of this pair
   * @return {@code [filters, out copies * out.size * in copies * in.size]}
   */
  Tensor features(Tensor numbers) {
    Tensor weights = numbers.view(copies, count / copies);
    Tensor products = (chosen == null ? weights : weights.index_select(1, chosen)).mul(scales);
    List<Tensor> frequencies =
        Tensors.split(
            products.t().contiguous(), 0, maps.stream().mapToLong(Maps::weights).toArray());
    List<Tensor> features = new ArrayList<>();
    for (Maps own : maps) {
      features.add(
          frequencies
              .get(features.size())
              .view(own.number, own.rings * copies)
              .t()
              .mm(own.values)
              .view(own.rings, outCopies, inCopies, own.components, outSize, inSize)
              .permute(3, 0, 1, 4, 2, 5)
              .reshape(own.components * own.rings, -1));
    }
    return Tensors.join(0, features);
  }
}
