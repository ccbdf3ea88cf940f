package dev.noether.benchmarks.campaign;

import dev.noether.Noether;
import dev.noether.cli.Main;
import dev.noether.io.Checkpoint;
import dev.noether.nn.EquivariantSequential;
import dev.noether.nn.activation.EquivariantDropout;
import dev.noether.nn.activation.NormNonlinearity;
import dev.noether.nn.linear.EquivariantLinear;
import dev.noether.nn.norm.EquivariantBatchNorm1d;
import dev.noether.parallel.Communicator;
import dev.noether.parallel.CommunicatorOptions;
import dev.noether.parallel.GradientSync;
import dev.noether.parallel.Rendezvous;
import dev.noether.plain.Activation;
import dev.noether.rep.Representation;
import dev.noether.torch.LibTorch;
import dev.noether.torch.Tensors;
import dev.noether.train.Augmentation;
import dev.noether.train.Callback;
import dev.noether.train.Checkpoints;
import dev.noether.train.CsvLog;
import dev.noether.train.Dataset;
import dev.noether.train.History;
import dev.noether.train.Loss;
import dev.noether.train.ParameterGroups;
import dev.noether.train.Ranks;
import dev.noether.train.Run;
import dev.noether.train.Schedule;
import dev.noether.train.Trainer;
import java.io.File;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.AdamW;
import org.bytedeco.pytorch.AdamWOptions;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** What runs in a JVM of its own, to be killed or to be compared. */
public final class Child {
  private static final long STARTING_NANOSECONDS = 30_000_000_000L;

  private Child() {}

