package dev.noether.group;

import dev.noether.algebra.Matrix;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * The rotation groups of the Platonic solids, from the unit quaternions of their elements.
 *
 * <p>Irreps 1 and 2 are those of the rotations of space at frequencies 1 and 2 where these stay
 * irreducible; the others are extended from the matrices of two generators: for the octahedral
 * group after Ishimori et al., <em>Non-Abelian Discrete Symmetries in Particle Physics</em>,
 * section 3 (arXiv:1003.3552), for the icosahedral group in the basis that diagonalises the
 * five-fold rotation.
 */
final class PolyhedralGroups {
  /** Quaternions (x, y, z, w): h = 1/2, a = (sqrt 5 - 1)/4, b = (sqrt 5 + 1)/4, s = sqrt(1/2). */
  private static final String TETRAHEDRON =
      """
      +1+0+0+0 +0+1+0+0 +0+0+1+0 +0+0+0+1 +h-h-h+h +h-h+h+h
      +h+h-h+h +h+h+h+h +h-h-h-h +h-h+h-h +h+h-h-h +h+h+h-h
      """;

  private static final String OCTAHEDRON =
      """
      +s+0+0+s +0+s+0+s +0+0+s+s +0+0-s+s +0-s+0+s -s+0+0+s
      +0+s+s+0 +0-s+s+0 +s+0+s+0 -s+0+s+0 +s+s+0+0 -s+s+0+0
      """;

  private static final String ICOSAHEDRON =
      """
      +h+a+b+0 +h+a-b+0 +h+b+0+a +h+b+0-a +h-a+b+0 +h-a-b+0
      +h-b+0+a +h-b+0-a +h+0+a+b +h+0+a-b +h+0-a+b +h+0-a-b
      +a+h+0+b +a+h+0-b +a+b+h+0 +a+b-h+0 +a-h+0+b +a-h+0-b
      +a-b+h+0 +a-b-h+0 +a+0+b+h +a+0+b-h +a+0-b+h +a+0-b-h
      +b+h+a+0 +b+h-a+0 +b+a+0+h +b+a+0-h +b-h+a+0 +b-h-a+0
      +b-a+0+h +b-a+0-h +b+0+h+a +b+0+h-a +b+0-h+a +b+0-h-a
      +0+h+b+a +0+h+b-a +0+h-b+a +0+h-b-a +0+a+h+b +0+a+h-b
      +0+a-h+b +0+a-h-b +0+b+a+h +0+b+a-h +0+b-a+h +0+b-a-h
      """;

  private PolyhedralGroups() {}

  static FiniteGroup octahedral() {
    double[][] quaternions = parse(TETRAHEDRON + OCTAHEDRON);
    return group("Octahedral", quaternions, List.of(12, 4), g -> octahedralIrreps(g, quaternions));
  }

  static FiniteGroup icosahedral() {
    double[][] quaternions = parse(TETRAHEDRON + ICOSAHEDRON);
    return group(
        "Icosahedral", quaternions, List.of(21, 0), g -> icosahedralIrreps(g, quaternions));
  }

  static FiniteGroup tetrahedral() {
    double[][] quaternions = parse(TETRAHEDRON);
    return group("Tetrahedral", quaternions, List.of(4, 0), g -> tetrahedralIrreps(g, quaternions));
  }

  /**
   * T_d: the octahedral group with -1 put to the rotations outside the tetrahedral group, which
   * exchanges its vectors with its pseudovectors.
   */
  static FiniteGroup fullTetrahedral() {
    FiniteGroup rotations = octahedral();
    List<String> labels = new ArrayList<>();
    for (int g = 0; g < rotations.order(); g++) {
      labels.add(g < 12 ? rotations.label(g) : "-(" + rotations.label(g) + ")");
    }
    return rotations.renamed("Td", labels, group -> exchanged(group, rotations));
  }

  private static List<FiniteIrrep> exchanged(FiniteGroup group, FiniteGroup rotations) {
    List<FiniteIrrep> irreps = new ArrayList<>();
    for (int number : new int[] {0, 1, -1, 2, 3}) {
      int same = Math.abs(number) == 1 ? -number : number;
      irreps.add(rotations.irrep(same).of(group, IrrepId.of(number)));
    }
    return irreps;
  }

