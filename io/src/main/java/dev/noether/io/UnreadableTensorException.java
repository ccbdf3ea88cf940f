package dev.noether.io;

import java.io.IOException;
import java.nio.file.Path;

/**
 * A tensor that cannot be read, because it is of a kind that is not, as a quantized or sparse one,
 * or because there is not enough memory for it. The file is sound, and its other tensors are read.
 */
public final class UnreadableTensorException extends IOException {
  private static final long serialVersionUID = 1;

  /**
   * What is not read, and why.
   *
   * @param message for people
   */
  public UnreadableTensorException(String message) {
    super(message);
  }

  private UnreadableTensorException(String message, Throwable cause) {
    super(message, cause);
  }

  /**
   * The same with the name of the file before it.
   *
   * @param path the file
   * @return an error to throw
   */
  public UnreadableTensorException in(Path path) {
    return new UnreadableTensorException(path + ": " + getMessage(), this);
  }
}
