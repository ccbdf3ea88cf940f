package dev.noether.parallel;

import dev.noether.models.EquivariantMlp;
import dev.noether.models.MlpOptions;
import dev.noether.nn.EquivariantLayer;
import dev.noether.nn.linear.EquivariantLinear;
import dev.noether.rep.Representation;
import dev.noether.torch.Dtype;
import dev.noether.torch.LibTorch;
import dev.noether.train.Callback;
import dev.noether.train.Dataset;
import dev.noether.train.Loss;
import dev.noether.train.Run;
import dev.noether.train.Trainer;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.SGD;
import org.bytedeco.pytorch.SGDOptions;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** A rank of the tests: the groups of 2, 3 and 4 one after the other, then failures. */
final class RankProgram {
  private final Path folder;
  private final int rank;
  private final int port;
  private final Map<String, double[]> numbers = new LinkedHashMap<>();
  private final Map<String, String> texts = new LinkedHashMap<>();

  private RankProgram(Path folder, int rank, int port) {
    this.folder = folder;
    this.rank = rank;
    this.port = port;
  }

  /** Arguments: the folder of the test, the rank, a free port. */
  public static void main(String[] arguments) throws Exception {
    RankProgram program =
        new RankProgram(
            Path.of(arguments[0]), Integer.parseInt(arguments[1]), Integer.parseInt(arguments[2]));
    LibTorch.load();
    for (int size = 2; size <= 4; size++) {
      if (program.rank < size) {
        program.laws(size);
      }
    }
    program.failures();
    program.write();
    program.dies();
    System.exit(0);
  }

  private void write() throws IOException {
    Results.write(folder.resolve("rank-" + rank), numbers, texts);
  }

  private Rendezvous file(String name) {
    return Rendezvous.file(folder.resolve(name));
  }

  private Communicator group(Rendezvous where, int size, int seconds) {
    return Communicator.join(
        where, rank, size, CommunicatorOptions.defaults().withTimeout(Duration.ofSeconds(seconds)));
  }

  private void laws(int size) throws IOException {
    Rendezvous where = size == 2 ? Rendezvous.tcp("127.0.0.1", port) : file("meet-" + size);
    String prefix = size + " ";
    try (Communicator group = group(where, size, 180)) {
      GradientSync ranks = GradientSync.of(group);
      for (Dtype dtype : Dtype.values()) {
        if (!dtype.isHalf()) {
          String name = prefix + dtype + " ";
          numbers.putAll(Results.named(name, Cases.everyLayer(ranks, dtype)));
        }
      }
      String name = prefix + "Adam";
      Path own = folder.resolve(name);
      numbers.put(name, Cases.everything(ranks, own, 2, true, false));
      numbers.put(
          name + " again", Cases.everything(ranks, folder.resolve(name + "2"), 2, true, false));
      numbers.put(name + " resumed", Cases.everything(ranks, own, 3, true, true));
      numbers.put(
          name + " whole", Cases.everything(ranks, folder.resolve(name + "3"), 3, true, false));
      Path other = folder.resolve(prefix + "SGD");
      numbers.put(prefix + "SGD", Cases.everything(ranks, other, 2, false, false));
      if (size == 3) { // a run of two ranks, of which 'resumed' has made three epochs
        numbers.put("2 to 3", Cases.everything(ranks, folder.resolve("2 Adam"), 4, true, true));
      }
      numbers.put(prefix + "early", Cases.early(ranks));
      numbers.put(prefix + "stop", stopped(ranks));
      numbers.put(prefix + "tail", tail(ranks));
      numbers.put(prefix + "traffic", traffic(group));
      numbers.put(prefix + "accumulated", accumulated(group));
      numbers.put(prefix + "buckets", Cases.severalBuckets(ranks));
    }
  }

  /** A callback on rank 0 ends the run on all. */
  private double[] stopped(GradientSync ranks) {
    long[] steps = new long[1];
    Callback stop =
        new Callback() {
          @Override
          public void onStep(Run run) {
            steps[0] = run.steps();
            if (run.steps() == 2) {
              run.stop();
            }
          }
        };
    Trainer.Builder trainer = Trainer.builder().epochs(5).batchSize(8).callbacks(stop);
    return new double[] {fit(trainer, ranks, Cases.data(40, 1)), steps[0]};
  }

  /** Batches of 4, and a last one of 2 samples for more ranks than that. */
  private double[] tail(GradientSync ranks) {
    return new double[] {fit(Trainer.builder().epochs(1).batchSize(4), ranks, Cases.data(10, 1))};
  }

  private static double fit(Trainer.Builder trainer, GradientSync ranks, Dataset data) {
    try (PointerScope scope = new PointerScope()) {
      return fit(Cases.mlp(1, Dtype.FLOAT64), trainer, ranks, data);
    }
  }

  private static double fit(
      EquivariantLayer model, Trainer.Builder trainer, GradientSync ranks, Dataset data) {
    try (PointerScope scope = new PointerScope()) {
      SGD optimizer = new SGD(model.parameters(), new SGDOptions(0.05));
      trainer.ranks(ranks).build().fit(model, Loss.meanSquaredError(), optimizer, data);
      return model.forward(Cases.random(9, 1, Cases.IN.size())).sum().item().toDouble();
    }
  }

