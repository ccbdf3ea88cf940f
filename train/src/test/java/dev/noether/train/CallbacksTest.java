package dev.noether.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.noether.io.Checkpoint;
import dev.noether.nn.EquivariantLayer;
import dev.noether.nn.EquivariantSequential;
import dev.noether.nn.FunctionLayer;
import dev.noether.nn.linear.EquivariantLinear;
import dev.noether.torch.Tensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.SGD;
import org.bytedeco.pytorch.SGDOptions;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
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
