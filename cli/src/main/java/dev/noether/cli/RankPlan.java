package dev.noether.cli;

import static dev.noether.algebra.Checks.require;

import dev.noether.nn.linear.EquivariantLinear;
import dev.noether.parallel.GradientSync;
import dev.noether.parallel.Loopback;
import dev.noether.parallel.StepTime;
import dev.noether.rep.Representation;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What a step of training takes on many ranks: measured on this machine, computed for others. */
final class RankPlan {
  private static final int MOST_RANKS = 65_536;

  @Option(
      names = "--ranks",
      paramLabel = "N",
      description =
          "also what a step of training takes on up to N processes: computed from what is measured "
              + "here")
  private @Nullable Integer ranks;

  @Option(
      names = "--bandwidth",
      paramLabel = "MB/S",
      description = "of the network between hosts, for --ranks (measured between processes here)")
  private @Nullable Double bandwidth;

  @Option(
      names = "--latency",
      paramLabel = "MICROSECONDS",
      description = "of the network between hosts, for --ranks (measured between processes here)")
  private @Nullable Double latency;

  /**
   * One line of the table.
   *
   * @param ranks how many processes
   * @param samples of each
   * @param computeSeconds all that a rank does by itself
   * @param waitSeconds for the slowest rank
   * @param exchangeSeconds the sum of the coefficients' gradients, and whether to go on
   * @param denseExchangeSeconds what a dense layer's would take
   * @param stepSeconds all of it
   * @param speedup over one rank
   */
  record Line(
      int ranks,
      long samples,
      double computeSeconds,
      double waitSeconds,
      double exchangeSeconds,
      double denseExchangeSeconds,
      double stepSeconds,
      double speedup) {}

  /** All of it. */
  record Content(
      long batch,
      long bytes,
      long denseBytes,
      double latencySeconds,
      double bytesPerSecond,
      List<Line> lines) {}

  /** Whether there is something to measure, which takes LibTorch. */
  boolean isAsked() {
    return ranks != null;
  }

  void requireSense() {
    require(
        ranks == null || (ranks >= 1 && ranks <= MOST_RANKS),
        "--ranks must be from 1 to %d, got %d",
        MOST_RANKS,
        ranks);
    require(
        ranks != null || (bandwidth == null && latency == null),
        "--bandwidth and --latency belong to --ranks");
    require(
        bandwidth == null || (bandwidth > 0 && bandwidth < 1e9),
        "--bandwidth must be positive, in MB/s, got %s",
        bandwidth);
    require(
        latency == null || (latency >= 0 && latency < 1e9),
        "--latency must not be negative, in microseconds, got %s",
        latency);
  }

  /** Measures and computes; nothing where no ranks are asked for. */
  @Nullable Content content(Representation in, Representation out, long batch) throws IOException {
    if (ranks == null) {
      return null;
    }
    Loopback here =
        bandwidth != null && latency != null
            ? new Loopback(latency / 1e6, bandwidth * 1e6)
            : Loopback.measure();
    double seconds = latency == null ? here.latency() : latency / 1e6;
    double bytesPerSecond = bandwidth == null ? here.bandwidth() : bandwidth * 1e6;
    EquivariantLinear layer = new EquivariantLinear(in, out);
    StepTime time = StepTime.measured(layer, batch, new Loopback(seconds, bytesPerSecond));
    long bytes = GradientSync.bytesPerStep(layer);
    long dense = 4L * ((long) in.size() * out.size() + out.size());
    List<Line> lines = new ArrayList<>();
    for (int count = 1; count <= ranks; count *= 2) {
      lines.add(line(time, batch, bytes, dense, count));
    }
    if (Integer.bitCount(ranks) > 1) {
      lines.add(line(time, batch, bytes, dense, ranks));
    }
    return new Content(batch, bytes, dense, seconds, bytesPerSecond, lines);
  }

  private static Line line(StepTime time, long batch, long bytes, long dense, int count) {
    double step = time.step(batch, bytes, count);
    return new Line(
        count,
        (batch + count - 1) / count,
        time.compute(batch, count),
        time.waits(batch, count),
        time.exchange(bytes, count),
        time.exchange(dense, count),
        step,
        time.step(batch, bytes, 1) / step);
  }

  static void print(Content content, Page page) {
    page.printf(
        "%nA step of training with %,d samples in all, computed from what was measured%n",
        content.batch());
    page.printf(
        "  gradients: %,d bytes, where a dense layer has %,d (%.1f times)%n",
        content.bytes(), content.denseBytes(), (double) content.denseBytes() / content.bytes());
    page.printf(
        "  network: %.1f us a message, %.0f MB/s%n",
        content.latencySeconds() * 1e6, content.bytesPerSecond() / 1e6);
    Columns columns =
        new Columns(
            "ranks",
            "samples each",
            "compute ms",
            "wait ms",
            "exchange ms",
            "dense exchange ms",
            "step ms",
            "speed-up");
    for (Line line : content.lines()) {
      columns.add(
          String.valueOf(line.ranks()),
          String.valueOf(line.samples()),
          milliseconds(line.computeSeconds()),
          milliseconds(line.waitSeconds()),
          milliseconds(line.exchangeSeconds()),
          milliseconds(line.denseExchangeSeconds()),
          milliseconds(line.stepSeconds()),
          String.format(Locale.ROOT, "%.2f", line.speedup()));
    }
    page.print(columns);
  }

  private static String milliseconds(double seconds) {
    return String.format(Locale.ROOT, "%.3f", seconds * 1e3);
  }
}