  /** The double cover: the quaternions q_0, q_1, ... of a rotation group, then -q_0, -q_1, ... */
  static FiniteGroup binary(String name, String solid) {
    double[][] half =
        switch (solid) {
          case "tetrahedron" -> parse(TETRAHEDRON);
          case "octahedron" -> parse(TETRAHEDRON + OCTAHEDRON);
          default -> parse(TETRAHEDRON + ICOSAHEDRON);
        };
    int n = half.length;
    double[][] quaternions = Arrays.copyOf(half, 2 * n);
    for (int g = 0; g < n; g++) {
      quaternions[n + g] = Arrays.stream(half[g]).map(part -> 0.0 - part).toArray();
    }
    Multiplication table =
        Multiplication.table(
            2 * n,
            (g, h) -> {
              double[] product = product(quaternions[g], quaternions[h]);
              int found = find(half, product);
              double dot = 0;
              for (int k = 0; k < 4; k++) {
                dot += half[found][k] * product[k];
              }
              return dot > 0 ? found : found + n;
            });
    List<String> labels =
        Arrays.stream(quaternions).map(PolyhedralGroups::quaternionLabel).toList();
    List<Integer> generators =
        switch (solid) {
          case "tetrahedron" -> List.of(4, 0);
          case "octahedron" -> List.of(12, 4);
          default -> List.of(21, 0);
        };
    return new FiniteGroup(name, table, labels, generators, new Origin.Family(), RealIrreps::of);
  }

  private static List<FiniteIrrep> tetrahedralIrreps(FiniteGroup group, double[][] quaternions) {
    double root = Math.sqrt(3) / 2;
    double[] turns = extend(group, Matrix.of(2, 2, -0.5, -root, root, -0.5), Matrix.identity(2));
    return List.of(
        trivial(group),
        real(group, 1, 3, vectors(quaternions)),
        new FiniteIrrep(group, IrrepId.of(2), 2, IrrepType.COMPLEX, turns));
  }

  private static FiniteGroup group(
      String name,
      double[][] quaternions,
      List<Integer> generators,
      java.util.function.Function<FiniteGroup, List<FiniteIrrep>> irreps) {
    int n = quaternions.length;
    Multiplication table =
        Multiplication.table(
            n, (g, h) -> find(quaternions, product(quaternions[g], quaternions[h])));
    List<String> labels = Arrays.stream(quaternions).map(PolyhedralGroups::rotationLabel).toList();
    return new FiniteGroup(name, table, labels, generators, new Origin.Family(), irreps);
  }

  private static List<FiniteIrrep> octahedralIrreps(FiniteGroup group, double[][] quaternions) {
    double root = Math.sqrt(3) / 2;
    Matrix swap = Matrix.of(2, 2, 0, 1, 1, 0);
    Matrix third = Matrix.of(2, 2, -0.5, root, -root, -0.5);
    double[] vector = vectors(quaternions);
    double[] sign = extend(group, Matrix.of(1, 1, -1), Matrix.of(1, 1, 1));
    double[] signed = new double[vector.length];
    for (int i = 0; i < vector.length; i++) {
      signed[i] = sign[i / 9] * vector[i] + 0.0;
    }
    return List.of(
        trivial(group),
        real(group, 1, 3, vector),
        real(group, -1, 3, signed),
        real(group, 2, 2, extend(group, swap, third)),
        real(group, 3, 1, sign));
  }

  private static List<FiniteIrrep> icosahedralIrreps(FiniteGroup group, double[][] quaternions) {
    double c1 = (Math.sqrt(5) - 1) / 4;
    double c2 = -(Math.sqrt(5) + 1) / 4;
    double s1 = Math.sqrt(1 - c1 * c1);
    double s2 = Math.sqrt(1 - c2 * c2);
    double r = 1 / Math.sqrt(5);
    Matrix fifth3 = Matrix.of(3, 3, c2, -s2, 0, s2, c2, 0, 0, 0, 1);
    Matrix half3 = Matrix.of(3, 3, r, 0, -2 * r, 0, -1, 0, -2 * r, 0, -r);
    Matrix fifth4 = Matrix.of(4, 4, c1, -s1, 0, 0, s1, c1, 0, 0, 0, 0, c2, -s2, 0, 0, s2, c2);
    Matrix half4 = Matrix.of(4, 4, 0, 0, -1, 0, 0, 2 * r, 0, r, -1, 0, 0, 0, 0, r, 0, -2 * r);
    return List.of(
        trivial(group),
        real(group, 1, 3, vectors(quaternions)),
        real(group, 2, 5, quadrics(quaternions)),
        real(group, 3, 3, extend(group, fifth3, half3)),
        real(group, 4, 4, extend(group, fifth4, half4)));
  }

