package dev.noether.examples;

import static dev.noether.algebra.Checks.require;

import dev.noether.algebra.Matrix;
import dev.noether.group.FiniteGroup;
import dev.noether.group.Groups;
import dev.noether.models.InvariantMlp;
import dev.noether.models.Mlp;
import dev.noether.models.MlpOptions;
import dev.noether.nn.linear.DenseOptions;
import dev.noether.nn.linear.MapOptions;
import dev.noether.rep.Representation;
import dev.noether.torch.Dtype;
import dev.noether.torch.Tensors;
import dev.noether.train.Augmentation;
import dev.noether.train.Dataset;
import dev.noether.train.Loss;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.zip.GZIPInputStream;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Handwritten digits of 8 x 8 pixels, turned and reflected in all eight ways of D4: what digit is
 * it, if nobody knows how the sheet lies? The data are a file of scikit-learn, which a user brings.
 */
public final class Digits {
  /** The file in a user's folder. */
  public static final String FILE = "digits.csv.gz";

  private static final String SHA256 =
      "09f66e6debdee2cd2b5ae59e0d6abbb73fc2b0e0185d2e1957e9ebb51e23aa22";
  static final int SIDE = 8;
  private static final int PIXELS = SIDE * SIDE;
  static final int CLASSES = 10;

  /** Pixels are from 0 to 16. */
  private static final double WHITE = 16;

  /** Those that come after these are for tests; of fewer images the second half. */
  private static final int TRAINING = 1000;

  private static final FiniteGroup GROUP = Groups.dihedral(4);
  private static final Representation IMAGE = image();

  private final double[][] images;
  private final int[] labels;

  private Digits(double[][] images, int[] labels) {
    this.images = images;
    this.labels = labels;
  }

  /** Pixel (i, j) goes to (j, 7 - i) by a turn and to (i, 7 - j) by a reflection. */
  private static Representation image() {
    int[] turn = new int[PIXELS];
    int[] flip = new int[PIXELS];
    for (int i = 0; i < SIDE; i++) {
      for (int j = 0; j < SIDE; j++) {
        turn[i * SIDE + j] = j * SIDE + SIDE - 1 - i + 1;
        flip[i * SIDE + j] = i * SIDE + SIDE - 1 - j + 1;
      }
    }
    return Representation.signedPermutation(GROUP, List.of(turn, flip));
  }

  /**
   * How an image transforms.
   *
   * @return D4 on 64 pixels
   */
  public static Representation representation() {
    return IMAGE;
  }

