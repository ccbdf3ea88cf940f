package dev.noether.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.noether.algebra.Matrix;
import dev.noether.linalg.EquivariantLeastSquares;
import dev.noether.merge.Mergeable;
import dev.noether.merge.MergeableState;
import dev.noether.nn.Architecture;
import dev.noether.nn.linear.EquivariantLinear;
import dev.noether.rep.Representation;
import dev.noether.stats.Covariance;
import dev.noether.stats.CrossCovariance;
import dev.noether.stats.EquivariantPca;
import dev.noether.stats.InvariantMean;
import dev.noether.stats.SymmetryStatistics;
import dev.noether.torch.Dtype;
import dev.noether.torch.Tensors;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.ejml.dense.row.RandomMatrices_DDRM;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Statistics in bytes are the same statistics again, or an error. */
class StatisticsTest {
  private static final Representation Q = Representation.parse("Q8: regular + 2 x trivial");
  private static final Representation RHO = // no text names its basis
      Representation.parse("D4: regular + 2 x irrep(1,1)")
          .changeBasis(
              Matrix.of(12, 12, RandomMatrices_DDRM.orthogonal(12, 12, new Random(1)).data));
  private static final Representation Y = Representation.parse("D4: 2 x irrep(1,1) + irrep(0,0)");

  @TempDir private Path folder = Path.of("");

  private static Tensor random(long seed, int rows, int columns) {
    double[] values = new Random(seed).doubles((long) rows * columns, -1, 3).toArray();
    return Tensors.of(Dtype.FLOAT64, values, rows, columns);
  }

