package dev.noether.examples;

import dev.noether.group.FiniteGroup;
import dev.noether.group.Groups;
import dev.noether.linalg.EquivariantLeastSquares;
import dev.noether.linalg.EquivariantMaps;
import dev.noether.rep.Representation;
import dev.noether.torch.Dtype;
import dev.noether.torch.Tensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * A ring of equal masses on springs, of which noisy positions and velocities are seen: what are its
 * equations of motion? The ring looks the same after a turn and a reflection, so the matrix of a
 * time step commutes with a dihedral group, and least squares may look for such matrices only.
 */
public final class Dynamics {
  private static final int MASSES = 12;
  private static final int FEATURES = 2 * MASSES;
  private static final FiniteGroup GROUP = Groups.dihedral(MASSES);
  private static final Representation STATE = state(GROUP);

  /** No symmetry at all: ordinary least squares. */
  private static final Representation NONE =
      Representation.trivial(Groups.trivial()).times(FEATURES);

  /** Springs, damping and the length of a time step. */
  private static final double STIFFNESS = 1.3;

  private static final double DAMPING = 0.2;
  private static final double STEP = 0.1;

  private final double noise;

  /**
   * The task.
   *
   * @param noise the standard deviation of what is added to each number that is seen; states have 1
   */
  public Dynamics(double noise) {
    this.noise = noise;
  }

  private static Representation state(FiniteGroup group) {
    int[] turn = new int[MASSES];
    int[] flip = new int[MASSES];
    for (int i = 0; i < MASSES; i++) {
      turn[i] = (i + 1) % MASSES + 1;
      flip[i] = (MASSES - i) % MASSES + 1;
    }
    return Representation.signedPermutation(group, List.of(turn, flip)).times(2);
  }

  /**
   * How positions and velocities transform.
   *
   * @return D12 on the masses, twice
   */
  public static Representation representation() {
    return STATE;
  }

  /** One step of the semi-implicit Euler method, {@code [24, 24]}. */
  static Tensor truth() {
    double[] a = new double[FEATURES * FEATURES];
    for (int i = 0; i < MASSES; i++) {
      int velocity = (MASSES + i) * FEATURES;
      a[velocity + MASSES + i] = 1 - STEP * DAMPING;
      a[velocity + i] = -2 * STEP * STIFFNESS;
      a[velocity + (i + 1) % MASSES] = STEP * STIFFNESS;
      a[velocity + (i + MASSES - 1) % MASSES] = STEP * STIFFNESS;
      for (int j = 0; j < FEATURES; j++) {
        a[i * FEATURES + j] = (i == j ? 1 : 0) + STEP * a[velocity + j];
      }
    }
    return Tensors.of(Dtype.FLOAT64, a, FEATURES, FEATURES);
  }

  /**
   * Fits the matrix with the symmetry, without it, and without it but projected afterwards.
   *
   * @param sizes the numbers of samples
   * @param seeds how many seeds, from 0
   * @param progress takes a line for each number of samples
   * @return errors in the Frobenius norm, relative to the matrix
   */
  public Results run(List<Integer> sizes, int seeds, Consumer<String> progress) {
    List<Results.Row> rows = new ArrayList<>();
    for (int size : sizes) {
      for (long seed = 0; seed < seeds; seed++) {
        try (PointerScope scope = new PointerScope()) {
          Random random = new Random(31 * seed + size);
          Tensor truth = truth();
          Tensor x = normal(random, size);
          Tensor y = x.matmul(truth.t()).add(normal(random, size).mul(new Scalar(noise)));
          Tensor plain = EquivariantLeastSquares.between(NONE, NONE).plus(x, y).solve();
          rows.add(row("equivariant", size, seed, fit(x, y)));
          rows.add(
              row(
                  "projected",
                  size,
                  seed,
                  EquivariantMaps.orthogonalProjection(plain, STATE, STATE)));
          rows.add(row("plain", size, seed, plain));
        }
      }
      progress.accept(size + " samples");
    }
    return new Results("relative error of the matrix", rows);
  }

  static Tensor fit(Tensor x, Tensor y) {
    return EquivariantLeastSquares.between(STATE, STATE).plus(x, y).solve();
  }

  static Tensor normal(Random random, int count) {
    double[] values = new double[count * FEATURES];
    Arrays.setAll(values, i -> random.nextGaussian());
    return Tensors.of(Dtype.FLOAT64, values, count, FEATURES);
  }

  private static Results.Row row(String model, long size, long seed, Tensor found) {
    Tensor truth = truth();
    double error = found.sub(truth).norm().item().toDouble() / truth.norm().item().toDouble();
    return new Results.Row(model, size, seed, error);
  }
}
