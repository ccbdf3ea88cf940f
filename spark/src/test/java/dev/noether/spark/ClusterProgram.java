package dev.noether.spark;

import dev.noether.linalg.EquivariantLeastSquares;
import dev.noether.rep.Representation;
import dev.noether.stats.Covariance;
import dev.noether.stats.CrossCovariance;
import dev.noether.stats.EquivariantPca;
import dev.noether.stats.InvariantMean;
import dev.noether.stats.SymmetryStatistics;
import dev.noether.stats.SymmetryTest;
import dev.noether.torch.Dtype;
import dev.noether.torch.Tensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.Spliterators;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;

/**
 * By hand: {@code ClusterProgram ROWS [MASTER]}, with {@code SPARK_HOME} a folder whose {@code
 * jars} holds Spark's. A covariance of so many rows of 60 numbers in {@code
 * local-cluster[3,1,1400]}, once as it is and once with an executor killed in the middle, beside
 * that of one process; before it every statistic of at most 30,000 such rows.
 */
final class ClusterProgram {
  private static final int PARTITIONS = 60;
  private static final int MOST_ROWS_OF_ALL = 30_000;
  private static final Representation RHO = Representation.parse("Icosahedral: regular");
  private static final Representation IN = Representation.parse("C2: 20 x regular");
  private static final Representation OUT = Representation.parse("C2: 10 x regular");

  private ClusterProgram() {}

  /** The rows of a partition, made while they are read. */
  private static Iterator<double[]> rows(int partition, int count) {
    Random random = new Random(partition);
    return new Iterator<>() {
      private int next;

      @Override
      public boolean hasNext() {
        return next < count;
      }

      @Override
      public double[] next() {
        next++;
        double[] row = new double[60];
        for (int i = 0; i < row.length; i++) {
          row[i] = random.nextDouble() * (1 + i % 7) + 1;
        }
        return row;
      }
    };
  }

  /** Arguments: how many rows, and the cluster. */
  public static void main(String[] arguments) {
    int each = Math.toIntExact(Long.parseLong(arguments[0]) / PARTITIONS);
    SparkConf settings =
        SparkSettings.likeThisProcess(
            new SparkConf()
                .setMaster(arguments.length > 1 ? arguments[1] : "local-cluster[3,1,1400]")
                .setAppName("statistics of rows that are made")
                .set("spark.executor.memory", "1g")
                .set("spark.ui.enabled", "false")
                .set("spark.driver.host", "127.0.0.1"));
    try (JavaSparkContext context = new JavaSparkContext(settings)) {
      int few = Math.min(each, MOST_ROWS_OF_ALL / PARTITIONS);
      everyStatistic(made(context, few), few);
      JavaRDD<double[]> rows = made(context, each);
      double[] whole = covariance("as it is", rows, false);
      double[] killed = covariance("one executor killed", rows, true);
      double[] one = oneProcess(each);
      print("largest difference of the two", distance(whole, killed));
      print("largest difference to one process", distance(whole, one));
    }
  }

  private static JavaRDD<double[]> made(JavaSparkContext context, int each) {
    return context
        .parallelize(Collections.nCopies(PARTITIONS, 0), PARTITIONS)
        .mapPartitionsWithIndex((partition, nothing) -> rows(partition, each), true);
  }

  /** How far each is from that of one process. */
  private static void everyStatistic(JavaRDD<double[]> rows, int each) {
    try (PointerScope scope = new PointerScope()) {
      double[] all =
          IntStream.range(0, PARTITIONS)
              .boxed()
              .flatMapToDouble(partition -> numbers(rows(partition, each)))
              .toArray();
      Tensor x = Tensors.of(Dtype.FLOAT64, all, (long) PARTITIONS * each, 60);
      Tensor in = x.narrow(1, 0, IN.size());
      Tensor out = x.narrow(1, IN.size(), OUT.size());
      Covariance seen = Covariance.of(RHO).plus(x);
      print("mean", SparkStatistics.mean(rows, RHO).mean(), InvariantMean.of(RHO).plus(x).mean());
      print("covariance", SparkStatistics.covariance(rows, RHO).covariance(), seen.covariance());
      print(
          "cross covariance",
          SparkStatistics.crossCovariance(rows, IN, OUT).covariance(),
          CrossCovariance.between(IN, OUT).plus(in, out).covariance());
      print(
          "least squares",
          SparkStatistics.leastSquares(rows, IN, OUT).solve(),
          EquivariantLeastSquares.between(IN, OUT).plus(in, out).solve());
      print(
          "principal components",
          distance(
              variances(SparkStatistics.components(rows, RHO)),
              variances(EquivariantPca.of(seen))));
      print(
          "symmetry test",
          distance(
              numbers(SparkStatistics.symmetryTest(rows, RHO, 19, 7)),
              numbers(SymmetryStatistics.of(RHO, 19, 7).plus(x).result())));
    }
  }

