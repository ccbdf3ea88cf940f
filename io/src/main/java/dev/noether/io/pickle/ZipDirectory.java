package dev.noether.io.pickle;

import dev.noether.algebra.Limits;
import dev.noether.io.DamagedFileException;
import dev.noether.io.bytes.ByteSource;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The directory of a zip archive before a library makes objects of it: how many entries it has, and
 * how many bytes.
 */
final class ZipDirectory {
  private static final int END = 0x06054b50;
  private static final int END_BYTES = 22;
  private static final int LOCATOR = 0x07064b50;
  private static final int LOCATOR_BYTES = 20;
  private static final int LONGEST_COMMENT = 0xffff;
  private static final int ENTRY = 0x02014b50;
  private static final int ENTRY_BYTES = 46;
  private static final int WIDE_END_BYTES = 56;

  private ZipDirectory() {}

  /**
   * Walks over the entries. What is damaged besides is left to the library.
   *
   * @throws DamagedFileException if there are more than any model has
   */
  static void requireModest(ByteSource source) throws IOException {
    long end = end(source);
    if (end < 0) {
      return;
    }
    long start = start(source, end);
    if (start < 0 || start > end) {
      return;
    }
    DamagedFileException.requireAtMost(
        "its zip directory is large, in bytes", end - start, Limits.DIRECTORY_BYTES);
    ByteBuffer bytes = bytes(source, start, end - start);
    int count = 0;
    while (bytes.remaining() >= ENTRY_BYTES && bytes.getInt(bytes.position()) == ENTRY) {
      DamagedFileException.requireAtMost("its zip directory has entries", ++count, Limits.ENTRIES);
      int at = bytes.position();
      int more = unsigned(bytes, at + 28) + unsigned(bytes, at + 30) + unsigned(bytes, at + 32);
      bytes.position(Math.min(bytes.limit(), at + ENTRY_BYTES + more));
    }
  }

  private static int unsigned(ByteBuffer bytes, int at) {
    return Short.toUnsignedInt(bytes.getShort(at));
  }

  private static ByteBuffer bytes(ByteSource source, long from, long count) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate((int) count).order(ByteOrder.LITTLE_ENDIAN);
    source.read(from, bytes);
    return bytes.flip();
  }

  /** Where the record at the end begins, as the library looks for it; -1 where there is none. */
  private static long end(ByteSource source) throws IOException {
    long from = Math.max(0, source.size() - END_BYTES - LONGEST_COMMENT);
    ByteBuffer tail = bytes(source, from, source.size() - from);
    for (int at = tail.limit() - END_BYTES; at >= 0; at--) {
      if (tail.getInt(at) == END) {
        return from + at;
      }
    }
    return -1;
  }

  /** Where the library takes the directory to begin. */
  private static long start(ByteSource source, long end) throws IOException {
    if (end >= LOCATOR_BYTES) {
      ByteBuffer locator = bytes(source, end - LOCATOR_BYTES, LOCATOR_BYTES);
      long record = locator.getLong(8);
      if (locator.getInt(0) == LOCATOR) {
        boolean inside = record >= 0 && record <= end - WIDE_END_BYTES;
        return inside ? bytes(source, record, WIDE_END_BYTES).getLong(48) : -1;
      }
    }
    ByteBuffer last = bytes(source, end, END_BYTES);
    long told = Integer.toUnsignedLong(last.getInt(16));
    return Math.max(told, end - Integer.toUnsignedLong(last.getInt(12)));
  }
}
