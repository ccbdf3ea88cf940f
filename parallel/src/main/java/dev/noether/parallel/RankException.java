package dev.noether.parallel;

/** Ends a run on a rank that itself could go on: another one died, hangs, or threw. */
public final class RankException extends IllegalStateException {
  private static final long serialVersionUID = 1;

  /**
   * The end of a run.
   *
   * @param message which rank it was, and why
   */
  public RankException(String message) {
    super(message);
  }
}
