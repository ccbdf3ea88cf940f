package dev.noether.models;

/**
 * How the step of a diffusion enters copies of the regular representation, in which it must be
 * invariant.
 */
public enum StepRule {
  /** As many sines and cosines as there are copies, each all over its copy. */
  SPREAD,
  /**
   * As many sines and cosines as there are features, and the mean over each copy, in which they
   * nearly vanish: the rule of the Python package, under which its weights were trained.
   */
  AVERAGED
}
