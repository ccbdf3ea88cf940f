package dev.noether.io;

import dev.noether.algebra.Checks;
import dev.noether.algebra.Limits;
import dev.noether.nn.Architecture;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;

/**
 * The sizes that an architecture names, beside the numbers that its file holds: a layer of a
 * million features has a million weights to show. Asked before the layer is built, and its memory
 * taken.
 */
final class ArchitectureSizes {
  /** Sizes of one matrix. */
  private static final List<List<String>> PRODUCTS =
      List.of(
          List.of("in_features", "out_features"),
          List.of("size_x", "size_y"),
          List.of("embed_dim", "embed_dim"),
          List.of("max_len", "embed_dim"),
          List.of("d_model", "d_model"),
          List.of("d_model", "dim_feedforward"));

  /** Numbers that no tensor grows with: limits, and the base of frequencies. */
  private static final Set<String> NO_SIZES = Set.of("rope_base", "max_degree", "max_elements");

  private ArchitectureSizes() {}

  /**
   * Checks all layers.
   *
   * @param architecture the layer
   * @param numbers how many numbers the file holds
   * @throws IllegalArgumentException if a size is larger than the file can show for
   */
  static void require(Architecture architecture, long numbers) {
    Map<String, String> settings = architecture.settings();
    settings.forEach(
        (name, value) ->
            requireShown(
                architecture,
                name,
                NO_SIZES.contains(name) ? 0 : number(value).orElse(0),
                Math.max(Limits.PLAIN_SIZE, numbers),
                numbers));
    for (List<String> factors : PRODUCTS) {
      double product = 1;
      for (String factor : factors) {
        product *= number(settings.getOrDefault(factor, "0")).orElse(0);
      }
      requireShown(
          architecture,
          String.join(" x ", factors),
          product,
          Math.max(Limits.PLAIN_SIZE * Limits.PLAIN_SIZE, numbers),
          numbers);
    }
    architecture.layers().forEach(layer -> require(layer, numbers));
    architecture.parametrizations().values().forEach(map -> require(map, numbers));
  }

  private static void requireShown(
      Architecture layer, String name, double size, long most, long numbers) {
    Checks.require(
        !(size > most),
        "'%s' of %s is %.0f, and the file holds %d numbers in all",
        name,
        layer.type(),
        size,
        numbers);
  }

  private static OptionalDouble number(String text) {
    try {
      return OptionalDouble.of(Double.parseDouble(text));
    } catch (NumberFormatException e) {
      return OptionalDouble.empty();
    }
  }
}
