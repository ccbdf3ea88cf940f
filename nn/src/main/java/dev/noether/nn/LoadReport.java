package dev.noether.nn;

import java.util.List;

/**
 * What a lenient load found.
 *
 * @param missing names of the layer that the state dict lacks
 * @param unexpected names of the state dict that the layer lacks
 */
public record LoadReport(List<String> missing, List<String> unexpected) {
  /**
   * Copies the lists.
   *
   * @param missing names of the layer that the state dict lacks
   * @param unexpected names of the state dict that the layer lacks
   */
  public LoadReport {
    missing = List.copyOf(missing);
    unexpected = List.copyOf(unexpected);
  }

  /**
   * Whether both sides have the same names.
   *
   * @return true if nothing was missing or unexpected
   */
  public boolean isComplete() {
    return missing.isEmpty() && unexpected.isEmpty();
  }
}
