package dev.noether.train;

import java.io.Console;
import java.io.PrintStream;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * Shows on a terminal how far a run is: a bar, steps a second, the time that is left, the loss; and
 * a line for each epoch that has ended.
 *
 * <pre>{@code
 * epoch 3/20 [########............] 45/120, 812 steps/s, 0:12 left, loss 0.1234
 * }</pre>
 */
public final class ProgressBar implements Callback {
  private static final int WIDTH = 20;
  private static final long BETWEEN = 100_000_000;
  private static final double SECOND = 1e9;
  private static final double KEPT = 0.98;

  private final PrintStream terminal;
  private final LongSupplier clock;
  private final EpochLines lines;
  private long began;
  private long shown;
  private long firstStep;
  private double loss;

  /**
   * A bar.
   *
   * @param terminal such as {@code System.err}; a carriage return must go to the start of a line
   */
  public ProgressBar(PrintStream terminal) {
    this(terminal, System::nanoTime);
  }

  ProgressBar(PrintStream terminal, LongSupplier clock) {
    this.terminal = terminal;
    this.clock = clock;
    this.lines = new EpochLines(this::line);
  }

  /**
   * What suits where output goes: a bar on a terminal, a line for each epoch elsewhere.
   *
   * @param terminal such as {@code System.err}
   * @param elsewhere takes the lines where there is no terminal, such as {@code
   *     System.err::println}
   * @return the callback
   */
  public static Callback on(PrintStream terminal, Consumer<String> elsewhere) {
    return isTerminal() ? new ProgressBar(terminal) : new EpochLines(elsewhere);
  }

  /** Up to Java 21 there is a console on a terminal only; later ones say whether it is one. */
  @SuppressWarnings("SystemConsoleNull") // the case of later ones is the other half
  private static boolean isTerminal() {
    try {
      Console console = System.console();
      return console != null
          && (Runtime.version().feature() < 22
              || Boolean.TRUE.equals(Console.class.getMethod("isTerminal").invoke(console)));
    } catch (ReflectiveOperationException e) {
      return false;
    }
  }

  private void line(String text) {
    clear();
    terminal.println(text);
  }

  private void clear() {
    terminal.print("\r\u001b[K");
    terminal.flush();
  }

  @Override
  public void onStart(Run run) {
    began = clock.getAsLong();
    firstStep = run.steps();
    loss = Double.NaN;
  }

  @Override
  public void onStep(Run run) {
    loss = Double.isNaN(loss) ? run.loss() : KEPT * loss + (1 - KEPT) * run.loss();
    long now = clock.getAsLong();
    if (now - shown >= BETWEEN) {
      shown = now;
      clear();
      terminal.print(text(run, (now - began) / SECOND));
      terminal.flush();
    }
  }

  private String text(Run run, double seconds) {
    long perEpoch = run.stepsPerEpoch();
    long epoch = (run.steps() - 1) / perEpoch;
    long step = run.steps() - epoch * perEpoch;
    int full = (int) (WIDTH * step / perEpoch);
    double rate = (run.steps() - firstStep) / seconds;
    OptionalLong last = run.lastStep();
    StringBuilder text = new StringBuilder("epoch ").append(epoch + 1);
    last.ifPresent(steps -> text.append('/').append((steps + perEpoch - 1) / perEpoch));
    text.append(" [").append("#".repeat(full)).append(".".repeat(WIDTH - full)).append("] ");
    text.append(step).append('/').append(perEpoch);
    text.append(String.format(Locale.ROOT, rate < 10 ? ", %.1f steps/s" : ", %,.0f steps/s", rate));
    last.ifPresent(
        steps -> text.append(", ").append(time((steps - run.steps()) / rate)).append(" left"));
    return text.append(String.format(Locale.ROOT, ", loss %.4g", loss)).toString();
  }

  private static String time(double seconds) {
    long whole = Math.round(seconds);
    return whole < 3600
        ? String.format(Locale.ROOT, "%d:%02d", whole / 60, whole % 60)
        : String.format(Locale.ROOT, "%d:%02d:%02d", whole / 3600, whole / 60 % 60, whole % 60);
  }

  @Override
  public void onEpochEnd(Run run, History.Epoch epoch) {
    lines.onEpochEnd(run, epoch);
  }

  @Override
  public void onEnd(Run run) {
    clear();
  }
}
