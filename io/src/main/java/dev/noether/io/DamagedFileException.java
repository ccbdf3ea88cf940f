package dev.noether.io;

import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** A file is not what it claims to be: cut short, inconsistent, or of an unknown kind. */
public final class DamagedFileException extends IOException {
  private static final long serialVersionUID = 1;

  /**
   * What is wrong.
   *
   * @param message for people
   */
  public DamagedFileException(String message) {
    super(message);
  }

  /**
   * What is wrong, and what found it.
   *
   * @param message for people
   * @param cause the error behind it
   */
  public DamagedFileException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }

  /**
   * Checks a count.
   *
   * @param what what is counted, as {@code the pickle has values}
   * @param count how many there are
   * @param limit how many there may be, one of {@link dev.noether.algebra.Limits}
   * @throws DamagedFileException if there are more
   */
  public static void requireAtMost(String what, long count, long limit)
      throws DamagedFileException {
    if (count > limit) {
      throw new DamagedFileException(what + ": " + count + ", and at most " + limit + " are read");
    }
  }

  /**
   * The same with the name of the file before it, unless the message begins with it already.
   *
   * @param path the file
   * @return an error to throw
   */
  public DamagedFileException in(Path path) {
    String message = String.valueOf(getMessage());
    return message.startsWith(path.toString())
        ? this
        : new DamagedFileException(path + ": " + message, this);
  }
}
