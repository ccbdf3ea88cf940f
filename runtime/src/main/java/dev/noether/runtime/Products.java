package dev.noether.runtime;

import java.util.Iterator;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;

/**
 * y += x W for rows that share the weight: where the time goes. {@link Loops} has it in plain Java;
 * a JVM with the module {@code jdk.incubator.vector} finds one that is made of its vectors. Both
 * give the same bits.
 */
interface Products {
  /** The one of this JVM. */
  Products OWN = own();

  /**
   * Adds products. Inputs are taken by fours: y + (((a p + b q) + c r) + d s), then one by one, so
   * that a number of y does not depend on how many rows or columns there are.
   *
   * @param x0 where the first row of x begins, the next {@code xStep} further
   * @param inner how many numbers of x a row has
   * @param w so many rows of this width
   * @param y0 where the first row of y begins, the next {@code yStep} further
   * @param sums room for a row, of no meaning before or after
   */
  void add(
      float[] x,
      int x0,
      int xStep,
      int rows,
      int inner,
      float[][] w,
      int width,
      float[] y,
      int y0,
      int yStep,
      float[] sums);

  /** Vectors where the JVM has their module, which their class needs to be made at all. */
  private static Products own() {
    Iterator<Products> found =
        ServiceLoader.load(Products.class, Products.class.getClassLoader()).iterator();
    try {
      return found.hasNext() ? found.next() : new Loops();
    } catch (ServiceConfigurationError | LinkageError withoutTheModule) {
      return new Loops();
    }
  }
}
