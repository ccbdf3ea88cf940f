package dev.noether.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.noether.Noether;
import dev.noether.nn.linear.EquivariantLinear;
import dev.noether.rep.Representation;
import java.io.File;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How LibTorch starts, each time in a JVM of its own, because it starts once in each. */
class StartTest {
  private static final String CLASS_PATH = System.getProperty("java.class.path");

  @TempDir private Path folder = Path.of("");

  record Outcome(int status, String out, String err) {}

  private Outcome run(Class<?> program, String classPath, String... options) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    if (Runtime.version().feature() >= 22) { // else the JVM's own warnings stand on stderr
      command.add("--enable-native-access=ALL-UNNAMED");
    }
    command.addAll(List.of(options));
    command.addAll(List.of("-cp", classPath, program.getName()));
    Path out = folder.resolve("out");
    Path err = folder.resolve("err");
    Process process =
        new ProcessBuilder(command)
            .redirectOutput(Redirect.to(out.toFile()))
            .redirectError(Redirect.to(err.toFile()))
            .start();
    return new Outcome(process.waitFor(), read(out), read(err));
  }

  private static String read(Path file) throws IOException {
    return new String(Files.readAllBytes(file), StandardCharsets.UTF_8).strip();
  }

  /** LibTorch by itself, then a layer. */
  public static final class TorchFirst {
    private TorchFirst() {}

    /**
     * Prints the BLAS and its threads.
     *
     * @param arguments none
     */
    public static void main(String[] arguments) {
      torch.manual_seed(0);
      Representation rho = Representation.parse("C3: regular");
      new EquivariantLinear(rho, rho).forward(torch.randn(2, 3));
      System.out.println(LibTorch.blas());
    }
  }

  @Test
  void libTorchBeforeNoetherIsWarnedAbout() throws Exception {
    assumeThat(Natives.mklIsPresent()).isTrue();
    Outcome outcome = run(TorchFirst.class, CLASS_PATH);
    assertThat(outcome.status).as(outcome.err).isZero();
    assertThat(outcome.out).isEqualTo("OpenBLAS");
    assertThat(outcome.err.lines().filter(line -> line.startsWith("WARNING")))
        .containsExactly(
            "WARNING: LibTorch was loaded before Noether, so that OpenBLAS serves instead of MKL, "
                + "which is slower: make Noether.seed(...) or LibTorch.load() the first call of the "
                + "program");
  }

  /** Noether's seed first. */
  public static final class SeedFirst {
    private SeedFirst() {}

    /**
     * Prints the BLAS, and whether a seed gives the same weights again.
     *
     * @param arguments none
     */
    public static void main(String[] arguments) {
      Representation rho = Representation.parse("C3: regular");
      Noether.seed(7);
      double[] first = Tensors.toArray(new EquivariantLinear(rho, rho).weight());
      double[] next = Tensors.toArray(new EquivariantLinear(rho, rho).weight());
      Noether.seed(7);
      double[] again = Tensors.toArray(new EquivariantLinear(rho, rho).weight());
      System.out.println(
          LibTorch.blas() + " " + Arrays.equals(first, again) + " " + Arrays.equals(first, next));
    }
  }

  @Test
  void aSeedIsAGoodFirstCall() throws Exception {
    Outcome outcome = run(SeedFirst.class, CLASS_PATH);
    assertThat(outcome.status).as(outcome.err).isZero();
    assertThat(outcome.out)
        .isEqualTo((Natives.mklIsPresent() ? "MKL" : "OpenBLAS") + " true false");
    assertThat(outcome.err).isEmpty();
  }

  /** Bits of products, in the thread that loaded LibTorch and in another one. */
  public static final class Bits {
    private Bits() {}

    /**
     * Counts the products that differ.
     *
     * @param arguments none
     */
    public static void main(String[] arguments) throws InterruptedException {
      Noether.seed(1);
      int different = 0;
      for (int size : new int[] {60, 240, 512}) {
        Tensor matrix = torch.randn(size, size);
        for (int rows = 1; rows <= 8; rows++) {
          Tensor x = torch.randn(rows, size);
          double[] here = product(x, matrix);
          AtomicReference<double[]> there = new AtomicReference<>(new double[0]);
          Thread thread = new Thread(() -> there.set(product(x, matrix)));
          thread.start();
          thread.join();
          different += Arrays.equals(here, there.get()) ? 0 : 1;
        }
      }
      System.out.println(LibTorch.threads() + " threads, " + different + " differ");
    }

    private static double[] product(Tensor x, Tensor matrix) {
      try (PointerScope scope = new PointerScope()) {
        return Tensors.toArray(Scopes.compute(() -> x.matmul(matrix)));
      }
    }
  }

  @Test
  void everyJavaThreadComputesTheSameBits() throws Exception {
    for (int threads : new int[] {1, 2, 3}) {
      Outcome outcome = run(Bits.class, CLASS_PATH, "-Dnoether.threads=" + threads);
      assertThat(outcome.out).as(outcome.err).isEqualTo(threads + " threads, 0 differ");
    }
  }

  /** Tells why LibTorch does not load. */
  public static final class Load {
    private Load() {}

    /**
     * Prints the message, or "loaded".
     *
     * @param arguments none
     */
    public static void main(String[] arguments) {
      try {
        LibTorch.load();
        System.out.println("loaded");
      } catch (IllegalArgumentException | IllegalStateException e) {
        System.out.println(e.getMessage());
      }
    }
  }

  @Test
  void aPropertyThatIsNoNumberOfThreadsIsRefused() throws Exception {
    assertThat(run(Load.class, CLASS_PATH, "-Dnoether.threads=many").out)
        .isEqualTo("noether.threads must be a number of threads, got 'many'");
    assertThat(run(Load.class, CLASS_PATH, "-Dnoether.threads=0").out)
        .startsWith("noether.threads must be from 1 to 1024, got 0");
  }

  @Test
  void missingLibrariesAreOneLineThatNamesTheDependency() throws Exception {
    String platform = org.bytedeco.javacpp.Loader.getPlatform();
    String without =
        Arrays.stream(CLASS_PATH.split(File.pathSeparator))
            .filter(entry -> !entry.contains(platform))
            .collect(Collectors.joining(File.pathSeparator));
    assertThat(run(Load.class, without, own("nothing")).out)
        .isEqualTo(
            "LibTorch's libraries for %s are not on the class path: add dev.noether:noether-natives "
                    .formatted(platform)
                + "with Maven, or dev.noether:noether-natives-%s with other tools"
                    .formatted(platform));
  }

  @Test
  void aPlatformWithoutLibTorchIsOneLine() throws Exception {
    for (String platform :
        List.of("linux-arm64", "linux-armhf", "macosx-x86_64", "windows-arm64", "linux-ppc64le")) {
      assertThat(
              run(
                      Load.class,
                      CLASS_PATH,
                      own(platform),
                      "-Dorg.bytedeco.javacpp.platform=" + platform)
                  .out)
          .isEqualTo(
              "there is no LibTorch for "
                  + platform
                  + ": layers run on linux-x86_64, macosx-arm64 and windows-x86_64; groups and "
                  + "representations (noether-core) run everywhere");
    }
  }

  private String own(String name) {
    return "-Dorg.bytedeco.javacpp.cachedir=" + folder.resolve(name);
  }
}
