package dev.noether.io.pickle;

import dev.noether.io.bytes.NativeBytes;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.time.LocalDateTime;
import java.util.zip.ZipEntry;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipArchiveOutputStream;
import org.bytedeco.pytorch.Tensor;

/**
 * Writes a zip archive of stored entries, each beginning at a multiple of 64 bytes so that it can
 * be mapped into memory; the same content gives the same bytes.
 */
final class ArchiveWriter implements AutoCloseable {
  private static final int ALIGNMENT = 64;
  private static final int PIECE = 1 << 16;
  private static final LocalDateTime FIRST_DOS_TIME = LocalDateTime.of(1980, 1, 1, 0, 0);

  private final ZipArchiveOutputStream zip;

  ArchiveWriter(SeekableByteChannel channel) {
    zip = new ZipArchiveOutputStream(channel);
  }

  private void begin(String name, long size) throws IOException {
    ZipArchiveEntry entry = new ZipArchiveEntry(name);
    entry.setMethod(ZipEntry.STORED);
    entry.setSize(size);
    entry.setTimeLocal(FIRST_DOS_TIME);
    entry.setAlignment(ALIGNMENT);
    zip.putArchiveEntry(entry);
  }

  void put(String name, byte[] content) throws IOException {
    begin(name, content.length);
    zip.write(content);
    zip.closeArchiveEntry();
  }

  /** The numbers of a tensor on the CPU, contiguous. */
  void put(String name, Tensor tensor, long bytes) throws IOException {
    begin(name, bytes);
    byte[] buffer = new byte[(int) Math.min(PIECE, bytes)];
    NativeBytes.forEach(tensor, bytes, piece -> write(piece, buffer));
    zip.closeArchiveEntry();
  }

  private void write(ByteBuffer piece, byte[] buffer) throws IOException {
    while (piece.hasRemaining()) {
      int count = Math.min(buffer.length, piece.remaining());
      piece.get(buffer, 0, count);
      zip.write(buffer, 0, count);
    }
  }

  /** Writes the directory; the channel stays open. */
  @Override
  public void close() throws IOException {
    zip.finish();
  }
}
