package dev.noether.examples;

import static dev.noether.algebra.Checks.require;

import dev.noether.algebra.Matrix;
import dev.noether.group.FiniteGroup;
import dev.noether.group.GroupProducts;
import dev.noether.group.Groups;
import dev.noether.models.EquivariantMlp;
import dev.noether.models.Mlp;
import dev.noether.models.MlpOptions;
import dev.noether.nn.linear.DenseOptions;
import dev.noether.nn.linear.MapOptions;
import dev.noether.plain.Activation;
import dev.noether.rep.Representation;
import dev.noether.robot.Robot;
import dev.noether.torch.Dtype;
import dev.noether.torch.Tensors;
import dev.noether.train.Augmentation;
import dev.noether.train.Dataset;
import dev.noether.train.Loss;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.function.Consumer;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * The momentum of a four-legged robot about its centre of mass, from the angles and velocities of
 * its joints. Left and right, front and back are mirror images: the group is C2 x C2, joints are a
 * signed permutation, linear momentum a vector and angular momentum a pseudovector.
 */
public final class Quadruped {
  private static final int TEST_SAMPLES = 4000;
  private static final long TEST_SEED = 1_000_003;
  private static final FiniteGroup GROUP = GroupProducts.direct(Groups.cyclic(2), Groups.cyclic(2));

  /** Linear and angular momentum when left and right, and when front and back change places. */
  private static final Representation MOMENTUM =
      Representation.signedPermutation(
          GROUP, List.of(new int[] {1, -2, 3, -4, 5, -6}, new int[] {-1, 2, 3, 4, -5, -6}));

  private final Robot robot;
  private final Representation state;
  private final double linearUnit;
  private final double angularUnit;
  private final Dataset test;

  private Quadruped(Robot robot) {
    this.robot = robot;
    require(!robot.joints().isEmpty(), "the robot has no joint that turns");
    Representation joints =
        Representation.signedPermutation(
            GROUP, List.of(robot.images(mirror(1)), robot.images(mirror(0))));
    state = joints.times(2);
    double[] sums = new double[2];
    Random random = new Random(TEST_SEED);
    for (int i = 0; i < TEST_SAMPLES; i++) {
      double[] y = momentum(drawn(random));
      for (int k = 0; k < y.length; k++) {
        sums[k / 3] += y[k] * y[k] / (3.0 * TEST_SAMPLES);
      }
    }
    linearUnit = Math.sqrt(sums[0]);
    angularUnit = Math.sqrt(sums[1]);
    test = samples(TEST_SAMPLES, TEST_SEED);
  }

  /**
   * The robot of the project's own.
   *
   * @return the task
   */
  public static Quadruped own() {
    try (InputStream in =
        Objects.requireNonNull(Quadruped.class.getResourceAsStream("quadruped.urdf"))) {
      return new Quadruped(Robot.read("quadruped.urdf", in));
    } catch (IOException e) {
      throw new IllegalStateException("a resource can be read", e);
    }
  }

  /**
   * Another robot with the same two symmetries.
   *
   * @param urdf its description
   * @return the task
   * @throws IllegalArgumentException if it is no URDF, or has a joint without a partner on the
   *     other side
   * @throws IOException if the file cannot be read
   */
  public static Quadruped of(Path urdf) throws IOException {
    try (InputStream in = new BufferedInputStream(Files.newInputStream(urdf))) {
      return new Quadruped(Robot.read(urdf.toString(), in));
    }
  }

  /** A reflection of space: 0 for front and back, 1 for left and right. */
  static Matrix mirror(int axis) {
    double[] entries = Matrix.identity(3).toArray();
    entries[4 * axis] = -1;
    return Matrix.of(3, 3, entries);
  }

  /**
   * How angles and velocities transform.
   *
   * @return the joints' representation twice
   */
  public Representation state() {
    return state;
  }

  /**
   * How the outputs transform.
   *
   * @return a vector and a pseudovector
   */
  public static Representation momentum() {
    return MOMENTUM;
  }

