package dev.noether.nn.symmetry;

import dev.noether.torch.ComputeDevice;
import dev.noether.torch.Dtype;
import dev.noether.torch.Scopes;
import dev.noether.torch.Tensors;
import java.util.List;
import java.util.Random;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * How the numbers of one tensor of a layer pass to the layer over a subgroup, and back.
 *
 * @param from what they stand for in the layer
 * @param to what they stand for over the subgroup
 * @param rows where each coordinate of the output comes from; empty where all stay
 * @param columns where each coordinate of the input comes from; null where there is no input
 */
record Carry(Weights from, Weights to, List<Integer> rows, @Nullable List<Integer> columns) {
  private static final int DRAWS = 16;

  /** What is rounding beside the largest square. */
  private static final double NOTHING = 1e-24;

  /** Numbers that stand for the same. */
  Tensor forward(Tensor numbers) {
    return carried(numbers, wide -> to.of(moved(from.dense(wide), false)));
  }

  /** Numbers over the large group that stand for what is nearest. */
  Tensor backward(Tensor numbers) {
    return carried(numbers, wide -> from.of(moved(to.dense(wide), true)));
  }

  /** What is lost on the way back, as its length and the length of the whole. */
  double[] lost(Tensor numbers) {
    double[] lengths = new double[2];
    carried(
        numbers,
        wide -> {
          Tensor own = to.dense(wide);
          Tensor nearest = moved(from.dense(from.of(moved(own, true))), false);
          lengths[0] = own.sub(nearest).norm().item().toDouble();
          lengths[1] = own.norm().item().toDouble();
          return own;
        });
    return lengths;
  }

  /** The square of the length of what is lost on the way back, with its graph. */
  Tensor penalty(Tensor numbers) {
    return Scopes.compute(
        () -> {
          Tensor own = to.dense(numbers.to(ComputeDevice.CPU.toTorch(), ScalarType.Double));
          Tensor lost = own.sub(moved(from.dense(from.of(moved(own, true))), false));
          return lost.mul(lost).sum().to(numbers.device(), numbers.scalar_type());
        });
  }

  /** A gradient, or a mean of gradients: shared among the numbers that one number became. */
  Tensor gradient(Tensor numbers) {
    return carried(numbers, this::shared);
  }

  private Tensor shared(Tensor wide) {
    return to.adjoint(moved(from.dual(wide), false));
  }

  /**
   * Means of squares of gradients. Where every new number comes of one old number, as with irreps
   * of real type, any draw of signs gives the exact answer; else their mean tends to it. Numbers
   * that come of none get the mean of the others, so that their first steps are as large.
   */
  Tensor squares(Tensor numbers) {
    return carried(
        numbers,
        wide -> {
          Tensor roots = wide.sqrt();
          Random random = new Random(0);
          Tensor sum = squared(shared(roots.mul(signs(random, wide))));
          for (int draw = 1; draw < DRAWS; draw++) {
            sum = sum.add(squared(shared(roots.mul(signs(random, wide)))));
          }
          Tensor mean = sum.div(new Scalar((double) DRAWS));
          Tensor known = mean.gt(new Scalar(NOTHING * mean.max().item().toDouble()));
          double count = known.sum().item().toDouble();
          double others = count == 0 ? 0 : mean.sum().item().toDouble() / count;
          return mean.masked_fill(known.logical_not(), new Scalar(others));
        });
  }

  /**
   * By what gradients must be multiplied so that a step of plain gradient descent moves the map as
   * far as over the large group: numbers that one number became have a share of its gradient each.
   */
  Tensor factors(Tensor like) {
    return carried(
        like,
        wide -> {
          Random random = new Random(1);
          double[] draws = random.doubles(wide.numel(), 1, 2).toArray();
          Tensor any = Tensors.of(Dtype.FLOAT64, draws, Tensors.shape(wide));
          Tensor step = to.of(moved(from.dense(any), false));
          Tensor share = shared(any);
          Tensor none = share.abs().lt(new Scalar(1e-9));
          return step.div(share.masked_fill(none, new Scalar(1.0)))
              .masked_fill(none, new Scalar(1.0));
        });
  }

  private static Tensor squared(Tensor x) {
    return x.mul(x);
  }

  private static Tensor signs(Random random, Tensor like) {
    double[] signs = new double[Math.toIntExact(like.numel())];
    for (int i = 0; i < signs.length; i++) {
      signs[i] = random.nextBoolean() ? 1 : -1;
    }
    return Tensors.of(Dtype.FLOAT64, signs, Tensors.shape(like));
  }

  private static Tensor carried(Tensor numbers, UnaryOperator<Tensor> way) {
    try (NoGradGuard guard = new NoGradGuard()) {
      return Scopes.compute(
          () -> {
            Tensor wide = numbers.detach().to(ComputeDevice.CPU.toTorch(), ScalarType.Double);
            return way.apply(wide).to(numbers.device(), numbers.scalar_type()).clone();
          });
    }
  }

  private Tensor moved(Tensor dense, boolean back) {
    if (rows.isEmpty()) {
      return dense;
    }
    Tensor turned = selected(dense, columns == null ? -1 : -2, rows, back);
    return columns == null ? turned : selected(turned, -1, columns, back);
  }

  private static Tensor selected(Tensor dense, int axis, List<Integer> places, boolean back) {
    long[] index = new long[places.size()];
    boolean same = true;
    for (int i = 0; i < index.length; i++) {
      int place = places.get(i);
      index[back ? place : i] = back ? i : place;
      same &= place == i;
    }
    return same ? dense : dense.index_select(axis, Tensors.of(index, index.length));
  }
}
