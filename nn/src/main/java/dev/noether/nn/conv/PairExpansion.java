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
  private final int start;
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

  /** The maps of one frequency, {@code [components, maps, out.size * in.size]}. */
  private record Maps(Tensor values, long components, long first, long number, long rings) {}

  PairExpansion(KernelPair pair, Dtype dtype) {
    outSize = pair.basis().basis().out().size();
    inSize = pair.basis().basis().in().size();
    points = pair.basis().points().count();
    outCopies = pair.outCopies();
    inCopies = pair.inCopies();
    copies = outCopies * inCopies;
    start = pair.start();
    count = pair.stop() - pair.start();
    List<KernelPart> parts = pair.basis().parts();
    int first = 0;
    for (KernelPart part : parts) {
      Tensor values =
          add(
              "maps." + maps.size(),
              dtype,
              part::values,
              part.components(),
              part.maps(),
              outSize * inSize);
      maps.add(new Maps(values, part.components(), first, part.maps(), part.rings()));
      first += part.maps() * part.rings();
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
    profiles = add("profiles", dtype, () -> transposed(parts, features), points, features);
  }

  private static boolean isRange(int[] weights) {
    return IntStream.range(0, weights.length).allMatch(i -> weights[i] == i);
  }

  /** {@code [points, features]}. */
  private double[] transposed(List<KernelPart> parts, int features) {
    double[] rows =
        parts.stream().flatMapToDouble(part -> Arrays.stream(part.profiles())).toArray();
    double[] turned = new double[rows.length];
    int all = (int) points;
    for (int f = 0; f < features; f++) {
      for (int p = 0; p < all; p++) {
        turned[p * features + f] = rows[f * all + p];
      }
    }
    return turned;
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

  /** {@code [out copies * out.size, in copies * in.size, points]}. */
  Tensor expand(Tensor all) {
    Tensor weights = all.narrow(0, start, count).view(copies, count / copies);
    Tensor products = (chosen == null ? weights : weights.index_select(1, chosen)).mul(scales);
    List<Tensor> features = new ArrayList<>();
    for (Maps own : maps) {
      Tensor part = products.narrow(1, own.first, own.number * own.rings);
      Tensor byRing =
          part.view(copies, own.number, own.rings)
              .permute(2, 0, 1)
              .reshape(own.rings * copies, own.number);
      features.add(
          byRing
              .expand(own.components, own.rings * copies, own.number)
              .bmm(own.values)
              .view(-1, copies * outSize * inSize));
    }
    return profiles
        .mm(Tensors.join(0, features))
        .view(points, outCopies, inCopies, outSize, inSize)
        .permute(1, 3, 2, 4, 0)
        .reshape(outCopies * outSize, inCopies * inSize, points);
  }
}
