package dev.noether.nn.conv;

import dev.noether.algebra.Checks;
import dev.noether.grid.Exactness;
import dev.noether.kernel.FieldType;
import dev.noether.plain.Border;
import dev.noether.plain.ConvolutionOptions;
import dev.noether.torch.Tensors;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.bytedeco.pytorch.Tensor;

/** What steerable convolutions ask of their geometry and of the size of their inputs. */
final class SteerableGeometry {
  private SteerableGeometry() {}

  /** What can be known before an input comes. */
  static void require(
      SteerableConvolution layer, int dimension, ConvolutionOptions geometry, boolean exact) {
    String name = layer.getClass().getSimpleName();
    Checks.require(
        layer.inType().space().dimension() == dimension,
        "%s works in %d dimensions, got fields on %s; take the layer of that dimension",
        name,
        dimension,
        layer.inType().space());
    int size = geometry.kernelSize();
    Checks.require(
        size % 2 == 1,
        "a steerable kernel needs a cell in its centre, about which the group turns it: its size"
            + " must be odd, got %d; take %d or %d",
        size,
        size - 1,
        size + 1);
    if (layer.isTransposed()) {
      Geometry.requireTransposedPadding(geometry);
      Checks.require(
          geometry.paddingMode() == Border.ZEROS,
          "a transposed convolution pads with zeros, got '%s'",
          geometry.paddingMode());
      Checks.require(
          !exact || geometry.outputPadding() == 0,
          "an exact layer must treat both sides alike: output padding must be 0, got %d",
          geometry.outputPadding());
    } else {
      Checks.require(
          geometry.outputPadding() == 0,
          "output padding belongs to transposed convolutions, got %d",
          geometry.outputPadding());
    }
  }

  /** The fields of one group; all groups must have the same ones. */
  static FieldType oneGroup(FieldType type, int groups, String what) {
    int count = type.fields().size();
    Checks.require(
        count % groups == 0,
        "%d groups must share the fields of %s evenly, got %d fields: %s",
        groups,
        what,
        count,
        type);
    int each = count / groups;
    for (int i = each; i < count; i++) {
      Checks.require(
          type.fields().get(i).equals(type.fields().get(i - each)),
          "all %d groups must have the same list of fields, got %s",
          groups,
          type);
    }
    return new FieldType(type.space(), type.fields().subList(0, each));
  }

  static long outputSize(ConvolutionOptions geometry, long size, boolean transposed) {
    return transposed
        ? (size - 1) * geometry.stride()
            - 2L * geometry.padding()
            + geometry.span()
            + geometry.outputPadding()
        : Math.floorDiv(rest(geometry, size), geometry.stride()) + 1;
  }

  /** How far the kernel can move over the padded input. */
  private static long rest(ConvolutionOptions geometry, long size) {
    return size + 2L * geometry.padding() - geometry.span();
  }

  static Exactness exactness(ConvolutionOptions geometry, long size, boolean transposed) {
    if (transposed) {
      return geometry.outputPadding() == 0
          ? Exactness.always()
          : new Exactness(
              false,
              "output padding adds " + geometry.outputPadding() + " to one side only",
              List.of());
    }
    long stride = geometry.stride();
    long left = Math.floorMod(rest(geometry, size), stride);
    if (left == 0) {
      return Exactness.always();
    }
    return Exactness.uncovered(
        size,
        left,
        stride,
        rest(geometry, size - left) >= 0,
        String.format(
            Locale.ROOT,
            "stride %d leaves %d of %d cells at one side uncovered (size + 2 padding - kernel = %d"
                + " must be a multiple of the stride)",
            stride,
            left,
            size,
            rest(geometry, size)));
  }

  /** An odd size from some number on, that the kernel covers exactly. */
  static long exampleSize(ConvolutionOptions geometry, long least, boolean transposed) {
    long size = Math.max(least, transposed ? 1 : geometry.span());
    while (!transposed && !exactness(geometry, size, false).holds()) {
      size++;
    }
    return size;
  }

  /** Checks the size of an input. */
  static void requireSize(SteerableConvolution layer, Tensor input, boolean transposed) {
    ConvolutionOptions geometry = layer.options().geometry();
    int dimension = layer.axes().gridDimension();
    for (int axis = 1; axis <= dimension; axis++) {
      long size = input.size(-axis);
      Checks.require(
          transposed
              ? outputSize(geometry, size, true) >= 1 && size >= 1
              : rest(geometry, size) >= 0,
          "the kernel reaches over %d cells, the padded input has %d along an axis of %s; pad more"
              + " or take a smaller kernel",
          geometry.span(),
          size + 2L * geometry.padding(),
          Arrays.toString(Tensors.shape(input)));
      if (layer.options().exact()) {
        requireExact(layer, size);
      }
    }
  }

  private static void requireExact(SteerableConvolution layer, long size) {
    Exactness exactness = layer.exactness(size);
    Checks.require(
        exactness.holds(), "%s was asked to be exact, got size %d: %s", layer, size, exactness);
  }
}
