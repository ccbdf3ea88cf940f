package dev.noether.benchmarks.campaign;

import dev.noether.Noether;
import dev.noether.cli.Main;
import dev.noether.io.Checkpoint;
import dev.noether.nn.EquivariantSequential;
import dev.noether.nn.activation.NormNonlinearity;
import dev.noether.nn.linear.EquivariantLinear;
import dev.noether.plain.Activation;
import dev.noether.rep.Representation;
import dev.noether.torch.Tensors;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Adam;
import org.bytedeco.pytorch.AdamOptions;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** What runs in a JVM of its own, to be killed or to be compared. */
public final class Child {
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
   * Runs one task.
   *
   * @param arguments {@code save FILE}, {@code hash}, {@code soak FILE STEPS} or {@code noether
   *     COMMAND ...}
   * @throws Exception if it fails
   */
  public static void main(String[] arguments) throws Exception {
    switch (arguments[0]) {
      case "save" -> save(Path.of(arguments[1]));
      case "hash" -> System.out.write(hash().getBytes(StandardCharsets.US_ASCII));
      case "soak" -> soak(Path.of(arguments[1]), Integer.parseInt(arguments[2]));
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
    System.out.println("ready");
    for (long count = 0; ; count++) {
      try (PointerScope scope = new PointerScope()) {
        Checkpoint.save(model, Map.of("count", Tensors.of(new long[] {count}, 1)), file);
      }
    }
  }

  /** Every registered layer: what it computes from its first weights, to the last bit. */
  private static String hash() throws Exception {
    Noether.seed(1);
    MessageDigest all = MessageDigest.getInstance("SHA-256");
    AnyLayer.ofEveryType()
        .forEach(
            (name, layer) -> {
              layer.eval();
              all.update(name.getBytes(StandardCharsets.UTF_8));
              layer.stateDict().forEach((key, tensor) -> update(all, key, tensor));
              AnyLayer.driven(layer)
                  .ifPresent(own -> update(all, "y", own.call().of(layer, own.inputs())));
            });
    return HexFormat.of().formatHex(all.digest());
  }

  private static void update(MessageDigest all, String name, Tensor tensor) {
    all.update(name.getBytes(StandardCharsets.UTF_8));
    for (double number : Tensors.toArray(tensor)) {
      all.update(ByteBuffer.allocate(8).putDouble(number).array());
    }
  }

  /** Trains, saving often; goes on where a file is. */
  private static void soak(Path file, int steps) throws IOException {
    EquivariantSequential model = model();
    Adam adam = new Adam(model.parameters(), new AdamOptions(1e-3));
    long done = 0;
    if (Files.exists(file)) {
      Tensor step = Checkpoint.resume(model, adam, file).get("step");
      done = step == null ? 0 : (long) Tensors.toArray(step)[0];
    }
    System.out.println("ready");
    for (long step = done; step < steps; step++) {
      try (PointerScope scope = new PointerScope()) {
        torch.manual_seed(step);
        Tensor x = torch.randn(16, model.in().size());
        adam.zero_grad();
        model.forward(x).sub(x.sin()).square().mean().backward();
        adam.step();
        if ((step + 1) % 100 == 0 || step + 1 == steps) {
          Tensor count = Tensors.of(new long[] {step + 1}, 1);
          Checkpoint.saveRun(model, adam, Map.of("step", count), file);
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
