package dev.noether.io.bytes;

import dev.noether.io.DamagedFileException;
import dev.noether.io.UnreadableTensorException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.commons.compress.utils.SeekableInMemoryByteChannel;
import org.bytedeco.pytorch.Tensor;

/** Where the bytes of a file are: on disk or in an array. */
public sealed interface ByteSource {
  /** As many bytes as {@link #start} gives, where the file has them. */
  int START = 9;

  /**
   * Makes something of a source, and closes the source with it.
   *
   * @param <T> what it makes
   */
  @FunctionalInterface
  interface Opener<T> {
    /**
     * Reads what it needs.
     *
     * @param source the open file
     * @return what it makes
     * @throws IOException if the file is damaged or cannot be read
     */
    T open(ByteSource source) throws IOException;
  }

  /**
   * Opens a file; where it turns out to be damaged it is closed again, and the message names it.
   *
   * @param <T> what is made of it
   * @param path the file
   * @param opener makes it
   * @return what it made
   * @throws IOException if the file is damaged or cannot be read
   */
  static <T> T open(Path path, Opener<T> opener) throws IOException {
    requireNoFolder(path);
    return open(new OnDisk(path, FileChannel.open(path)), opener);
  }

  /**
   * The first bytes of a file, which tell its format.
   *
   * @param path the file
   * @return nine of them, or all where there are fewer
   * @throws IOException if the file cannot be read
   */
  static byte[] start(Path path) throws IOException {
    requireNoFolder(path);
    try (InputStream stream = Files.newInputStream(path)) {
      return stream.readNBytes(START);
    } catch (ClosedByInterruptException e) {
      throw interrupted(path, e);
    }
  }

  /**
   * An error for a thread that was interrupted while it read.
   *
   * @param path the file
   * @param cause what the reader says
   * @return an error to throw
   */
  static InterruptedIOException interrupted(Path path, ClosedByInterruptException cause) {
    InterruptedIOException error =
        new InterruptedIOException(path + ": the thread was interrupted while it was read");
    error.initCause(cause);
    return error;
  }

  private static void requireNoFolder(Path path) throws FileSystemException {
    if (Files.isDirectory(path)) {
      throw new FileSystemException(path.toString(), null, "a folder, not a file");
    }
  }

  /**
   * Opens a file that is in memory.
   *
   * @param <T> what is made of it
   * @param bytes the whole file; copied
   * @param opener makes it
   * @return what it made
   * @throws IOException if the file is damaged
   */
  static <T> T open(byte[] bytes, Opener<T> opener) throws IOException {
    return open(new InMemory(bytes), opener);
  }

  private static <T> T open(ByteSource source, Opener<T> opener) throws IOException {
    try {
      return opener.open(source);
    } catch (IOException e) {
      source.close();
      throw source.named(e);
    } catch (RuntimeException e) {
      source.close();
      throw e;
    }
  }

  /**
   * An error with the name of the file, where it has one.
   *
   * @param error what went wrong
   * @return an error to throw
   */
  default IOException named(IOException error) {
    return error;
  }

  /**
   * The size.
   *
   * @return bytes
   * @throws IOException if the file cannot be read
   */
  long size() throws IOException;

  /**
   * The bytes for libraries that read from a channel.
   *
   * @return a channel, closed with the source
   */
  SeekableByteChannel channel();

  /**
   * Puts the bytes from a position on, at least one and at most as many as the target holds.
   *
   * @param position where they begin
   * @param target takes them
   * @return how many, or -1 at the end
   * @throws IOException if the file cannot be read
   */
  int some(long position, ByteBuffer target) throws IOException;

  /**
   * Fills the target with the bytes from a position on.
   *
   * @param position where they begin
   * @param target takes them
   * @throws IOException if the file ends before, or cannot be read
   */
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

  /**
   * Fills a tensor with the bytes from a position on.
   *
   * @param position where they begin
   * @param target takes them
   * @param count how many
   * @throws IOException if the file ends before, or cannot be read
   */
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

  /**
   * Closes the file.
   *
   * @throws IOException if that fails
   */
  default void close() throws IOException {
    channel().close();
  }

  /**
   * A file.
   *
   * @param path its name
   * @param channel its bytes
   */
  record OnDisk(Path path, FileChannel channel) implements ByteSource {
    @Override
    public long size() throws IOException {
      return channel.size();
    }

    @Override
    public int some(long position, ByteBuffer target) throws IOException {
      return channel.read(target, position);
    }

    @Override
    public IOException named(IOException error) {
      if (error instanceof DamagedFileException damaged) {
        return damaged.in(path);
      }
      if (error instanceof ClosedByInterruptException interrupt) {
        return interrupted(path, interrupt);
      }
      return error instanceof UnreadableTensorException unreadable ? unreadable.in(path) : error;
    }
  }

  /** A whole array. */
  final class InMemory implements ByteSource {
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
