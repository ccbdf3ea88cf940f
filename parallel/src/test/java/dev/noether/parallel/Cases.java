package dev.noether.parallel;

import static dev.noether.algebra.Checks.require;

import dev.noether.Noether;
import dev.noether.models.EquivariantMlp;
import dev.noether.models.MlpOptions;
import dev.noether.nn.EquivariantLayer;
import dev.noether.nn.Layer;
import dev.noether.nn.TrainableSubjects;
import dev.noether.nn.TrainableSubjects.Trainable;
import dev.noether.nn.linear.MapOptions;
import dev.noether.rep.Representation;
import dev.noether.torch.Dtype;
import dev.noether.torch.Tensors;
import dev.noether.train.Callback;
import dev.noether.train.Checkpoints;
import dev.noether.train.Dataset;
import dev.noether.train.History;
import dev.noether.train.Loss;
import dev.noether.train.Ranks;
import dev.noether.train.Schedule;
import dev.noether.train.Trainer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Adam;
import org.bytedeco.pytorch.AdamOptions;
import org.bytedeco.pytorch.Optimizer;
import org.bytedeco.pytorch.SGD;
import org.bytedeco.pytorch.SGDOptions;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** What ranks train, and what one process trains to compare with. */
final class Cases {
  static final int SAMPLES = 14;
  private static final Representation RHO = Representation.parse("D3: regular");
  static final Representation IN = Representation.parse("C4: 2 x regular");
  private static final Representation IN_OF_C2 = Representation.parse("C2: 2 x regular");
  static final Representation OUT = Representation.parse("C4: regular");

  private Cases() {}

  /**
   * Every layer and model of the library: with SGD, an epoch of two batches of 7 and its
   * validation; then, in double precision, with Adam and all that a trainer does to a step.
   */
  static Map<String, double[]> everyLayer(Ranks ranks, Dtype dtype) {
    Map<String, double[]> results = new LinkedHashMap<>();
    try (PointerScope outer = new PointerScope()) {
      Noether.seed(3);
      List<Trainable> all = TrainableSubjects.all(RHO, dtype, SAMPLES);
      for (Trainable subject : all) {
        if (!draws(subject)) {
          results.put(subject.name(), trained(subject, ranks, false));
          if (dtype == Dtype.FLOAT64) {
            results.put(subject.name() + ", Adam", trained(subject, ranks, true));
          }
        }
      }
    }
    return results;
  }

  /** Dropout depends on how a batch is divided. */
  private static boolean draws(Trainable subject) {
    return subject.layer().namedLayers().values().stream()
            .anyMatch(layer -> layer.toString().contains("Dropout"))
        || differs(subject);
  }

  private static boolean differs(Trainable subject) {
    try (PointerScope scope = new PointerScope()) {
      Layer copy = subject.layer();
      Map<String, Tensor> before = new LinkedHashMap<>();
      copy.trainedState().forEach((name, value) -> before.put(name, value.detach().clone()));
      copy.train();
      torch.manual_seed(1);
      Tensor first = subject.function().apply(subject.inputs());
      torch.manual_seed(2);
      Tensor second = subject.function().apply(subject.inputs());
      copy.loadTrained(before);
      return first.sub(second).abs().max().item().toDouble() > 1e-9;
    }
  }

  private static double[] trained(Trainable subject, Ranks ranks, boolean adam) {
    try (PointerScope scope = new PointerScope()) {
      Map<String, Tensor> tensors = new LinkedHashMap<>();
      for (int i = 0; i < subject.inputs().size(); i++) {
        Tensor input = subject.inputs().get(i);
        tensors.put("x" + i, input);
      }
      Dataset data = new Dataset(tensors);
      Trainer.Builder trainer = Trainer.builder().ranks(ranks);
      if (adam) {
        trainer.epochs(2).batchSize(4).accumulate(2).clipNorm(1).averageWeights(0.9).stopEarly(1);
      } else {
        trainer.epochs(1).batchSize(7);
      }
      Loss<Layer> loss =
          (model, batch) ->
              subject
                  .function()
                  .apply(new ArrayList<>(batch.values()))
                  .sub(new Scalar(1.0))
                  .pow(new Scalar(2.0))
                  .mean();
      History history =
          trainer
              .build()
              .fit(subject.layer(), loss, optimizer(subject.layer(), adam, 0.01), data, data);
      return numbers(subject.layer(), history);
    }
  }

