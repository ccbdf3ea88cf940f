package dev.noether.parallel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.noether.torch.Dtype;
import dev.noether.torch.Tensors;
import java.io.File;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The variables that torchrun sets, in processes that have them. */
class EnvironmentTest {
  @TempDir private Path folder = Path.of("");

  /** A rank that knows only its environment, and where to write the sum. */
  static final class Rank {
    private Rank() {}

    public static void main(String[] arguments) throws Exception {
      CommunicatorOptions options =
          CommunicatorOptions.defaults().withTimeout(Duration.ofMinutes(2));
      try (PointerScope scope = new PointerScope();
          Communicator group = Communicator.fromEnvironment(options)) {
        Tensor number = Tensors.of(Dtype.FLOAT64, new double[] {1 + 10 * group.rank()}, 1);
        group.allReduce(number);
        Files.writeString(
            Path.of(arguments[0]),
            group.rank() + " of " + group.size() + " got " + number.item().toDouble());
      }
    }
  }

  @Test
  void processesMeetByTheVariablesOfTorchrun() throws Exception {
    int port;
    try (ServerSocket free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    List<Process> processes = new ArrayList<>();
    for (int rank = 0; rank < 2; rank++) {
      ProcessBuilder builder =
          new ProcessBuilder(Programs.command(Rank.class, folder.resolve("rank-" + rank)));
      builder
          .environment()
          .putAll(
              Map.of(
                  "RANK",
                  String.valueOf(rank),
                  "LOCAL_RANK",
                  String.valueOf(rank),
                  "WORLD_SIZE",
                  "2",
                  "LOCAL_WORLD_SIZE",
                  "2",
                  "MASTER_ADDR",
                  "127.0.0.1",
                  "MASTER_PORT",
                  String.valueOf(port)));
      File log = folder.resolve("log-" + rank).toFile();
      processes.add(builder.redirectErrorStream(true).redirectOutput(log).start());
    }
    for (int rank = 0; rank < 2; rank++) {
      assertThat(processes.get(rank).waitFor(3, TimeUnit.MINUTES)).isTrue();
      assertThat(folder.resolve("rank-" + rank))
          .as(Files.readString(folder.resolve("log-" + rank)))
          .hasContent(rank + " of 2 got 12.0");
    }
  }
}
