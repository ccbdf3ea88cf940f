package dev.noether.spark;

import dev.noether.models.EquivariantMlp;
import dev.noether.models.MlpOptions;
import dev.noether.nn.linear.MapOptions;
import dev.noether.parallel.CommunicatorOptions;
import dev.noether.parallel.GradientSync;
import dev.noether.rep.Representation;
import dev.noether.torch.Tensors;
import dev.noether.train.Dataset;
import dev.noether.train.Loss;
import dev.noether.train.Ranks;
import dev.noether.train.Trainer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Properties;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.spark.SparkConf;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.SGD;
import org.bytedeco.pytorch.SGDOptions;
import org.bytedeco.pytorch.Tensor;

/** The program of {@link ClusterTest}: jobs in a cluster whose executors are processes. */
final class ClusterJobs {
  static final Representation X = Representation.parse("D4: regular + 2 x irrep(1,1)");
  static final Representation Y = Representation.parse("D4: irrep(1,1) + irrep(0,0)");
  static final int PARTITIONS = 6;
  static final int EACH = 50;
  static final String RESULTS = "results";

  /** Written by a task that then ends its executor. */
  static final String KILLED = "killed";

  private static final CommunicatorOptions OPTIONS =
      CommunicatorOptions.defaults().withTimeout(Duration.ofMinutes(2));

  private ClusterJobs() {}

  /** Arguments: a folder for what Spark leaves, and for the results. */
  public static void main(String[] arguments) throws IOException {
    Path folder = Path.of(arguments[0]);
    SparkConf settings =
        SparkSettings.likeThisProcess(
            new SparkConf()
                .setMaster("local-cluster[3,1,1400]")
                .setAppName("test")
                .set("spark.ui.enabled", "false")
                .set("spark.driver.host", "127.0.0.1")
                .set("spark.local.dir", folder.toString())
                .set("spark.stage.maxConsecutiveAttempts", "1")
                .set(
                    "spark.executor.extraJavaOptions", "-XX:+UseSerialGC -XX:TieredStopAtLevel=1"));
    Properties results = new Properties();
    try (JavaSparkContext context = new JavaSparkContext(settings);
        PointerScope scope = new PointerScope()) {
      JavaRDD<double[]> rows =
          context
              .parallelize(Collections.nCopies(PARTITIONS, 0), PARTITIONS)
              .mapPartitionsWithIndex((partition, nothing) -> rows(partition).iterator(), true);
      put(results, "least squares", SparkStatistics.leastSquares(rows, X, Y).solve());
      String killed = folder.resolve(KILLED).toString();
      JavaRDD<double[]> inputs =
          rows.mapPartitionsWithIndex((p, own) -> endsOnce(p, inputs(own), killed), true);
      put(results, "covariance", SparkStatistics.covariance(inputs, X).covariance());
      double loss = SparkTraining.run(context, 2, rows, X.size(), OPTIONS, ClusterJobs::trained);
      results.setProperty("loss", String.valueOf(loss));
      results.setProperty("failure", failure(context, rows));
    }
    try (Writer file = Files.newBufferedWriter(folder.resolve(RESULTS))) {
      results.store(file, null);
    }
  }

  private static void put(Properties results, String name, Tensor tensor) {
    results.setProperty(
        name,
        Arrays.stream(Tensors.toArray(tensor))
            .mapToObj(String::valueOf)
            .collect(Collectors.joining(" ")));
  }

  /** The rows of a partition: inputs, then outputs. */
  static List<double[]> rows(int partition) {
    Random random = new Random(partition);
    return IntStream.range(0, EACH)
        .mapToObj(row -> random.doubles(X.size() + (long) Y.size(), -1, 3).toArray())
        .toList();
  }

  private static Iterator<double[]> inputs(Iterator<double[]> rows) {
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        return rows.hasNext();
      }

      @Override
      public double[] next() {
        return Arrays.copyOf(rows.next(), X.size());
      }
    };
  }

  /** In the middle of the rows of one partition the executor dies, the first time. */
  private static Iterator<double[]> endsOnce(int partition, Iterator<double[]> own, String killed) {
    return new Iterator<>() {
      private int read;

      @Override
      public boolean hasNext() {
        return own.hasNext();
      }

      @Override
      public double[] next() {
        if (partition == 3 && ++read > EACH / 2 && TaskContext.get().attemptNumber() == 0) {
          try {
            Files.createFile(Path.of(killed));
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
          Runtime.getRuntime().halt(9);
        }
        return own.next();
      }
    };
  }

  static double trained(Ranks ranks, Dataset data) {
    try (PointerScope scope = new PointerScope()) {
      EquivariantMlp model =
          new EquivariantMlp(X, Y, MlpOptions.hidden(8), MapOptions.defaults().withSeed(3));
      SGD optimizer = new SGD(model.parameters(), new SGDOptions(0.05));
      return Trainer.builder()
          .epochs(2)
          .batchSize(100)
          .ranks(ranks)
          .build()
          .fit(model, Loss.meanSquaredError(), optimizer, data)
          .epochs()
          .get(1)
          .loss();
    }
  }

  private static String failure(JavaSparkContext context, JavaRDD<double[]> rows) {
    SparkTraining.Job<Integer> job =
        (GradientSync ranks, Dataset data) -> {
          if (ranks.rank() == 1) {
            throw new IllegalStateException("the disk of this rank is full");
          }
          trained(ranks, data);
          return 0;
        };
    try {
      return "none: " + SparkTraining.run(context, 2, rows, X.size(), OPTIONS, job);
    } catch (Exception e) { // Spark throws what it does not declare
      return String.valueOf(e.getMessage());
    }
  }
}
