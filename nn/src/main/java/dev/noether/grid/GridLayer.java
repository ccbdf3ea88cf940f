package dev.noether.grid;

/**
 * A layer that may lead from a grid to another one: a convolution or pooling with a stride, say. On
 * some sizes such a layer sees both sides of its input alike, on others it does not, and then it
 * breaks the quarter turns and mirrors that its group has.
 */
public interface GridLayer {
  /**
   * Whether the layer commutes with the elements that permute the grid, on inputs of a size.
   *
   * @param size cells of a side of the input
   * @return that it does, or why not, and for which sizes it would
   */
  Exactness exactness(long size);

  /**
   * The size of the output for a size of the input.
   *
   * @param size cells of a side of the input
   * @return cells of a side of the output
   */
  long outputSize(long size);
}
