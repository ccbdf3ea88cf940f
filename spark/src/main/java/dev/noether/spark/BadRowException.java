package dev.noether.spark;

/** A row that no statistics take; a task ends its partition with it, and is not tried again. */
final class BadRowException extends RuntimeException {
  private static final long serialVersionUID = 1;

  BadRowException(String message) {
    super(message);
  }
}
