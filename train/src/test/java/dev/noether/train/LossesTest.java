package dev.noether.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import dev.noether.nn.linear.EquivariantLinear;
import dev.noether.rep.Representation;
import dev.noether.torch.Dtype;
import dev.noether.torch.LibTorch;
import dev.noether.torch.Tensors;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The losses of PyTorch: each is its formula, and what it cannot mean is refused. */
class LossesTest {
  private static final double[] X = {0.3, -1.2, 2.5, 0.9, -0.1, 1.7};
  private static final double[] Y = {0.1, 0.4, 0.9, 2.0, -3.0, 1.5};
  private static final double[] SIGNS = {1, -1, -1, 1, 1, -1};
  private static final double[] SHARES = {0.2, 0.7, 0.1, 1.0, 0.0, 0.5};

  @BeforeAll
  static void load() {
    LibTorch.load();
  }

  private static Tensor tensor(double... values) {
    return Tensors.of(Dtype.FLOAT64, values, 2, values.length / 2);
  }

  private static double mean(int count, IntToDoubleFunction f) {
    return IntStream.range(0, count).mapToDouble(f).average().orElseThrow();
  }

  private static void assertMean(Tensor loss, IntToDoubleFunction f) {
    assertThat(loss.item().toDouble()).isCloseTo(mean(X.length, f), withinPercentage(1e-11));
  }

  private static double huber(double distance, double delta) {
    double d = Math.abs(distance);
    return d < delta ? d * d / 2 : delta * (d - delta / 2);
  }

  private static double sigmoid(double x) {
    return 1 / (1 + Math.exp(-x));
  }

  private static double binary(double x, double y) {
    return -y * Math.log(x) - (1 - y) * Math.log(1 - x);
  }

  @Test
  void lossesOfEntriesAreTheMeansOfTheirFormulas() {
    try (PointerScope scope = new PointerScope()) {
      Tensor x = tensor(X);
      Tensor y = tensor(Y);
      Tensor signs = tensor(SIGNS);
      Tensor shares = tensor(SHARES);
      assertMean(Losses.mseLoss(x, y), i -> (X[i] - Y[i]) * (X[i] - Y[i]));
      assertMean(Losses.l1Loss(x, y), i -> Math.abs(X[i] - Y[i]));
      assertMean(Losses.huberLoss(x, y), i -> huber(X[i] - Y[i], 1));
      assertMean(Losses.huberLoss(x, y, 2), i -> huber(X[i] - Y[i], 2));
      assertMean(Losses.smoothL1Loss(x, y), i -> huber(X[i] - Y[i], 1));
      assertMean(Losses.smoothL1Loss(x, y, 2), i -> huber(X[i] - Y[i], 2) / 2);
      assertMean(
          Losses.binaryCrossEntropyWithLogits(x, shares), i -> binary(sigmoid(X[i]), SHARES[i]));
      assertMean(
          Losses.binaryCrossEntropy(x.sigmoid(), shares), i -> binary(sigmoid(X[i]), SHARES[i]));
      assertMean(Losses.multilabelSoftMarginLoss(x, shares), i -> binary(sigmoid(X[i]), SHARES[i]));
      assertMean(Losses.poissonNllLoss(x, y), i -> Math.exp(X[i]) - Y[i] * X[i]);
      assertMean(Losses.softMarginLoss(x, signs), i -> Math.log1p(Math.exp(-SIGNS[i] * X[i])));
      assertMean(
          Losses.hingeEmbeddingLoss(x, signs, 0.5),
          i -> SIGNS[i] > 0 ? X[i] : Math.max(0, 0.5 - X[i]));
      assertMean(
          Losses.marginRankingLoss(x, y, signs, 0.5),
          i -> Math.max(0, 0.5 - SIGNS[i] * (X[i] - Y[i])));
      assertMean(
          Losses.gaussianNllLoss(x, y, shares),
          i -> {
            double v = Math.max(SHARES[i], 1e-6);
            return (Math.log(v) + (X[i] - Y[i]) * (X[i] - Y[i]) / v) / 2;
          });
    }
  }

