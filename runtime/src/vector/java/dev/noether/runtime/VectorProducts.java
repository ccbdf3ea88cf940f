package dev.noether.runtime;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Products by the Vector API: tiles of rows and columns whose sums stay in registers. The last
 * vector of a row reaches back over columns that others have, within the same tile, so that both
 * begin with what was there and end with the same.
 */
public final class VectorProducts implements Products {
  /** Eight lanes at most: rows are short, and two such vectors are loaded at once. */
  private static final VectorSpecies<Float> SPECIES =
      FloatVector.SPECIES_PREFERRED.length() > 8
          ? FloatVector.SPECIES_256
          : FloatVector.SPECIES_PREFERRED;

  private static final int LANES = SPECIES.length();

  /** What rows of less than a vector take. */
  private static final Loops PLAIN = new Loops();

  /** For the service loader, which fails here where the JVM lacks the module. */
  public VectorProducts() {
    if (LANES < 4) {
      throw new UnsupportedOperationException("vectors of this machine are too short");
    }
  }

  @Override
  public void add(
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
      float[] sums) {
    if (width < LANES) {
      PLAIN.add(x, x0, xStep, rows, inner, w, width, y, y0, yStep, sums);
      return;
    }
    int row = 0;
    for (; row + 4 <= rows; row += 4) {
      four(x, x0 + row * xStep, xStep, inner, w, width, y, y0 + row * yStep, yStep);
    }
    for (; row < rows; row++) {
      one(x, x0 + row * xStep, inner, w, width, y, y0 + row * yStep);
    }
  }

  private static void one(float[] x, int x0, int inner, float[][] w, int width, float[] y, int y0) {
    int column = 0;
    while (width - column > 5 * LANES) {
      oneByFour(x, x0, inner, w, column, column + 3 * LANES, y, y0);
      column += 4 * LANES;
    }
    if (width - column > 4 * LANES) {
      oneByTwo(x, x0, inner, w, column, column + LANES, y, y0);
      column += 2 * LANES;
    }
    int left = width - column;
    int last = width - LANES;
    if (left > 3 * LANES) {
      oneByFour(x, x0, inner, w, column, last, y, y0);
    } else if (left > 2 * LANES) {
      oneByThree(x, x0, inner, w, column, last, y, y0);
    } else if (left > LANES) {
      oneByTwo(x, x0, inner, w, column, last, y, y0);
    } else {
      oneByOne(x, x0, inner, w, column, y, y0);
    }
  }

  private static void four(
      float[] x,
      int x0,
      int xStep,
      int inner,
      float[][] w,
      int width,
      float[] y,
      int y0,
      int yStep) {
    int column = 0;
    while (width - column > 3 * LANES) {
      fourByTwo(x, x0, xStep, inner, w, column, column + LANES, y, y0, yStep);
      column += 2 * LANES;
    }
    int left = width - column;
    int last = width - LANES;
    if (left > 2 * LANES) {
      twoByThree(x, x0, xStep, inner, w, column, last, y, y0, yStep);
      twoByThree(x, x0 + 2 * xStep, xStep, inner, w, column, last, y, y0 + 2 * yStep, yStep);
    } else if (left > LANES) {
      fourByTwo(x, x0, xStep, inner, w, column, last, y, y0, yStep);
    } else {
      fourByOne(x, x0, xStep, inner, w, column, y, y0, yStep);
    }
  }

