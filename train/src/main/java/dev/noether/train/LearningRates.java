package dev.noether.train;

import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Optimizer;
import org.bytedeco.pytorch.OptimizerParamGroupVector;

/** The learning rates that an optimizer was made with, and what a schedule makes of them. */
final class LearningRates {
  /** The optimizer's own list, which a resume refills. */
  private final OptimizerParamGroupVector groups;

  private final double[] rates;

  LearningRates(Optimizer optimizer) {
    groups = optimizer.param_groups();
    try (PointerScope scope = new PointerScope()) {
      rates = new double[Math.toIntExact(groups.size())];
      for (int i = 0; i < rates.length; i++) {
        rates[i] = groups.get(i).options().get_lr();
      }
    }
  }

  double[] rates() {
    return rates.clone();
  }

  /** Multiplies the first rates; they themselves come back with 1. */
  void scale(double factor) {
    try (PointerScope scope = new PointerScope()) {
      for (int i = 0; i < rates.length; i++) {
        groups.get(i).options().set_lr(rates[i] * factor);
      }
    }
  }
}