  /** log softmax of one of two samples of three classes. */
  private static double logSoftmax(int sample, int of) {
    double[] x = Arrays.copyOfRange(X, 3 * sample, 3 * sample + 3);
    return x[of] - Math.log(Arrays.stream(x).map(Math::exp).sum());
  }

  @Test
  void lossesOfClassesAreTheMeansOverTheSamples() {
    try (PointerScope scope = new PointerScope()) {
      Tensor x = tensor(X);
      int[] classes = {2, 0};
      Tensor y = Tensors.of(new long[] {2, 0}, 2);
      double expected = mean(2, i -> -logSoftmax(i, classes[i]));
      assertThat(Losses.crossEntropy(x, y).item().toDouble()).isCloseTo(expected, within(1e-14));
      assertThat(Losses.nllLoss(x.log_softmax(-1), y).item().toDouble())
          .isCloseTo(expected, within(1e-14));
      double all = mean(2, i -> mean(3, c -> -logSoftmax(i, c)));
      assertThat(Losses.crossEntropy(x, y, 0.3).item().toDouble())
          .isCloseTo(0.7 * expected + 0.3 * all, within(1e-14));
      double margins =
          mean(
              2,
              i ->
                  IntStream.range(0, 3)
                          .filter(c -> c != classes[i])
                          .mapToDouble(c -> Math.max(0, 1 - X[3 * i + classes[i]] + X[3 * i + c]))
                          .sum()
                      / 3);
      assertThat(Losses.multiMarginLoss(x, y, 1).item().toDouble())
          .isCloseTo(margins, within(1e-14));
    }
  }

  @Test
  void lossesOfSamplesAreTheMeansOverTheSamples() {
    try (PointerScope scope = new PointerScope()) {
      Tensor x = tensor(X);
      Tensor y = tensor(Y);
      Tensor shares = tensor(SHARES);
      double kl =
          mean(
              2,
              i ->
                  IntStream.range(3 * i, 3 * i + 3)
                      .filter(j -> SHARES[j] > 0)
                      .mapToDouble(j -> SHARES[j] * (Math.log(SHARES[j]) - X[j]))
                      .sum());
      assertThat(Losses.klDiv(x, shares).item().toDouble()).isCloseTo(kl, within(1e-14));
      double cosines = mean(2, i -> i == 0 ? 1 - cosine(i) : Math.max(0, cosine(i) - 0.1));
      Tensor signs = Tensors.of(Dtype.FLOAT64, new double[] {1, -1}, 2);
      assertThat(Losses.cosineEmbeddingLoss(x, y, signs, 0.1).item().toDouble())
          .isCloseTo(cosines, within(1e-7));
      double triplets = mean(2, i -> Math.max(0, distance(i, Y) - distance(i, SHARES) + 0.5));
      assertThat(Losses.tripletMarginLoss(x, y, shares, 0.5).item().toDouble())
          .isCloseTo(triplets, within(1e-5)); // PyTorch adds 1e-6 to each difference
    }
  }

  private static double cosine(int sample) {
    double xy = 0;
    double xx = 0;
    double yy = 0;
    for (int i = 3 * sample; i < 3 * sample + 3; i++) {
      xy += X[i] * Y[i];
      xx += X[i] * X[i];
      yy += Y[i] * Y[i];
    }
    return xy / Math.sqrt(xx * yy);
  }

  private static double distance(int sample, double[] other) {
    return Math.sqrt(
        IntStream.range(3 * sample, 3 * sample + 3)
            .mapToDouble(i -> (X[i] - other[i]) * (X[i] - other[i]))
            .sum());
  }

