package dev.noether.benchmarks.campaign;

import dev.noether.torch.LibTorch;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.bytedeco.javacpp.PointerScope;

/** What a part of the campaign did: how many attempts, how they ended, and what must not be. */
final class Tally {
  /** CPU time of one call; the clock on the wall also counts what others do. */
  private static final double MOST_SECONDS = 1;

  private static final int SHOWN = 20;

  private final Map<String, Long> outcomes = new TreeMap<>();
  private final Set<String> kinds = new TreeSet<>();
  private final List<String> findings = new ArrayList<>();
  private double slowest;
  private String slowestInput = "";

  /** A call that may fail. */
  @FunctionalInterface
  interface Attempt {
    void run() throws Exception;
  }

  /** Counts something that happened. */
  void count(String outcome) {
    count(outcome, 1);
  }

  /** Counts several things that happened. */
  synchronized void count(String outcome, long times) {
    outcomes.merge(outcome, times, Long::sum);
  }

  /** Something that must not be; one of a kind is shown. */
  synchronized void finding(String kind, String details) {
    count("FINDING");
    if (kinds.add(kind) && findings.size() < SHOWN) {
      findings.add(kind + ": " + details);
    }
  }

  /**
   * Runs a call.
   *
   * @param what the call, in words
   * @param input what went in, for a finding
   * @param documented the exceptions that it may throw
   * @param call the call
   * @return whether it went through
   */
  @SafeVarargs
  final boolean attempt(
      String what, String input, Attempt call, Class<? extends Exception>... documented) {
    long start = cpu();
    boolean done = false;
    try (PointerScope scope = new PointerScope()) {
      call.run();
      done = true;
      count(what + ": read");
    } catch (Exception | StackOverflowError | OutOfMemoryError e) {
      judge(what, input, e, documented);
    }
    double seconds = (cpu() - start) / 1e9;
    synchronized (this) {
      if (seconds > slowest) {
        slowest = seconds;
        slowestInput = what + ", " + shown(input);
      }
    }
    if (seconds > MOST_SECONDS) {
      finding(
          what + " is slow", String.format(Locale.ROOT, "%.1f s for %s", seconds, shown(input)));
    }
    return done;
  }

  private void judge(
      String what, String input, Throwable error, Class<? extends Exception>[] documented) {
    for (Class<? extends Exception> type : documented) {
      if (type.isInstance(error) && error.getMessage() != null && !error.getMessage().isBlank()) {
        count(what + ": refused");
        return;
      }
    }
    StackTraceElement at =
        List.of(error.getStackTrace()).stream()
            .filter(frame -> frame.getClassName().startsWith("dev.noether"))
            .findFirst()
            .orElse(null);
    String message =
        error instanceof RuntimeException own ? LibTorch.firstLine(own) : error.getMessage();
    finding(
        what + " throws " + error.getClass().getSimpleName() + " at " + at,
        message + " for " + shown(input));
  }

  private static String shown(String input) {
    String flat = input.replaceAll("\\p{Cntrl}", "?");
    return flat.length() > 200 ? flat.substring(0, 200) + "... (" + flat.length() + ")" : flat;
  }

  private static long cpu() {
    return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
  }

  /** How many things must not be. */
  synchronized long found() {
    return outcomes.getOrDefault("FINDING", 0L);
  }

  /** How much was tried. */
  synchronized long total() {
    return outcomes.values().stream().mapToLong(Long::longValue).sum();
  }

  /** A table of counts, and what must not be. */
  synchronized String table() {
    StringBuilder text = new StringBuilder();
    outcomes.forEach(
        (outcome, count) ->
            text.append(String.format(Locale.ROOT, "  %-60s %,12d%n", outcome, count)));
    if (slowest > 0) {
      text.append(
          String.format(Locale.ROOT, "  %-60s %,12.3f%n", "slowest call, seconds of CPU", slowest));
      text.append("    ").append(slowestInput).append('\n');
    }
    findings.forEach(finding -> text.append("  FINDING ").append(finding).append('\n'));
    return text.toString();
  }
}
