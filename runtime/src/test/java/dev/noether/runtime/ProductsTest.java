package dev.noether.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** The Vector API is found where a JVM has its module, and gives the bits of the plain loops. */
class ProductsTest {
  private static final int[] WIDTHS = {
    1, 3, 4, 7, 8, 9, 12, 15, 16, 17, 20, 24, 25, 31, 32, 33, 39, 40, 41, 47, 60, 64, 65, 73, 120
  };

  private static final int[] INNER = {0, 1, 2, 3, 4, 5, 8, 11, 32};

  @Test
  void aJvmWithoutTheModuleHasPlainLoops() {
    assertThat(Products.OWN).hasToString("plain loops");
  }

  @Test
  void vectorsGiveTheBitsOfPlainLoops() throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("--add-modules", "jdk.incubator.vector", "-cp"));
    command.add(classes(Products.class) + File.pathSeparator + classes(ProductsTest.class));
    command.add(Vectors.class.getName());
    Process program = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(program.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(program.waitFor()).as(output).isZero();
    assertThat(output).contains("vectors of", "floats agree");
  }

  private static String classes(Class<?> type) throws Exception {
    return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI()).toString();
  }

  /** y + (((a p + b q) + c r) + d s) for inputs by fours, then one by one. */
  @Test
  void sumsAreTakenInTheOrderThatIsSaid() {
    for (int width : WIDTHS) {
      for (int inner : INNER) {
        float[][] w = random(inner, width, 1);
        float[] x = random(1, inner, 2)[0];
        float[] y = random(1, width, 3)[0];
        float[] found = y.clone();
        new Loops().add(x, 0, inner, 1, inner, w, width, found, 0, width, new float[width]);
        for (int o = 0; o < width; o++) {
          assertThat(found[o]).isEqualTo(sum(x, w, o, y[o]));
        }
      }
    }
  }

  private static float sum(float[] x, float[][] w, int o, float start) {
    float sum = start;
    int i = 0;
    for (; i + 4 <= x.length; i += 4) {
      float some = x[i] * w[i][o];
      some += x[i + 1] * w[i + 1][o];
      some += x[i + 2] * w[i + 2][o];
      some += x[i + 3] * w[i + 3][o];
      sum += some;
    }
    for (; i < x.length; i++) {
      sum += x[i] * w[i][o];
    }
    return sum;
  }

  private static float[][] random(int rows, int columns, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    float[][] result = new float[rows][columns];
    for (float[] row : result) {
      for (int i = 0; i < columns; i++) {
        row[i] = (float) random.nextDouble() - 0.5f;
      }
    }
    return result;
  }

  /** What runs in a JVM of its own. */
  static final class Vectors {
    private Vectors() {}

    public static void main(String[] none) {
      for (int width : WIDTHS) {
        for (int inner : INNER) {
          for (int rows = 1; rows <= 9; rows++) {
            compare(rows, inner, width);
          }
        }
      }
      System.out.println(Products.OWN + " agree");
    }

    private static void compare(int rows, int inner, int width) {
      float[][] w = random(inner, width, 1);
      float[] x = random(1, 3 + rows * (inner + 2), 2)[0];
      float[] y = random(1, 5 + rows * (width + 1), 3)[0];
      float[] plain = y.clone();
      float[] sums = new float[width];
      Products.OWN.add(x, 3, inner + 2, rows, inner, w, width, y, 5, width + 1, sums);
      new Loops().add(x, 3, inner + 2, rows, inner, w, width, plain, 5, width + 1, sums);
      if (!Arrays.equals(plain, y)) {
        throw new AssertionError(rows + " rows of " + inner + " to " + width);
      }
    }
  }
}
