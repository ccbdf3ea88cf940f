package dev.noether.parallel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.noether.torch.Dtype;
import dev.noether.train.History;
import dev.noether.train.Ranks;
import java.io.IOException;
import java.net.BindException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Four processes on this machine, in groups of 2, 3 and 4, against this one by itself. */
class ParallelTest {
  private static final int RANKS = 4;

  @TempDir private static Path folder = Path.of("");

  private static final List<Map<String, double[]>> NUMBERS = new ArrayList<>();
  private static final List<Map<String, String>> TEXTS = new ArrayList<>();

  private static final Map<String, double[]> ALONE = new LinkedHashMap<>();

  @BeforeAll
  static void runTheRanks() throws Exception {
    List<Process> processes = new ArrayList<>();
    int port = freePort();
    for (int rank = 0; rank < RANKS; rank++) {
      processes.add(start(rank, port));
    }
    ALONE.putAll(Cases.everyLayer(Ranks.alone(), Dtype.FLOAT64));
    for (Process process : processes) {
      boolean ended = process.waitFor(10, TimeUnit.MINUTES);
      process.destroyForcibly();
      assertThat(ended).as("ended in time").isTrue();
    }
    for (int rank = 0; rank < RANKS; rank++) {
      Map<String, double[]> numbers = new LinkedHashMap<>();
      Map<String, String> texts = new LinkedHashMap<>();
      Path file = folder.resolve("rank-" + rank);
      assertThat(file).as(Files.readString(folder.resolve("log-" + rank))).exists();
      Results.read(file, numbers, texts);
      NUMBERS.add(numbers);
      TEXTS.add(texts);
    }
  }

  /** One that systems do not give away: those are 32768 and above. */
  private static int freePort() throws IOException {
    Random random = new Random();
    for (int tries = 0; tries < 100; tries++) {
      try (ServerSocket socket = new ServerSocket(20_000 + random.nextInt(10_000))) {
        return socket.getLocalPort();
      } catch (BindException taken) {
        // another one
      }
    }
    throw new IOException("no port from 20000 to 29999 is free");
  }

  private static Process start(int rank, int port) throws IOException {
    return new ProcessBuilder(Programs.command(RankProgram.class, folder, rank, port))
        .redirectErrorStream(true)
        .redirectOutput(folder.resolve("log-" + rank).toFile())
        .start();
  }

  private static double[] of(int rank, String name) {
    return Objects.requireNonNull(NUMBERS.get(rank).get(name), name);
  }

  private static void assertClose(String name, double[] actual, double[] expected, double bound) {
    assertThat(actual).as(name).hasSameSizeAs(expected);
    for (int i = 0; i < expected.length; i++) {
      double scale = Math.max(1, Math.abs(expected[i]));
      assertThat(actual[i])
          .as("%s, number %d", name, i)
          .isCloseTo(expected[i], within(bound * scale));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 4})
  void everyLayerLearnsWhatOneProcessLearns(int size) {
    assertThat(ALONE.size()).as("layers of the library").isGreaterThan(45);
    ALONE.forEach(
        (name, expected) -> assertClose(name, of(0, size + " float64 " + name), expected, 1e-12));
  }

  @Test
  void inSinglePrecisionToItsRounding() {
    Cases.everyLayer(Ranks.alone(), Dtype.FLOAT32)
        .forEach(
            (name, expected) -> {
              for (int size = 2; size <= 4; size++) {
                assertClose(name, of(0, size + " float32 " + name), expected, 1e-6);
              }
            });
  }

