package dev.noether.train;

import static dev.noether.algebra.Checks.require;
import static dev.noether.train.LossChecks.requireAlike;
import static dev.noether.train.LossChecks.requireClasses;
import static dev.noether.train.LossChecks.requireProbabilities;
import static dev.noether.train.LossChecks.requireShape;
import static dev.noether.train.LossChecks.requireSigns;
import static dev.noether.train.LossChecks.requireWeights;
import static dev.noether.train.LossChecks.requireWholeNumbers;

import dev.noether.torch.Scopes;
import dev.noether.torch.Tensors;
import java.util.Arrays;
import java.util.function.BinaryOperator;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/**
 * The losses of PyTorch under the names that they have in {@code torch.nn.functional}, as functions
 * of outputs and targets: {@code Loss.between("x", "y", Losses::huberLoss)}.
 *
 * <p>Each is one number, the mean over all entries or samples, with its graph. Shapes must be equal
 * where PyTorch would broadcast: a column of targets beside a row of outputs is a mistake that
 * trains. Dtypes and devices must be those of the outputs.
 */
public final class Losses {
  private static final long MEAN = 1;
  private static final long NO_CLASS = -100;

  private Losses() {}

  /**
   * The mean of (x - y)^2.
   *
   * @param outputs x
   * @param targets y, of the same shape
   * @return one number
   * @throws IllegalArgumentException if shapes, dtypes or devices differ
   */
  public static Tensor mseLoss(Tensor outputs, Tensor targets) {
    requireAlike("outputs", outputs, "targets", targets);
    return torch.mse_loss(outputs, targets);
  }

  /**
   * The mean of |x - y|.
   *
   * @param outputs x
   * @param targets y, of the same shape
   * @return one number
   * @throws IllegalArgumentException if shapes, dtypes or devices differ
   */
  public static Tensor l1Loss(Tensor outputs, Tensor targets) {
    requireAlike("outputs", outputs, "targets", targets);
    return torch.l1_loss(outputs, targets);
  }

  /**
   * The mean of (x - y)^2 / 2 beta where |x - y| is below beta, and of |x - y| - beta / 2
   * elsewhere.
   *
   * @param outputs x
   * @param targets y, of the same shape
   * @param beta where the square ends, positive
   * @return one number
   * @throws IllegalArgumentException if shapes, dtypes or devices differ, or beta is not positive
   */
  public static Tensor smoothL1Loss(Tensor outputs, Tensor targets, double beta) {
    requireAlike("outputs", outputs, "targets", targets);
    require(beta > 0, "beta must be positive, got %s; l1Loss is the limit of 0", beta);
    return torch.smooth_l1_loss(outputs, targets, MEAN, beta);
  }

  /**
   * {@link #smoothL1Loss(Tensor, Tensor, double)} with beta 1.
   *
   * @param outputs x
   * @param targets y, of the same shape
   * @return one number
   * @throws IllegalArgumentException if shapes, dtypes or devices differ
   */
  public static Tensor smoothL1Loss(Tensor outputs, Tensor targets) {
    return smoothL1Loss(outputs, targets, 1);
  }

  /**
   * The mean of (x - y)^2 / 2 where |x - y| is below delta, and of delta (|x - y| - delta / 2)
   * elsewhere.
   *
   * @param outputs x
   * @param targets y, of the same shape
   * @param delta where the square ends, positive
   * @return one number
   * @throws IllegalArgumentException if shapes, dtypes or devices differ, or delta is not positive
   */
  public static Tensor huberLoss(Tensor outputs, Tensor targets, double delta) {
    requireAlike("outputs", outputs, "targets", targets);
    require(delta > 0, "delta must be positive, got %s", delta);
    return torch.huber_loss(outputs, targets, MEAN, delta);
  }

  /**
   * {@link #huberLoss(Tensor, Tensor, double)} with delta 1.
   *
   * @param outputs x
   * @param targets y, of the same shape
   * @return one number
   * @throws IllegalArgumentException if shapes, dtypes or devices differ
   */
  public static Tensor huberLoss(Tensor outputs, Tensor targets) {
    return huberLoss(outputs, targets, 1);
  }