  /** Angles in radians, then velocities in radians per second. */
  private double[] drawn(Random random) {
    int joints = robot.joints().size();
    double[] x = new double[2 * joints];
    for (int i = 0; i < joints; i++) {
      x[i] = random.nextDouble() * 2 - 1;
      x[joints + i] = random.nextGaussian();
    }
    return x;
  }

  /** In kg m/s and kg m^2/s. */
  double[] momentum(double... x) {
    int joints = x.length / 2;
    return robot.momentum(Arrays.copyOf(x, joints), Arrays.copyOfRange(x, joints, x.length));
  }

  /**
   * How far the labels are from the symmetry, as real robots are a little: 0 for the project's own.
   *
   * @return the largest difference over 100 states, relative to the size of the momentum
   */
  public double asymmetry() {
    Random random = new Random(1);
    double worst = 0;
    for (int sample = 0; sample < 100; sample++) {
      double[] x = drawn(random);
      double[] y = momentum(x);
      for (int g = 0; g < GROUP.order(); g++) {
        double[] moved = momentum(state.at(GROUP.element(g)).times(column(x)).toArray());
        double[] expected = MOMENTUM.at(GROUP.element(g)).times(column(y)).toArray();
        for (int k = 0; k < y.length; k++) {
          double unit = k < 3 ? linearUnit : angularUnit;
          worst = Math.max(worst, Math.abs(moved[k] - expected[k]) / unit);
        }
      }
    }
    return worst;
  }

  private static Matrix column(double... values) {
    return Matrix.of(values.length, 1, values);
  }

  /** States and momenta, each kind in units of its size. */
  Dataset samples(int count, long seed) {
    Random random = new Random(seed);
    double[] x = new double[count * state.size()];
    double[] y = new double[count * MOMENTUM.size()];
    for (int i = 0; i < count; i++) {
      double[] own = drawn(random);
      System.arraycopy(own, 0, x, i * own.length, own.length);
      double[] result = momentum(own);
      for (int k = 0; k < result.length; k++) {
        y[i * result.length + k] = result[k] / (k < 3 ? linearUnit : angularUnit);
      }
    }
    return Dataset.of(
        Tensors.of(Dtype.FLOAT32, x, count, state.size()),
        Tensors.of(Dtype.FLOAT32, y, count, MOMENTUM.size()));
  }

  /**
   * Trains an equivariant network, a plain one, and a plain one on augmented data.
   *
   * @param contest sizes, seeds, steps
   * @param width of the three hidden layers, the same in all networks
   * @param progress takes a line for each network that is trained
   * @return mean squared errors on 4,000 samples, in units of the mean square of the momentum
   */
  public Results run(Contest contest, int width, Consumer<String> progress) {
    MlpOptions options = MlpOptions.hidden(width, width, width).with(Activation.ELU);
    Contest.Entrant<EquivariantMlp> equivariant =
        new Contest.Entrant<>(
            "equivariant",
            seed ->
                Contest.asSmallAsPlain(
                    new EquivariantMlp(
                        state, MOMENTUM, options, MapOptions.defaults().withSeed(seed))),
            Loss.meanSquaredError(),
            Optional.empty(),
            model -> error(model.forward(test.tensor("x"))));
    Augmentation moved = Augmentation.byGroup(Map.of("x", state, "y", MOMENTUM));
    return new Results(
        "mean squared error",
        contest.run(
            List.of(
                equivariant,
                plain("augmented", options, Optional.of(moved)),
                plain("plain", options, Optional.empty())),
            (size, seed) -> samples(size, seed),
            progress));
  }

  private Contest.Entrant<Mlp> plain(
      String name, MlpOptions options, Optional<Augmentation> augmentation) {
    return new Contest.Entrant<>(
        name,
        seed ->
            new Mlp(state.size(), MOMENTUM.size(), options, DenseOptions.defaults().withSeed(seed)),
        (model, batch) ->
            torch.mse_loss(
                model.forward(Objects.requireNonNull(batch.get("x"))),
                Objects.requireNonNull(batch.get("y"))),
        augmentation,
        model -> error(model.forward(test.tensor("x"))));
  }

  private double error(Tensor outputs) {
    return torch.mse_loss(outputs, test.tensor("y")).item().toDouble();
  }
}
