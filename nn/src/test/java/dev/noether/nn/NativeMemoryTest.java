package dev.noether.nn;

import static org.assertj.core.api.Assertions.assertThat;

import dev.noether.Fixtures;
import dev.noether.linalg.EquivariantLeastSquares;
import dev.noether.nn.linear.EquivariantLinear;
import dev.noether.rep.Representation;
import dev.noether.stats.CrossCovariance;
import dev.noether.torch.Dtype;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.SGD;
import org.bytedeco.pytorch.SGDOptions;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;

/** Neither training nor streaming leaves native memory behind. */
class NativeMemoryTest {
  /** A program of its own, so that the heap is small and nothing else runs beside it. */
  static final class Training {
    private static final int STEPS = 20_000;

    private Training() {}

    public static void main(String[] arguments) {
      Representation rho = Representation.parse("C4: 2 x regular");
      EquivariantLinear layer = new EquivariantLinear(rho, rho);
      SGD sgd = new SGD(layer.parameters(), new SGDOptions(1e-3));
      Tensor x = Fixtures.random(Dtype.FLOAT32, 256, 8);
      long warm = 0;
      for (int step = 0; step < STEPS; step++) {
        if (step == STEPS / 4) {
          warm = Pointer.physicalBytes();
        }
        try (PointerScope scope = new PointerScope()) {
          sgd.zero_grad();
          layer.forward(x).pow(new Scalar(2)).mean().backward();
          sgd.step();
        }
      }
      System.out.println(Pointer.physicalBytes() - warm);
    }
  }

  /** 200,000 samples of 60 numbers on both sides: 192 MB if they were kept. */
  static final class Streaming {
    private static final int BATCHES = 100;

    private Streaming() {}

    public static void main(String[] arguments) {
      Representation rho = Representation.parse("Icosahedral: regular");
      EquivariantLeastSquares problem = EquivariantLeastSquares.between(rho, rho);
      CrossCovariance seen = CrossCovariance.between(rho, rho);
      Tensor x = Fixtures.random(Dtype.FLOAT64, 2000, 60);
      Tensor y = x.sin();
      long warm = 0;
      for (int batch = 0; batch < BATCHES; batch++) {
        if (batch == BATCHES / 4) {
          warm = Pointer.physicalBytes();
        }
        try (PointerScope scope = new PointerScope()) {
          Tensor from = x.add(new Scalar(0.01 * batch));
          problem = problem.plus(from, y);
          seen = seen.plus(from, y);
        }
      }
      assertThat(problem.count()).isEqualTo(seen.count()).isEqualTo(200_000);
      System.out.println(Pointer.physicalBytes() - warm);
    }
  }

  @Test
  void twentyThousandTrainingStepsLeaveItFlat() throws Exception {
    assertThat(growth(Training.class)).isLessThan(16L << 20);
  }

  @Test
  void streamedLeastSquaresAndCovariancesKeepNoSamples() throws Exception {
    assertThat(growth(Streaming.class)).isLessThan(32L << 20);
  }

  private static long growth(Class<?> program) throws Exception {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx64m",
                "-cp",
                System.getProperty("java.class.path"),
                program.getName())
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(5, TimeUnit.MINUTES)).isTrue();
    assertThat(process.exitValue()).isZero();
    return Long.parseLong(output.strip());
  }
}