  /**
   * The mean of -log softmax(x)[y] over the samples.
   *
   * @param outputs x, scores that may be any numbers, {@code [samples, classes, ...]}
   * @param targets the number of each sample's class, int64 {@code [samples, ...]}
   * @return one number
   * @throws IllegalArgumentException if shapes or devices do not fit or the targets are no classes
   */
  public static Tensor crossEntropy(Tensor outputs, Tensor targets) {
    return crossEntropy(outputs, targets, 0);
  }

  /**
   * The same, of targets that give a part of their weight to all classes alike.
   *
   * @param outputs x, scores that may be any numbers, {@code [samples, classes, ...]}
   * @param targets the number of each sample's class, int64 {@code [samples, ...]}
   * @param labelSmoothing the part, from 0 to 1
   * @return one number
   * @throws IllegalArgumentException if shapes or devices do not fit, the targets are no classes,
   *     or the part is out of its range
   */
  public static Tensor crossEntropy(Tensor outputs, Tensor targets, double labelSmoothing) {
    requireClasses(outputs, targets);
    require(
        labelSmoothing >= 0 && labelSmoothing <= 1,
        "labelSmoothing must be from 0 to 1, got %s",
        labelSmoothing);
    return torch.cross_entropy_loss(
        outputs, targets, new TensorOptional(), MEAN, NO_CLASS, labelSmoothing);
  }

  /**
   * The same, of classes that do not count alike: the sum of w[y] (-log softmax(x)[y]) over the sum
   * of w[y].
   *
   * @param outputs x, scores that may be any numbers, {@code [samples, classes, ...]}
   * @param targets the number of each sample's class, int64 {@code [samples, ...]}
   * @param classWeights w, {@code [classes]}, such as one over how often each class is seen
   * @return one number
   * @throws IllegalArgumentException if shapes, dtypes or devices do not fit, the targets are no
   *     classes, or a weight is negative
   */
  public static Tensor crossEntropy(Tensor outputs, Tensor targets, Tensor classWeights) {
    requireClasses(outputs, targets);
    requireWeights("classWeights", classWeights, outputs, outputs.size(1));
    return torch.cross_entropy_loss(
        outputs, targets, new TensorOptional(classWeights), MEAN, NO_CLASS, 0);
  }

  /**
   * The mean of -x[y] over the samples.
   *
   * @param outputs x, logarithms of probabilities, {@code [samples, classes, ...]}
   * @param targets the number of each sample's class, int64 {@code [samples, ...]}
   * @return one number
   * @throws IllegalArgumentException if shapes or devices do not fit or the targets are no classes
   */
  public static Tensor nllLoss(Tensor outputs, Tensor targets) {
    requireClasses(outputs, targets);
    return torch.nll_loss_nd(outputs, targets);
  }

  /**
   * The mean of -y log x - (1 - y) log(1 - x).
   *
   * @param outputs x, probabilities
   * @param targets y from 0 to 1, of the same shape
   * @return one number
   * @throws IllegalArgumentException if shapes, dtypes or devices differ, or an entry is not from 0
   *     to 1
   */
  public static Tensor binaryCrossEntropy(Tensor outputs, Tensor targets) {
    requireAlike("outputs", outputs, "targets", targets);
    requireProbabilities("outputs", outputs, "; take binaryCrossEntropyWithLogits for scores");
    requireProbabilities("targets", targets, "");
    return torch.binary_cross_entropy(outputs, targets);
  }

  /**
   * {@link #binaryCrossEntropy} of sigmoid(x), without the loss of digits.
   *
   * @param outputs x, scores that may be any numbers
   * @param targets y from 0 to 1, of the same shape
   * @return one number
   * @throws IllegalArgumentException if shapes, dtypes or devices differ, or a target is not from 0
   *     to 1
   */
  public static Tensor binaryCrossEntropyWithLogits(Tensor outputs, Tensor targets) {
    requireAlike("outputs", outputs, "targets", targets);
    requireProbabilities("targets", targets, "");
    return torch.binary_cross_entropy_with_logits(outputs, targets);
  }

