package dev.noether.io.pickle;

import dev.noether.algebra.Limits;
import dev.noether.io.DamagedFileException;
import dev.noether.io.bytes.ByteSource;
import dev.noether.io.bytes.NativeBytes;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ReadableByteChannel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipFile;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * A zip file whose entries are read piece by piece, at any place.
 *
 * <p>Nothing is ever unpacked to disk. The entries must lie side by side, under names that stay
 * inside the archive, and the CRC of an entry is checked before a byte of it is trusted.
 */
final class Archive implements AutoCloseable {
  /** The most that a deflated byte can become: 258 bytes out of 2 bits. */
  private static final long DEFLATE_RATIO = 1032;

  /** Trained numbers hardly shrink. */
  private static final long DENSE_RATIO = 100;

  private static final int PIECE = 1 << 16;

  private final ByteSource source;
  private final ZipFile zip;
  private final Map<String, ZipArchiveEntry> entries;
  private final Set<String> verified = new HashSet<>();

  private Archive(ByteSource source, ZipFile zip, Map<String, ZipArchiveEntry> entries) {
    this.source = source;
    this.zip = zip;
    this.entries = entries;
  }

  /** Reads the directory of an archive; the source is closed with the archive. */
  static Archive open(ByteSource source) throws IOException {
    try {
      ZipDirectory.requireModest(source);
      ZipFile zip = ZipFile.builder().setSeekableByteChannel(source.channel()).get();
      return new Archive(source, zip, checked(Collections.list(zip.getEntries())));
    } catch (DamagedFileException e) {
      throw e;
    } catch (IOException | RuntimeException e) {
      throw new DamagedFileException("its zip directory is damaged: " + reason(e), e);
    }
  }

  /** What the library found, which it wraps. */
  private static @Nullable String reason(Throwable error) {
    Throwable cause = error.getCause();
    return cause == null ? error.getMessage() : reason(cause);
  }

  private static Map<String, ZipArchiveEntry> checked(List<ZipArchiveEntry> found)
      throws DamagedFileException {
    Map<String, ZipArchiveEntry> entries = new LinkedHashMap<>();
    for (ZipArchiveEntry entry : found) {
      String name = entry.getName();
      requireInside(name);
      requireReadable(entry);
      if (entries.put(name, entry) != null) {
        throw new DamagedFileException("it has two entries '" + name + "'");
      }
    }
    List<ZipArchiveEntry> sorted = new ArrayList<>(found);
    sorted.sort(Comparator.comparingLong(ZipArchiveEntry::getDataOffset));
    long end = 0;
    for (ZipArchiveEntry entry : sorted) {
      if (entry.getLocalHeaderOffset() < end) {
        throw new DamagedFileException("'" + entry.getName() + "' overlaps another entry");
      }
      end = entry.getDataOffset() + entry.getCompressedSize();
    }
    return entries;
  }

  private static void requireInside(String name) throws DamagedFileException {
    boolean climbs = Arrays.asList(name.split("/", -1)).contains("..");
    if (climbs || name.startsWith("/") || name.contains("\\") || name.contains(":")) {
      throw new DamagedFileException("the entry '" + name + "' leaves the archive");
    }
  }

  private static void requireReadable(ZipArchiveEntry entry) throws DamagedFileException {
    String name = "'" + entry.getName() + "'";
    long packed = entry.getCompressedSize();
    long size = entry.getSize();
    boolean stored = entry.getMethod() == ZipEntry.STORED;
    if (entry.getGeneralPurposeBit().usesEncryption()
        || !(stored || entry.getMethod() == ZipEntry.DEFLATED)) {
      throw new DamagedFileException(name + " is encrypted or packed in an unknown way");
    }
    if (stored ? size != packed : size / DEFLATE_RATIO > packed) {
      throw new DamagedFileException(
          name + " claims " + size + " bytes out of " + packed + ", which cannot be");
    }
    if (size > Limits.INFLATED_BYTES && size / DENSE_RATIO > packed) {
      throw new DamagedFileException(
          name
              + " unpacks to "
              + size
              + " bytes, a hundred times what is in the file: store it as it is");
    }
  }

  Set<String> names() {
    return entries.keySet();
  }

  boolean has(String name) {
    return entries.containsKey(name);
  }

  long size(String name) throws DamagedFileException {
    return entry(name).getSize();
  }