  private static <S extends Mergeable<S>> S again(S own, Class<S> type) {
    try {
      return Statistics.of(Statistics.toBytes(own), type);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /** One of each kind, with samples, without, in both bases and in float32. */
  static Stream<Mergeable<?>> statistics() {
    try (PointerScope scope = new PointerScope()) {
      Tensor x = random(1, 40, RHO.size());
      Tensor q = random(2, 9, Q.size());
      Tensor y = random(3, 40, Y.size());
      return List.<Mergeable<?>>of(
          InvariantMean.of(RHO),
          InvariantMean.of(Q).plus(q),
          Covariance.of(RHO).plus(x),
          Covariance.of(Q).plus(q.to(torch.ScalarType.Float)),
          CrossCovariance.between(RHO, Y),
          CrossCovariance.between(RHO, Y).plus(x, y),
          EquivariantLeastSquares.between(RHO, Y),
          EquivariantLeastSquares.between(RHO, Y).plus(x.narrow(0, 0, 2), y.narrow(0, 0, 2)),
          EquivariantLeastSquares.between(RHO, Y).plus(x, y),
          SymmetryStatistics.of(RHO, 5, -7),
          SymmetryStatistics.of(Q, 5, 7).startingAt(100).plus(q))
          .stream();
    }
  }

  @ParameterizedTest
  @MethodSource("statistics")
  void bytesGiveTheSameStateToTheBit(Mergeable<?> own) throws IOException {
    byte[] bytes = Statistics.toBytes(own);
    Mergeable<?> again = read(bytes, own.getClass());
    assertThat(again).hasSameClassAs(own);
    assertThat(again.state()).isEqualTo(own.state());
    assertThat(Statistics.toBytes(again)).isEqualTo(bytes);
  }

  @SuppressWarnings({"unchecked", "rawtypes"}) // the class is the statistics' own
  private static Mergeable<?> read(byte[] bytes, Class<?> type) throws IOException {
    return Statistics.of(bytes, (Class) type);
  }

  @Test
  void partsThatWereWrittenMergeToTheWhole() {
    try (PointerScope scope = new PointerScope()) {
      Tensor x = random(1, 40, RHO.size());
      Covariance part = again(Covariance.of(RHO).plus(x.narrow(0, 0, 13)), Covariance.class);
      Covariance whole = Covariance.of(RHO).plus(x);
      Covariance merged =
          part.plus(again(Covariance.of(RHO).plus(x.narrow(0, 13, 27)), Covariance.class));
      assertThat(Tensors.toArray(merged.covariance()))
          .containsExactly(Tensors.toArray(whole.covariance()), within(1e-12));
      assertThat(EquivariantPca.of(merged).components().get(0).variance())
          .isCloseTo(EquivariantPca.of(whole).components().get(0).variance(), within(1e-12));
    }
  }

  @Test
  void aFileIsWrittenAndRead() throws IOException {
    Path file = folder.resolve("seen.safetensors");
    try (PointerScope scope = new PointerScope()) {
      Covariance own = Covariance.of(RHO).plus(random(1, 40, RHO.size()));
      Statistics.save(own, file);
      assertThat(Statistics.load(file, Covariance.class).state()).isEqualTo(own.state());
      assertThatThrownBy(() -> Statistics.load(file, InvariantMean.class))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(file + ": it holds Covariance, not InvariantMean");
      assertThatThrownBy(() -> Checkpoint.load(file))
          .isInstanceOf(DamagedFileException.class)
          .hasMessageContaining("Covariance");
    }
  }

  @Test
  void everyByteThatChangesIsNoticed() {
    byte[] bytes;
    try (PointerScope scope = new PointerScope()) {
      bytes =
          Statistics.toBytes(
              EquivariantLeastSquares.between(Y, Y).plus(random(1, 9, 5), random(2, 9, 5)));
    }
    Random random = new Random(1);
    int header = new String(bytes, StandardCharsets.ISO_8859_1).lastIndexOf('}');
    for (int i = 0; i < 300; i++) {
      byte[] other = bytes.clone();
      int place = i < 150 ? random.nextInt(header) : header + random.nextInt(bytes.length - header);
      other[place] ^= (byte) (1 << random.nextInt(8));
      if (place > header && other[place] == '\t') {
        continue; // between header and numbers stand blanks
      }
      assertThatThrownBy(() -> Statistics.of(other, EquivariantLeastSquares.class))
          .as("byte %d", place)
          .isInstanceOfAny(DamagedFileException.class, IllegalArgumentException.class);
    }
    for (int length : new int[] {0, 7, 8, 100, header, bytes.length - 1}) {
      assertThatThrownBy(
              () -> Statistics.of(Arrays.copyOf(bytes, length), EquivariantLeastSquares.class))
          .isInstanceOf(DamagedFileException.class);
    }
  }

  private record Own(MergeableState state) implements Mergeable<Own> {
    @Override
    public Own plus(Own other) {
      return this;
    }

    @Override
    public long count() {
      return 0;
    }
  }

  @Test
  void whatIsNotOfTheLibraryIsRefused() {
    Own own = new Own(InvariantMean.of(Q).state());
    assertThatThrownBy(() -> Statistics.toBytes(own))
        .hasMessageStartingWith("statistics of the library are written, got Own[");
  }

  @Test
  void aCheckpointHoldsNoStatistics() throws IOException {
    Path file = folder.resolve("layer.safetensors");
    try (PointerScope scope = new PointerScope()) {
      Checkpoint.save(new EquivariantLinear(Q, Q), file);
    }
    assertThatThrownBy(() -> Statistics.load(file, Covariance.class))
        .hasMessage(file + ": it holds EquivariantLinear, not Covariance");
  }

  /** With a right hash and numbers that do not fit the representation. */
  private static byte[] forged(Map<String, Tensor> changes, String format) throws IOException {
    try (PointerScope scope = new PointerScope()) {
      Covariance own = Covariance.of(Y).plus(random(1, 9, 5));
      Map<String, Tensor> tensors = new LinkedHashMap<>();
      own.state().counts().forEach((name, n) -> tensors.put(name, Tensors.of(new long[] {n}, 1)));
      own.state()
          .numbers()
          .forEach((name, matrix) -> tensors.put(name, Tensors.of(Dtype.FLOAT64, matrix)));
      tensors.putAll(changes);
      Architecture architecture =
          new Architecture(
              "Covariance",
              own.state().representations(),
              Map.of("format", format, "dtype", "float64"),
              List.of(),
              Map.of());
      CheckpointFile.Contents contents =
          CheckpointFile.contents(architecture, tensors, Map.of(), BasisHashes.of(architecture));
      return SafeTensors.toBytes(contents.tensors(), contents.texts());
    }
  }

  private static void assertRefused(byte[] bytes, String message) {
    assertThatThrownBy(() -> Statistics.of(bytes, Covariance.class))
        .isInstanceOf(DamagedFileException.class)
        .hasMessage(message);
  }

  @Test
  void numbersThatDoNotFitAreRefusedWithTheReason() throws IOException {
    try (PointerScope scope = new PointerScope()) {
      assertRefused(forged(Map.of(), "2"), "the statistics have format 2, this version reads 1");
      assertRefused(
          forged(Map.of("moment.1", random(1, 2, 3)), "1"),
          "it does not hold statistics: 'moment.1' must be 2 x 2, got 2 x 3");
      assertRefused(
          forged(Map.of("count", Tensors.of(new long[] {-1}, 1)), "1"),
          "it does not hold statistics: statistics of -1 samples tell a dtype exactly where there "
              + "are any, got float64");
      assertRefused(
          forged(
              Map.of("mean", random(1, 1, 1).log().mul(new Scalar(1e308)).mul(new Scalar(1e308))),
              "1"),
          "it does not hold statistics: 'mean' must be finite");
      assertRefused(
          forged(Map.of("mean", torch.zeros(1, 1)), "1"),
          "it does not hold statistics: 'mean' must be a whole number or a matrix in float64, got "
              + "float32 [1, 1]");
    }
  }
}