  /**
   * Starts a JVM with this class.
   *
   * @param options of the JVM
   * @param log where its output goes
   * @param arguments of {@link #main}
   */
  static Process start(List<String> options, Path log, String... arguments) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(options);
    command.addAll(
        List.of(
            "-Xmx256m",
            "-Xshare:auto",
            "-cp",
            System.getProperty("java.class.path"),
            Child.class.getName()));
    command.addAll(List.of(arguments));
    File output = log.toFile();
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.to(output))
        .start();
  }

  /**
   * Waits until a task says that it is ready, for half a minute at most.
   *
   * @param process the task
   * @param log where its output goes
   * @throws Exception if the log cannot be read
   */
  static void awaitReady(Process process, Path log) throws Exception {
    long start = System.nanoTime();
    while (process.isAlive()
        && !Files.readString(log).contains("ready")
        && System.nanoTime() - start < STARTING_NANOSECONDS) {
      process.waitFor(20, TimeUnit.MILLISECONDS);
    }
  }

  /**
   * Runs one task.
   *
   * @param arguments {@code start}, {@code save FILE}, {@code hash}, {@code soak FOLDER EPOCHS
   *     SAMPLES}, {@code rank FOLDER EPOCHS SAMPLES RANK RANKS MEET SECONDS} or {@code noether
   *     COMMAND ...}
   * @throws Exception if it fails
   */
  public static void main(String[] arguments) throws Exception {
    switch (arguments[0]) {
      case "start" -> LibTorch.load();
      case "save" -> save(Path.of(arguments[1]));
      case "hash" -> System.out.write(hash().getBytes(StandardCharsets.US_ASCII));
      case "soak" ->
          soak(
              Path.of(arguments[1]),
              Integer.parseInt(arguments[2]),
              Integer.parseInt(arguments[3]),
              Ranks.alone());
      case "rank" -> rank(arguments);
      case "noether" -> Main.main(Arrays.copyOfRange(arguments, 1, arguments.length));
      default -> throw new IllegalArgumentException("no task " + arguments[0]);
    }
  }

  /** A model that every task can make again. */
  static EquivariantSequential model() {
    Noether.seed(1);
    Representation rho = Representation.parse("D3: 2 x regular");
    return EquivariantSequential.of(
        new EquivariantLinear(rho, rho),
        new NormNonlinearity(rho, Activation.SILU),
        new EquivariantLinear(rho, rho));
  }

  private static void save(Path file) throws IOException {
    EquivariantSequential model = model();
    for (long count = 0; ; count++) {
      try (PointerScope scope = new PointerScope()) {
        Checkpoint.save(model, Map.of("count", Tensors.of(new long[] {count}, 1)), file);
      }
      if (count == 0) {
        System.out.println("ready");
      }
    }
  }

  /** Every registered layer: its tensors, and what it computes from its first weights. */
  private static String hash() throws Exception {
    Noether.seed(1);
    MessageDigest tensors = MessageDigest.getInstance("SHA-256");
    MessageDigest outputs = MessageDigest.getInstance("SHA-256");
    AnyLayer.ofEveryType()
        .forEach(
            (name, layer) -> {
              layer.eval();
              tensors.update(name.getBytes(StandardCharsets.UTF_8));
              layer.stateDict().forEach((key, tensor) -> update(tensors, key, tensor));
              AnyLayer.driven(layer)
                  .ifPresent(own -> update(outputs, name, own.call().of(layer, own.inputs())));
            });
    HexFormat hex = HexFormat.of();
    return hex.formatHex(tensors.digest()) + " " + hex.formatHex(outputs.digest());
  }

  private static void update(MessageDigest all, String name, Tensor tensor) {
    all.update(name.getBytes(StandardCharsets.UTF_8));
    for (double number : Tensors.toArray(tensor)) {
      all.update(ByteBuffer.allocate(8).putDouble(number).array());
    }
  }

  /** The same as one of several processes, which meet at {@code HOST:PORT} or in a file. */
  private static void rank(String[] arguments) throws IOException {
    CommunicatorOptions options =
        CommunicatorOptions.defaults()
            .withTimeout(Duration.ofSeconds(Integer.parseInt(arguments[7])));
    LibTorch.load();
    System.out.println("joins");
    try (Communicator group =
        Communicator.join(
            Rendezvous.parse(arguments[6]),
            Integer.parseInt(arguments[4]),
            Integer.parseInt(arguments[5]),
            options)) {
      soak(
          Path.of(arguments[1]),
          Integer.parseInt(arguments[2]),
          Integer.parseInt(arguments[3]),
          GradientSync.of(group));
    }
  }

  /**
   * Trains into a folder with all that a run can remember or draw; goes on where one was killed.
   */
  private static void soak(Path folder, int epochs, int samples, Ranks ranks) throws IOException {
    Representation rho = Representation.parse("D3: 2 x regular");
    Noether.seed(1);
    EquivariantSequential model =
        EquivariantSequential.of(
            new EquivariantLinear(rho, rho),
            new EquivariantBatchNorm1d(rho),
            new EquivariantDropout(rho, 0.2),
            new NormNonlinearity(rho, Activation.SILU),
            new EquivariantLinear(rho, rho));
    Tensor x = torch.randn(samples, rho.size());
    Dataset.Split data = Dataset.of(x, x.sin()).split(0.2, 3);
    int steps = Math.max(1, epochs * (samples / 30));
    AdamW optimizer = ParameterGroups.of(model).adamW(new AdamWOptions(1e-3));
    Trainer.Builder trainer =
        Trainer.builder()
            .epochs(epochs)
            .batchSize(8)
            .accumulate(3)
            .seed(5)
            .ranks(ranks)
            .clipNorm(1)
            .averageWeights(0.99)
            .stopEarly(epochs)
            .reduceOnPlateau(0.5, Math.max(1, epochs / 8))
            .prefetch(2)
            .schedule(Schedule.warmUp(10, Schedule.cosine(steps)))
            .augment(Augmentation.byGroup(Map.of("x", rho, "y", rho)))
            .callbacks(
                Checkpoints.in(folder).every(Math.max(5, steps / 4000)),
                new CsvLog(folder.resolve("log.csv")),
                new SaysReady());
    Checkpoints.latest(folder).ifPresent(trainer::resume);
    History history =
        trainer
            .build()
            .fit(model, Loss.meanSquaredError(), optimizer, data.training(), data.validation());
    if (ranks.rank() == 0) {
      Files.writeString(folder.resolve("history.txt"), history.toString());
      Checkpoint.save(model, folder.resolve("model.safetensors"));
    }
  }

  /** From here on a kill meets training. */
  private static final class SaysReady implements Callback {
    @Override
    public void onStart(Run run) {
      System.out.println("ready");
    }
  }
}