  private static DoubleStream numbers(Iterator<double[]> rows) {
    return StreamSupport.stream(Spliterators.spliteratorUnknownSize(rows, 0), false)
        .flatMapToDouble(Arrays::stream);
  }

  private static double[] numbers(SymmetryTest.Result result) {
    return new double[] {result.statistic(), result.symmetric(), result.pValue()};
  }

  private static double[] variances(EquivariantPca components) {
    return components.components().stream().mapToDouble(c -> c.variance()).toArray();
  }

  private static void print(String what, Tensor cluster, Tensor one) {
    print(what, distance(Tensors.toArray(cluster), Tensors.toArray(one)));
  }

  private static void print(String what, double number) {
    System.out.printf(Locale.ROOT, "%s: %.3g%n", what, number);
  }

  private static double distance(double[] one, double[] two) {
    return IntStream.range(0, one.length)
        .mapToDouble(i -> Math.abs(one[i] - two[i]))
        .max()
        .orElse(0);
  }

  private static List<ProcessHandle> executors() {
    return ProcessHandle.current().descendants().filter(ClusterProgram::isExecutor).toList();
  }

  /** The JDK tells the first page of a command line, which the class path fills. */
  private static boolean isExecutor(ProcessHandle process) {
    try {
      return Files.readString(Path.of("/proc/" + process.pid() + "/cmdline"))
          .contains("CoarseGrainedExecutorBackend");
    } catch (IOException e) {
      return false;
    }
  }

  private static double[] covariance(String name, JavaRDD<double[]> rows, boolean kills) {
    long start = System.nanoTime();
    Thread killer = new Thread(ClusterProgram::killOne, "killer");
    killer.setDaemon(true);
    if (kills) {
      killer.start();
    }
    try (PointerScope scope = new PointerScope()) {
      Covariance seen = SparkStatistics.covariance(rows, RHO);
      print(name + ": rows", (double) seen.count());
      print(name + ": seconds", (System.nanoTime() - start) / 1e9);
      executors().forEach(process -> print("  MiB of executor " + process.pid(), peak(process)));
      return Tensors.toArray(seen.covariance());
    }
  }

  /** Some seconds into the job. */
  private static void killOne() {
    try {
      Thread.sleep(8000);
    } catch (InterruptedException e) {
      return;
    }
    executors().stream()
        .findFirst()
        .ifPresent(
            process ->
                print("killed executor " + process.pid(), process.destroyForcibly() ? 1 : 0));
  }

  private static double peak(ProcessHandle process) {
    try {
      return Files.readAllLines(Path.of("/proc/" + process.pid() + "/status")).stream()
          .filter(line -> line.startsWith("VmHWM"))
          .mapToDouble(line -> Double.parseDouble(line.replaceAll("\\D", "")) / 1024)
          .sum();
    } catch (IOException e) {
      return Double.NaN;
    }
  }

  private static double[] oneProcess(int each) {
    Covariance seen = Covariance.of(RHO);
    double[] batch = new double[60 * 4096];
    for (int partition = 0; partition < PARTITIONS; partition++) {
      Iterator<double[]> rows = rows(partition, each);
      int filled = 0;
      while (rows.hasNext()) {
        System.arraycopy(rows.next(), 0, batch, filled, 60);
        filled += 60;
        if (filled == batch.length || !rows.hasNext()) {
          try (PointerScope scope = new PointerScope()) {
            double[] own = Arrays.copyOf(batch, filled);
            Tensor x = Tensors.of(Dtype.FLOAT64, own, filled / 60, 60);
            seen = seen.plus(x);
          }
          filled = 0;
        }
      }
    }
    try (PointerScope scope = new PointerScope()) {
      return Tensors.toArray(seen.covariance());
    }
  }
}
