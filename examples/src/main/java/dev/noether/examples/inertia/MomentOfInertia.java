package dev.noether.examples.inertia;

import static dev.noether.algebra.Checks.require;

import dev.noether.examples.Results;
import dev.noether.group.CompactGroup;
import dev.noether.group.FiniteGroup;
import dev.noether.group.Group;
import dev.noether.models.GatedMlp;
import dev.noether.nn.bilinear.Pairing;
import dev.noether.nn.bilinear.TensorProductOptions;
import dev.noether.nn.linear.MapOptions;
import dev.noether.rep.Representation;
import dev.noether.torch.Dtype;
import dev.noether.torch.Scopes;
import dev.noether.torch.Tensors;
import dev.noether.train.Dataset;
import dev.noether.train.Loss;
import dev.noether.train.Losses;
import dev.noether.train.Schedule;
import dev.noether.train.Trainer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.Consumer;
import java.util.function.IntUnaryOperator;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Adam;
import org.bytedeco.pytorch.AdamOptions;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * The task: from five masses and their places to their moment of inertia, I = sum of m (|r|^2 - r
 * r^T). Turning or reflecting the places turns or reflects the answer.
 *
 * <p>Masses are softplus of standard normal numbers, places are standard normal, as in Finzi,
 * Welling and Wilson, <em>A Practical Method for Constructing Equivariant Multilayer
 * Perceptrons</em> (2021).
 */
public final class MomentOfInertia {
  /** How many masses. */
  static final int BODIES = 5;

  private static final int SPACE = 3;
  private static final int DEGREE = 2;
  private static final int BATCH = 100;
  private static final int EPOCHS = 200;
  private static final double RATE = 3e-3;
  private static final int TEST = 5000;
  private static final long FIRST_TEST_SEED = 1000;

  /** Mean squared errors of the paper's own network, by the number of samples. */
  private static final Map<Integer, Double> PUBLISHED = Map.of(1000, 0.136, 3000, 0.0281);

  private MomentOfInertia() {}

  /**
   * How the inputs transform.
   *
   * @param group a group of rotations and reflections of space
   * @return five masses, then five places
   */
  public static Representation in(Group group) {
    return Representation.trivial(group)
        .times(BODIES)
        .plus(Representation.vectors(group).times(BODIES));
  }

  /**
   * How the outputs transform.
   *
   * @param group a group of rotations and reflections of space
   * @return matrices, row by row
   */
  public static Representation out(Group group) {
    return Representation.vectors(group).tensor(Representation.vectors(group));
  }

  /**
   * Draws samples.
   *
   * @param count how many
   * @param seed of the generator
   * @param dtype of both tensors
   * @return {@code x}, {@code [count, 20]}: masses, then places; {@code y}, {@code [count, 9]}
   * @throws IllegalArgumentException if there is to be no sample
   */
  public static Dataset samples(int count, long seed, Dtype dtype) {
    require(count >= 1, "there must be at least one sample, got %d", count);
    Random random = new Random(seed);
    int width = BODIES * (1 + SPACE);
    double[] x = new double[count * width];
    double[] y = new double[count * SPACE * SPACE];
    for (int sample = 0; sample < count; sample++) {
      int start = sample * width;
      for (int body = 0; body < BODIES; body++) {
        double mass = Math.log1p(Math.exp(random.nextGaussian()));
        int place = start + BODIES + SPACE * body;
        x[start + body] = mass;
        for (int i = 0; i < SPACE; i++) {
          x[place + i] = random.nextGaussian();
        }
        add(y, sample * SPACE * SPACE, mass, x, place);
      }
    }
    return Dataset.of(
        Tensors.of(dtype, x, count, width), Tensors.of(dtype, y, count, SPACE * SPACE));
  }

  /**
   * How {@link #squares} transform: they hold the answer, which is a linear map of them.
   *
   * @param group a finite group of rotations and reflections of space
   * @return the symmetric square of a place, for each of the five
   */
  public static Representation squares(FiniteGroup group) {
    return Representation.vectors(group).symmetricPower(2).times(BODIES);
  }

