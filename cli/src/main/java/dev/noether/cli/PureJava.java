package dev.noether.cli;

/** A command that runs without LibTorch, so that nothing has to be fetched for it. */
public interface PureJava {
  /**
   * Whether an option asks for what only LibTorch can tell, as a measurement.
   *
   * @return whether LibTorch is needed after all
   */
  default boolean asksForLibTorch() {
    return false;
  }
}
