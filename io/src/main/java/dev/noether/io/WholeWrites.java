package dev.noether.io;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;

/**
 * A channel whose writes take all bytes or throw. On a disk that becomes full a file's own takes
 * what has room and tells of the rest by a number that is easily overlooked.
 */
final class WholeWrites implements SeekableByteChannel {
  private final SeekableByteChannel file;

  WholeWrites(SeekableByteChannel file) {
    this.file = file;
  }

  @Override
  public int write(ByteBuffer bytes) throws IOException {
    int all = bytes.remaining();
    while (bytes.hasRemaining()) {
      file.write(bytes);
    }
    return all;
  }

  @Override
  public int read(ByteBuffer bytes) throws IOException {
    return file.read(bytes);
  }

  @Override
  public long position() throws IOException {
    return file.position();
  }

  @Override
  public SeekableByteChannel position(long place) throws IOException {
    file.position(place);
    return this;
  }

  @Override
  public long size() throws IOException {
    return file.size();
  }

  @Override
  public SeekableByteChannel truncate(long size) throws IOException {
    file.truncate(size);
    return this;
  }

  @Override
  public boolean isOpen() {
    return file.isOpen();
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
