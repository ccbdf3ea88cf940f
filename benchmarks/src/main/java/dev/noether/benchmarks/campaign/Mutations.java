package dev.noether.benchmarks.campaign;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;

/**
 * Damage that gets past the first check: bytes anywhere, numbers and words in a JSON header whose
 * length still fits, and the inside of zip entries under a checksum that is right again.
 */
final class Mutations {
  private static final String[] NUMBERS = {
    "0",
    "-1",
    "1",
    "7",
    "2147483647",
    "2147483648",
    "9223372036854775807",
    "1e9",
    "99999999999999999999",
    "null",
    "[]",
    "{}"
  };

  private final Random random;
  private byte[] result = new byte[0];

  Mutations(Random random) {
    this.random = random;
  }

  /** The damaged bytes. */
  byte[] result() {
    return result;
  }

  /** Damages a file once or a few times. */
  String next(byte[] sample) throws IOException {
    result = sample.clone();
    StringBuilder how = new StringBuilder();
    for (int i = random.nextInt(3); i >= 0; i--) {
      boolean zip = result.length > 4 && result[0] == 'P' && result[1] == 'K';
      boolean header = result.length > 9 && result[8] == '{';
      int kind = random.nextInt(3);
      if (zip && kind > 0) {
        how.append(inZip());
      } else if (header && kind > 0) {
        how.append(inHeader());
      } else {
        result = bytes(result);
        how.append("bytes ");
      }
    }
    return how.toString();
  }

  private byte[] bytes(byte[] from) {
    if (from.length == 0) {
      return new byte[] {(byte) random.nextInt()};
    }
    byte[] copy = from.clone();
    int at = random.nextInt(copy.length);
    switch (random.nextInt(7)) {
      case 0 -> copy[at] ^= (byte) (1 << random.nextInt(8));
      case 1 -> copy[at] = (byte) random.nextInt();
      case 2 -> copy = Arrays.copyOf(copy, at);
      case 3 -> copy = joined(copy, at, new byte[random.nextInt(64)], at);
      case 4 ->
          copy = joined(copy, at, new byte[0], Math.min(copy.length, at + 1 + random.nextInt(64)));
      case 5 -> {
        long[] odd = {0, -1, Long.MAX_VALUE, 1L << 31, 1L << 40, copy.length};
        if (copy.length >= 8) {
          int place = random.nextInt(copy.length - 7);
          ByteBuffer.wrap(copy)
              .order(ByteOrder.LITTLE_ENDIAN)
              .putLong(place, odd[random.nextInt(odd.length)]);
        }
      }
      default -> {
        int from2 = random.nextInt(copy.length);
        int length = Math.min(random.nextInt(64), copy.length - Math.max(at, from2));
        System.arraycopy(copy, from2, copy, at, length);
      }
    }
    return copy;
  }

  private static byte[] joined(byte[] all, int end, byte[] between, int start) {
    ByteBuffer buffer = ByteBuffer.allocate(end + between.length + all.length - start);
    return buffer.put(all, 0, end).put(between).put(all, start, all.length - start).array();
  }

  /** A word or a number of a safetensors header, whose length is set anew. */
  private String inHeader() {
    long length = ByteBuffer.wrap(result).order(ByteOrder.LITTLE_ENDIAN).getLong();
    if (length < 2 || length > result.length - 8) {
      result = bytes(result);
      return "bytes ";
    }
    String header = new String(result, 8, (int) length, StandardCharsets.UTF_8);
    String damaged = text(header);
    byte[] own = damaged.getBytes(StandardCharsets.UTF_8);
    ByteBuffer buffer =
        ByteBuffer.allocate(8 + own.length + result.length - 8 - (int) length)
            .order(ByteOrder.LITTLE_ENDIAN);
    buffer.putLong(own.length).put(own);
    buffer.put(result, 8 + (int) length, result.length - 8 - (int) length);
    result = buffer.array();
    return "header ";
  }

  private String text(String header) {
    int at = random.nextInt(header.length());
    int digit = at;
    while (digit < header.length() && !Character.isDigit(header.charAt(digit))) {
      digit++;
    }
    if (random.nextBoolean() && digit < header.length()) {
      int end = digit;
      while (end < header.length() && Character.isDigit(header.charAt(end))) {
        end++;
      }
      return header.substring(0, digit)
          + NUMBERS[random.nextInt(NUMBERS.length)]
          + header.substring(end);
    }
    int end = Math.min(header.length(), at + random.nextInt(12));
    return switch (random.nextInt(4)) {
      case 0 -> header.substring(0, at) + header.substring(end);
      case 1 -> header.substring(0, end) + header.substring(at);
      case 2 -> header.substring(0, at) + "[{\"".charAt(random.nextInt(3)) + header.substring(at);
      default ->
          header.substring(0, at)
              + (char) random.nextInt(0x250)
              + header.substring(Math.min(at + 1, header.length()));
    };
  }

  /** The inside of one entry, under a right checksum. */
  private String inZip() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    int target = random.nextInt(4);
    try (ZipInputStream in = new ZipInputStream(new ByteArrayInputStream(result));
        ZipOutputStream out = new ZipOutputStream(bytes)) {
      int number = 0;
      for (ZipEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
        byte[] content = in.readNBytes(1 << 20);
        if (number++ == target || entry.getName().endsWith("data.pkl")) {
          content = bytes(content);
        }
        ZipEntry own = new ZipEntry(entry.getName());
        own.setMethod(random.nextInt(8) == 0 ? ZipEntry.DEFLATED : ZipEntry.STORED);
        CRC32 crc = new CRC32();
        crc.update(content);
        own.setCrc(crc.getValue());
        own.setSize(content.length);
        out.putNextEntry(own);
        out.write(content);
        out.closeEntry();
      }
    } catch (IOException | IllegalArgumentException e) {
      result = bytes(result);
      return "bytes ";
    }
    result = bytes.toByteArray();
    return "entry ";
  }
}