  /**
   * The squares of the places, times the masses.
   *
   * @param x inputs, {@code [samples, 20]}
   * @return {@code [samples, 30]}: for each body m r_i r_i, and m r_i r_j sqrt(2) for i below j
   */
  public static Tensor squares(Tensor x) {
    return Scopes.compute(
        () -> {
          Tensor[] columns = new Tensor[BODIES * SPACE * (SPACE + 1) / 2];
          int column = 0;
          for (int body = 0; body < BODIES; body++) {
            Tensor mass = x.select(1, body);
            long place = BODIES + (long) SPACE * body;
            for (int i = 0; i < SPACE; i++) {
              for (int j = i; j < SPACE; j++) {
                Scalar norm = new Scalar(i == j ? 1 : Math.sqrt(2));
                Tensor product = x.select(1, place + i).mul(x.select(1, place + j));
                columns[column++] = mass.mul(product).mul(norm);
              }
            }
          }
          return torch.stack(new TensorVector(columns), 1);
        });
  }

  /**
   * The network: three hidden layers of at least so many channels, the irreps of O(3) that tensors
   * of degree 0, 1 and 2 are made of.
   *
   * @param channels features of a hidden layer
   * @param seed of the weights
   * @return a network that commutes with all rotations and reflections
   * @throws IllegalArgumentException if there is to be no channel
   */
  public static GatedMlp network(int channels, long seed) {
    require(channels >= 1, "a hidden layer needs at least one channel, got %d", channels);
    Representation each = Representation.harmonics(CompactGroup.O3, DEGREE);
    int copies = (channels + each.size() - 1) / each.size();
    Representation hidden =
        Representation.directSum(
            each.summands().stream().map(irrep -> irrep.times(copies)).toList());
    return new GatedMlp(
        in(CompactGroup.O3),
        out(CompactGroup.O3),
        List.of(hidden, hidden, hidden),
        TensorProductOptions.defaults()
            .with(MapOptions.defaults().withSeed(seed))
            .with(Pairing.ALIGNED));
  }

  /**
   * How long a network is trained: 200 epochs of batches of 100.
   *
   * @param samples the number of samples
   * @return steps
   */
  public static int usualSteps(int samples) {
    return EPOCHS * ((samples + BATCH - 1) / BATCH);
  }

  /**
   * Trains networks, each on data of its own: Adam along a cosine, batches of 100.
   *
   * @param sizes the numbers of samples
   * @param seeds how many seeds, from 0
   * @param steps the steps of training for a number of samples, as {@link #usualSteps}
   * @param channels features of a hidden layer
   * @param progress takes a line for each network that is trained
   * @return mean squared errors on 5,000 other samples, and those of the paper where it has some
   */
  public static Results run(
      List<Integer> sizes,
      int seeds,
      IntUnaryOperator steps,
      int channels,
      Consumer<String> progress) {
    require(
        !sizes.isEmpty() && seeds >= 1,
        "there must be a number of samples and a seed, got %s and %d",
        sizes,
        seeds);
    List<Results.Row> rows = new ArrayList<>();
    for (int size : sizes) {
      for (long seed = 0; seed < seeds; seed++) {
        try (PointerScope scope = new PointerScope()) {
          double error = trained(size, seed, steps.applyAsInt(size), channels);
          rows.add(new Results.Row("GatedMlp, O(3)", size, seed, error));
          progress.accept(
              String.format(Locale.ROOT, "%d samples, seed %d: %.4g", size, seed, error));
        }
      }
    }
    for (int size : sizes) {
      Optional.ofNullable(PUBLISHED.get(size))
          .ifPresent(error -> rows.add(new Results.Row("EMLP-O(3), as published", size, 0, error)));
    }
    return new Results("mean squared error", rows);
  }

  private static double trained(int size, long seed, int steps, int channels) {
    GatedMlp network = network(channels, seed);
    Trainer.builder()
        .steps(steps)
        .batchSize(Math.min(BATCH, size))
        .seed(seed)
        .schedule(Schedule.cosine(steps))
        .build()
        .fit(
            network,
            Loss.meanSquaredError(),
            new Adam(network.parameters(), new AdamOptions(RATE)),
            samples(size, seed, Dtype.FLOAT32));
    Dataset test = samples(TEST, FIRST_TEST_SEED + seed, Dtype.FLOAT32);
    try (NoGradGuard guard = new NoGradGuard()) {
      return Losses.mseLoss(network.forward(test.tensor("x")), test.tensor("y")).item().toDouble();
    }
  }

  /** Adds m (|r|^2 - r r^T) of one body. */
  private static void add(double[] y, int at, double mass, double[] x, int place) {
    for (int i = 0; i < SPACE; i++) {
      for (int j = 0; j < SPACE; j++) {
        y[at + SPACE * i + i] += mass * x[place + j] * x[place + j];
        y[at + SPACE * i + j] -= mass * x[place + i] * x[place + j];
      }
    }
  }
}
