package dev.noether.examples;

import static dev.noether.algebra.Checks.require;

import dev.noether.kernel.FieldType;
import dev.noether.kernel.Space;
import dev.noether.models.SteerableCnn;
import dev.noether.models.SteerableCnnBuilder;
import dev.noether.nn.activation.PointwiseNonlinearity;
import dev.noether.nn.conv.SteerableConv2d;
import dev.noether.nn.conv.SteerableOptions;
import dev.noether.nn.norm.InnerBatchNorm;
import dev.noether.plain.Activation;
import dev.noether.torch.Dtype;
import dev.noether.torch.Scopes;
import dev.noether.torch.Tensors;
import dev.noether.train.Augmentation;
import dev.noether.train.Dataset;
import dev.noether.train.Loss;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.function.Consumer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Handwritten digits that stand upright in training and are turned by any angle in the test:
 * steerable convolutions for several groups of rotations beside plain ones.
 *
 * <p>Images of 8 x 8 pixels are drawn finer, 15 x 15, with a margin of one pixel, and turned about
 * their centre with bilinear interpolation, which quarter turns need not. Their side is odd, so
 * that a pooling by two commutes with quarter turns exactly.
 */
public final class RotatedDigits {
  private static final int MARGIN = 1;

  /** A pixel between each two. */
  private static final int FINE = 2 * Digits.SIDE - 1;

  private static final int SIDE = FINE + 2 * MARGIN;

  /** The last block is wider, because a field is one invariant number to the head. */
  private static final int[] WIDTHS = {1, 1, 4};

  private static final int KERNEL = 5;
  private static final int HIDDEN = 32;
  private static final int STEP = 15;
  private static final int RIGHT_ANGLE = 90;

  private final Digits digits;
  private final int channels;

  /**
   * The task.
   *
   * @param digits the images
   * @param channels of the first two convolutions, about the same for every group, a multiple of 8;
   *     the third has four times as many
   */
  public RotatedDigits(Digits digits, int channels) {
    require(
        channels >= 8 && channels % 8 == 0, "channels must be a multiple of 8, got %d", channels);
    this.digits = digits;
    this.channels = channels;
  }

  /** The images of some numbers, with their labels. */
  private Dataset samples(int from, int to) {
    Tensor small =
        Tensors.of(Dtype.FLOAT32, digits.pixels(from, to), to - from, 1, Digits.SIDE, Digits.SIDE);
    Tensor fine =
        torch.upsample_bicubic2d(
            small, new long[] {FINE, FINE}, true, new DoubleOptional(), new DoubleOptional());
    Tensor images = torch.constant_pad_nd(fine, MARGIN, MARGIN, MARGIN, MARGIN);
    return Dataset.of(images, Tensors.of(digits.labels(from, to), to - from));
  }

  /** Images, each turned about its centre. */
  static Tensor turned(Tensor images, double[] radians) {
    return Scopes.compute(
        () -> {
          double[] maps = new double[6 * radians.length];
          for (int i = 0; i < radians.length; i++) {
            double c = Math.cos(radians[i]);
            double s = Math.sin(radians[i]);
            System.arraycopy(new double[] {c, -s, 0, s, c, 0}, 0, maps, 6 * i, 6);
          }
          Tensor from =
              torch.affine_grid_generator(
                  Tensors.of(Dtype.FLOAT32, maps, radians.length, 2, 3),
                  Tensors.shape(images),
                  false);
          return torch.grid_sampler_2d(images, from, 0, 0, false);
        });
  }

  private static double[] all(int count, int degrees) {
    double[] radians = new double[count];
    Arrays.fill(radians, Math.toRadians(degrees));
    return radians;
  }

  /** A network of steerable convolutions; those of a finite group have regular fields. */
  private SteerableCnn steerable(Space space, int width, long seed) {
    SteerableCnnBuilder builder = SteerableCnn.builder(space, SIDE).seed(100 * seed);
    for (int block = 0; block < WIDTHS.length; block++) {
      if (block == 1) {
        builder.pool();
      }
      builder.block(WIDTHS[block] * width, KERNEL);
    }
    return builder.head(Digits.CLASSES, HIDDEN);
  }