  private static void oneByFour(
      float[] x, int x0, int inner, float[][] w, int first, int last, float[] y, int y0) {
    int at1 = first + 1 * LANES;
    int at2 = first + 2 * LANES;
    FloatVector a = FloatVector.fromArray(SPECIES, y, y0 + first);
    FloatVector b = FloatVector.fromArray(SPECIES, y, y0 + at1);
    FloatVector c = FloatVector.fromArray(SPECIES, y, y0 + at2);
    FloatVector d = FloatVector.fromArray(SPECIES, y, y0 + last);
    int i = 0;
    for (; i + 4 <= inner; i += 4) {
      float[] w0 = w[i];
      float[] w1 = w[i + 1];
      float[] w2 = w[i + 2];
      float[] w3 = w[i + 3];
      FloatVector p0 = FloatVector.broadcast(SPECIES, x[x0 + i]);
      FloatVector q0 = FloatVector.broadcast(SPECIES, x[x0 + i + 1]);
      FloatVector r0 = FloatVector.broadcast(SPECIES, x[x0 + i + 2]);
      FloatVector s0 = FloatVector.broadcast(SPECIES, x[x0 + i + 3]);
      a =
          a.add(
              p0.mul(FloatVector.fromArray(SPECIES, w0, first))
                  .add(q0.mul(FloatVector.fromArray(SPECIES, w1, first)))
                  .add(r0.mul(FloatVector.fromArray(SPECIES, w2, first)))
                  .add(s0.mul(FloatVector.fromArray(SPECIES, w3, first))));
      b =
          b.add(
              p0.mul(FloatVector.fromArray(SPECIES, w0, at1))
                  .add(q0.mul(FloatVector.fromArray(SPECIES, w1, at1)))
                  .add(r0.mul(FloatVector.fromArray(SPECIES, w2, at1)))
                  .add(s0.mul(FloatVector.fromArray(SPECIES, w3, at1))));
      c =
          c.add(
              p0.mul(FloatVector.fromArray(SPECIES, w0, at2))
                  .add(q0.mul(FloatVector.fromArray(SPECIES, w1, at2)))
                  .add(r0.mul(FloatVector.fromArray(SPECIES, w2, at2)))
                  .add(s0.mul(FloatVector.fromArray(SPECIES, w3, at2))));
      d =
          d.add(
              p0.mul(FloatVector.fromArray(SPECIES, w0, last))
                  .add(q0.mul(FloatVector.fromArray(SPECIES, w1, last)))
                  .add(r0.mul(FloatVector.fromArray(SPECIES, w2, last)))
                  .add(s0.mul(FloatVector.fromArray(SPECIES, w3, last))));
    }
    for (; i < inner; i++) {
      FloatVector p0 = FloatVector.broadcast(SPECIES, x[x0 + i]);
      a = a.add(p0.mul(FloatVector.fromArray(SPECIES, w[i], first)));
      b = b.add(p0.mul(FloatVector.fromArray(SPECIES, w[i], at1)));
      c = c.add(p0.mul(FloatVector.fromArray(SPECIES, w[i], at2)));
      d = d.add(p0.mul(FloatVector.fromArray(SPECIES, w[i], last)));
    }
    a.intoArray(y, y0 + first);
    b.intoArray(y, y0 + at1);
    c.intoArray(y, y0 + at2);
    d.intoArray(y, y0 + last);
  }

  private static void oneByThree(
      float[] x, int x0, int inner, float[][] w, int first, int last, float[] y, int y0) {
    int at1 = first + 1 * LANES;
    FloatVector a = FloatVector.fromArray(SPECIES, y, y0 + first);
    FloatVector b = FloatVector.fromArray(SPECIES, y, y0 + at1);
    FloatVector c = FloatVector.fromArray(SPECIES, y, y0 + last);
    int i = 0;
    for (; i + 4 <= inner; i += 4) {
      float[] w0 = w[i];
      float[] w1 = w[i + 1];
      float[] w2 = w[i + 2];
      float[] w3 = w[i + 3];
      FloatVector p0 = FloatVector.broadcast(SPECIES, x[x0 + i]);
      FloatVector q0 = FloatVector.broadcast(SPECIES, x[x0 + i + 1]);
      FloatVector r0 = FloatVector.broadcast(SPECIES, x[x0 + i + 2]);
      FloatVector s0 = FloatVector.broadcast(SPECIES, x[x0 + i + 3]);
      a =
          a.add(
              p0.mul(FloatVector.fromArray(SPECIES, w0, first))
                  .add(q0.mul(FloatVector.fromArray(SPECIES, w1, first)))
                  .add(r0.mul(FloatVector.fromArray(SPECIES, w2, first)))
                  .add(s0.mul(FloatVector.fromArray(SPECIES, w3, first))));
      b =
          b.add(
              p0.mul(FloatVector.fromArray(SPECIES, w0, at1))
                  .add(q0.mul(FloatVector.fromArray(SPECIES, w1, at1)))
                  .add(r0.mul(FloatVector.fromArray(SPECIES, w2, at1)))
                  .add(s0.mul(FloatVector.fromArray(SPECIES, w3, at1))));
      c =
          c.add(
              p0.mul(FloatVector.fromArray(SPECIES, w0, last))
                  .add(q0.mul(FloatVector.fromArray(SPECIES, w1, last)))
                  .add(r0.mul(FloatVector.fromArray(SPECIES, w2, last)))
                  .add(s0.mul(FloatVector.fromArray(SPECIES, w3, last))));
    }
    for (; i < inner; i++) {
      FloatVector p0 = FloatVector.broadcast(SPECIES, x[x0 + i]);
      a = a.add(p0.mul(FloatVector.fromArray(SPECIES, w[i], first)));
      b = b.add(p0.mul(FloatVector.fromArray(SPECIES, w[i], at1)));
      c = c.add(p0.mul(FloatVector.fromArray(SPECIES, w[i], last)));
    }
    a.intoArray(y, y0 + first);
    b.intoArray(y, y0 + at1);
    c.intoArray(y, y0 + last);
  }

