package dev.noether.runtime;

import java.io.IOException;

/** A file that is no model, is damaged, or is of another version; the message says which. */
public final class ModelFileException extends IOException {
  private static final long serialVersionUID = 1L;

  /**
   * A reason.
   *
   * @param message what is wrong
   */
  public ModelFileException(String message) {
    super(message);
  }
}
