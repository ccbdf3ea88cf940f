package dev.noether.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.noether.linalg.EquivariantLeastSquares;
import dev.noether.stats.Covariance;
import dev.noether.torch.Dtype;
import dev.noether.torch.Tensors;
import dev.noether.train.Dataset;
import dev.noether.train.Ranks;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.apache.spark.launcher.JavaModuleOptions;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A cluster of three executors, each a process, gives what one machine gives. */
class ClusterTest {
  @TempDir private static Path folder = Path.of("");

  private static final Properties RESULTS = new Properties();

  /** Spark starts executors from a folder that has its jars, which are on their class path here. */
  @BeforeAll
  static void runTheJobs() throws Exception {
    Path home = folder.resolve("spark");
    Files.createDirectories(home.resolve("jars"));
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
    command.addAll(List.of(JavaModuleOptions.defaultModuleOptionArray()));
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.addAll(List.of(ClusterJobs.class.getName(), folder.toString()));
    Path log = folder.resolve("log");
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
    builder
        .environment()
        .putAll(
            Map.of(
                "SPARK_HOME", home.toString(),
                "SPARK_SCALA_VERSION", "2.13",
                "SPARK_LOCAL_IP", "127.0.0.1"));
    Process process = builder.start();
    boolean ended = process.waitFor(5, TimeUnit.MINUTES);
    process.destroyForcibly();
    Path results = folder.resolve(ClusterJobs.RESULTS);
    assertThat(results).as("ended: %s; %s", ended, Files.readString(log)).exists();
    try (Reader file = Files.newBufferedReader(results)) {
      RESULTS.load(file);
    }
  }

  private static double[] numbers(String name) {
    return Arrays.stream(RESULTS.getProperty(name).split(" ", -1))
        .mapToDouble(Double::parseDouble)
        .toArray();
  }

  private static Tensor all() {
    double[] numbers =
        IntStream.range(0, ClusterJobs.PARTITIONS)
            .boxed()
            .flatMap(partition -> ClusterJobs.rows(partition).stream())
            .flatMapToDouble(Arrays::stream)
            .toArray();
    long rows = (long) ClusterJobs.PARTITIONS * ClusterJobs.EACH;
    return Tensors.of(Dtype.FLOAT64, numbers, rows, numbers.length / rows);
  }

  private static Tensor x() {
    return all().narrow(1, 0, ClusterJobs.X.size());
  }

  private static Tensor y() {
    return all().narrow(1, ClusterJobs.X.size(), ClusterJobs.Y.size());
  }

  @Test
  void statisticsAreThoseOfOneMachine() {
    try (PointerScope scope = new PointerScope()) {
      Tensor one =
          EquivariantLeastSquares.between(ClusterJobs.X, ClusterJobs.Y).plus(x(), y()).solve();
      assertThat(numbers("least squares")).containsExactly(Tensors.toArray(one), within(1e-10));
    }
  }

  @Test
  void anExecutorThatDiesChangesNothing() {
    assertThat(folder.resolve(ClusterJobs.KILLED)).as("an executor ended itself").exists();
    try (PointerScope scope = new PointerScope()) {
      Tensor one = Covariance.of(ClusterJobs.X).plus(x()).covariance();
      assertThat(numbers("covariance")).containsExactly(Tensors.toArray(one), within(1e-10));
    }
  }

  @Test
  void aBarrierJobTrainsAsOneProcessDoes() {
    try (PointerScope scope = new PointerScope()) {
      Dataset data =
          Dataset.of(x().to(Dtype.FLOAT32.scalarType()), y().to(Dtype.FLOAT32.scalarType()));
      assertThat(numbers("loss")[0])
          .isCloseTo(ClusterJobs.trained(Ranks.alone(), data), within(1e-6));
    }
  }

  @Test
  void aRankThatFailsEndsTheJobWithItsWords() {
    assertThat(RESULTS.getProperty("failure")).contains("the disk of this rank is full");
  }
}