  @Test
  void weightsOfClassesAndLabelsCountInTheMeans() {
    try (PointerScope scope = new PointerScope()) {
      Tensor x = tensor(X);
      int[] classes = {2, 0};
      double[] weights = {0.5, 1, 3};
      Tensor w = Tensors.of(Dtype.FLOAT64, weights, 3);
      double sum = 0;
      double all = 0;
      for (int i = 0; i < 2; i++) {
        sum -= weights[classes[i]] * logSoftmax(i, classes[i]);
        all += weights[classes[i]];
      }
      assertThat(Losses.crossEntropy(x, Tensors.of(new long[] {2, 0}, 2), w).item().toDouble())
          .isCloseTo(sum / all, within(1e-14));
      assertMean(
          Losses.binaryCrossEntropyWithLogits(x, tensor(SHARES), w),
          i ->
              -weights[i % 3] * SHARES[i] * Math.log(sigmoid(X[i]))
                  - (1 - SHARES[i]) * Math.log(1 - sigmoid(X[i])));
      assertRefused(
          () -> Losses.crossEntropy(x, Tensors.of(new long[] {2, 0}, 2), w.narrow(0, 0, 2)),
          "classWeights must be [3], got [2]");
      assertRefused(
          () -> Losses.crossEntropy(x, Tensors.of(new long[] {2, 0}, 2), w.neg()),
          "classWeights must not be negative");
      assertRefused(
          () ->
              Losses.binaryCrossEntropyWithLogits(
                  x, tensor(SHARES), w.to(Dtype.FLOAT32.scalarType())),
          "outputs and positiveWeights must have one dtype and one device, got float64 on cpu and"
              + " float32 on cpu");
    }
  }

  @Test
  void labelsOfASampleLeadThoseThatItHasNot() {
    try (PointerScope scope = new PointerScope()) {
      // The first sample has labels 2 and 0, the second label 1.
      Tensor labels = Tensors.of(new long[] {2, 0, -1, 1, -1, -1}, 2, 3);
      int[][] has = {{2, 0}, {1}};
      int[][] hasNot = {{1}, {0, 2}};
      double expected = 0;
      for (int sample = 0; sample < 2; sample++) {
        for (int y : has[sample]) {
          for (int i : hasNot[sample]) {
            expected += Math.max(0, 1 - X[3 * sample + y] + X[3 * sample + i]) / 3 / 2;
          }
        }
      }
      assertThat(Losses.multilabelMarginLoss(tensor(X), labels).item().toDouble())
          .isCloseTo(expected, within(1e-14));
      assertRefused(
          () -> Losses.multilabelMarginLoss(tensor(X), labels.add(new Scalar(1L))),
          "targets must be from -1 to 2, got 0 to 3");
      assertRefused(
          () -> Losses.multilabelMarginLoss(tensor(X), tensor(X)),
          "targets must be whole numbers, int64, got float64");
    }
  }

  @Test
  void tripletsMayBeComparedByAnyDistance() {
    try (PointerScope scope = new PointerScope()) {
      Tensor x = tensor(X);
      double expected =
          mean(
              2,
              i -> {
                double near = 0;
                double far = 0;
                for (int j = 3 * i; j < 3 * i + 3; j++) {
                  near += Math.abs(X[j] - Y[j]);
                  far += Math.abs(X[j] - SHARES[j]);
                }
                return Math.max(0, near - far + 0.5);
              });
      assertThat(
              Losses.tripletMarginWithDistanceLoss(
                      x, tensor(Y), tensor(SHARES), (a, b) -> a.sub(b).abs().sum(-1), 0.5)
                  .item()
                  .toDouble())
          .isCloseTo(expected, within(1e-14));
      assertRefused(
          () -> Losses.tripletMarginWithDistanceLoss(x, x, x, Tensor::sub, 0.5),
          "distances must be [2], got [2, 3]");
    }
  }

