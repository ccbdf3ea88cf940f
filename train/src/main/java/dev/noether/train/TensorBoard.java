package dev.noether.train;

import static dev.noether.algebra.Checks.require;

import com.google.errorprone.annotations.CheckReturnValue;
import dev.noether.torch.Tensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Writes what TensorBoard shows: the losses and the learning rate as scalars, the weights as
 * histograms after each epoch, and the model as text. Look at it with {@code tensorboard --logdir
 * FOLDER}.
 *
 * <p>A resumed run writes a new file, which tells TensorBoard to forget what came after the
 * checkpoint; what is shown is that of a run that never stopped, but for the times.
 */
@CheckReturnValue
public final class TensorBoard implements Callback {
  private static final String PREFIX = "events.out.tfevents.";

  private final Path folder;
  private final long every;
  private final Map<String, String> texts;
  private @Nullable EventFile events;

  private TensorBoard(Path folder, long every, Map<String, String> texts) {
    this.folder = folder;
    this.every = every;
    this.texts = texts;
  }

  /**
   * Events of a run: of each epoch, and of every tenth step.
   *
   * @param folder where to; made if it is not there, and of this run alone
   * @return the callback
   */
  public static TensorBoard in(Path folder) {
    return new TensorBoard(folder, 10, Map.of());
  }

  /**
   * Writes more or fewer steps.
   *
   * @param steps the number of steps between
   * @return the callback
   * @throws IllegalArgumentException if it is below 1
   */
  public TensorBoard every(long steps) {
    require(steps >= 1, "events are at least 1 step apart, got %d", steps);
    return new TensorBoard(folder, steps, texts);
  }

  /**
   * Shows a text besides, such as the configuration of a run.
   *
   * @param tag its title
   * @param markdown the text
   * @return the callback
   */
  public TensorBoard text(String tag, String markdown) {
    Map<String, String> more = new LinkedHashMap<>(texts);
    more.put(tag, markdown);
    return new TensorBoard(folder, every, more);
  }

  @Override
  public void onStart(Run run) throws IOException {
    Files.createDirectories(folder);
    long files = files();
    require(
        run.isResumed() || files == 0,
        "%s holds the events of another run: resume that, or choose another folder",
        folder);
    String name = PREFIX + System.currentTimeMillis() / 1000 + ".noether." + files;
    events = EventFile.create(folder.resolve(name), now());
    if (run.isResumed()) {
      events().restart(now(), run.steps() + 1);
      return;
    }
    events().text(now(), 0, "model", "    " + run.model());
    for (Map.Entry<String, String> e : texts.entrySet()) {
      events().text(now(), 0, e.getKey(), e.getValue());
    }
  }

  private long files() throws IOException {
    try (Stream<Path> all = Files.list(folder)) {
      return all.filter(file -> String.valueOf(file.getFileName()).startsWith(PREFIX)).count();
    }
  }

  private EventFile events() {
    return Objects.requireNonNull(events, "a run starts before it steps");
  }

  private static double now() {
    return System.currentTimeMillis() / 1000.0;
  }

  @Override
  public void onStep(Run run) throws IOException {
    if (run.steps() % every == 0) {
      events().scalar(now(), run.steps(), "step/loss", run.loss());
      events().scalar(now(), run.steps(), "step/learning_rate", run.learningRate());
    }
  }

  @Override
  public void onEpochEnd(Run run, History.Epoch epoch) throws IOException {
    events().scalar(now(), epoch.steps(), "epoch/loss", epoch.loss());
    if (epoch.validation().isPresent()) {
      double validation = epoch.validation().getAsDouble();
      events().scalar(now(), epoch.steps(), "epoch/validation", validation);
    }
    for (Map.Entry<String, Tensor> e : run.model().namedParameters().entrySet()) {
      Histogram weights = Histogram.of(Tensors.toArray(e.getValue()));
      events().histogram(now(), epoch.steps(), "weights/" + e.getKey(), weights);
    }
  }
}