  /**
   * The same, of labels that are seldom 1: the mean of -w y log sigmoid(x) - (1 - y) log(1 -
   * sigmoid(x)).
   *
   * @param outputs x, scores that may be any numbers, {@code [..., labels]}
   * @param targets y from 0 to 1, of the same shape
   * @param positiveWeights w, {@code [labels]}, such as how many 0 there are for each 1
   * @return one number
   * @throws IllegalArgumentException if shapes, dtypes or devices do not fit, a target is not from
   *     0 to 1, or a weight is negative
   */
  public static Tensor binaryCrossEntropyWithLogits(
      Tensor outputs, Tensor targets, Tensor positiveWeights) {
    requireAlike("outputs", outputs, "targets", targets);
    requireProbabilities("targets", targets, "");
    requireWeights("positiveWeights", positiveWeights, outputs, outputs.size(-1));
    return torch.binary_cross_entropy_with_logits(
        outputs, targets, new TensorOptional(), new TensorOptional(positiveWeights), MEAN);
  }

  /**
   * The divergence of Kullback and Leibler, the sum of y (log y - x) over the samples' number:
   * PyTorch's {@code reduction="batchmean"}, which alone is the divergence.
   *
   * @param outputs x, logarithms of probabilities, {@code [samples, ...]}
   * @param targets y, probabilities, of the same shape
   * @return one number
   * @throws IllegalArgumentException if shapes, dtypes or devices differ, or a target is not from 0
   *     to 1
   */
  public static Tensor klDiv(Tensor outputs, Tensor targets) {
    requireAlike("outputs", outputs, "targets", targets);
    requireProbabilities("targets", targets, "");
    Scalar share = new Scalar(1.0 / outputs.size(0));
    return Scopes.compute(() -> torch.kl_div(outputs, targets, 2, false).mul(share));
  }

  /**
   * The mean of (log v + (x - y)^2 / v) / 2: the log-density of normal distributions, a constant
   * left out.
   *
   * @param means x
   * @param targets y, of the same shape
   * @param variances v, of the same shape; those below 1e-6 count as 1e-6
   * @return one number
   * @throws IllegalArgumentException if shapes, dtypes or devices differ, or a variance is negative
   */
  public static Tensor gaussianNllLoss(Tensor means, Tensor targets, Tensor variances) {
    requireAlike("means", means, "targets", targets);
    requireAlike("means", means, "variances", variances);
    require(
        !Scopes.compute(() -> variances.lt(new Scalar(0.0)).any()).item().toBool(),
        "variances must not be negative; take exp or softplus of what the network gives");
    return Scopes.compute(
        () -> {
          Tensor v = variances.clamp_min(new Scalar(1e-6));
          Tensor squares = means.sub(targets).square();
          return v.log().add(squares.div(v)).mean().mul(new Scalar(0.5));
        });
  }

  /**
   * The mean of exp x - y x: the log-density of Poisson distributions of mean exp x, a constant
   * left out.
   *
   * @param outputs x, the logarithms of the means
   * @param targets y, counts, of the same shape
   * @return one number
   * @throws IllegalArgumentException if shapes, dtypes or devices differ
   */
  public static Tensor poissonNllLoss(Tensor outputs, Tensor targets) {
    requireAlike("outputs", outputs, "targets", targets);
    return torch.poisson_nll_loss(outputs, targets, true, false, 1e-8, MEAN);
  }

  /**
   * The mean of log(1 + exp(-y x)).
   *
   * @param outputs x
   * @param targets y, 1 or -1, of the same shape
   * @return one number
   * @throws IllegalArgumentException if shapes, dtypes or devices differ or a target is another
   *     number
   */
  public static Tensor softMarginLoss(Tensor outputs, Tensor targets) {
    requireAlike("outputs", outputs, "targets", targets);
    requireSigns(targets);
    return torch.soft_margin_loss(outputs, targets);
  }

