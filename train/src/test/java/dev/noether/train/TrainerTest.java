package dev.noether.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.noether.models.EquivariantMlp;
import dev.noether.models.Mlp;
import dev.noether.models.MlpOptions;
import dev.noether.nn.EquivariantLayer;
import dev.noether.nn.EquivariantSequential;
import dev.noether.nn.Layer;
import dev.noether.nn.linear.EquivariantLinear;
import dev.noether.plain.Forward;
import dev.noether.rep.Representation;
import dev.noether.torch.Dtype;
import dev.noether.torch.Tensors;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.SGD;
import org.bytedeco.pytorch.SGDOptions;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;

class TrainerTest {
  private static final Dataset DATA = Examples.data(40, 1);

  private static SGD sgd(Layer model, double rate) {
    return new SGD(model.parameters(), new SGDOptions(rate));
  }

  private static double[] weights(Layer model) {
    return numbers(model.namedParameters().values());
  }

  private static double[] numbers(Collection<Tensor> tensors) {
    return tensors.stream()
        .flatMapToDouble(tensor -> Arrays.stream(Tensors.toArray(tensor)))
        .toArray();
  }

  private static double[] trained(Trainer.Builder trainer, Dataset data) {
    EquivariantLinear model = Examples.linear(0);
    trainer.build().fit(model, Loss.meanSquaredError(), sgd(model, 0.1), data);
    return weights(model);
  }

  @Test
  void aModelLearnsAnEquivariantMap() {
    try (PointerScope scope = new PointerScope()) {
      EquivariantLinear model = Examples.linear(0);
      History history =
          Trainer.builder()
              .epochs(30)
              .batchSize(8)
              .build()
              .fit(model, Loss.meanSquaredError(), sgd(model, 0.3), DATA, Examples.data(20, 7));
      assertThat(history.epochs()).hasSize(30);
      History.Epoch last = history.epochs().get(29);
      assertThat(last.number()).isEqualTo(30);
      assertThat(last.steps()).isEqualTo(150);
      assertThat(last.learningRate()).isEqualTo(0.3);
      // The noise of the targets has the variance 0.01 / 3.
      assertThat(last.validation().orElseThrow()).isCloseTo(0.0034, within(0.001));
      assertThat(history.epochs().get(0).loss()).isGreaterThan(20 * last.loss());
      assertThat(model.isTraining()).isFalse();
    }
  }

  @Test
  void accumulatedBatchesAreOneLargeBatchTheLastOneOfAnEpochToo() {
    try (PointerScope scope = new PointerScope()) {
      Trainer.Builder small = Trainer.builder().epochs(3).batchSize(4).accumulate(4);
      double[] large = trained(Trainer.builder().epochs(3).batchSize(16), DATA);
      double[] accumulated = trained(small, DATA);
      for (int i = 0; i < large.length; i++) {
        assertThat(accumulated[i]).isCloseTo(large[i], within(1e-12));
      }
    }
  }

  /** Else a resumed run, which sets the rate again, would differ from one that was never killed. */
  @Test
  void theScheduleSetsTheRateOfEveryStepWhateverACallbackDid() {
    try (PointerScope scope = new PointerScope()) {
      EquivariantLinear model = Examples.linear(0);
      SGD optimizer = sgd(model, 0.1);
      Callback meddles =
          new Callback() {
            @Override
            public void onStep(Run run) {
              optimizer.param_groups().get(0).options().set_lr(0.7);
            }
          };
      Trainer.builder()
          .epochs(2)
          .batchSize(8)
          .callbacks(meddles)
          .build()
          .fit(model, Loss.meanSquaredError(), optimizer, DATA);
      assertThat(weights(model)).isEqualTo(trained(Trainer.builder().epochs(2).batchSize(8), DATA));
    }
  }

  @Test
  void aClippedStepIsNoLongerThanAllowed() {
    try (PointerScope scope = new PointerScope()) {
      double[] before = weights(Examples.linear(0));
      double[] byNorm = trained(Trainer.builder().steps(1).clipNorm(0.01), DATA);
      double[] byValue = trained(Trainer.builder().steps(1).clipValue(0.001), DATA);
      double square = 0;
      double largest = 0;
      for (int i = 0; i < before.length; i++) {
        square += Math.pow(byNorm[i] - before[i], 2);
        largest = Math.max(largest, Math.abs(byValue[i] - before[i]));
      }
      assertThat(Math.sqrt(square)).isCloseTo(0.001, within(1e-6));
      assertThat(largest).isCloseTo(0.0001, within(1e-12));
    }
  }

