package dev.noether.benchmarks.campaign;

import dev.noether.io.Checkpoint;
import dev.noether.nn.Layer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.bytedeco.pytorch.Tensor;

/** Training that is killed and resumed until it is done, against the same without kills. */
final class Soak implements Part {
  private static final int FIRST_STEPS = 500;

  /** Kills of one run; a run that cannot save between two of them would never end. */
  private final int mostKills;

  Soak(int mostKills) {
    this.mostKills = mostKills;
  }

  @Override
  public void run(Means means) throws Exception {
    int steps = FIRST_STEPS;
    do {
      Path calm = means.folder().resolve("calm" + steps);
      Path killed = means.folder().resolve("killed" + steps);
      long start = System.nanoTime();
      train(calm, steps, means, Long.MAX_VALUE);
      long wall = (System.nanoTime() - start) / 1_000_000;
      int kills = 0;
      while (!train(killed, steps, means, kills < mostKills ? wall : Long.MAX_VALUE)) {
        kills++;
        means.tally().count("kills");
      }
      compare(Checkpoint.load(calm), Checkpoint.load(killed), means.tally());
      means.tally().count("runs of " + steps + " steps");
      steps *= 2;
    } while (means.hasTime());
  }

  /** Whether it ended by itself. */
  private static boolean train(Path file, int steps, Means means, long most) throws Exception {
    Path log = means.folder().resolve("log");
    Process process = Child.start(List.of(), log, "soak", file.toString(), String.valueOf(steps));
    if (most == Long.MAX_VALUE) {
      process.waitFor();
    } else {
      process.waitFor(1 + means.random().nextLong(most), TimeUnit.MILLISECONDS);
    }
    if (process.isAlive()) {
      process.destroyForcibly().waitFor();
      return false;
    }
    if (process.exitValue() != 0) {
      means.tally().finding("a run ends with " + process.exitValue(), Files.readString(log));
    }
    return true;
  }

  private static void compare(Layer calm, Layer killed, Tally tally) {
    Map<String, Tensor> expected = calm.trainedState();
    killed
        .trainedState()
        .forEach(
            (name, tensor) -> {
              if (tensor.equal(expected.get(name))) {
                tally.count("tensors with the same bits");
              } else {
                tally.finding("other numbers after kills", name);
              }
            });
  }
}