  @Test
  void earlyStoppingEndsAllRanksAtTheEpochOfOneProcess() {
    double[] expected = Cases.early(Ranks.alone());
    int state = Cases.numbers(Cases.mlp(1, Dtype.FLOAT64), new History(List.of())).length;
    assertThat((expected.length - state) / 2).as("epochs").isBetween(3, 39);
    for (int size = 2; size <= 4; size++) {
      assertClose(size + " early", of(0, size + " early"), expected, 1e-12);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 4})
  void allRanksHaveTheSameBits(int size) {
    NUMBERS
        .get(0)
        .forEach(
            (name, values) -> {
              for (int rank = 1; name.startsWith(size + " ") && rank < size; rank++) {
                if (!name.endsWith("stop")) { // counts what rank 0 saw
                  assertThat(of(rank, name)).as(name).isEqualTo(values);
                }
              }
            });
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 4})
  void twoRunsAreEqualBitForBitAndSoIsOneThatWasResumed(int size) {
    String name = size + " Adam";
    assertThat(of(0, name + " again")).isEqualTo(of(0, name));
    assertThat(of(0, name + " resumed")).isEqualTo(of(0, name + " whole"));
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 4})
  void accumulationClippingAveragesAndStoppingAreThoseOfOneProcess(int size) throws IOException {
    for (boolean adam : new boolean[] {true, false}) {
      String name = size + (adam ? " Adam" : " SGD");
      Path own = folder.resolve("alone " + name);
      double[] expected = Cases.everything(Ranks.alone(), own, 2, adam, false);
      assertClose(name, of(0, name), expected, 1e-12);
    }
  }

  @Test
  void aRunGoesOnWithAnotherNumberOfRanks() throws IOException {
    double[] whole = Cases.everything(Ranks.alone(), folder.resolve("four epochs"), 4, true, false);
    assertClose("2 to 3 ranks", of(0, "2 to 3"), whole, 1e-12);
    Path of4 = folder.resolve("4 Adam");
    assertClose("4 ranks to 1", Cases.everything(Ranks.alone(), of4, 4, true, true), whole, 1e-12);
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 4})
  void aStopOnRankZeroStopsAll(int size) {
    assertThat(of(0, size + " stop")[1]).isEqualTo(2);
    for (int rank = 1; rank < size; rank++) {
      assertThat(of(rank, size + " stop")[0]).isEqualTo(of(0, size + " stop")[0]);
    }
  }

  @Test
  void aLastBatchOfFewerSamplesThanRanksIsThatOfOneProcess() {
    assertClose("3 and 4 ranks", of(0, "4 tail"), of(0, "3 tail"), 1e-12);
    assertClose("2 and 4 ranks", of(0, "4 tail"), of(0, "2 tail"), 1e-12);
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 4})
  void coefficientsTravelAndNotTheDenseWeight(int size) {
    double[] bytes = of(0, size + " traffic");
    double numbersBesides = 8; // the loss
    assertThat(bytes[0]).isEqualTo(bytes[1] + numbersBesides);
    assertThat(bytes[1]).isLessThanOrEqualTo(bytes[2] / 50);
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 4})
  void batchesThatAccumulateExchangeNothing(int size) {
    double[] bytes = of(0, size + " accumulated");
    assertThat(bytes[1]).isEqualTo(bytes[0]);
    assertThat(bytes[3]).isEqualTo(bytes[2]);
    double losses = 2 * 8;
    assertThat(bytes[2] - bytes[1]).isEqualTo(bytes[4] + losses);
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 4})
  void gradientsInSeveralBucketsAreThoseOfOneProcess(int size) {
    double[] expected = Cases.severalBuckets(Ranks.alone());
    assertClose("buckets", of(0, size + " buckets"), expected, 1e-12);
  }

  private static void assertTold(String failure, double seconds, String... words) {
    for (int rank = 0; rank < RANKS; rank++) {
      String text = TEXTS.get(rank).get(failure);
      if (failure.equals("dies") && rank == 3) {
        assertThat(text).isNull();
        continue;
      }
      assertThat(text).as("rank %d", rank).isNotNull().contains(words);
      double spent =
          Double.parseDouble(Objects.requireNonNull(text).substring(0, text.indexOf(' ')));
      assertThat(spent).as(text).isLessThan(seconds);
    }
  }

  @Test
  void whatRanksWereToldOtherwiseIsNamed() {
    assertTold(
        "seed",
        60,
        "IllegalArgumentException: rank 2 has another 'seed' than rank 0: start all ranks with the "
            + "same model, data and settings");
    assertTold("model", 60, "rank 3 has another 'model' than rank 0");
    assertTold("data", 60, "rank 1 has another 'training data' than rank 0");
    assertTold("size", 60, "a batch has 3 samples, fewer than the 4 ranks that share it");
  }

  @Test
  void aRankThatThrowsEndsAllWithItsWords() {
    assertTold("throws", 60, "the disk of this rank is full");
    assertThat(TEXTS.get(0).get("throws")).contains("RankException: rank 2 of 4 (process ");
  }

  @Test
  void aRankThatHangsIsNamedOnAllAfterTheTimeout() {
    assertTold("hangs", 60, "RankException: rank 1 of 4 (process ", " hangs: it did not come to");
  }

  @Test
  void aRankThatDiesIsNamedOnAllLongBeforeTheTimeout() {
    assertTold("dies", 60, "RankException: rank 3 of 4 (process ", " is gone: its process ended");
  }
}
