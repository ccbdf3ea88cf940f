package dev.noether.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.noether.Noether;
import dev.noether.nn.EquivariantLayer;
import dev.noether.nn.Layer;
import dev.noether.torch.Tensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Adam;
import org.bytedeco.pytorch.AdamOptions;
import org.bytedeco.pytorch.AdamWOptions;
import org.bytedeco.pytorch.Optimizer;
import org.bytedeco.pytorch.SGD;
import org.bytedeco.pytorch.SGDOptions;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A run that is killed at any step and resumed gives the bytes of one that never stopped. */
class ResumeTest {
  /** 42 samples in batches of 4, two of which make a step: 6 steps, the last of 2 samples. */
  private static final int STEPS_PER_EPOCH = 6;

  private static final int EPOCHS = 3;

  @TempDir private Path folder = Path.of("");

  private static final class Killed extends RuntimeException {
    private static final long serialVersionUID = 1;
  }

  /** Ends the run without warning; others draw random numbers meanwhile. */
  private record Kill(long step) implements Callback {
    @Override
    public void onStep(Run run) {
      try (PointerScope scope = new PointerScope()) {
        torch.randn(3);
      }
      if (run.steps() == step) {
        throw new Killed();
      }
    }
  }

  static Stream<Arguments> optimizers() {
    Function<Layer, Optimizer> sgd = ResumeTest::sgd;
    Function<Layer, Optimizer> adam = model -> new Adam(model.parameters(), new AdamOptions(0.01));
    Function<Layer, Optimizer> groups =
        model -> ParameterGroups.of(model).adamW(new AdamWOptions(0.01));
    return Stream.of(
        Arguments.of("SGD with momentum", sgd),
        Arguments.of("Adam", adam),
        Arguments.of("AdamW with groups", groups));
  }

  private static Optimizer sgd(Layer model) {
    SGDOptions options = new SGDOptions(0.05);
    options.momentum().put(0.9);
    return new SGD(model.parameters(), options);
  }

  private static Trainer.Builder trainer(int epochs) {
    return Trainer.builder()
        .epochs(epochs)
        .batchSize(4)
        .accumulate(2)
        .seed(7)
        .clipNorm(1)
        .averageWeights(0.9)
        .stopEarly(100)
        .reduceOnPlateau(0.5, 1)
        .schedule(Schedule.warmUp(5, Schedule.cosine(40)))
        .augment(Augmentation.byGroup(Map.of("x", Examples.IN, "y", Examples.OUT)));
  }

  /** All that a run leaves behind. */
  private record Outcome(
      Map<String, byte[]> files, Map<String, byte[]> weights, String generator, History history) {}

  private static Outcome outcome(Path files, EquivariantLayer model, History history)
      throws IOException {
    try (PointerScope scope = new PointerScope()) {
      Map<String, byte[]> contents = new TreeMap<>();
      try (Stream<Path> written = Files.list(files)) {
        for (Path file : written.toList()) {
          contents.put(String.valueOf(file.getFileName()), Files.readAllBytes(file));
        }
      }
      Map<String, byte[]> weights = new TreeMap<>();
      model.trainedState().forEach((name, tensor) -> weights.put(name, bytes(tensor)));
      return new Outcome(
          contents,
          weights,
          Arrays.toString(bytes(torch.getDefaultCPUGenerator().get_state())),
          history);
    }
  }

  private static byte[] bytes(Tensor tensor) {
    try (PointerScope scope = new PointerScope()) {
      Tensor plain = tensor.detach().contiguous();
      byte[] bytes = new byte[(int) plain.nbytes()];
      new org.bytedeco.javacpp.BytePointer(plain.data_ptr()).get(bytes);
      return bytes;
    }
  }

  /** Trains until the end, killed at each of the steps; resumed with models of other weights. */
  private static Outcome train(
      Path files, int epochs, Function<Layer, Optimizer> optimizer, long... kills)
      throws IOException {
    for (int i = 0; ; i++) {
      try (PointerScope scope = new PointerScope()) {
        EquivariantLayer model = Examples.deep(i);
        Trainer.Builder trainer = trainer(epochs);
        trainer.callbacks(new CsvLog(files.resolve("log.csv")), Checkpoints.in(files).every(4));
        trainer.callbacks(new Kill(i < kills.length ? kills[i] : -1));
        Checkpoints.latest(files).ifPresent(trainer::resume);
        Noether.seed(i);
        History history =
            trainer
                .build()
                .fit(
                    model,
                    Loss.meanSquaredError(),
                    optimizer.apply(model),
                    Examples.data(42, 1),
                    Examples.data(10, 5));
        return outcome(files, model, history);
      } catch (Killed e) {
        assertThat(i).isLessThan(kills.length);
      }
    }
  }

