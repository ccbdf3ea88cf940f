package dev.noether.io;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;

/** Where the bytes of a file are: on disk or in an array. */
sealed interface Source {
  long size() throws IOException;

  /** Fills the target with the bytes from a position on. */
  void read(long position, ByteBuffer target) throws IOException;

  default void close() throws IOException {}

  /** A few bytes in an array, little-endian. */
  default ByteBuffer read(long position, int count) throws IOException {
    if (position < 0 || position > size() - count) {
      throw new DamagedFileException(
          "it has " + size() + " bytes, " + count + " are needed from " + position);
    }
    ByteBuffer bytes = ByteBuffer.allocate(count).order(ByteOrder.LITTLE_ENDIAN);
    read(position, bytes);
    return bytes.flip();
  }

  record OnDisk(FileChannel channel) implements Source {
    @Override
    public long size() throws IOException {
      return channel.size();
    }

    @Override
    public void read(long position, ByteBuffer target) throws IOException {
      long at = position;
      while (target.hasRemaining()) {
        int count = channel.read(target, at);
        if (count < 0) {
          throw new DamagedFileException("the file ends before its tensors do");
        }
        at += count;
      }
    }

    @Override
    public void close() throws IOException {
      channel.close();
    }
  }

  record InMemory(ByteBuffer bytes) implements Source {
    @Override
    public long size() {
      return bytes.capacity();
    }

    @Override
    public void read(long position, ByteBuffer target) {
      target.put(
          bytes.duplicate().position((int) position).limit((int) position + target.remaining()));
    }
  }
}