  @Test
  void averagedWeightsFollowTheirRecursionAndAreWhatIsValidated() {
    try (PointerScope scope = new PointerScope()) {
      EquivariantLinear model = Examples.linear(0);
      List<double[]> path = new ArrayList<>();
      double[] average = weights(model);
      Callback record =
          new Callback() {
            @Override
            public void onStep(Run run) {
              path.add(weights(run.model()));
            }
          };
      // A result kept in evaluation before must not be used after the weights were exchanged.
      model.eval();
      try (NoGradGuard guard = new NoGradGuard()) {
        model.forward(DATA.tensor("x"));
      }
      History history =
          Trainer.builder()
              .epochs(1)
              .averageWeights(0.9)
              .callbacks(record)
              .build()
              .fit(model, Loss.meanSquaredError(), sgd(model, 0.3), DATA, DATA);
      for (double[] step : path) {
        for (int i = 0; i < average.length; i++) {
          average[i] = 0.9 * average[i] + 0.1 * step[i];
        }
      }
      double[] found = weights(model);
      for (int i = 0; i < average.length; i++) {
        assertThat(found[i]).isCloseTo(average[i], within(1e-13));
      }
      try (NoGradGuard guard = new NoGradGuard()) {
        double loss = Loss.meanSquaredError().of(model, DATA.tensors()).item().toDouble();
        assertThat(history.epochs().get(0).validation().orElseThrow())
            .isCloseTo(loss, within(1e-12));
      }
    }
  }

  @Test
  void stoppingEarlyGivesTheBestWeightsBack() {
    try (PointerScope scope = new PointerScope()) {
      EquivariantLinear model = Examples.linear(0);
      // Learns for some steps, then moves away: the best epoch is in the middle.
      Schedule schedule = step -> step < 6 ? 1 : -0.5;
      History history =
          Trainer.builder()
              .epochs(50)
              .batchSize(20)
              .schedule(schedule)
              .stopEarly(3)
              .build()
              .fit(model, Loss.meanSquaredError(), sgd(model, 0.3), DATA, DATA);
      assertThat(history.epochs()).hasSize(6);
      double best = history.epochs().get(2).validation().orElseThrow();
      try (NoGradGuard guard = new NoGradGuard()) {
        double loss = Loss.meanSquaredError().of(model, DATA.tensors()).item().toDouble();
        assertThat(loss).isCloseTo(best, within(1e-12));
      }
    }
  }

  @Test
  void learningRatesFallWhereValidationDoes() {
    try (PointerScope scope = new PointerScope()) {
      EquivariantLinear model = Examples.linear(0);
      // Never better than the first: the weights move away from the data's.
      History history =
          Trainer.builder()
              .epochs(6)
              .batchSize(40)
              .schedule(step -> -1)
              .reduceOnPlateau(0.5, 2)
              .build()
              .fit(model, Loss.meanSquaredError(), sgd(model, 0.1), DATA, DATA);
      assertThat(history.epochs())
          .extracting(History.Epoch::learningRate)
          .containsExactly(-0.1, -0.1, -0.1, -0.05, -0.05, -0.025);
      assertThatThrownBy(() -> Trainer.builder().reduceOnPlateau(1, 2))
          .hasMessage("factor must be between 0 and 1, got 1.0");
      assertThatThrownBy(() -> Trainer.builder().reduceOnPlateau(0.5, 0))
          .hasMessage("reduceOnPlateau must be at least 1, got 0");
      assertRefused(
          Trainer.builder().epochs(1).reduceOnPlateau(0.5, 1),
          DATA,
          "reduceOnPlateau needs validation data, got none");
    }
  }

  @Test
  void aRunMayEndInsideAnEpochByStepsOrTime() {
    try (PointerScope scope = new PointerScope()) {
      EquivariantLinear model = Examples.linear(0);
      Trainer.Builder trainer = Trainer.builder().batchSize(4).steps(13);
      History history =
          trainer.build().fit(model, Loss.meanSquaredError(), sgd(model, 0.1), DATA, DATA);
      assertThat(history.epochs()).extracting(History.Epoch::steps).containsExactly(10L, 13L);
      assertThat(history.epochs().get(1).validation()).isPresent();
      Trainer hurried = Trainer.builder().batchSize(4).time(Duration.ofNanos(1)).build();
      assertThat(hurried.fit(model, Loss.meanSquaredError(), sgd(model, 0.1), DATA).epochs())
          .isEmpty();
    }
  }

