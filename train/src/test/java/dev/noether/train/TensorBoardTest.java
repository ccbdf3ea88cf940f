package dev.noether.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.noether.nn.EquivariantLayer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.SGD;
import org.bytedeco.pytorch.SGDOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Event files, read by a reader that shares nothing with their writer. */
class TensorBoardTest {
  @TempDir private Path folder = Path.of("");

  /** CRC-32C bit by bit: the reversed polynomial of Castagnoli. */
  private static int crc(byte[] bytes) {
    int crc = -1;
    for (byte b : bytes) {
      crc ^= b & 0xff;
      for (int bit = 0; bit < 8; bit++) {
        crc = (crc & 1) == 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
      }
    }
    return ~crc;
  }

  private static int masked(byte[] bytes) {
    int crc = crc(bytes);
    return ((crc >>> 15) | (crc << 17)) + 0xa282ead8;
  }

  private static List<byte[]> records(byte[] file) {
    ByteBuffer buffer = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
    List<byte[]> records = new ArrayList<>();
    while (buffer.hasRemaining()) {
      byte[] length = new byte[8];
      buffer.get(length);
      assertThat(buffer.getInt()).isEqualTo(masked(length));
      byte[] data =
          new byte[(int) ByteBuffer.wrap(length).order(ByteOrder.LITTLE_ENDIAN).getLong()];
      buffer.get(data);
      assertThat(buffer.getInt()).isEqualTo(masked(data));
      records.add(data);
    }
    return records;
  }

  /** What follows a path of fields in a message; the first of each. */
  private static byte[] field(byte[] message, int... path) {
    byte[] current = message;
    for (int wanted : path) {
      current = fields(current, wanted).get(0);
    }
    return current;
  }

  private static List<byte[]> fields(byte[] message, int wanted) {
    ByteBuffer in = ByteBuffer.wrap(message).order(ByteOrder.LITTLE_ENDIAN);
    List<byte[]> found = new ArrayList<>();
    while (in.hasRemaining()) {
      long key = varint(in);
      byte[] value =
          switch ((int) (key & 7)) {
            case 0 -> ByteBuffer.allocate(8).putLong(varint(in)).array();
            case 1 -> new byte[8];
            case 5 -> new byte[4];
            default -> new byte[(int) varint(in)];
          };
      if ((key & 7) != 0) {
        in.get(value);
      }
      if (key >>> 3 == wanted) {
        found.add(value);
      }
    }
    return found;
  }

  private static long varint(ByteBuffer in) {
    long value = 0;
    for (int shift = 0; ; shift += 7) {
      byte b = in.get();
      value |= (long) (b & 0x7f) << shift;
      if (b >= 0) {
        return value;
      }
    }
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }

  /** Scalars as TensorBoard shows them: a restart takes back what came at its step or later. */
  private List<String> scalars() throws IOException {
    List<String> shown = new ArrayList<>();
    List<Long> steps = new ArrayList<>();
    for (Path file : files()) {
      List<byte[]> records = records(Files.readAllBytes(file));
      assertThat(text(field(records.get(0), 3))).isEqualTo("brain.Event:2");
      for (byte[] record : records) {
        long step = ByteBuffer.wrap(field(record, 2)).getLong();
        if (!fields(record, 7).isEmpty()) {
          assertThat(ByteBuffer.wrap(field(record, 7, 1)).getLong()).isEqualTo(1);
          while (!steps.isEmpty() && steps.get(steps.size() - 1) >= step) {
            steps.remove(steps.size() - 1);
            shown.remove(shown.size() - 1);
          }
        } else if (!fields(record, 5).isEmpty() && !fields(field(record, 5, 1), 2).isEmpty()) {
          float value =
              ByteBuffer.wrap(field(record, 5, 1, 2)).order(ByteOrder.LITTLE_ENDIAN).getFloat();
          shown.add(text(field(record, 5, 1, 1)) + " " + step + " " + value);
          steps.add(step);
        }
      }
    }
    return shown;
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> files = Files.list(folder.resolve("events"))) {
      return files.sorted().toList();
    }
  }

  private History fit(long killed, Path checkpoints) throws IOException {
    try (PointerScope scope = new PointerScope()) {
      EquivariantLayer model = Examples.linear(0);
      Trainer.Builder trainer =
          Trainer.builder()
              .epochs(2)
              .batchSize(4)
              .callbacks(
                  TensorBoard.in(folder.resolve("events")).every(1).text("note", "a *text*"),
                  Checkpoints.in(checkpoints).every(3),
                  new Callback() {
                    @Override
                    public void onStep(Run run) {
                      if (run.steps() == killed) {
                        throw new IllegalStateException("killed");
                      }
                    }
                  });
      Checkpoints.latest(checkpoints).ifPresent(trainer::resume);
      Dataset data = Examples.data(16, 1);
      return trainer
          .build()
          .fit(
              model,
              Loss.meanSquaredError(),
              new SGD(model.parameters(), new SGDOptions(0.1)),
              data,
              data);
    }
  }

  @Test
  void theChecksumIsThatOfRfc3720() {
    assertThat(crc("123456789".getBytes(StandardCharsets.US_ASCII))).isEqualTo(0xe3069283);
    byte[] data = "123456789".getBytes(StandardCharsets.US_ASCII);
    assertThat(records(EventFile.framed(data))).containsExactly(data);
  }

  @Test
  void aRunsScalarsHistogramsAndTextsAreThere() throws IOException {
    History history = fit(-1, folder.resolve("checkpoints"));
    List<String> scalars = scalars();
    assertThat(scalars).hasSize(2 * 8 + 4);
    History.Epoch first = history.epochs().get(0);
    assertThat(scalars).contains("epoch/loss 4 " + (float) first.loss());
    assertThat(scalars).contains("epoch/validation 4 " + (float) first.validation().orElseThrow());
    assertThat(scalars).contains("step/learning_rate 3 0.1");
    List<byte[]> records = records(Files.readAllBytes(files().get(0)));
    List<byte[]> values =
        records.stream().filter(r -> !fields(r, 5).isEmpty()).map(r -> field(r, 5, 1)).toList();
    byte[] note =
        values.stream().filter(v -> text(field(v, 1)).equals("note")).findFirst().orElseThrow();
    assertThat(text(field(note, 9, 1, 1))).isEqualTo("text");
    assertThat(text(field(note, 8, 8))).isEqualTo("a *text*");
    byte[] weights =
        values.stream()
            .filter(v -> text(field(v, 1)).equals("weights/weight_dof"))
            .findFirst()
            .orElseThrow();
    double count = ByteBuffer.wrap(field(weights, 5, 3)).order(ByteOrder.LITTLE_ENDIAN).getDouble();
    assertThat(count).isEqualTo((double) Examples.linear(0).parameters().get(0).numel());
  }

  @Test
  void aHistogramCountsEachNumberInItsBucket() {
    double[] values = {-3, -1e-20, 0, 0, 1e-12, 2.5, 2.6, 1e30, Double.NaN};
    Histogram histogram = Histogram.of(values);
    assertThat(histogram.count()).isEqualTo(8);
    assertThat(histogram.min()).isEqualTo(-3);
    assertThat(histogram.max()).isEqualTo(1e30);
    assertThat(histogram.counts().stream().mapToDouble(x -> x).sum()).isEqualTo(8);
    List<Double> limits = histogram.limits();
    for (int i = 0; i < limits.size() - 1; i++) {
      int bucket = i;
      double below = i == 0 ? Double.NEGATIVE_INFINITY : limits.get(i - 1);
      long expected =
          DoubleStream.of(values).filter(x -> x >= below && x < limits.get(bucket)).count();
      assertThat(histogram.counts().get(i)).as("bucket %d", i).isEqualTo((double) expected);
    }
    assertThat(Histogram.of(Double.NaN).limits()).isEmpty();
  }

  @Test
  void aResumedRunShowsWhatOneThatNeverStoppedDoes() throws IOException {
    Path checkpoints = folder.resolve("checkpoints");
    assertThatThrownBy(() -> fit(5, checkpoints)).hasMessage("killed");
    fit(-1, checkpoints);
    assertThat(files()).hasSize(2);
    List<String> resumed = scalars();
    for (Path file : files()) {
      Files.delete(file);
    }
    fit(-1, folder.resolve("others"));
    assertThat(resumed).isEqualTo(scalars());
    assertThatThrownBy(() -> fit(-1, folder.resolve("third")))
        .hasMessage(
            folder.resolve("events")
                + " holds the events of another run: resume that, or choose another folder");
    assertThatThrownBy(() -> TensorBoard.in(folder).every(0))
        .hasMessage("events are at least 1 step apart, got 0");
  }
}