  /** The same with all kernels of pixels and no symmetry: an ordinary network. */
  private SteerableCnn plain(long seed) {
    Space plane = Space.trivialPlane();
    SteerableCnnBuilder builder = SteerableCnn.builder(plane, SIDE).seed(100 * seed);
    FieldType current = plane.type(plane.trivialField(), 1);
    for (int block = 0; block < WIDTHS.length; block++) {
      if (block == 1) {
        builder.pool();
      }
      FieldType fields = plane.type(plane.trivialField(), WIDTHS[block] * channels);
      SteerableOptions options =
          SteerableOptions.kernel(KERNEL)
              .withPadding(KERNEL / 2)
              .withoutBias()
              .ofPixels()
              .withSeed(100 * seed + block);
      builder
          .layer(new SteerableConv2d(current, fields, options))
          .layer(new InnerBatchNorm(fields))
          .layer(new PointwiseNonlinearity(fields.representation(), Activation.RELU));
      current = fields;
    }
    return builder.head(Digits.CLASSES, HIDDEN);
  }

  private SteerableCnn model(String name, long seed) {
    return switch (name) {
      case "C4" -> steerable(Space.cyclic(4), channels / 4, seed);
      case "D4" -> steerable(Space.dihedral(4), channels / 8, seed);
      case "C8" -> steerable(Space.cyclic(8), channels / 8, seed);
      case "SO(2)" -> steerable(Space.so2(), (channels + 2) / 5, seed);
      default -> plain(seed);
    };
  }

  private static Map<String, Tensor> turned(Map<String, Tensor> batch, Random random) {
    Map<String, Tensor> changed = new LinkedHashMap<>(batch);
    changed.computeIfPresent(
        "x",
        (name, images) -> turned(images, random.doubles(images.size(0), 0, 2 * Math.PI).toArray()));
    return changed;
  }

  /**
   * Trains each network on upright digits and tests it on turned ones.
   *
   * @param contest one number of samples, the seeds, the steps
   * @param progress takes a line for each network that is trained: parameters, seconds, errors
   * @return how many percent of the last digits are taken for another, at angles from 0 to 90
   */
  public Results run(Contest contest, Consumer<String> progress) {
    require(
        contest.sizes().size() == 1,
        "turned digits take one number of samples, got %s",
        contest.sizes());
    int size = contest.sizes().get(0);
    int first = digits.firstOfTest();
    require(size <= first, "there are %d labels to learn from, got %d", first, size);
    Dataset training = samples(0, size);
    Dataset test = samples(first, digits.size());
    List<Results.Row> rows = new ArrayList<>();
    for (long seed = 0; seed < contest.seeds(); seed++) {
      for (String name : List.of("plain", "augmented", "C4", "D4", "C8", "SO(2)")) {
        try (PointerScope scope = new PointerScope()) {
          rows.addAll(row(contest, name, seed, training, test, progress));
        }
      }
    }
    return new Results("test error in percent", "degrees", rows);
  }

  private List<Results.Row> row(
      Contest contest,
      String name,
      long seed,
      Dataset training,
      Dataset test,
      Consumer<String> progress) {
    SteerableCnn model = model(name, seed);
    Loss<SteerableCnn> loss =
        (network, batch) ->
            torch.cross_entropy_loss(
                network.forward(Objects.requireNonNull(batch.get("x"))),
                Objects.requireNonNull(batch.get("y")));
    Optional<Augmentation> augmentation =
        name.equals("augmented") ? Optional.of(RotatedDigits::turned) : Optional.empty();
    long began = System.nanoTime();
    contest.train(model, loss, training, augmentation, seed);
    double seconds = (System.nanoTime() - began) / 1e9;
    model.eval();
    List<Results.Row> rows = new ArrayList<>();
    try (NoGradGuard guard = new NoGradGuard()) {
      for (int degrees = 0; degrees <= RIGHT_ANGLE; degrees += STEP) {
        Tensor images = test.tensor("x");
        Tensor seen = turned(images, all((int) images.size(0), degrees));
        rows.add(new Results.Row(name, degrees, seed, Digits.mistakes(model.forward(seen), test)));
      }
    }
    progress.accept(
        String.format(
            Locale.ROOT,
            "%s, seed %d: %,d parameters, %.1f s; upright %.1f, at 45 degrees %.1f, at 90 %.1f",
            name,
            seed,
            model.namedParameters().values().stream().mapToLong(Tensor::numel).sum(),
            seconds,
            rows.get(0).error(),
            rows.get(rows.size() / 2).error(),
            rows.get(rows.size() - 1).error()));
    return rows;
  }
}