  private ZipArchiveEntry entry(String name) throws DamagedFileException {
    @Nullable ZipArchiveEntry entry = entries.get(name);
    if (entry == null) {
      throw new DamagedFileException("it lacks the entry '" + name + "'");
    }
    return entry;
  }

  /** A whole small entry. */
  byte[] bytes(String name, int limit) throws IOException {
    long size = size(name);
    if (size > limit) {
      throw new DamagedFileException(
          "'" + name + "' has " + size + " bytes, more than the " + limit + " that are read");
    }
    byte[] bytes = new byte[(int) size];
    read(name, 0, size, filler -> filler.visit(ByteBuffer.wrap(bytes)));
    return bytes;
  }

  /** Fills a tensor with a stretch of an entry. */
  void read(String name, long from, Tensor target, long count) throws IOException {
    read(name, from, count, filler -> NativeBytes.forEach(target, count, filler));
  }

  /** Where a stretch goes: hands its pieces, first to last, to a visitor that fills them. */
  private interface Target {
    void fill(NativeBytes.Visitor filler) throws IOException;
  }

  /**
   * The first reading of an entry passes all of it, for its CRC; later ones go to the stretch,
   * where the entry is stored as it is.
   */
  private void read(String name, long from, long count, Target target) throws IOException {
    ZipArchiveEntry entry = entry(name);
    if (from < 0 || count < 0 || from > entry.getSize() - count) {
      throw new DamagedFileException(
          "'"
              + name
              + "' has "
              + entry.getSize()
              + " bytes, "
              + count
              + " are needed from "
              + from);
    }
    boolean direct = entry.getMethod() == ZipEntry.STORED && verified.contains(name);
    try (Bytes bytes = direct ? stored(entry, from) : open(entry)) {
      if (direct) {
        target.fill(bytes::fill);
      } else {
        bytes.skip(from);
        target.fill(bytes::fill);
        bytes.skip(entry.getSize() - from - count);
        bytes.requireCrc(entry);
        verified.add(name);
      }
    }
  }

  private Bytes open(ZipArchiveEntry entry) throws IOException {
    return entry.getMethod() == ZipEntry.STORED
        ? stored(entry, 0)
        : new Bytes(Channels.newChannel(zip.getInputStream(entry)));
  }

  private Bytes stored(ZipArchiveEntry entry, long from) {
    return new Bytes(new Stretch(source, entry.getDataOffset() + from));
  }

  /** The bytes of a source from a position on. */
  private static final class Stretch implements ReadableByteChannel {
    private final ByteSource source;
    private long position;

    Stretch(ByteSource source, long position) {
      this.source = source;
      this.position = position;
    }

    @Override
    public int read(ByteBuffer target) throws IOException {
      int count = source.some(position, target);
      position += Math.max(0, count);
      return count;
    }

    @Override
    public boolean isOpen() {
      return true;
    }

    @Override
    public void close() {}
  }

  /** The bytes of an entry in their order, with their CRC so far. */
  private static final class Bytes implements AutoCloseable {
    private final ReadableByteChannel channel;
    private final CRC32 crc = new CRC32();

    Bytes(ReadableByteChannel channel) {
      this.channel = channel;
    }

    void fill(ByteBuffer piece) throws IOException {
      int start = piece.position();
      try {
        while (piece.hasRemaining()) {
          if (channel.read(piece) < 0) {
            throw new DamagedFileException("the file ends before its tensors do");
          }
        }
      } catch (ZipException | EOFException e) {
        throw new DamagedFileException("deflated data are damaged: " + e.getMessage(), e);
      }
      crc.update(piece.position(start));
    }

    void skip(long count) throws IOException {
      ByteBuffer piece = ByteBuffer.allocate((int) Math.min(count, PIECE));
      for (long left = count; left > 0; left -= piece.limit()) {
        piece.clear().limit((int) Math.min(left, PIECE));
        fill(piece);
      }
    }

    void requireCrc(ZipArchiveEntry entry) throws DamagedFileException {
      if (crc.getValue() != entry.getCrc()) {
        throw new DamagedFileException(
            "'"
                + entry.getName()
                + "' does not have its checksum: it is damaged, or was saved without checksums");
      }
    }

    @Override
    public void close() throws IOException {
      channel.close();
    }
  }

  @Override
  public void close() throws IOException {
    zip.close();
    source.close();
  }
}