  private static void oneByTwo(
      float[] x, int x0, int inner, float[][] w, int first, int last, float[] y, int y0) {
    FloatVector a = FloatVector.fromArray(SPECIES, y, y0 + first);
    FloatVector b = FloatVector.fromArray(SPECIES, y, y0 + last);
    int i = 0;
    for (; i + 4 <= inner; i += 4) {
      float[] w0 = w[i];
      float[] w1 = w[i + 1];
      float[] w2 = w[i + 2];
      float[] w3 = w[i + 3];
      FloatVector p0 = FloatVector.broadcast(SPECIES, x[x0 + i]);
      FloatVector q0 = FloatVector.broadcast(SPECIES, x[x0 + i + 1]);
      FloatVector r0 = FloatVector.broadcast(SPECIES, x[x0 + i + 2]);
      FloatVector s0 = FloatVector.broadcast(SPECIES, x[x0 + i + 3]);
      a =
          a.add(
              p0.mul(FloatVector.fromArray(SPECIES, w0, first))
                  .add(q0.mul(FloatVector.fromArray(SPECIES, w1, first)))
                  .add(r0.mul(FloatVector.fromArray(SPECIES, w2, first)))
                  .add(s0.mul(FloatVector.fromArray(SPECIES, w3, first))));
      b =
          b.add(
              p0.mul(FloatVector.fromArray(SPECIES, w0, last))
                  .add(q0.mul(FloatVector.fromArray(SPECIES, w1, last)))
                  .add(r0.mul(FloatVector.fromArray(SPECIES, w2, last)))
                  .add(s0.mul(FloatVector.fromArray(SPECIES, w3, last))));
    }
    for (; i < inner; i++) {
      FloatVector p0 = FloatVector.broadcast(SPECIES, x[x0 + i]);
      a = a.add(p0.mul(FloatVector.fromArray(SPECIES, w[i], first)));
      b = b.add(p0.mul(FloatVector.fromArray(SPECIES, w[i], last)));
    }
    a.intoArray(y, y0 + first);
    b.intoArray(y, y0 + last);
  }

  private static void oneByOne(
      float[] x, int x0, int inner, float[][] w, int first, float[] y, int y0) {
    FloatVector a = FloatVector.fromArray(SPECIES, y, y0 + first);
    int i = 0;
    for (; i + 4 <= inner; i += 4) {
      float[] w0 = w[i];
      float[] w1 = w[i + 1];
      float[] w2 = w[i + 2];
      float[] w3 = w[i + 3];
      FloatVector p0 = FloatVector.broadcast(SPECIES, x[x0 + i]);
      FloatVector q0 = FloatVector.broadcast(SPECIES, x[x0 + i + 1]);
      FloatVector r0 = FloatVector.broadcast(SPECIES, x[x0 + i + 2]);
      FloatVector s0 = FloatVector.broadcast(SPECIES, x[x0 + i + 3]);
      a =
          a.add(
              p0.mul(FloatVector.fromArray(SPECIES, w0, first))
                  .add(q0.mul(FloatVector.fromArray(SPECIES, w1, first)))
                  .add(r0.mul(FloatVector.fromArray(SPECIES, w2, first)))
                  .add(s0.mul(FloatVector.fromArray(SPECIES, w3, first))));
    }
    for (; i < inner; i++) {
      FloatVector p0 = FloatVector.broadcast(SPECIES, x[x0 + i]);
      a = a.add(p0.mul(FloatVector.fromArray(SPECIES, w[i], first)));
    }
    a.intoArray(y, y0 + first);
  }