  /** All that a run leaves: weights, buffers, losses. */
  static double[] numbers(Layer model, History history) {
    List<Double> all = new ArrayList<>();
    try (PointerScope scope = new PointerScope()) {
      for (Tensor tensor : model.trainedState().values()) {
        for (double value : Tensors.toArray(tensor.to(torch.ScalarType.Double))) {
          all.add(value);
        }
      }
    }
    for (History.Epoch epoch : history.epochs()) {
      all.add(epoch.loss());
      epoch.validation().ifPresent(all::add);
    }
    return all.stream().mapToDouble(Double::doubleValue).toArray();
  }

  /** All that a trainer can do at once, with batch norms. */
  static double[] everything(
      Ranks ranks, Path folder, int epochs, boolean adam, boolean resumed, Callback... more)
      throws IOException {
    try (PointerScope scope = new PointerScope()) {
      Noether.seed(ranks.rank()); // the weights of rank 0 count
      EquivariantLayer model = mlp(ranks.rank(), Dtype.FLOAT64);
      Optimizer optimizer = optimizer(model, adam, adam ? 0.01 : 0.05);
      Trainer.Builder trainer =
          Trainer.builder()
              .epochs(epochs)
              .batchSize(8)
              .accumulate(2)
              .seed(5)
              .clipNorm(0.5)
              .averageWeights(0.9)
              .stopEarly(50)
              .reduceOnPlateau(0.5, 2)
              .prefetch(1)
              .schedule(Schedule.cosine(40))
              .callbacks(Checkpoints.in(folder))
              .callbacks(more)
              .ranks(ranks);
      if (resumed) {
        Path elsewhere = folder.resolve("not-here"); // only rank 0 has the file
        trainer.resume(ranks.rank() == 0 ? Checkpoints.latest(folder).orElseThrow() : elsewhere);
      }
      return numbers(
          model,
          trainer.build().fit(model, Loss.meanSquaredError(), optimizer, data(50, 1), data(21, 2)));
    }
  }

  /** Steps so large that the validation gets worse: early stopping ends the run. */
  static double[] early(Ranks ranks) {
    try (PointerScope scope = new PointerScope()) {
      EquivariantLayer model = mlp(1, Dtype.FLOAT64);
      History history =
          Trainer.builder()
              .epochs(40)
              .batchSize(8)
              .seed(5)
              .stopEarly(2)
              .ranks(ranks)
              .build()
              .fit(
                  model,
                  Loss.meanSquaredError(),
                  new SGD(model.parameters(), new SGDOptions(0.5)),
                  data(24, 1),
                  data(21, 2));
      return numbers(model, history);
    }
  }

  /** Gradients of more than a bucket: what the model computes after three steps. */
  static double[] severalBuckets(Ranks ranks) {
    try (PointerScope scope = new PointerScope()) {
      Representation wide = Representation.parse("C2: 240 x regular");
      EquivariantLayer model =
          new EquivariantMlp(
              IN_OF_C2,
              IN_OF_C2,
              MlpOptions.hidden(wide.size(), wide.size(), wide.size()),
              MapOptions.defaults().withSeed(1).with(Dtype.FLOAT64));
      long bytes = GradientSync.bytesPerStep(model);
      require(bytes > 1L << 20, "more than the first bucket holds, got %d bytes", bytes);
      SGD optimizer = new SGD(model.parameters(), new SGDOptions(0.05));
      Tensor x = random(1, 12, IN_OF_C2.size());
      Trainer.builder()
          .epochs(1)
          .batchSize(4)
          .ranks(ranks)
          .build()
          .fit(model, Loss.meanSquaredError(), optimizer, Dataset.of(x, x));
      return Tensors.toArray(model.forward(x));
    }
  }

  /**
   * A gradient that is zero but for rounding, as a bias has before a batch norm, Adam divides by
   * its own size; a large eps leaves it small.
   */
  private static Optimizer optimizer(Layer model, boolean adam, double rate) {
    if (!adam) {
      return new SGD(model.parameters(), new SGDOptions(rate));
    }
    AdamOptions options = new AdamOptions(rate);
    options.eps().put(1e-3);
    return new Adam(model.parameters(), options);
  }

  static EquivariantLayer mlp(long seed, Dtype dtype) {
    return new EquivariantMlp(
        IN,
        OUT,
        MlpOptions.hidden(12, 12).withBatchNorm(),
        MapOptions.defaults().withSeed(seed).with(dtype));
  }

  static Dataset data(int samples, long seed) {
    Tensor x = random(seed, samples, IN.size());
    return Dataset.of(x, x.narrow(1, 0, OUT.size()).pow(new Scalar(2.0)));
  }

  static Tensor random(long seed, int rows, int columns) {
    double[] values = new Random(seed).doubles((long) rows * columns, -1, 1).toArray();
    return Tensors.of(Dtype.FLOAT64, values, rows, columns);
  }
}
