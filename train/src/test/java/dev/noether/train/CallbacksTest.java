package dev.noether.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.noether.io.Checkpoint;
import dev.noether.nn.EquivariantLayer;
import dev.noether.nn.EquivariantSequential;
import dev.noether.nn.FunctionLayer;
import dev.noether.nn.linear.EquivariantLinear;
import dev.noether.torch.Tensors;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.SGD;
import org.bytedeco.pytorch.SGDOptions;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class CallbacksTest {
  @TempDir private Path folder = Path.of("");

  private static History fit(EquivariantLayer model, int epochs, Callback... callbacks) {
    Dataset data = Examples.data(16, 1);
    return Trainer.builder()
        .epochs(epochs)
        .batchSize(8)
        .callbacks(callbacks)
        .build()
        .fit(
            model,
            Loss.meanSquaredError(),
            new SGD(model.parameters(), new SGDOptions(0.1)),
            data,
            data);
  }

  private List<String> files() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> String.valueOf(file.getFileName())).sorted().toList();
    }
  }

  @Test
  void theNewestCheckpointsAndTheBestModelAreKept() throws IOException {
    try (PointerScope scope = new PointerScope()) {
      EquivariantLinear model = Examples.linear(0);
      assertThat(Checkpoints.latest(folder.resolve("none"))).isEmpty();
      fit(model, 3, Checkpoints.in(folder).every(1));
      assertThat(files())
          .containsExactly(
              "best.safetensors", "step-000000000005.safetensors", "step-000000000006.safetensors");
      assertThat(Checkpoints.latest(folder))
          .contains(folder.resolve("step-000000000006.safetensors"));
      EquivariantLayer best =
          (EquivariantLayer) Checkpoint.load(folder.resolve("best.safetensors"));
      best.eval();
      Tensor x = Examples.random(1, 2, 8);
      assertThat(Tensors.toArray(best.forward(x))).isEqualTo(Tensors.toArray(model.forward(x)));
      assertThatThrownBy(() -> fit(model, 1, Checkpoints.in(folder)))
          .hasMessage(
              folder
                  + " holds the checkpoints of another run: resume that, or choose another folder");
      assertThatThrownBy(() -> Checkpoints.in(folder).keep(0))
          .hasMessage("at least 1 checkpoint is kept, got 0");
      assertThatThrownBy(() -> Checkpoints.in(folder).every(0))
          .hasMessage("checkpoints are at least 1 step apart, got 0");
    }
  }

  @Test
  void aLogHasALinePerEpochAndIsNotWrittenOver() throws IOException {
    try (PointerScope scope = new PointerScope()) {
      Path log = folder.resolve("new").resolve("log.csv");
      EquivariantLinear model = Examples.linear(0);
      History history = fit(model, 2, new CsvLog(log));
      History.Epoch second = history.epochs().get(1);
      List<String> lines = Files.readAllLines(log);
      assertThat(lines).hasSize(3);
      assertThat(lines.get(0)).isEqualTo("epoch,steps,loss,learning_rate,validation");
      assertThat(lines.get(2))
          .isEqualTo("2,4," + second.loss() + ",0.1," + second.validation().orElseThrow());
      assertThatThrownBy(() -> fit(model, 1, new CsvLog(log)))
          .hasMessage(
              log
                  + " is there already, a new run does not write over the log of another: choose "
                  + "another file, or resume that run");
      assertThat(Files.readAllLines(log)).isEqualTo(lines);
    }
  }

  @Test
  void anEpochIsALine() {
    try (PointerScope scope = new PointerScope()) {
      List<String> lines = new ArrayList<>();
      fit(Examples.linear(0), 2, new EpochLines(lines::add));
      assertThat(lines).hasSize(2);
      assertThat(lines.get(1))
          .matches("epoch 2, 4 steps, loss 0\\.\\d+, validation 0\\.\\d+ \\(best\\)");
    }
  }

  @Test
  void aBarTellsHowFarARunIs() {
    try (PointerScope scope = new PointerScope()) {
      ByteArrayOutputStream shown = new ByteArrayOutputStream();
      long[] time = {0};
      ProgressBar bar =
          new ProgressBar(
              new PrintStream(shown, true, StandardCharsets.UTF_8), () -> time[0] += 500_000_000);
      fit(Examples.linear(0), 40, bar);
      List<String> parts =
          List.of(shown.toString(StandardCharsets.UTF_8).split("\r\u001b\\[K", -1));
      assertThat(parts.get(1))
          .matches("epoch 1/40 \\[#{10}\\.{10}] 1/2, 2\\.0 steps/s, 0:40 left, loss 0\\.\\d+");
      assertThat(parts.get(3)).matches("epoch 1, 2 steps, loss .* \\(best\\)\\R");
    }
  }

  @Test
  void aCheckpointThatCannotBeWrittenEndsTheRunOrNotAndTheLastGoodOneStays() throws IOException {
    // A folder where the file should be, as a disk that takes no more.
    Path blocked = folder.resolve("step-000000000004.safetensors");
    Path good = folder.resolve("step-000000000003.safetensors");
    try (PointerScope scope = new PointerScope()) {
      Callback full =
          new Callback() {
            @Override
            public void onStart(Run run) throws IOException {
              Files.createDirectories(blocked.resolve("full"));
            }
          };
      assertThatThrownBy(() -> fit(Examples.linear(0), 3, Checkpoints.in(folder).every(1), full))
          .isInstanceOf(UncheckedIOException.class)
          .hasMessageContaining("step-000000000004.safetensors");
      assertThat(good).exists();
      List<String> lines = new ArrayList<>();
      Path other = folder.resolve("other");
      Callback blocking =
          new Callback() {
            @Override
            public void onStart(Run run) throws IOException {
              Files.createDirectories(other.resolve("step-000000000004.safetensors/full"));
            }
          };
      History history =
          fit(
              Examples.linear(0),
              3,
              Checkpoints.in(other).every(1).keep(6).goOnWithout(lines::add),
              blocking);
      assertThat(history.epochs()).hasSize(3);
      assertThat(lines)
          .hasSize(2)
          .allMatch(
              line ->
                  line.startsWith(
                          "after step 4, a file could not be written, and the run goes on: ")
                      && line.endsWith("step-000000000004.safetensors: a folder, not a file"));
      assertThat(Checkpoints.latest(other))
          .contains(other.resolve("step-000000000006.safetensors"));
      assertThat(other.resolve("step-000000000003.safetensors")).exists();
    }
  }

  /** From one epoch to another, a file is a device that takes nothing. */
  private record Full(Path folder, String begin, int from, int until) implements Callback {
    @Override
    public void onEpochEnd(Run run, History.Epoch epoch) throws IOException {
      Path aside = folder.resolve("aside");
      if (epoch.number() == from) {
        Path file = file();
        Files.move(file, aside);
        Files.createSymbolicLink(file, Path.of("/dev/full"));
      } else if (epoch.number() == until) {
        Files.move(aside, file(), StandardCopyOption.REPLACE_EXISTING);
      }
    }

    private Path file() throws IOException {
      try (Stream<Path> files = Files.list(folder)) {
        return files
            .filter(file -> String.valueOf(file.getFileName()).startsWith(begin))
            .findFirst()
            .orElseThrow();
      }
    }
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void aFullDiskEndsTheRunOrNotAndTheLogIsWholeAfterwards() throws IOException {
    try (PointerScope scope = new PointerScope()) {
      Path log = folder.resolve("log.csv");
      CsvLog stopping = new CsvLog(log);
      assertThatThrownBy(() -> fit(Examples.linear(0), 5, stopping, new Full(folder, "log", 2, 9)))
          .isInstanceOf(UncheckedIOException.class)
          .hasMessage(log + ": No space left on device");
      assertThat(Files.readAllLines(folder.resolve("aside"))).hasSize(3);
      Files.delete(log);
      Files.delete(folder.resolve("aside"));
      List<String> lines = new ArrayList<>();
      fit(
          Examples.linear(0),
          5,
          new CsvLog(log).goOnWithout(lines::add),
          new Full(folder, "log", 2, 4));
      assertThat(lines)
          .containsExactly(
              "after step 6, a file could not be written, and the run goes on: "
                  + log
                  + ": No space left on device",
              "after step 8, a file could not be written, and the run goes on: "
                  + log
                  + ": No space left on device");
      assertThat(Files.readAllLines(log)).hasSize(6);
    }
  }

  @Test
  void aWatchNamesTheLayerThatLostItsSymmetry() {
    try (PointerScope scope = new PointerScope()) {
      List<String> lines = new ArrayList<>();
      fit(Examples.deep(0), 1, new EquivarianceWatch(1e-9, lines::add));
      assertThat(lines).isEmpty();
      Tensor weights = Examples.random(3, 4);
      EquivariantSequential model =
          EquivariantSequential.of(
              Examples.linear(0),
              new FunctionLayer("mine", Examples.OUT, Examples.OUT, x -> x.mul(weights)));
      fit(model, 1, new EquivarianceWatch(1e-9, lines::add));
      assertThat(lines).hasSize(1);
      assertThat(lines.get(0))
          .startsWith("after epoch 1, ")
          .contains(" '1' is not equivariant: relative error ");
    }
  }
}