  private static FiniteIrrep trivial(FiniteGroup group) {
    double[] ones = new double[group.order()];
    Arrays.fill(ones, 1);
    return real(group, 0, 1, ones);
  }

  private static FiniteIrrep real(FiniteGroup group, int id, int dimension, double[] values) {
    return new FiniteIrrep(group, IrrepId.of(id), dimension, IrrepType.REAL, values);
  }

  /** Multiplies the matrices of the generators out to all elements, by breadth-first search. */
  private static double[] extend(FiniteGroup group, Matrix... images) {
    int d = images[0].rows();
    double[] values = new double[group.order() * d * d];
    boolean[] known = new boolean[group.order()];
    ArrayDeque<Extended> open = new ArrayDeque<>();
    open.add(new Extended(group.identity(), Matrix.identity(d)));
    known[group.identity()] = true;
    while (!open.isEmpty()) {
      Extended done = open.remove();
      System.arraycopy(done.matrix.toArray(), 0, values, done.element * d * d, d * d);
      for (int i = 0; i < images.length; i++) {
        int next = group.multiply(group.generators().get(i), done.element);
        if (!known[next]) {
          known[next] = true;
          open.add(new Extended(next, images[i].times(done.matrix)));
        }
      }
    }
    return values;
  }

  /** An element whose matrix is known. */
  private record Extended(int element, Matrix matrix) {}

  /** Frequency 1 in the basis (y, z, x). */
  private static double[] vectors(double[][] quaternions) {
    double[] values = new double[9 * quaternions.length];
    int[] axes = {1, 2, 0};
    for (int g = 0; g < quaternions.length; g++) {
      double[][] rotation = rotation(quaternions[g]);
      for (int i = 0; i < 9; i++) {
        values[9 * g + i] = rotation[axes[i / 3]][axes[i % 3]];
      }
    }
    return values;
  }

  /**
   * Frequency 2: rotations acting on traceless symmetric matrices S by R S R^T, in the orthonormal
   * basis of the quadratic forms xy, yz, 3z^2 - r^2, xz, x^2 - y^2.
   */
  private static double[] quadrics(double[][] quaternions) {
    double s = Math.sqrt(0.5);
    double t = Math.sqrt(1.0 / 6);
    double[][][] forms = {
      {{0, s, 0}, {s, 0, 0}, {0, 0, 0}},
      {{0, 0, 0}, {0, 0, s}, {0, s, 0}},
      {{-t, 0, 0}, {0, -t, 0}, {0, 0, 2 * t}},
      {{0, 0, s}, {0, 0, 0}, {s, 0, 0}},
      {{s, 0, 0}, {0, -s, 0}, {0, 0, 0}}
    };
    double[] values = new double[25 * quaternions.length];
    for (int g = 0; g < quaternions.length; g++) {
      double[][] rotation = rotation(quaternions[g]);
      for (int row = 0; row < 5; row++) {
        for (int column = 0; column < 5; column++) {
          values[(5 * g + row) * 5 + column] = inner(forms[row], rotation, forms[column]);
        }
      }
    }
    return values;
  }

  /** The Frobenius inner product of A and R B R^T. */
  private static double inner(double[][] a, double[][] r, double[][] b) {
    double sum = 0;
    for (int i = 0; i < 3; i++) {
      for (int j = 0; j < 3; j++) {
        for (int k = 0; k < 3; k++) {
          for (int l = 0; l < 3; l++) {
            sum += a[i][j] * r[i][k] * b[k][l] * r[j][l];
          }
        }
      }
    }
    return sum;
  }

