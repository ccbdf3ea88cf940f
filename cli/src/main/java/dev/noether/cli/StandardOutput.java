package dev.noether.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.nio.charset.Charset;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Standard output that remembers why a write failed, which Java's own swallows. */
final class StandardOutput extends OutputStream {
  private final OutputStream stream;
  private @Nullable IOException failure;

  StandardOutput(OutputStream stream) {
    this.stream = stream;
  }

  static StandardOutput ofProcess() {
    return new StandardOutput(new FileOutputStream(FileDescriptor.out));
  }

  PrintWriter writer() {
    String charset =
        System.getProperty("stdout.encoding", System.getProperty("sun.stdout.encoding", ""));
    return new PrintWriter(
        this, false, charset.isEmpty() ? Charset.defaultCharset() : Charset.forName(charset));
  }

  /**
   * Why something is missing of what was printed.
   *
   * @return null if nothing is, or if the reader has closed its end, as {@code head} does
   */
  @Nullable String failure() {
    IOException cause = failure;
    if (cause == null) {
      return null;
    }
    String message = String.valueOf(cause.getMessage());
    String lower = message.toLowerCase(Locale.ROOT);
    boolean closed = lower.contains("broken pipe") || lower.contains("pipe is being closed");
    return closed ? null : message;
  }

  @Override
  public void write(int b) throws IOException {
    write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws IOException {
    if (failure != null) {
      return;
    }
    try {
      stream.write(bytes, offset, length);
    } catch (IOException e) {
      failure = e;
    }
  }

  @Override
  public void flush() throws IOException {
    stream.flush();
  }
}