  /**
   * The mean of x where y is 1, and of max(0, margin - x) where it is -1.
   *
   * @param distances x
   * @param targets y, 1 or -1, of the same shape
   * @param margin from where on different things are far enough apart
   * @return one number
   * @throws IllegalArgumentException if shapes, dtypes or devices differ or a target is another
   *     number
   */
  public static Tensor hingeEmbeddingLoss(Tensor distances, Tensor targets, double margin) {
    requireAlike("distances", distances, "targets", targets);
    requireSigns(targets);
    return torch.hinge_embedding_loss(distances, targets, margin, MEAN);
  }

  /**
   * The mean of 1 - cos(a, b) where y is 1, and of max(0, cos(a, b) - margin) where it is -1.
   *
   * @param first a, {@code [samples, features]}
   * @param second b, of the same shape
   * @param targets y, 1 or -1, {@code [samples]}
   * @param margin up to which cosine different things may be alike, from -1 to 1
   * @return one number
   * @throws IllegalArgumentException if shapes, dtypes or devices do not fit, a target is another
   *     number, or the margin is out of its range
   */
  public static Tensor cosineEmbeddingLoss(
      Tensor first, Tensor second, Tensor targets, double margin) {
    requireAlike("first", first, "second", second);
    require(margin >= -1 && margin <= 1, "margin must be from -1 to 1, got %s", margin);
    requireShape("targets", targets, Arrays.copyOf(Tensors.shape(first), 1));
    requireSigns(targets);
    return torch.cosine_embedding_loss(first, second, targets, margin, MEAN);
  }

  /**
   * The mean of max(0, margin - y (a - b)).
   *
   * @param first a
   * @param second b, of the same shape
   * @param targets y, 1 where a should be the larger and -1 where b should, of the same shape
   * @param margin by how much
   * @return one number
   * @throws IllegalArgumentException if shapes, dtypes or devices differ or a target is another
   *     number
   */
  public static Tensor marginRankingLoss(
      Tensor first, Tensor second, Tensor targets, double margin) {
    requireAlike("first", first, "second", second);
    requireAlike("first", first, "targets", targets);
    requireSigns(targets);
    return torch.margin_ranking_loss(first, second, targets, margin, MEAN);
  }

  /**
   * The mean of max(0, |a - p| - |a - n| + margin), in the Euclidean norm.
   *
   * @param anchors a, {@code [samples, features]}
   * @param positives p, what should be near, of the same shape
   * @param negatives n, what should be far, of the same shape
   * @param margin by how much farther, positive
   * @return one number
   * @throws IllegalArgumentException if shapes, dtypes or devices differ or the margin is not
   *     positive
   */
  public static Tensor tripletMarginLoss(
      Tensor anchors, Tensor positives, Tensor negatives, double margin) {
    requireAlike("anchors", anchors, "positives", positives);
    requireAlike("anchors", anchors, "negatives", negatives);
    require(margin > 0, "margin must be positive, got %s", margin);
    return torch.triplet_margin_loss(anchors, positives, negatives, margin, 2, 1e-6, false, MEAN);
  }

  /**
   * {@link #tripletMarginLoss} of distances of another kind: the mean of max(0, d(a, p) - d(a, n) +
   * margin).
   *
   * @param anchors a, {@code [samples, ...]}
   * @param positives p, what should be near, of the same shape
   * @param negatives n, what should be far, of the same shape
   * @param distance d, one number for each sample
   * @param margin by how much farther, positive
   * @return one number
   * @throws IllegalArgumentException if shapes, dtypes or devices differ, a distance is not one
   *     number a sample, or the margin is not positive
   */
  public static Tensor tripletMarginWithDistanceLoss(
      Tensor anchors,
      Tensor positives,
      Tensor negatives,
      BinaryOperator<Tensor> distance,
      double margin) {
    requireAlike("anchors", anchors, "positives", positives);
    requireAlike("anchors", anchors, "negatives", negatives);
    require(margin > 0, "margin must be positive, got %s", margin);
    return Scopes.compute(
        () -> {
          Tensor near = distance.apply(anchors, positives);
          Tensor far = distance.apply(anchors, negatives);
          requireShape("distances", near, new long[] {anchors.size(0)});
          requireShape("distances", far, new long[] {anchors.size(0)});
          return near.sub(far).add(new Scalar(margin)).clamp_min(new Scalar(0.0)).mean();
        });
  }

