package dev.noether.nn;

import static org.assertj.core.api.Assertions.assertThat;

import dev.noether.rep.Representation;
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

/** Training leaves no native memory behind. */
class NativeMemoryTest {
  /** A program of its own, so that the heap is small and nothing else runs beside it. */
  static final class Training {
    private static final int STEPS = 20_000;

    private Training() {}

    public static void main(String[] arguments) {
      Representation rho = Representation.parse("C4: 2 x regular");
      EquivariantLinear layer = new EquivariantLinear(rho, rho);
      SGD sgd = new SGD(layer.parameters(), new SGDOptions(1e-3));
      Tensor x = LinearLawsTest.random(Dtype.FLOAT32, 256, 8);
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

  @Test
  void twentyThousandTrainingStepsLeaveItFlat() throws Exception {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx64m",
                "-cp",
                System.getProperty("java.class.path"),
                Training.class.getName())
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(5, TimeUnit.MINUTES)).isTrue();
    assertThat(process.exitValue()).isZero();
    assertThat(Long.parseLong(output.strip())).isLessThan(16L << 20);
  }
}
