package dev.noether.cli.training;

import static dev.noether.algebra.Checks.require;

import dev.noether.parallel.Communicator;
import dev.noether.parallel.CommunicatorOptions;
import dev.noether.parallel.Rendezvous;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** With whom {@code noether train} trains together. */
final class RankOptions {
  @Option(
      names = "--processes",
      paramLabel = "N",
      description = "train in N processes of this machine, each on its share of every batch")
  private @Nullable Integer processes;

  @Option(names = "--rank", paramLabel = "R", description = "this is process R of many, from 0")
  private @Nullable Integer rank;

  @Option(names = "--world", paramLabel = "N", description = "how many processes there are")
  private @Nullable Integer world;

  @Option(
      names = "--master",
      paramLabel = "PLACE",
      description = "where they meet: HOST:PORT of process 0, or file:///PATH")
  private @Nullable String master;

  @Option(
      names = "--timeout",
      paramLabel = "SECONDS",
      description = "how long processes wait for each other (300)")
  private int timeout = 300;

  /** Checks them before anything is read. */
  void requireSense() {
    boolean some = rank != null || world != null || master != null;
    require(
        !some || (rank != null && world != null && master != null),
        "--rank, --world and --master belong together: which process this is, of how many, and "
            + "where they meet");
    require(
        processes == null || !some,
        "--processes starts all processes itself: leave out --rank, --world and --master, or it");
    require(
        processes == null || processes >= 1, "--processes must be at least 1, got %d", processes);
  }

  /** Meets the others, whom it may have started; alone unless told otherwise. */
  Communicator join(List<String> arguments) throws IOException {
    CommunicatorOptions options =
        CommunicatorOptions.defaults().withTimeout(Duration.ofSeconds(timeout));
    if (processes != null && processes > 1) {
      return LocalRanks.start(processes, arguments, options);
    }
    if (rank != null && world != null && master != null) {
      return Communicator.join(Rendezvous.parse(master), rank, world, options);
    }
    return processes == null ? Communicator.fromEnvironment(options) : Communicator.alone();
  }
}