  private static void fourByTwo(
      float[] x,
      int x0,
      int xStep,
      int inner,
      float[][] w,
      int first,
      int last,
      float[] y,
      int y0,
      int yStep) {
    int x1 = x0 + xStep;
    int x2 = x1 + xStep;
    int x3 = x2 + xStep;
    int y1 = y0 + yStep;
    int y2 = y1 + yStep;
    int y3 = y2 + yStep;
    FloatVector a = FloatVector.fromArray(SPECIES, y, y0 + first);
    FloatVector b = FloatVector.fromArray(SPECIES, y, y0 + last);
    FloatVector c = FloatVector.fromArray(SPECIES, y, y1 + first);
    FloatVector d = FloatVector.fromArray(SPECIES, y, y1 + last);
    FloatVector e = FloatVector.fromArray(SPECIES, y, y2 + first);
    FloatVector f = FloatVector.fromArray(SPECIES, y, y2 + last);
    FloatVector g = FloatVector.fromArray(SPECIES, y, y3 + first);
    FloatVector h = FloatVector.fromArray(SPECIES, y, y3 + last);
    int i = 0;
    for (; i + 4 <= inner; i += 4) {
      float[] w0 = w[i];
      float[] w1 = w[i + 1];
      float[] w2 = w[i + 2];
      float[] w3 = w[i + 3];
      FloatVector p0 = FloatVector.broadcast(SPECIES, x[x0 + i]);
      FloatVector q0 = FloatVector.broadcast(SPECIES, x[x0 + i + 1]);
      FloatVector r0 = FloatVector.broadcast(SPECIES, x[x0 + i + 2]);
      FloatVector s0 = FloatVector.broadcast(SPECIES, x[x0 + i + 3]);
      FloatVector p1 = FloatVector.broadcast(SPECIES, x[x1 + i]);
      FloatVector q1 = FloatVector.broadcast(SPECIES, x[x1 + i + 1]);
      FloatVector r1 = FloatVector.broadcast(SPECIES, x[x1 + i + 2]);
      FloatVector s1 = FloatVector.broadcast(SPECIES, x[x1 + i + 3]);
      FloatVector p2 = FloatVector.broadcast(SPECIES, x[x2 + i]);
      FloatVector q2 = FloatVector.broadcast(SPECIES, x[x2 + i + 1]);
      FloatVector r2 = FloatVector.broadcast(SPECIES, x[x2 + i + 2]);
      FloatVector s2 = FloatVector.broadcast(SPECIES, x[x2 + i + 3]);
      FloatVector p3 = FloatVector.broadcast(SPECIES, x[x3 + i]);
      FloatVector q3 = FloatVector.broadcast(SPECIES, x[x3 + i + 1]);
      FloatVector r3 = FloatVector.broadcast(SPECIES, x[x3 + i + 2]);
      FloatVector s3 = FloatVector.broadcast(SPECIES, x[x3 + i + 3]);
      a =
          a.add(
              p0.mul(FloatVector.fromArray(SPECIES, w0, first))
                  .add(q0.mul(FloatVector.fromArray(SPECIES, w1, first)))
                  .add(r0.mul(FloatVector.fromArray(SPECIES, w2, first)))
                  .add(s0.mul(FloatVector.fromArray(SPECIES, w3, first))));
      c =
          c.add(
              p1.mul(FloatVector.fromArray(SPECIES, w0, first))
                  .add(q1.mul(FloatVector.fromArray(SPECIES, w1, first)))
                  .add(r1.mul(FloatVector.fromArray(SPECIES, w2, first)))
                  .add(s1.mul(FloatVector.fromArray(SPECIES, w3, first))));
      e =
          e.add(
              p2.mul(FloatVector.fromArray(SPECIES, w0, first))
                  .add(q2.mul(FloatVector.fromArray(SPECIES, w1, first)))
                  .add(r2.mul(FloatVector.fromArray(SPECIES, w2, first)))
                  .add(s2.mul(FloatVector.fromArray(SPECIES, w3, first))));
      g =
          g.add(
              p3.mul(FloatVector.fromArray(SPECIES, w0, first))
                  .add(q3.mul(FloatVector.fromArray(SPECIES, w1, first)))
                  .add(r3.mul(FloatVector.fromArray(SPECIES, w2, first)))
                  .add(s3.mul(FloatVector.fromArray(SPECIES, w3, first))));
      b =
          b.add(
              p0.mul(FloatVector.fromArray(SPECIES, w0, last))
                  .add(q0.mul(FloatVector.fromArray(SPECIES, w1, last)))
                  .add(r0.mul(FloatVector.fromArray(SPECIES, w2, last)))
                  .add(s0.mul(FloatVector.fromArray(SPECIES, w3, last))));
      d =
          d.add(
              p1.mul(FloatVector.fromArray(SPECIES, w0, last))
                  .add(q1.mul(FloatVector.fromArray(SPECIES, w1, last)))
                  .add(r1.mul(FloatVector.fromArray(SPECIES, w2, last)))
                  .add(s1.mul(FloatVector.fromArray(SPECIES, w3, last))));
      f =
          f.add(
              p2.mul(FloatVector.fromArray(SPECIES, w0, last))
                  .add(q2.mul(FloatVector.fromArray(SPECIES, w1, last)))
                  .add(r2.mul(FloatVector.fromArray(SPECIES, w2, last)))
                  .add(s2.mul(FloatVector.fromArray(SPECIES, w3, last))));
      h =
          h.add(
              p3.mul(FloatVector.fromArray(SPECIES, w0, last))
                  .add(q3.mul(FloatVector.fromArray(SPECIES, w1, last)))
                  .add(r3.mul(FloatVector.fromArray(SPECIES, w2, last)))
                  .add(s3.mul(FloatVector.fromArray(SPECIES, w3, last))));
    }
    for (; i < inner; i++) {
      FloatVector p0 = FloatVector.broadcast(SPECIES, x[x0 + i]);
      FloatVector p1 = FloatVector.broadcast(SPECIES, x[x1 + i]);
      FloatVector p2 = FloatVector.broadcast(SPECIES, x[x2 + i]);
      FloatVector p3 = FloatVector.broadcast(SPECIES, x[x3 + i]);
      a = a.add(p0.mul(FloatVector.fromArray(SPECIES, w[i], first)));
      c = c.add(p1.mul(FloatVector.fromArray(SPECIES, w[i], first)));
      e = e.add(p2.mul(FloatVector.fromArray(SPECIES, w[i], first)));
      g = g.add(p3.mul(FloatVector.fromArray(SPECIES, w[i], first)));
      b = b.add(p0.mul(FloatVector.fromArray(SPECIES, w[i], last)));
      d = d.add(p1.mul(FloatVector.fromArray(SPECIES, w[i], last)));
      f = f.add(p2.mul(FloatVector.fromArray(SPECIES, w[i], last)));
      h = h.add(p3.mul(FloatVector.fromArray(SPECIES, w[i], last)));
    }
    a.intoArray(y, y0 + first);
    b.intoArray(y, y0 + last);
    c.intoArray(y, y1 + first);
    d.intoArray(y, y1 + last);
    e.intoArray(y, y2 + first);
    f.intoArray(y, y2 + last);
    g.intoArray(y, y3 + first);
    h.intoArray(y, y3 + last);
  }

