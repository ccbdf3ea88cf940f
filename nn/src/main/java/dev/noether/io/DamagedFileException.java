package dev.noether.io;

import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** A file is not what it claims to be: cut short, inconsistent, or of an unknown kind. */
public final class DamagedFileException extends IOException {
  private static final long serialVersionUID = 1;

  DamagedFileException(String message) {
    super(message);
  }

  DamagedFileException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }

  /** The same with the name of the file before it. */
  DamagedFileException in(Path path) {
    return new DamagedFileException(path + ": " + getMessage(), this);
  }
}
