package dev.noether.train;

import static dev.noether.algebra.Checks.require;

import dev.noether.torch.Scopes;
import dev.noether.torch.Tensors;
import java.util.Arrays;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** What losses refuse: shapes that PyTorch would broadcast, and entries that it would misread. */
final class LossChecks {
  private LossChecks() {}

  /** One shape, dtype and device. */
  static void requireAlike(String name, Tensor one, String other, Tensor two) {
    if (one.is_same_size(two)
        && Tensors.scalarType(one) == Tensors.scalarType(two)
        && one.is_cpu()
        && two.is_cpu()) {
      return;
    }
    requireShape(other, two, Tensors.shape(one));
    requireKind(name, one, other, two);
  }

  /** One dtype and device. */
  private static void requireKind(String name, Tensor one, String other, Tensor two) {
    require(
        Tensors.scalarType(one) == Tensors.scalarType(two)
            && Tensors.device(one).equals(Tensors.device(two)),
        "%s and %s must have one dtype and one device, got %s on %s and %s on %s",
        name,
        other,
        Tensors.dtypeName(one),
        Tensors.device(one),
        Tensors.dtypeName(two),
        Tensors.device(two));
  }

  /** A shape. */
  static void requireShape(String name, Tensor tensor, long[] expected) {
    long[] shape = Tensors.shape(tensor);
    require(
        Arrays.equals(shape, expected),
        "%s must be %s, got %s",
        name,
        Arrays.toString(expected),
        Arrays.toString(shape));
  }

  /** A number of a class for each sample. */
  static void requireClasses(Tensor outputs, Tensor targets) {
    long[] shape = Tensors.shape(outputs);
    require(
        shape.length >= 2,
        "outputs must be [samples, classes, ...], got %s",
        Arrays.toString(shape));
    require(
        Tensors.scalarType(targets) == ScalarType.Long,
        "targets must be the numbers of classes, int64, got %s",
        Tensors.dtypeName(targets));
    long[] wanted = new long[shape.length - 1];
    wanted[0] = shape[0];
    System.arraycopy(shape, 2, wanted, 1, shape.length - 2);
    requireShape("targets", targets, wanted);
    requireNumbersOf(targets, shape[1]);
  }

  /** Checks that all are numbers of classes. */
  static void requireNumbersOf(Tensor targets, long classes) {
    double least = Scopes.compute(() -> targets.min().to(ScalarType.Double)).item().toDouble();
    double most = Scopes.compute(() -> targets.max().to(ScalarType.Double)).item().toDouble();
    require(
        least >= 0 && most < classes,
        "targets must be from 0 to %d, one less than the classes, got %.0f to %.0f",
        classes - 1,
        least,
        most);
  }

  /** Entries from 0 to 1. */
  static void requireProbabilities(String name, Tensor tensor, String fix) {
    double least = Scopes.compute(tensor::min).item().toDouble();
    double most = Scopes.compute(tensor::max).item().toDouble();
    require(
        !(least < 0) && !(most > 1),
        "%s must be from 0 to 1, got %s to %s%s",
        name,
        least,
        most,
        fix);
  }

  /** Entries 1 and -1. */
  static void requireSigns(Tensor targets) {
    boolean all = Scopes.compute(() -> targets.abs().eq(new Scalar(1.0)).all()).item().toBool();
    require(all, "targets must be 1 or -1");
  }

  /** One number that is not negative for each class, as the outputs are kept. */
  static void requireWeights(String name, Tensor weights, Tensor outputs, long classes) {
    requireShape(name, weights, new long[] {classes});
    requireKind("outputs", outputs, name, weights);
    require(
        !Scopes.compute(() -> weights.lt(new Scalar(0.0)).any()).item().toBool(),
        "%s must not be negative",
        name);
  }

  /** Whole numbers of a shape and a range. */
  static void requireWholeNumbers(
      String name, Tensor numbers, long[] shape, long first, long last) {
    require(
        Tensors.scalarType(numbers) == ScalarType.Long,
        "%s must be whole numbers, int64, got %s",
        name,
        Tensors.dtypeName(numbers));
    requireShape(name, numbers, shape);
    if (numbers.numel() > 0) {
      long least = Scopes.compute(numbers::min).item().toLong();
      long most = Scopes.compute(numbers::max).item().toLong();
      require(
          least >= first && most <= last,
          "%s must be from %d to %d, got %d to %d",
          name,
          first,
          last,
          least,
          most);
    }
  }
}