  private static void twoByThree(
      float[] x,
      int x0,
      int xStep,
      int inner,
      float[][] w,
      int first,
      int last,
      float[] y,
      int y0,
      int yStep) {
    int at1 = first + 1 * LANES;
    int x1 = x0 + xStep;
    int y1 = y0 + yStep;
    FloatVector a = FloatVector.fromArray(SPECIES, y, y0 + first);
    FloatVector b = FloatVector.fromArray(SPECIES, y, y0 + at1);
    FloatVector c = FloatVector.fromArray(SPECIES, y, y0 + last);
    FloatVector d = FloatVector.fromArray(SPECIES, y, y1 + first);
    FloatVector e = FloatVector.fromArray(SPECIES, y, y1 + at1);
    FloatVector f = FloatVector.fromArray(SPECIES, y, y1 + last);
    int i = 0;
    for (; i + 4 <= inner; i += 4) {
      float[] w0 = w[i];
      float[] w1 = w[i + 1];
      float[] w2 = w[i + 2];
      float[] w3 = w[i + 3];
      FloatVector p0 = FloatVector.broadcast(SPECIES, x[x0 + i]);
      FloatVector q0 = FloatVector.broadcast(SPECIES, x[x0 + i + 1]);
      FloatVector r0 = FloatVector.broadcast(SPECIES, x[x0 + i + 2]);
      FloatVector s0 = FloatVector.broadcast(SPECIES, x[x0 + i + 3]);
      FloatVector p1 = FloatVector.broadcast(SPECIES, x[x1 + i]);
      FloatVector q1 = FloatVector.broadcast(SPECIES, x[x1 + i + 1]);
      FloatVector r1 = FloatVector.broadcast(SPECIES, x[x1 + i + 2]);
      FloatVector s1 = FloatVector.broadcast(SPECIES, x[x1 + i + 3]);
      a =
          a.add(
              p0.mul(FloatVector.fromArray(SPECIES, w0, first))
                  .add(q0.mul(FloatVector.fromArray(SPECIES, w1, first)))
                  .add(r0.mul(FloatVector.fromArray(SPECIES, w2, first)))
                  .add(s0.mul(FloatVector.fromArray(SPECIES, w3, first))));
      d =
          d.add(
              p1.mul(FloatVector.fromArray(SPECIES, w0, first))
                  .add(q1.mul(FloatVector.fromArray(SPECIES, w1, first)))
                  .add(r1.mul(FloatVector.fromArray(SPECIES, w2, first)))
                  .add(s1.mul(FloatVector.fromArray(SPECIES, w3, first))));
      b =
          b.add(
              p0.mul(FloatVector.fromArray(SPECIES, w0, at1))
                  .add(q0.mul(FloatVector.fromArray(SPECIES, w1, at1)))
                  .add(r0.mul(FloatVector.fromArray(SPECIES, w2, at1)))
                  .add(s0.mul(FloatVector.fromArray(SPECIES, w3, at1))));
      e =
          e.add(
              p1.mul(FloatVector.fromArray(SPECIES, w0, at1))
                  .add(q1.mul(FloatVector.fromArray(SPECIES, w1, at1)))
                  .add(r1.mul(FloatVector.fromArray(SPECIES, w2, at1)))
                  .add(s1.mul(FloatVector.fromArray(SPECIES, w3, at1))));
      c =
          c.add(
              p0.mul(FloatVector.fromArray(SPECIES, w0, last))
                  .add(q0.mul(FloatVector.fromArray(SPECIES, w1, last)))
                  .add(r0.mul(FloatVector.fromArray(SPECIES, w2, last)))
                  .add(s0.mul(FloatVector.fromArray(SPECIES, w3, last))));
      f =
          f.add(
              p1.mul(FloatVector.fromArray(SPECIES, w0, last))
                  .add(q1.mul(FloatVector.fromArray(SPECIES, w1, last)))
                  .add(r1.mul(FloatVector.fromArray(SPECIES, w2, last)))
                  .add(s1.mul(FloatVector.fromArray(SPECIES, w3, last))));
    }
    for (; i < inner; i++) {
      FloatVector p0 = FloatVector.broadcast(SPECIES, x[x0 + i]);
      FloatVector p1 = FloatVector.broadcast(SPECIES, x[x1 + i]);
      a = a.add(p0.mul(FloatVector.fromArray(SPECIES, w[i], first)));
      d = d.add(p1.mul(FloatVector.fromArray(SPECIES, w[i], first)));
      b = b.add(p0.mul(FloatVector.fromArray(SPECIES, w[i], at1)));
      e = e.add(p1.mul(FloatVector.fromArray(SPECIES, w[i], at1)));
      c = c.add(p0.mul(FloatVector.fromArray(SPECIES, w[i], last)));
      f = f.add(p1.mul(FloatVector.fromArray(SPECIES, w[i], last)));
    }
    a.intoArray(y, y0 + first);
    b.intoArray(y, y0 + at1);
    c.intoArray(y, y0 + last);
    d.intoArray(y, y1 + first);
    e.intoArray(y, y1 + at1);
    f.intoArray(y, y1 + last);
  }

