package dev.noether.grid;

import static dev.noether.algebra.Checks.require;

import dev.noether.algebra.Matrix;
import dev.noether.group.Element;
import dev.noether.kernel.FieldType;
import dev.noether.torch.Dtype;
import dev.noether.torch.Scopes;
import dev.noether.torch.Tensors;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;

/**
 * How a group acts on fields over the plane or over space: (g f)(p) = rho(g) f(g^-1 p).
 *
 * <p>On a grid x runs with the columns, y against the rows, z against the depth, and the origin is
 * the centre: a turn by +90 degrees is counter-clockwise as an image is seen.
 */
public final class FieldAction {
  private FieldAction() {}

  /**
   * Moves fields by an element that permutes the places of the grid, exactly.
   *
   * @param type the fields
   * @param element an element of {@code type.space().gridElements()}
   * @param input {@code [batch, size, height, width]} or {@code [batch, size, depth, height,
   *     width]}, with or without the batch
   * @return the moved fields, of the same shape
   * @throws IllegalArgumentException if the shape does not fit the type, the element moves places
   *     between those of the grid, or it exchanges axes of different lengths
   */
  public static Tensor act(FieldType type, Element element, Tensor input) {
    return Scopes.compute(
        () -> {
          Tensor moved = move(type, element, input);
          Tensor matrix =
              Tensors.of(Dtype.FLOAT64, type.representation().at(element))
                  .to(input.device(), input.scalar_type());
          int axis = (int) input.dim() - 1 - type.space().dimension();
          return moved.movedim(axis, -1).matmul(matrix.t()).movedim(-1, axis);
        });
  }

  /**
   * Moves fields by any element: exactly where it permutes the places of the grid, elsewhere by
   * interpolation in float64, bicubic in the plane and trilinear in space, with zeros outside the
   * grid.
   *
   * @param type the fields
   * @param element an element of the group
   * @param input {@code [batch, size, height, width]} or {@code [batch, size, depth, height,
   *     width]}, with or without the batch
   * @return the moved fields, of the same shape and dtype
   * @throws IllegalArgumentException if the shape does not fit the type, or an element that
   *     permutes places exchanges axes of different lengths
   */
  public static Tensor turn(FieldType type, Element element, Tensor input) {
    Matrix action = type.space().action(element);
    if (Arrays.stream(action.toArray()).allMatch(x -> Math.abs(x - Math.rint(x)) < 1e-9)) {
      return act(type, element, input);
    }
    return Scopes.compute(
        () -> {
          Tensor wide = input.to(Dtype.FLOAT64.scalarType());
          Tensor matrix =
              Tensors.of(Dtype.FLOAT64, type.representation().at(element))
                  .to(wide.device(), wide.scalar_type());
          int axis = (int) input.dim() - 1 - type.space().dimension();
          return Interpolation.apply(action, wide)
              .movedim(axis, -1)
              .matmul(matrix.t())
              .movedim(-1, axis)
              .to(input.scalar_type());
        });
  }

  /**
   * The places of a grid inside a disc or ball around its centre.
   *
   * @param type the fields, for their space
   * @param like {@code [..., height, width]} or {@code [..., depth, height, width]}
   * @param part the radius, as a part of the largest that fits
   * @return 1 inside and 0 outside, of the grid's shape, in the dtype and on the device of the
   *     other
   */
  public static Tensor inside(FieldType type, Tensor like, double part) {
    int d = type.space().dimension();
    long[] shape = Tensors.shape(like);
    long[] grid = Arrays.copyOfRange(shape, shape.length - d, shape.length);
    double radius = part * (Arrays.stream(grid).min().orElse(1) - 1) / 2.0;
    double[] mask = new double[(int) Arrays.stream(grid).reduce(1, Math::multiplyExact)];
    for (int p = 0; p < mask.length; p++) {
      double squares = 0;
      long rest = p;
      for (int axis = d - 1; axis >= 0; axis--) {
        double step = rest % grid[axis] - (grid[axis] - 1) / 2.0;
        squares += step * step;
        rest /= grid[axis];
      }
      mask[p] = squares <= radius * radius + 1e-9 ? 1 : 0;
    }
    return Tensors.of(Dtype.FLOAT64, mask, grid).to(like.device(), like.scalar_type());
  }

  /**
   * Moves the places alone.
   *
   * @param type the fields, for their space
   * @param element an element of {@code type.space().gridElements()}
   * @param input {@code [..., height, width]} or {@code [..., depth, height, width]}
   * @return x(g^-1 p), a view or a copy
   */
  private static Tensor move(FieldType type, Element element, Tensor input) {
    int d = type.space().dimension();
    long[] shape = Tensors.shape(input);
    int axis = shape.length - 1 - d;
    require(
        (axis == 0 || axis == 1) && shape[axis] == type.size(),
        "fields %s on a grid of %d dimensions need %d channels before its axes, got %s",
        type,
        d,
        type.size(),
        Arrays.toString(shape));
    Matrix action = type.space().action(element);
    long[] order = IntStream.range(0, shape.length).asLongStream().toArray();
    IntStream.Builder flips = IntStream.builder();
    for (int row = 0; row < d; row++) {
      int column = place(action, row, element);
      // Coordinate `row` of p is the old coordinate `column` of g^-1 p, up to sign.
      int to = axisOf(shape.length, row);
      int from = axisOf(shape.length, column);
      require(
          shape[to] == shape[from],
          "%s exchanges axes of lengths %d and %d of the grid %s; give images as wide as high",
          element,
          shape[from],
          shape[to],
          Arrays.toString(shape));
      order[to] = from;
      // x runs with its axis, y and z against theirs: exchanging x with another turns the sign.
      boolean opposite = (row == 0) != (column == 0);
      if (action.get(row, column) < 0 != opposite) {
        flips.add(to);
      }
    }
    Tensor permuted = input.permute(order);
    long[] flipped = flips.build().asLongStream().toArray();
    return flipped.length == 0 ? permuted : permuted.flip(flipped);
  }

  /** Coordinate x is the last axis, y the one before, z the one before that. */
  private static int axisOf(int axes, int coordinate) {
    return axes - 1 - coordinate;
  }

  /** Where a row of a signed permutation is not zero. */
  private static int place(Matrix action, int row, Element element) {
    int found = -1;
    for (int column = 0; column < action.columns(); column++) {
      double entry = action.get(row, column);
      require(
          Math.abs(entry - Math.rint(entry)) < 1e-9,
          "%s moves places of a grid between others, by %s; only elements that permute them are"
              + " exact",
          element,
          action);
      found = Math.rint(entry) != 0 ? column : found;
    }
    return found;
  }
}
