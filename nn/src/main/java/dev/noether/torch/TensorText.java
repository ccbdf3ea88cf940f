package dev.noether.torch;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** A tensor as people read it: brackets around each axis, numbers below each other. */
final class TensorText {
  /** Longer axes show their ends. */
  private static final int SHOWN = 6;

  private static final double LARGE = 1e5;
  private static final double SMALL = 1e-4;

  private final List<String> words;
  private final boolean[] cut;
  private final long[] shape;
  private int next;

  private TensorText(List<String> words, long[] shape, boolean[] cut) {
    this.words = words;
    this.shape = shape;
    this.cut = cut;
  }

  static String of(Tensor tensor) {
    try (PointerScope scope = new PointerScope()) {
      long[] shape = Tensors.shape(tensor);
      String head = Tensors.dtypeName(tensor) + " " + Arrays.toString(shape);
      String where = tensor.is_cpu() ? "" : " on " + Tensors.device(tensor);
      if (tensor.is_complex() || tensor.is_sparse() || tensor.is_quantized()) {
        return head + where;
      }
      Tensor ends = tensor.detach();
      boolean[] cut = new boolean[shape.length];
      for (int axis = 0; axis < shape.length; axis++) {
        cut[axis] = shape[axis] > SHOWN;
        if (cut[axis]) {
          ends =
              ends.index_select(
                  axis,
                  Tensors.ofIndices(ends(shape[axis])).to(ends.device(), torch.ScalarType.Int));
        }
      }
      double[] numbers = Tensors.toArray(ends);
      boolean whole = !tensor.is_floating_point();
      String name = Tensors.dtypeName(tensor);
      List<String> words =
          aligned(name.equals("bool") ? truths(numbers) : decimals(numbers, whole));
      TensorText text = new TensorText(words, Tensors.shape(ends), cut);
      return head + where + "\n" + text.axis(0);
    }
  }

  private static long[] ends(long size) {
    int half = SHOWN / 2;
    return LongStream.concat(LongStream.range(0, half), LongStream.range(size - half, size))
        .toArray();
  }

  private static List<String> truths(double[] numbers) {
    return Arrays.stream(numbers).mapToObj(x -> x == 0 ? "false" : "true").toList();
  }

  private static List<String> decimals(double[] numbers, boolean whole) {
    double[] sizes = Arrays.stream(numbers).map(Math::abs).filter(x -> x > 0).toArray();
    double largest = Arrays.stream(sizes).filter(Double::isFinite).max().orElse(1);
    double smallest = Arrays.stream(sizes).min().orElse(1);
    String format = whole ? "%.0f" : largest >= LARGE || smallest < SMALL ? "%.4e" : "%.4f";
    return Arrays.stream(numbers).mapToObj(x -> String.format(Locale.ROOT, format, x)).toList();
  }

  private static List<String> aligned(List<String> words) {
    int width = words.stream().mapToInt(String::length).max().orElse(0);
    return words.stream().map(word -> " ".repeat(width - word.length()) + word).toList();
  }

  /** What stands along an axis, the numbers taken in order. */
  private String axis(int axis) {
    if (axis == shape.length) {
      return words.get(next++);
    }
    boolean last = axis == shape.length - 1;
    String between = last ? ", " : ",\n" + " ".repeat(axis + 1);
    List<String> parts = new ArrayList<>();
    for (int i = 0; i < shape[axis]; i++) {
      if (cut[axis] && i == SHOWN / 2) {
        parts.add("...");
      }
      parts.add(axis(axis + 1));
    }
    return parts.stream().collect(Collectors.joining(between, "[", "]"));
  }
}