  /** Bytes of a step: what is counted, what is predicted, and the plain layer's. */
  private static double[] traffic(Communicator group) {
    try (PointerScope scope = new PointerScope()) {
      Representation in = Representation.parse("Icosahedral: 2 x regular");
      Representation out = Representation.parse("Icosahedral: 4 x regular");
      EquivariantLinear layer = new EquivariantLinear(in, out);
      torch.manual_seed(7); // the same data on every rank
      Dataset data = Dataset.of(torch.randn(16, in.size()), torch.randn(16, out.size()));
      double[] bytes = bytesBeforeBatches(group, layer, data, 8, 1);
      long dense = (long) in.size() * out.size() + out.size();
      return new double[] {bytes[1] - bytes[0], GradientSync.bytesPerStep(layer), 4.0 * dense};
    }
  }

  /** What has been exchanged before each of four batches, two of which make a step. */
  private static double[] accumulated(Communicator group) {
    try (PointerScope scope = new PointerScope()) {
      EquivariantLinear layer = new EquivariantLinear(Cases.IN, Cases.OUT);
      Tensor x = Cases.random(1, 16, Cases.IN.size()).to(torch.ScalarType.Float);
      Tensor y = Cases.random(2, 16, Cases.OUT.size()).to(torch.ScalarType.Float);
      double[] bytes = Arrays.copyOf(bytesBeforeBatches(group, layer, Dataset.of(x, y), 4, 2), 5);
      bytes[4] = GradientSync.bytesPerStep(layer);
      return bytes;
    }
  }

  /** What has been exchanged before each batch of an epoch. */
  private static double[] bytesBeforeBatches(
      Communicator group, EquivariantLinear layer, Dataset data, int batch, int accumulate) {
    List<Double> bytes = new ArrayList<>();
    Loss<EquivariantLayer> loss =
        (model, given) -> {
          bytes.add((double) group.traffic().bytes());
          return Loss.meanSquaredError().of(model, given);
        };
    Trainer.builder()
        .epochs(1)
        .batchSize(batch)
        .accumulate(accumulate)
        .ranks(GradientSync.of(group))
        .build()
        .fit(layer, loss, new SGD(layer.parameters(), new SGDOptions(0.1)), data);
    return bytes.stream().mapToDouble(Double::doubleValue).toArray();
  }

  private interface Attempt {
    void run(Communicator group) throws Exception;
  }

  /** What a rank is told where something is wrong, and after how many seconds. */
  private void attempt(String name, Rendezvous where, int seconds, Attempt attempt) {
    long start = System.nanoTime();
    String outcome = "nothing";
    try (Communicator group = group(where, 4, seconds)) {
      attempt.run(group);
    } catch (Exception e) {
      outcome = e.getClass().getSimpleName() + ": " + e.getMessage();
    }
    double spent = (System.nanoTime() - start) / 1e9;
    texts.put(name, String.format(Locale.ROOT, "%.1f %s", spent, outcome));
  }

  private void failures() throws IOException {
    attempt("seed", file("seed"), 60, group -> train(group, rank == 2 ? 6 : 5, -1, () -> {}));
    attempt("data", file("data"), 60, group -> trainOn(group, rank == 1 ? 33 : 32));
    attempt("model", file("model"), 60, this::trainModel);
    attempt("size", file("size"), 60, group -> trainOn(group, 3));
    attempt(
        "throws",
        file("throws"),
        120,
        group ->
            train(
                group,
                5,
                2,
                () -> {
                  throw new IllegalStateException("the disk of this rank is full");
                }));
    attempt("hangs", file("hangs"), 8, group -> train(group, 5, 1, () -> pause(12)));
  }

  private void dies() throws IOException {
    attempt(
        "dies",
        file("dies"),
        120,
        group ->
            train(
                group,
                5,
                3,
                () -> {
                  Runtime.getRuntime().halt(9);
                }));
    write();
  }

  private static void pause(int seconds) {
    try {
      Thread.sleep(seconds * 1000L);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void train(Communicator group, long seed, int whose, Runnable harm) {
    try (PointerScope scope = new PointerScope()) {
      EquivariantMlp model = (EquivariantMlp) Cases.mlp(1, Dtype.FLOAT64);
      int[] batches = new int[1];
      Loss<EquivariantLayer> loss =
          (own, batch) -> {
            if (++batches[0] == 4 && rank == whose) {
              harm.run();
            }
            return Loss.meanSquaredError().of(own, batch);
          };
      Trainer.builder()
          .epochs(3)
          .batchSize(8)
          .seed(seed)
          .ranks(GradientSync.of(group))
          .build()
          .fit(model, loss, new SGD(model.parameters(), new SGDOptions(0.05)), Cases.data(32, 1));
    }
  }

  /** Rank 3 has another layer. */
  private void trainModel(Communicator group) {
    try (PointerScope scope = new PointerScope()) {
      EquivariantLayer model =
          rank == 3
              ? new EquivariantLinear(Cases.IN, Cases.OUT)
              : new EquivariantMlp(Cases.IN, Cases.OUT, MlpOptions.hidden(12));
      fit(
          model,
          Trainer.builder().epochs(1).batchSize(8),
          GradientSync.of(group),
          Dataset.of(
              Cases.random(1, 32, Cases.IN.size()).to(torch.ScalarType.Float),
              Cases.random(2, 32, Cases.OUT.size()).to(torch.ScalarType.Float)));
    }
  }

  private static void trainOn(Communicator group, int samples) {
    int batch = Math.min(8, samples);
    fit(
        Trainer.builder().epochs(1).batchSize(batch),
        GradientSync.of(group),
        Cases.data(samples, 1));
  }
}