  /** The labels that are left of a way: repeats once, then without blanks. */
  private static List<Integer> written(int[] way) {
    List<Integer> labels = new ArrayList<>();
    for (int t = 0; t < way.length; t++) {
      if (way[t] != 0 && (t == 0 || way[t] != way[t - 1])) {
        labels.add(way[t]);
      }
    }
    return labels;
  }

  /** The sum of the probabilities of all ways over steps of three classes. */
  private static double probability(double[][] logs, List<Integer> labels) {
    double sum = 0;
    int ways = (int) Math.pow(3, logs.length);
    for (int number = 0; number < ways; number++) {
      int[] way = new int[logs.length];
      double log = 0;
      for (int t = 0, rest = number; t < way.length; t++, rest /= 3) {
        way[t] = rest % 3;
        log += logs[t][way[t]];
      }
      sum += written(way).equals(labels) ? Math.exp(log) : 0;
    }
    return sum;
  }

  @Test
  void temporalClassificationSumsOverAllWaysToWriteTheLabels() {
    try (PointerScope scope = new PointerScope()) {
      double[] scores = new Random(3).doubles(24, -1, 1).toArray();
      Tensor logs = Tensors.of(Dtype.FLOAT64, scores, 4, 2, 3).log_softmax(-1);
      double[] entries = Tensors.toArray(logs);
      int[] steps = {4, 3};
      List<List<Integer>> labels = List.of(List.of(1, 1), List.of(2));
      double expected = 0;
      for (int sample = 0; sample < 2; sample++) {
        double[][] own = new double[steps[sample]][];
        for (int t = 0; t < own.length; t++) {
          own[t] = Arrays.copyOfRange(entries, 6 * t + 3 * sample, 6 * t + 3 * sample + 3);
        }
        List<Integer> word = labels.get(sample);
        expected -= Math.log(probability(own, word)) / word.size() / 2;
      }
      Tensor targets = Tensors.of(new long[] {1, 1, 2, 0}, 2, 2);
      Tensor lengths = Tensors.of(new long[] {2, 1}, 2);
      assertThat(
              Losses.ctcLoss(logs, targets, Tensors.of(new long[] {4, 3}, 2), lengths)
                  .item()
                  .toDouble())
          .isCloseTo(expected, within(1e-13));
      assertRefused(
          () -> Losses.ctcLoss(logs, targets, Tensors.of(new long[] {5, 3}, 2), lengths),
          "inputLengths must be from 1 to 4, got 3 to 5");
      assertRefused(
          () -> Losses.ctcLoss(logs.select(1, 0), targets, lengths, lengths),
          "logProbs must be [time, samples, classes], got [4, 3]");
      assertRefused(
          () -> Losses.ctcLoss(logs, targets.add(new Scalar(2L)), lengths, lengths),
          "targets must be from 0 to 2, got 2 to 4");
    }
  }

  /** Functions of {@code torch.nn.functional} whose names end with loss, and those without. */
  @Test
  void everyLossOfPyTorchIsHereUnderItsName() {
    String theirs =
        "binary_cross_entropy binary_cross_entropy_with_logits cosine_embedding_loss cross_entropy"
            + " ctc_loss gaussian_nll_loss hinge_embedding_loss huber_loss kl_div l1_loss"
            + " margin_ranking_loss mse_loss multi_margin_loss multilabel_margin_loss"
            + " multilabel_soft_margin_loss nll_loss poisson_nll_loss smooth_l1_loss"
            + " soft_margin_loss triplet_margin_loss triplet_margin_with_distance_loss";
    assertThat(
            Arrays.stream(Losses.class.getMethods())
                .filter(method -> Modifier.isStatic(method.getModifiers()))
                .map(method -> method.getName().toLowerCase(Locale.ROOT)))
        .containsAll(Arrays.stream(theirs.replace("_", "").split(" ")).toList());
  }