  @Test
  void validationIsDoneEveryFewEpochs() {
    try (PointerScope scope = new PointerScope()) {
      EquivariantLinear model = Examples.linear(0);
      Trainer trainer = Trainer.builder().epochs(5).validateEvery(2).build();
      History history = trainer.fit(model, Loss.meanSquaredError(), sgd(model, 0.1), DATA, DATA);
      assertThat(history.epochs())
          .extracting(epoch -> epoch.validation().isPresent())
          .containsExactly(false, true, false, true, false);
      assertThatThrownBy(() -> history.epochs().clear())
          .isInstanceOf(UnsupportedOperationException.class);
    }
  }

  @Test
  void fewBatchesCanBeTriedAndLearnedByHeart() {
    try (PointerScope scope = new PointerScope()) {
      EquivariantLinear model = Examples.linear(0);
      Callback never =
          new Callback() {
            @Override
            public void onStart(Run run) {
              throw new AssertionError("a quick try writes nothing");
            }
          };
      Trainer fast = Trainer.builder().batchSize(8).callbacks(never).fastDevRun().build();
      History history =
          fast.fit(model, Loss.meanSquaredError(), sgd(model, 0.1), DATA, Examples.data(20, 7));
      assertThat(history.epochs()).extracting(History.Epoch::steps).containsExactly(1L);
      History learned =
          Trainer.builder()
              .epochs(300)
              .batchSize(1)
              .overfitBatches(1)
              .build()
              .fit(model, Loss.meanSquaredError(), sgd(model, 0.3), DATA, DATA);
      assertThat(learned.epochs().get(299).validation().orElseThrow()).isLessThan(1e-6);
    }
  }

  @Test
  void aLossThatIsNoNumberStopsTheRunAndTellsWhere() {
    try (PointerScope scope = new PointerScope()) {
      Tensor x = DATA.tensor("x").clone();
      x.narrow(0, 3, 1).fill_(new Scalar(Double.NaN));
      EquivariantSequential model = Examples.deep(0);
      Trainer trainer = Trainer.builder().epochs(1).batchSize(40).build();
      assertThatThrownBy(
              () ->
                  trainer.fit(
                      model,
                      Loss.meanSquaredError(),
                      sgd(model, 0.1),
                      Dataset.of(x, DATA.tensor("y"))))
          .isInstanceOf(NonFiniteException.class)
          .hasMessage(
              "the loss is NaN after 0 steps: 'x' of its batch has entries that are not finite");
      EquivariantSequential spoilt = Examples.deep(0);
      try (NoGradGuard guard = new NoGradGuard()) {
        spoilt.layers().get(4).parameters().get(0).fill_(new Scalar(Double.NaN));
      }
      assertThatThrownBy(() -> trainer.fit(spoilt, Loss.meanSquaredError(), sgd(spoilt, 0.1), DATA))
          .isInstanceOf(NonFiniteException.class)
          .hasMessageStartingWith(
              "the loss is NaN after 0 steps: the first layer whose weights are not finite is '4' (");
    }
  }

  @Test
  void theFirstLayerThatMakesNumbersWhichAreNotFiniteIsNamed() {
    try (PointerScope scope = new PointerScope()) {
      EquivariantMlp model = new EquivariantMlp(Examples.IN, Examples.OUT, MlpOptions.hidden(8, 8));
      model.to(Dtype.FLOAT64);
      try (NoGradGuard guard = new NoGradGuard()) {
        model.layers().get(2).parameters().get(0).fill_(new Scalar(1e308));
      }
      Trainer trainer = Trainer.builder().epochs(1).build();
      assertThatThrownBy(() -> trainer.fit(model, Loss.meanSquaredError(), sgd(model, 0.1), DATA))
          .isInstanceOf(NonFiniteException.class)
          .hasMessageContaining(
              " after 0 steps: data and weights are finite, the first layer whose output is not is"
                  + " 'net.2' (EquivariantLinear(C4: 2 x regular -> C4: 2 x regular)); a lower")
          .hasMessageEndingWith("learning rate or clipping may help");
    }
  }

  /** Two branches, which no chain holds together. */
  private static final class Branches extends EquivariantLayer {
    private final EquivariantLinear left;
    private final EquivariantLayer right;

    Branches() {
      super(Examples.IN, Examples.OUT);
      left = registerChild("left", Examples.linear(0));
      right = registerChild("right", Examples.deep(1));
    }

    @Override
    protected Tensor compute(Tensor x) {
      return left.forward(x).add(right.forward(x));
    }
  }