  private static double[][] parse(String text) {
    return Arrays.stream(text.strip().split("\\s+"))
        .map(
            word -> {
              double[] quaternion = new double[4];
              for (int i = 0; i < 4; i++) {
                double size = size(word.charAt(2 * i + 1));
                quaternion[i] = size != 0 && word.charAt(2 * i) == '-' ? -size : size;
              }
              return quaternion;
            })
        .toArray(double[][]::new);
  }

  private static double size(char symbol) {
    return switch (symbol) {
      case '0' -> 0;
      case '1' -> 1;
      case 'h' -> 0.5;
      case 'a' -> (Math.sqrt(5) - 1) / 4;
      case 'b' -> (Math.sqrt(5) + 1) / 4;
      case 's' -> Math.sqrt(0.5);
      default -> throw new IllegalStateException("no such symbol: " + symbol);
    };
  }

  private static double[] product(double[] p, double[] q) {
    return new double[] {
      p[3] * q[0] + p[0] * q[3] + p[1] * q[2] - p[2] * q[1],
      p[3] * q[1] - p[0] * q[2] + p[1] * q[3] + p[2] * q[0],
      p[3] * q[2] + p[0] * q[1] - p[1] * q[0] + p[2] * q[3],
      p[3] * q[3] - p[0] * q[0] - p[1] * q[1] - p[2] * q[2]
    };
  }

  /** The element that is q or -q: both are the same rotation. */
  private static int find(double[][] quaternions, double[] q) {
    for (int i = 0; i < quaternions.length; i++) {
      double dot = 0;
      for (int k = 0; k < 4; k++) {
        dot += quaternions[i][k] * q[k];
      }
      if (Math.abs(dot) > 1 - 1e-9) {
        return i;
      }
    }
    throw new IllegalStateException("not closed at " + Arrays.toString(q));
  }

  private static double[][] rotation(double[] q) {
    double x = q[0];
    double y = q[1];
    double z = q[2];
    double w = q[3];
    return new double[][] {
      {1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)},
      {2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)},
      {2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)}
    };
  }

  /** {@code 2/5 turn about (0, 1, 1.618)}; the angle at most half a turn. */
  private static String rotationLabel(double[] q) {
    double sine = Math.sqrt(q[0] * q[0] + q[1] * q[1] + q[2] * q[2]);
    if (sine < 1e-9) {
      return "e";
    }
    double turn = StrictMath.atan2(sine, Math.abs(q[3])) / Math.PI;
    int parts = 2;
    while (Math.abs(Math.rint(turn * parts) - turn * parts) > 1e-9) {
      parts++;
    }
    double smallest = Double.POSITIVE_INFINITY;
    double first = 0;
    for (int i = 0; i < 3; i++) {
      if (Math.abs(q[i]) > 1e-9) {
        smallest = Math.min(smallest, Math.abs(q[i]));
        first = first == 0 ? q[i] : first;
      }
    }
    double sign = Math.abs(q[3]) < 1e-9 ? Math.signum(first) : q[3] < 0 ? -1 : 1;
    return String.format(
        Locale.ROOT,
        "%d/%d turn about (%s, %s, %s)",
        Math.round(turn * parts),
        parts,
        number(sign * q[0] / smallest),
        number(sign * q[1] / smallest),
        number(sign * q[2] / smallest));
  }

  /** {@code 0.5 - 0.309 i + 0.809 k}. */
  private static String quaternionLabel(double[] q) {
    StringBuilder text = new StringBuilder();
    double[] parts = {q[3], q[0], q[1], q[2]};
    String[] units = {"", "i", "j", "k"};
    for (int i = 0; i < 4; i++) {
      if (parts[i] != 0) {
        String size = number(Math.abs(parts[i]));
        String sign = parts[i] < 0 ? "-" : text.isEmpty() ? "" : "+";
        text.append(text.isEmpty() ? sign : " " + sign + " ");
        text.append(i == 0 ? size : size.equals("1") ? units[i] : size + " " + units[i]);
      }
    }
    return text.toString();
  }

  /** Three digits behind the point, without trailing zeros. */
  private static String number(double value) {
    String text = String.format(Locale.ROOT, "%.3f", value).replaceAll("\\.?0+$", "");
    return text.equals("-0") ? "0" : text;
  }
}