  /**
   * The mean over the samples of the sum of max(0, margin - x[y] + x[i]) over all other classes i,
   * over the number of classes.
   *
   * @param outputs x, scores, {@code [samples, classes]}
   * @param targets the number of each sample's class, int64 {@code [samples]}
   * @param margin by how much the right class should lead
   * @return one number
   * @throws IllegalArgumentException if shapes or devices do not fit or the targets are no classes
   */
  public static Tensor multiMarginLoss(Tensor outputs, Tensor targets, double margin) {
    requireClasses(outputs, targets);
    return torch.multi_margin_loss(
        outputs, targets, new Scalar(1.0), new Scalar(margin), new TensorOptional(), MEAN);
  }

  /**
   * The mean over samples and labels of {@link #binaryCrossEntropyWithLogits}: any number of labels
   * for each sample.
   *
   * @param outputs scores, {@code [samples, labels]}
   * @param targets 1 for labels that a sample has and 0 for others, of the same shape
   * @return one number
   * @throws IllegalArgumentException if shapes, dtypes or devices differ, or a target is not from 0
   *     to 1
   */
  public static Tensor multilabelSoftMarginLoss(Tensor outputs, Tensor targets) {
    return binaryCrossEntropyWithLogits(outputs, targets);
  }

  /**
   * The mean over the samples of the sum of max(0, 1 - x[y] + x[i]) over all labels y that a sample
   * has and all i that it has not, over the number of labels.
   *
   * @param outputs x, scores, {@code [samples, labels]}
   * @param targets the numbers of the labels that each sample has, int64 of the same shape, with -1
   *     after the last
   * @return one number
   * @throws IllegalArgumentException if shapes or devices do not fit or a target is no label
   */
  public static Tensor multilabelMarginLoss(Tensor outputs, Tensor targets) {
    requireWholeNumbers("targets", targets, Tensors.shape(outputs), -1, outputs.size(-1) - 1);
    return torch.multilabel_margin_loss(outputs, targets, MEAN);
  }

  /**
   * The loss of connectionist temporal classification (Graves and others, 2006): -log of the
   * probability of all ways to write a sample's labels over its steps, with blanks and repeats,
   * over the number of labels; the mean over the samples. Infinite where the steps are too few.
   *
   * @param logProbs logarithms of probabilities, {@code [time, samples, classes]}; class 0 is blank
   * @param targets the labels of each sample, from 1 on, int64 {@code [samples, most labels]}
   * @param inputLengths how many steps each sample has, int64 {@code [samples]}
   * @param targetLengths how many labels each sample has, int64 {@code [samples]}
   * @return one number
   * @throws IllegalArgumentException if shapes or devices do not fit, a length is out of its range,
   *     or a target is no class
   */
  public static Tensor ctcLoss(
      Tensor logProbs, Tensor targets, Tensor inputLengths, Tensor targetLengths) {
    long[] shape = Tensors.shape(logProbs);
    require(
        shape.length == 3,
        "logProbs must be [time, samples, classes], got %s",
        Arrays.toString(shape));
    long[] samples = {shape[1]};
    long labels = targets.dim() == 2 ? targets.size(1) : 0;
    requireWholeNumbers("targets", targets, new long[] {shape[1], labels}, 0, shape[2] - 1);
    requireWholeNumbers("inputLengths", inputLengths, samples, 1, shape[0]);
    requireWholeNumbers("targetLengths", targetLengths, samples, 0, labels);
    return torch.ctc_loss(logProbs, targets, inputLengths, targetLengths, 0, MEAN, false);
  }
}