  private static void assertSame(Outcome actual, Outcome expected) {
    assertThat(actual.history()).isEqualTo(expected.history());
    assertThat(actual.generator()).isEqualTo(expected.generator());
    for (String name : expected.weights().keySet()) {
      assertThat(actual.weights().get(name)).as(name).isEqualTo(expected.weights().get(name));
    }
    assertThat(actual.files().keySet()).isEqualTo(expected.files().keySet());
    for (String name : expected.files().keySet()) {
      assertThat(actual.files().get(name)).as(name).isEqualTo(expected.files().get(name));
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("optimizers")
  void aRunThatIsKilledAtAnyStepGivesTheSameBytes(String name, Function<Layer, Optimizer> optimizer)
      throws IOException {
    Outcome whole = train(folder.resolve("whole"), EPOCHS, optimizer);
    Outcome further = train(folder.resolve("whole"), EPOCHS + 1, optimizer);
    Random random = new Random(3);
    for (int attempt = 0; attempt < 2; attempt++) {
      Path files = folder.resolve("killed" + attempt);
      long last = (long) EPOCHS * STEPS_PER_EPOCH;
      long[] kills = random.longs(3, 4, last + 1).sorted().toArray();
      assertSame(train(files, EPOCHS, optimizer, kills), whole);
      assertSame(train(files, EPOCHS + 1, optimizer), further);
    }
  }

  @Test
  void aRunThatIsKilledBetweenTheLastStepOfAnEpochAndItsEndGoesOnThere() throws IOException {
    Outcome whole = train(folder.resolve("whole"), 2, ResumeTest::sgd);
    // Step 12 is the last of all, and a multiple of 4: saved, but the epoch has not ended.
    assertSame(train(folder.resolve("killed"), 2, ResumeTest::sgd, 12), whole);
  }

  @Test
  void aSeedGivesTheSameBytes() throws IOException {
    Outcome first = train(folder.resolve("first"), 1, ResumeTest::sgd);
    assertSame(train(folder.resolve("second"), 1, ResumeTest::sgd), first);
  }

  @Test
  void anotherRunIsRefusedByNameAndNothingIsChanged() throws IOException {
    try (PointerScope scope = new PointerScope()) {
      train(folder, 1, ResumeTest::sgd);
      Path file = Checkpoints.latest(folder).orElseThrow();
      Dataset data = Examples.data(42, 1);
      assertRefused(
          trainer(2).seed(8), file, data, 0.05, "the run had another 'seed' than this one");
      assertRefused(trainer(2).batchSize(5), file, data, 0.05, "another 'batchSize'");
      assertRefused(
          trainer(2).reduceOnPlateau(0.4, 1), file, data, 0.05, "another 'factor of reduceOn");
      assertRefused(trainer(2).clipNorm(2), file, data, 0.05, "another 'clipNorm'");
      assertRefused(trainer(2), file, Examples.data(42, 2), 0.05, "another 'training data'");
      assertRefused(trainer(2), file, data, 0.06, "another 'learning rate of group 0'");
      Path model = folder.resolve("best.safetensors");
      assertRefused(trainer(2), model, data, 0.05, model + " holds no run of the trainer");
    }
  }

  private static void assertRefused(
      Trainer.Builder trainer, Path file, Dataset data, double rate, String message) {
    EquivariantLayer model = Examples.deep(5);
    double[] before = Tensors.toArray(model.parameters().get(0));
    SGD optimizer = new SGD(model.parameters(), new SGDOptions(rate));
    Trainer resuming = trainer.resume(file).build();
    assertThatThrownBy(
            () ->
                resuming.fit(model, Loss.meanSquaredError(), optimizer, data, Examples.data(10, 5)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message);
    assertThat(Tensors.toArray(model.parameters().get(0))).isEqualTo(before);
  }
}