  private static void fourByOne(
      float[] x,
      int x0,
      int xStep,
      int inner,
      float[][] w,
      int first,
      float[] y,
      int y0,
      int yStep) {
    int x1 = x0 + xStep;
    int x2 = x1 + xStep;
    int x3 = x2 + xStep;
    int y1 = y0 + yStep;
    int y2 = y1 + yStep;
    int y3 = y2 + yStep;
    FloatVector a = FloatVector.fromArray(SPECIES, y, y0 + first);
    FloatVector b = FloatVector.fromArray(SPECIES, y, y1 + first);
    FloatVector c = FloatVector.fromArray(SPECIES, y, y2 + first);
    FloatVector d = FloatVector.fromArray(SPECIES, y, y3 + first);
    int i = 0;
    for (; i + 4 <= inner; i += 4) {
      float[] w0 = w[i];
      float[] w1 = w[i + 1];
      float[] w2 = w[i + 2];
      float[] w3 = w[i + 3];
      FloatVector p0 = FloatVector.broadcast(SPECIES, x[x0 + i]);
      FloatVector q0 = FloatVector.broadcast(SPECIES, x[x0 + i + 1]);
      FloatVector r0 = FloatVector.broadcast(SPECIES, x[x0 + i + 2]);
      FloatVector s0 = FloatVector.broadcast(SPECIES, x[x0 + i + 3]);
      FloatVector p1 = FloatVector.broadcast(SPECIES, x[x1 + i]);
      FloatVector q1 = FloatVector.broadcast(SPECIES, x[x1 + i + 1]);
      FloatVector r1 = FloatVector.broadcast(SPECIES, x[x1 + i + 2]);
      FloatVector s1 = FloatVector.broadcast(SPECIES, x[x1 + i + 3]);
      FloatVector p2 = FloatVector.broadcast(SPECIES, x[x2 + i]);
      FloatVector q2 = FloatVector.broadcast(SPECIES, x[x2 + i + 1]);
      FloatVector r2 = FloatVector.broadcast(SPECIES, x[x2 + i + 2]);
      FloatVector s2 = FloatVector.broadcast(SPECIES, x[x2 + i + 3]);
      FloatVector p3 = FloatVector.broadcast(SPECIES, x[x3 + i]);
      FloatVector q3 = FloatVector.broadcast(SPECIES, x[x3 + i + 1]);
      FloatVector r3 = FloatVector.broadcast(SPECIES, x[x3 + i + 2]);
      FloatVector s3 = FloatVector.broadcast(SPECIES, x[x3 + i + 3]);
      a =
          a.add(
              p0.mul(FloatVector.fromArray(SPECIES, w0, first))
                  .add(q0.mul(FloatVector.fromArray(SPECIES, w1, first)))
                  .add(r0.mul(FloatVector.fromArray(SPECIES, w2, first)))
                  .add(s0.mul(FloatVector.fromArray(SPECIES, w3, first))));
      b =
          b.add(
              p1.mul(FloatVector.fromArray(SPECIES, w0, first))
                  .add(q1.mul(FloatVector.fromArray(SPECIES, w1, first)))
                  .add(r1.mul(FloatVector.fromArray(SPECIES, w2, first)))
                  .add(s1.mul(FloatVector.fromArray(SPECIES, w3, first))));
      c =
          c.add(
              p2.mul(FloatVector.fromArray(SPECIES, w0, first))
                  .add(q2.mul(FloatVector.fromArray(SPECIES, w1, first)))
                  .add(r2.mul(FloatVector.fromArray(SPECIES, w2, first)))
                  .add(s2.mul(FloatVector.fromArray(SPECIES, w3, first))));
      d =
          d.add(
              p3.mul(FloatVector.fromArray(SPECIES, w0, first))
                  .add(q3.mul(FloatVector.fromArray(SPECIES, w1, first)))
                  .add(r3.mul(FloatVector.fromArray(SPECIES, w2, first)))
                  .add(s3.mul(FloatVector.fromArray(SPECIES, w3, first))));
    }
    for (; i < inner; i++) {
      FloatVector p0 = FloatVector.broadcast(SPECIES, x[x0 + i]);
      FloatVector p1 = FloatVector.broadcast(SPECIES, x[x1 + i]);
      FloatVector p2 = FloatVector.broadcast(SPECIES, x[x2 + i]);
      FloatVector p3 = FloatVector.broadcast(SPECIES, x[x3 + i]);
      a = a.add(p0.mul(FloatVector.fromArray(SPECIES, w[i], first)));
      b = b.add(p1.mul(FloatVector.fromArray(SPECIES, w[i], first)));
      c = c.add(p2.mul(FloatVector.fromArray(SPECIES, w[i], first)));
      d = d.add(p3.mul(FloatVector.fromArray(SPECIES, w[i], first)));
    }
    a.intoArray(y, y0 + first);
    b.intoArray(y, y1 + first);
    c.intoArray(y, y2 + first);
    d.intoArray(y, y3 + first);
  }

  @Override
  public String toString() {
    return "vectors of " + LANES + " floats";
  }
}