  /**
   * Reads the digits.
   *
   * @param folder where the file {@value #FILE} is
   * @return the task
   * @throws IllegalArgumentException if there is no such file, or it is another one
   * @throws IOException if it cannot be read
   */
  public static Digits read(Path folder) throws IOException {
    Path file = folder.resolve(FILE);
    require(
        Files.isRegularFile(file),
        "%s is not there: it is sklearn/datasets/data/%s in the Python package scikit-learn, with "
            + "the SHA-256 %s",
        file,
        FILE,
        SHA256);
    byte[] bytes = Files.readAllBytes(file);
    String found = sha256(bytes);
    require(found.equals(SHA256), "%s must have the SHA-256 %s, got %s", file, SHA256, found);
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(
                new GZIPInputStream(new ByteArrayInputStream(bytes)), StandardCharsets.UTF_8))) {
      return of(
          lines
              .lines()
              .map(line -> Arrays.stream(line.split(",")).mapToInt(Integer::parseInt).toArray())
              .toList());
    }
  }

  private static String sha256(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  /** Lines of 64 pixels and a label. */
  static Digits of(List<int[]> lines) {
    double[][] images =
        lines.stream()
            .map(line -> Arrays.stream(line, 0, PIXELS).mapToDouble(x -> x / WHITE).toArray())
            .toArray(double[][]::new);
    return new Digits(images, lines.stream().mapToInt(line -> line[PIXELS]).toArray());
  }

  /** Images with labels, each moved by an element that is drawn, or all upright. */
  private Dataset samples(int[] numbers, boolean upright, long seed) {
    Random random = new Random(seed);
    double[] x = new double[numbers.length * PIXELS];
    long[] y = new long[numbers.length];
    for (int i = 0; i < numbers.length; i++) {
      int element = upright ? 0 : random.nextInt(GROUP.order());
      double[] own =
          IMAGE
              .at(GROUP.element(element))
              .times(Matrix.of(PIXELS, 1, images[numbers[i]]))
              .toArray();
      System.arraycopy(own, 0, x, i * PIXELS, PIXELS);
      y[i] = labels[numbers[i]];
    }
    return Dataset.of(
        Tensors.of(Dtype.FLOAT32, x, numbers.length, PIXELS), Tensors.of(y, numbers.length));
  }

  private int[] training(int size, long seed) {
    int[] all = IntStream.range(0, firstOfTest()).toArray();
    require(size <= all.length, "there are %d labels to learn from, got %d", all.length, size);
    Random random = new Random(seed);
    for (int i = all.length - 1; i > 0; i--) {
      int j = random.nextInt(i + 1);
      int kept = all[i];
      all[i] = all[j];
      all[j] = kept;
    }
    return Arrays.copyOf(all, size);
  }

  /**
   * Trains a symmetric network, a plain one, and a plain one on augmented data.
   *
   * @param contest sizes, seeds, steps
   * @param width of the two hidden layers, the same in all networks
   * @param upright whether all digits stand upright, which the symmetric network cannot make use of
   * @param progress takes a line for each network that is trained
   * @return how many percent of the last 797 digits are taken for another
   */
  public Results run(Contest contest, int width, boolean upright, Consumer<String> progress) {
    MlpOptions options = MlpOptions.hidden(width, width);
    Dataset test = samples(IntStream.range(firstOfTest(), images.length).toArray(), upright, -1);
    Contest.Entrant<InvariantMlp> symmetric =
        new Contest.Entrant<>(
            "symmetric",
            seed ->
                Contest.asSmallAsPlain(
                    new InvariantMlp(
                        IMAGE, CLASSES, options, MapOptions.defaults().withSeed(seed))),
            (model, batch) -> loss(model.forward(x(batch)), batch),
            Optional.empty(),
            model -> mistakes(model.forward(test.tensor("x")), test));
    Augmentation moved = Augmentation.byGroup(Map.of("x", IMAGE));
    return new Results(
        "test error in percent",
        contest.run(
            List.of(
                symmetric,
                plain("augmented", options, Optional.of(moved), test),
                plain("plain", options, Optional.empty(), test)),
            (size, seed) -> samples(training(size, seed), upright, seed),
            progress));
  }

  private static Contest.Entrant<Mlp> plain(
      String name, MlpOptions options, Optional<Augmentation> augmentation, Dataset test) {
    Loss<Mlp> loss = (model, batch) -> loss(model.forward(x(batch)), batch);
    return new Contest.Entrant<>(
        name,
        seed -> new Mlp(PIXELS, CLASSES, options, DenseOptions.defaults().withSeed(seed)),
        loss,
        augmentation,
        model -> mistakes(model.forward(test.tensor("x")), test));
  }

  /** The pixels of image after image. */
  double[] pixels(int from, int to) {
    return Arrays.stream(images, from, to).flatMapToDouble(Arrays::stream).toArray();
  }

  /** The labels of the same images. */
  long[] labels(int from, int to) {
    return Arrays.stream(labels, from, to).asLongStream().toArray();
  }

  /** The images before this one are to learn from, no other. */
  int firstOfTest() {
    return images.length > TRAINING ? TRAINING : images.length / 2;
  }

  /** How many images there are. */
  int size() {
    return labels.length;
  }

  private static Tensor x(Map<String, Tensor> batch) {
    return Objects.requireNonNull(batch.get("x"));
  }

  private static Tensor loss(Tensor outputs, Map<String, Tensor> batch) {
    return torch.cross_entropy_loss(outputs, Objects.requireNonNull(batch.get("y")));
  }

  /** How many percent of the answers are wrong. */
  static double mistakes(Tensor outputs, Dataset test) {
    Tensor found = outputs.argmax(new LongOptional(1), false);
    double right = found.eq(test.tensor("y")).sum().item().toDouble();
    return 100 * (1 - right / test.size());
  }
}
