package dev.noether.train;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import java.util.zip.CRC32C;

/**
 * Appends events to a file that TensorBoard reads: records of protocol buffers, each with its
 * length before it and a masked CRC-32C of both.
 */
final class EventFile {
  /** Fields of {@code Event}. */
  private static final int WALL_TIME = 1;

  private static final int STEP = 2;
  private static final int FILE_VERSION = 3;
  private static final int SUMMARY = 5;
  private static final int SESSION_LOG = 7;

  /** {@code Summary.value}, and fields of {@code Summary.Value}. */
  private static final int VALUE = 1;

  private static final int TAG = 1;
  private static final int SIMPLE_VALUE = 2;
  private static final int HISTOGRAM = 5;
  private static final int TENSOR = 8;
  private static final int METADATA = 9;

  private final Path file;

  private EventFile(Path file) {
    this.file = file;
  }

  /** A new file. */
  static EventFile create(Path file, double time) throws IOException {
    Files.createFile(file);
    EventFile events = new EventFile(file);
    events.write(time, 0, event -> event.text(FILE_VERSION, "brain.Event:2"));
    return events;
  }

  /** Events of this step and later ones, in files before this one, are not to be shown. */
  void restart(double time, long step) throws IOException {
    write(time, step, event -> event.message(SESSION_LOG, log -> log.whole(1, 1)));
  }

  void scalar(double time, long step, String tag, double value) throws IOException {
    value(time, step, tag, own -> own.single(SIMPLE_VALUE, (float) value));
  }

  void histogram(double time, long step, String tag, Histogram values) throws IOException {
    value(
        time,
        step,
        tag,
        own ->
            own.message(
                HISTOGRAM,
                h -> {
                  h.number(1, values.min()).number(2, values.max()).number(3, values.count());
                  h.number(4, values.sum()).number(5, values.squares());
                  h.numbers(6, values.limits()).numbers(7, values.counts());
                }));
  }

  /** Markdown, shown by the plugin {@code text}. */
  void text(double time, long step, String tag, String text) throws IOException {
    value(
        time,
        step,
        tag,
        own -> {
          own.message(METADATA, meta -> meta.message(1, plugin -> plugin.text(1, "text")));
          int string = 7;
          own.message(TENSOR, tensor -> tensor.whole(1, string).message(2, s -> {}).text(8, text));
        });
  }

  private void value(double time, long step, String tag, Consumer<Proto> content)
      throws IOException {
    write(
        time,
        step,
        event ->
            event.message(
                SUMMARY,
                summary ->
                    summary.message(
                        VALUE,
                        value -> {
                          value.text(TAG, tag);
                          content.accept(value);
                        })));
  }

  /** A record is appended with one write, so that a killed run leaves whole ones. */
  private void write(double time, long step, Consumer<Proto> content) throws IOException {
    Proto event = new Proto().number(WALL_TIME, time).whole(STEP, step);
    content.accept(event);
    AppendedFile.append(file, framed(event.bytes()));
  }

  static byte[] framed(byte[] data) {
    ByteBuffer record = ByteBuffer.allocate(16 + data.length).order(ByteOrder.LITTLE_ENDIAN);
    record.putLong(data.length);
    record.putInt(masked(record.array(), 8));
    record.put(data);
    record.putInt(masked(data, data.length));
    return record.array();
  }

  /** As TFRecord masks it: a checksum of data that holds checksums would be weak. */
  private static int masked(byte[] bytes, int length) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, 0, length);
    return Integer.rotateRight((int) crc.getValue(), 15) + 0xa282ead8;
  }

  /** A message of protocol buffers, field by field. */
  static final class Proto {
    private static final int VARINT = 0;
    private static final int FIXED64 = 1;
    private static final int BYTES = 2;
    private static final int FIXED32 = 5;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    private void key(int field, int kind) {
      varint((long) field << 3 | kind);
    }

    private void varint(long value) {
      long rest = value;
      while ((rest & ~0x7FL) != 0) {
        out.write((int) ((rest & 0x7F) | 0x80));
        rest >>>= 7;
      }
      out.write((int) rest);
    }

    Proto whole(int field, long value) {
      key(field, VARINT);
      varint(value);
      return this;
    }

    Proto number(int field, double value) {
      key(field, FIXED64);
      out.writeBytes(little(8).putDouble(value).array());
      return this;
    }

    Proto single(int field, float value) {
      key(field, FIXED32);
      out.writeBytes(little(4).putFloat(value).array());
      return this;
    }

    Proto numbers(int field, List<Double> values) {
      byte[] packed = new byte[8 * values.size()];
      ByteBuffer buffer = ByteBuffer.wrap(packed).order(ByteOrder.LITTLE_ENDIAN);
      values.forEach(buffer::putDouble);
      return part(field, packed);
    }

    Proto text(int field, String text) {
      return part(field, text.getBytes(StandardCharsets.UTF_8));
    }

    Proto message(int field, Consumer<Proto> content) {
      Proto inner = new Proto();
      content.accept(inner);
      return part(field, inner.bytes());
    }

    private Proto part(int field, byte[] bytes) {
      key(field, BYTES);
      varint(bytes.length);
      out.writeBytes(bytes);
      return this;
    }

    byte[] bytes() {
      return out.toByteArray();
    }

    private static ByteBuffer little(int count) {
      return ByteBuffer.allocate(count).order(ByteOrder.LITTLE_ENDIAN);
    }
  }
}
