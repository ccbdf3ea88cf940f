package dev.noether.io;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.commons.compress.utils.SeekableInMemoryByteChannel;
import org.bytedeco.pytorch.Tensor;

/** Where the bytes of a file are: on disk or in an array. */
sealed interface Source {
  /** As many bytes as {@link #start} gives, where the file has them. */
  int START = 9;

  /** Makes something of a source, and closes the source with it. */
  @FunctionalInterface
  interface Opener<T> {
    T open(Source source) throws IOException;
  }

  /**
   * Opens a file; where it turns out to be damaged it is closed again, and the message names it.
   */
  static <T> T open(Path path, Opener<T> opener) throws IOException {
    try {
      return open(new OnDisk(FileChannel.open(path)), opener);
    } catch (DamagedFileException e) {
      throw e.in(path);
    }
  }

  /** The first bytes of a file, which tell its format. */
  static byte[] start(Path path) throws IOException {
    if (Files.isDirectory(path)) {
      throw new FileSystemException(path.toString(), null, "a folder, not a file");
    }
    try (InputStream stream = Files.newInputStream(path)) {
      return stream.readNBytes(START);
    }
  }

  /** Opens a file that is in memory. */
  static <T> T open(byte[] bytes, Opener<T> opener) throws IOException {
    return open(new InMemory(bytes), opener);
  }

  private static <T> T open(Source source, Opener<T> opener) throws IOException {
    try {
      return opener.open(source);
    } catch (IOException | RuntimeException e) {
      source.close();
      throw e;
    }
  }

  long size() throws IOException;

  /** The bytes for libraries that read from a channel; closed with the source. */
  SeekableByteChannel channel();

  /** Puts the bytes from a position on, at least one and at most as many as the target holds. */
  int some(long position, ByteBuffer target) throws IOException;

  /** Fills the target with the bytes from a position on. */
  default void read(long position, ByteBuffer target) throws IOException {
    long at = position;
    while (target.hasRemaining()) {
      int count = some(at, target);
      if (count < 0) {
        throw new DamagedFileException("the file ends before its tensors do");
      }
      at += count;
    }
  }

  /** Fills a tensor with the bytes from a position on. */
  default void read(long position, Tensor target, long count) throws IOException {
    long[] at = {position};
    NativeBytes.forEach(
        target,
        count,
        piece -> {
          int length = piece.remaining();
          read(at[0], piece);
          at[0] += length;
        });
  }

  default void close() throws IOException {
    channel().close();
  }

  record OnDisk(FileChannel channel) implements Source {
    @Override
    public long size() throws IOException {
      return channel.size();
    }

    @Override
    public int some(long position, ByteBuffer target) throws IOException {
      return channel.read(target, position);
    }
  }

  /** A whole array. */
  final class InMemory implements Source {
    private final byte[] bytes;

    InMemory(byte[] bytes) {
      this.bytes = bytes.clone();
    }

    @Override
    public long size() {
      return bytes.length;
    }

    @Override
    public SeekableByteChannel channel() {
      return new SeekableInMemoryByteChannel(bytes);
    }

    @Override
    public int some(long position, ByteBuffer target) {
      if (position >= bytes.length) {
        return -1;
      }
      int count = (int) Math.min(target.remaining(), bytes.length - position);
      target.put(bytes, (int) position, count);
      return count;
    }
  }
}
