package dev.noether.train;

/**
 * Lower learning rates where the validation loss no longer falls. The factor so far and the number
 * of validations since are part of the {@link TrainingState}.
 *
 * @param factor what the learning rates are multiplied by
 * @param patience how many validations in a row may be no better than the best one
 */
record Plateau(double factor, int patience) {
  /** After a validation. */
  void judge(TrainingState state, boolean better) {
    state.sinceFall = better ? 0 : state.sinceFall + 1;
    if (state.sinceFall >= patience) {
      state.plateauFactor *= factor;
      state.sinceFall = 0;
    }
  }
}