  private static void assertRefused(ThrowingCallable loss, String message) {
    assertThatThrownBy(loss).isInstanceOf(IllegalArgumentException.class).hasMessage(message);
  }

  @Test
  void whatPyTorchWouldBroadcastOrMisreadIsRefused() {
    try (PointerScope scope = new PointerScope()) {
      Tensor x = tensor(X);
      Tensor y = tensor(Y);
      assertRefused(
          () -> Losses.mseLoss(x, y.narrow(1, 0, 1)), "targets must be [2, 3], got [2, 1]");
      assertRefused(
          () -> Losses.l1Loss(x, y.to(Dtype.FLOAT32.scalarType())),
          "outputs and targets must have one dtype and one device, got float64 on cpu and float32"
              + " on cpu");
      assertRefused(
          () -> Losses.crossEntropy(x, Tensors.of(new long[] {0, 3}, 2)),
          "targets must be from 0 to 2, one less than the classes, got 0 to 3");
      assertRefused(
          () -> Losses.crossEntropy(x, Tensors.of(new long[] {-1, 2}, 2)),
          "targets must be from 0 to 2, one less than the classes, got -1 to 2");
      assertRefused(
          () -> Losses.nllLoss(x, y), "targets must be the numbers of classes, int64, got float64");
      assertRefused(
          () -> Losses.crossEntropy(x, Tensors.of(new long[] {0}, 1)),
          "targets must be [2], got [1]");
      assertRefused(
          () -> Losses.crossEntropy(x, Tensors.of(new long[] {0, 1}, 2), 2),
          "labelSmoothing must be from 0 to 1, got 2.0");
      assertRefused(
          () -> Losses.binaryCrossEntropy(x, tensor(SHARES)),
          "outputs must be from 0 to 1, got -1.2 to 2.5; take binaryCrossEntropyWithLogits for"
              + " scores");
      assertRefused(() -> Losses.klDiv(x, y), "targets must be from 0 to 1, got -3.0 to 2.0");
      assertRefused(() -> Losses.softMarginLoss(x, y), "targets must be 1 or -1");
      assertRefused(
          () -> Losses.gaussianNllLoss(x, y, x),
          "variances must not be negative; take exp or softplus of what the network gives");
      assertRefused(() -> Losses.huberLoss(x, y, 0), "delta must be positive, got 0.0");
      assertRefused(
          () -> Losses.smoothL1Loss(x, y, 0),
          "beta must be positive, got 0.0; l1Loss is the limit of 0");
      assertRefused(
          () -> Losses.tripletMarginLoss(x, x, x, -1), "margin must be positive, got -1.0");
      assertRefused(
          () -> Losses.cosineEmbeddingLoss(x, x, y, 2), "margin must be from -1 to 1, got 2.0");
    }
  }

  @Test
  void classesAreCheckedBeforeAnythingIsTrained() {
    try (PointerScope scope = new PointerScope()) {
      Representation in = Representation.parse("C3: regular");
      EquivariantLinear model = new EquivariantLinear(in, Representation.parse("C3: 2 x trivial"));
      Tensor x = tensor(X).to(Dtype.FLOAT32.scalarType());
      Loss<? super EquivariantLinear> loss = Loss.crossEntropy();
      Dataset good = Dataset.of(x, Tensors.of(new long[] {1, 0}, 2));
      loss.requireFits(model, good);
      assertThat(loss.of(model, good.tensors()).item().toDouble()).isPositive();
      Dataset beyond = Dataset.of(x, Tensors.of(new long[] {1, 2}, 2));
      assertRefused(
          () -> loss.requireFits(model, beyond),
          "targets must be from 0 to 1, one less than the classes, got 1 to 2");
      Dataset numbers = new Dataset(Map.of("x", x, "y", x));
      assertRefused(
          () -> loss.requireFits(model, numbers),
          "'y' must be the numbers of the classes, int64 [samples], got float32 [2, 3]");
    }
  }
}