  private static <L extends Layer & Forward> void assertNamed(L model, String name) {
    model.to(Dtype.FLOAT64);
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      Layer layer = Objects.requireNonNull(model.namedLayers().get(name));
      layer.namedParameters().values().iterator().next().fill_(new Scalar(1e308));
    }
    Trainer trainer = Trainer.builder().epochs(1).build();
    SGD optimizer = new SGD(model.parameters(), new SGDOptions(0.1));
    Loss<L> loss =
        (any, batch) ->
            Losses.mseLoss(
                any.forward(Objects.requireNonNull(batch.get("x"))),
                Objects.requireNonNull(batch.get("y")));
    assertThatThrownBy(() -> trainer.fit(model, loss, optimizer, DATA))
        .isInstanceOf(NonFiniteException.class)
        .hasMessageContaining("the first layer whose output is not is '" + name + "' (");
  }

  @Test
  void itIsNamedInModelsThatAreNoChainsAndInPlainOnes() {
    assertNamed(new Branches(), "left");
    assertNamed(new Branches(), "right.4");
    assertNamed(new Mlp(Examples.IN.size(), Examples.OUT.size(), MlpOptions.hidden(8, 8)), "net.2");
  }

  @Test
  void aGradientThatIsNoNumberStopsTheRunBeforeTheStep() {
    try (PointerScope scope = new PointerScope()) {
      EquivariantLinear model = Examples.linear(0);
      double[] before = weights(model);
      Loss<EquivariantLayer> root =
          (layer, batch) -> {
            Tensor y = layer.forward(Objects.requireNonNull(batch.get("x")));
            return y.mul(new Scalar(0)).pow(new Scalar(0.5)).sum();
          };
      Trainer trainer = Trainer.builder().epochs(1).clipNorm(1).build();
      assertThatThrownBy(() -> trainer.fit(model, root, sgd(model, 0.1), DATA))
          .isInstanceOf(NonFiniteException.class)
          .hasMessage(
              "the gradient is not finite after 0 steps: the first layer with such a one is '' "
                  + "(EquivariantLinear(C4: 2 x regular -> C4: regular), weight_dof); the weights are "
                  + "as they were");
      assertThat(weights(model)).isEqualTo(before);
    }
  }

  private static void assertRefused(Trainer.Builder trainer, Dataset data, String message) {
    EquivariantLinear model = Examples.linear(0);
    SGD optimizer = sgd(model, 0.1);
    assertThatThrownBy(() -> trainer.build().fit(model, Loss.meanSquaredError(), optimizer, data))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }

  @Test
  void whatDoesNotFitIsRefusedBeforeTheFirstStep() {
    try (PointerScope scope = new PointerScope()) {
      assertRefused(
          Trainer.builder().epochs(1).batchSize(64),
          DATA,
          "a batch has 64 samples, the training data have only 40: choose a smaller batch");
      assertRefused(
          Trainer.builder(),
          DATA,
          "a trainer needs to know how long: tell it epochs, steps or time");
      assertRefused(
          Trainer.builder().epochs(1),
          Dataset.of(Examples.random(1, 40, 7), DATA.tensor("y")),
          "the model's in.size() is 8 (C4: 2 x regular), so 'x' must have as many features, got "
              + "[40, 7]");
      assertRefused(
          Trainer.builder().epochs(1),
          Dataset.of(DATA.tensor("x"), Examples.random(1, 40, 3)),
          "the model's out.size() is 4 (C4: regular), so 'y' must have as many features, got "
              + "[40, 3]");
      assertRefused(
          Trainer.builder().epochs(1),
          new Dataset(Map.of("x", DATA.tensor("x"))),
          "the data have no 'y', only [x]");
      assertRefused(
          Trainer.builder().epochs(1).stopEarly(2),
          DATA,
          "stopping early needs validation data, got none");
      EquivariantLinear other = Examples.linear(1);
      Trainer trainer = Trainer.builder().epochs(1).build();
      assertThatThrownBy(
              () -> trainer.fit(Examples.linear(0), Loss.meanSquaredError(), sgd(other, 0.1), DATA))
          .hasMessage(
              "the optimizer must have parameters of the model, 2 of its 2 are others: make it of "
                  + "model.parameters()");
      assertThatThrownBy(() -> Trainer.builder().epochs(0))
          .hasMessage("epochs must be at least 1, got 0");
      assertThatThrownBy(
              () ->
                  Augmentation.byGroup(
                      Map.of(
                          "x",
                          Representation.parse("C4: regular"),
                          "y",
                          Representation.parse("C3: regular"))))
          .hasMessageStartingWith("all representations must be of one group, got ");
    }
  }
}
