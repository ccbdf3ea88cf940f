package dev.noether.train;

import static dev.noether.algebra.Checks.require;

import com.google.errorprone.annotations.CheckReturnValue;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Saves the run at its start, at the end of each epoch and of the run as {@code
 * step-NUMBER.safetensors}, of which it keeps the newest, and the model with the lowest validation
 * loss as {@code best.safetensors}.
 *
 * <p>Give {@link #latest} to {@link Trainer.Builder#resume} and a run that was killed goes on; the
 * best model is for {@link dev.noether.io.Checkpoint#load}. One that cannot be written, as on a
 * full disk, ends the run unless {@link Callback#goOnWithout} is asked for; the last good file
 * stays either way.
 */
@CheckReturnValue
public final class Checkpoints implements Callback {
  private static final Pattern NAME = Pattern.compile("step-(\\d{12})\\.safetensors");
  private static final String BEST = "best.safetensors";

  private final Path folder;
  private final OptionalLong every;
  private final int kept;

  private Checkpoints(Path folder, OptionalLong every, int kept) {
    this.folder = folder;
    this.every = every;
    this.kept = kept;
  }

  /**
   * Checkpoints of a run, of which the newest two are kept.
   *
   * @param folder where to; made if it is not there, and of this run alone
   * @return the callback
   */
  public static Checkpoints in(Path folder) {
    return new Checkpoints(folder, OptionalLong.empty(), 2);
  }

  /**
   * Saves inside epochs as well.
   *
   * @param steps the number of steps between
   * @return the callback
   * @throws IllegalArgumentException if it is below 1
   */
  public Checkpoints every(long steps) {
    require(steps >= 1, "checkpoints are at least 1 step apart, got %d", steps);
    return new Checkpoints(folder, OptionalLong.of(steps), kept);
  }

  /**
   * Keeps more of them, or only the last.
   *
   * @param count how many
   * @return the callback
   * @throws IllegalArgumentException if it is below 1
   */
  public Checkpoints keep(int count) {
    require(count >= 1, "at least 1 checkpoint is kept, got %d", count);
    return new Checkpoints(folder, every, count);
  }

  /**
   * The newest checkpoint.
   *
   * @param folder where a run saved them
   * @return the file of the most steps; empty if there is none, or no such folder
   * @throws IOException if the folder cannot be read
   */
  public static Optional<Path> latest(Path folder) throws IOException {
    List<Path> files = Files.isDirectory(folder) ? files(folder) : List.of();
    return files.isEmpty() ? Optional.empty() : Optional.of(files.get(files.size() - 1));
  }

  /** The checkpoints of runs, fewest steps first. */
  private static List<Path> files(Path folder) throws IOException {
    try (Stream<Path> all = Files.list(folder)) {
      return all.filter(file -> NAME.matcher(name(file)).matches()).sorted().toList();
    }
  }

  private static String name(Path file) {
    return String.valueOf(file.getFileName());
  }

  private static long steps(Path file) {
    Matcher matcher = NAME.matcher(name(file));
    return matcher.matches() ? Long.parseLong(matcher.group(1)) : -1;
  }

  @Override
  public void onStart(Run run) throws IOException {
    Files.createDirectories(folder);
    require(
        run.isResumed() || (files(folder).isEmpty() && !Files.exists(folder.resolve(BEST))),
        "%s holds the checkpoints of another run: resume that, or choose another folder",
        folder);
    if (!run.isResumed()) {
      save(run);
    }
  }

  @Override
  public void onStep(Run run) throws IOException {
    if (every.isPresent() && run.steps() % every.getAsLong() == 0) {
      save(run);
    }
  }

  @Override
  public void onEpochEnd(Run run, History.Epoch epoch) throws IOException {
    if (run.isBest()) {
      run.saveModel(folder.resolve(BEST));
    }
    save(run);
  }

  @Override
  public void onEnd(Run run) throws IOException {
    save(run);
  }

  private void save(Run run) throws IOException {
    String file = String.format(Locale.ROOT, "step-%012d.safetensors", run.steps());
    run.save(folder.resolve(file));
    removeOld(run);
  }

  private void removeOld(Run run) throws IOException {
    // What has more steps is from before a resume at an older one: not this run's to remove.
    List<Path> own = files(folder).stream().filter(file -> steps(file) <= run.steps()).toList();
    for (Path old : own.subList(0, Math.max(0, own.size() - kept))) {
      Files.deleteIfExists(old);
    }
  }
}
