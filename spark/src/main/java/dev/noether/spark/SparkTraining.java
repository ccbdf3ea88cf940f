package dev.noether.spark;

import static dev.noether.algebra.Checks.require;

import dev.noether.parallel.Communicator;
import dev.noether.parallel.CommunicatorOptions;
import dev.noether.parallel.GradientSync;
import dev.noether.parallel.Rendezvous;
import dev.noether.torch.Dtype;
import dev.noether.torch.Tensors;
import dev.noether.train.Dataset;
import java.io.IOException;
import java.io.Serializable;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.apache.spark.BarrierTaskContext;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;

/**
 * Training in a Spark cluster: a barrier job whose tasks are the ranks of {@code noether-parallel}.
 *
 * <pre>{@code
 * double loss =
 *     SparkTraining.run(context, 4, rows, 8, options, (ranks, data) -> {
 *       EquivariantMlp model = new EquivariantMlp(in, out, MlpOptions.hidden(64));
 *       Trainer trainer = Trainer.builder().epochs(50).batchSize(64).ranks(ranks).build();
 *       Adam optimizer = new Adam(model.parameters(), new AdamOptions(1e-3));
 *       return trainer.fit(model, Loss.meanSquaredError(), optimizer, data).epochs().get(49).loss();
 *     });
 * }</pre>
 *
 * <p>As everywhere in {@code noether-parallel} each rank has the whole data, in float32, and
 * computes its share of every batch: the rows are collected and sent to every executor once. Give
 * an executor one task at a time, since LibTorch draws its random numbers for the whole process.
 */
public final class SparkTraining {
  private SparkTraining() {}

  /**
   * What every rank does.
   *
   * @param <T> what it gives back, which must be serializable
   */
  @FunctionalInterface
  public interface Job<T> extends Serializable {
    /**
     * Trains.
     *
     * @param ranks for {@code Trainer.builder().ranks}
     * @param data all rows, as {@code x} and {@code y}
     * @return what rank 0 gives to the program
     * @throws Exception if training fails; all ranks end then
     */
    T run(GradientSync ranks, Dataset data) throws Exception;
  }

  /**
   * Runs a job on all ranks at once. Where one fails, Spark ends all and starts them again, as
   * often as {@code spark.stage.maxConsecutiveAttempts} says; a job that writes checkpoints may
   * resume them.
   *
   * @param <T> what the job gives back
   * @param context the cluster
   * @param ranks how many tasks train together; the cluster must have as many free cores
   * @param rows in each the inputs of a sample, then its outputs
   * @param inputs how many numbers of a row are inputs
   * @param options how long ranks wait for each other
   * @param job what every rank does
   * @return what rank 0 gave back
   * @throws IllegalArgumentException if there are no ranks or no rows, or rows have several widths
   */
  public static <T> T run(
      JavaSparkContext context,
      int ranks,
      JavaRDD<double[]> rows,
      int inputs,
      CommunicatorOptions options,
      Job<T> job) {
    require(ranks >= 1, "training needs at least 1 rank, got %d", ranks);
    float[][] collected = collected(rows);
    require(collected.length > 0, "training needs rows, got none");
    require(
        inputs >= 1 && inputs < collected[0].length,
        "rows have %d numbers, so 1 to %d may be inputs, got %d",
        collected[0].length,
        collected[0].length - 1,
        inputs);
    Broadcast<float[][]> data = context.broadcast(collected);
    long seconds = options.timeout().toSeconds();
    try {
      List<T> results =
          context
              .parallelize(Collections.nCopies(ranks, 0), ranks)
              .rdd()
              .barrier()
              .<T>mapPartitions(new RankTask<>(data, inputs, seconds, job), false, tag())
              .toJavaRDD()
              .collect();
      return results.get(0);
    } finally {
      data.destroy();
    }
  }

  private static <T> scala.reflect.ClassTag<T> tag() {
    return scala.reflect.ClassTag$.MODULE$.apply(Object.class);
  }

  private static float[][] collected(JavaRDD<double[]> rows) {
    List<float[]> all = new ArrayList<>();
    for (double[] row : rows.collect()) {
      require(
          all.isEmpty() || all.get(0).length == row.length,
          "row %d has %d numbers, and those before it %d",
          all.size(),
          row.length,
          all.isEmpty() ? 0 : all.get(0).length);
      float[] own = new float[row.length];
      for (int i = 0; i < own.length; i++) {
        own[i] = (float) row[i];
      }
      all.add(own);
    }
    return all.toArray(float[][]::new);
  }

  /**
   * One rank.
   *
   * @param <T> what it gives
   */
  private static final class RankTask<T>
      extends scala.runtime.AbstractFunction1<
          scala.collection.Iterator<Integer>, scala.collection.Iterator<T>>
      implements Serializable {
    private static final long serialVersionUID = 1;

    private final Broadcast<float[][]> data;
    private final int inputs;
    private final long seconds;
    private final Job<T> job;

    RankTask(Broadcast<float[][]> data, int inputs, long seconds, Job<T> job) {
      this.data = data;
      this.inputs = inputs;
      this.seconds = seconds;
      this.job = job;
    }

    @Override
    public scala.collection.Iterator<T> apply(scala.collection.Iterator<Integer> nothing) {
      Tasks.prepare();
      BarrierTaskContext task = BarrierTaskContext.get();
      int rank = task.partitionId();
      int size = task.getTaskInfos().length;
      String host = task.getTaskInfos()[0].address().replaceFirst(":\\d+$", "");
      String port = task.allGather(rank == 0 ? String.valueOf(freePort()) : "")[0];
      CommunicatorOptions options =
          CommunicatorOptions.defaults().withTimeout(Duration.ofSeconds(seconds));
      try (PointerScope scope = new PointerScope();
          Communicator group =
              Communicator.join(
                  Rendezvous.tcp(host, Integer.parseInt(port)), rank, size, options)) {
        T result = run(GradientSync.of(group));
        return scala.jdk.javaapi.CollectionConverters.asScala(List.of(result).iterator());
      }
    }

    /** Whatever goes wrong here, all ranks learn it. */
    private T run(GradientSync ranks) {
      try {
        return job.run(ranks, dataset());
      } catch (RuntimeException e) {
        throw ranks.failed(e);
      } catch (Exception e) {
        throw ranks.failed(new IllegalStateException(e.getMessage(), e));
      }
    }

    private Dataset dataset() {
      float[][] rows = data.value();
      int width = rows[0].length;
      double[] numbers = new double[rows.length * width];
      for (int i = 0; i < numbers.length; i++) {
        numbers[i] = rows[i / width][i % width];
      }
      Tensor all = Tensors.of(Dtype.FLOAT32, numbers, rows.length, width);
      return Dataset.of(all.narrow(1, 0, inputs), all.narrow(1, inputs, width - (long) inputs));
    }

    private static int freePort() {
      try (ServerSocket socket = new ServerSocket(0)) {
        return socket.getLocalPort();
      } catch (IOException e) {
        throw new IllegalStateException("rank 0 finds no free port", e);
      }
    }
  }
}
