package dev.noether.cli;

import java.util.Locale;

/**
 * Texts of files, for a terminal. What a file calls its tensors may hold characters that move the
 * cursor, set the title of a window or turn the direction of writing: they are shown as escapes.
 */
final class Printable {
  private Printable() {}

  static String of(String text) {
    StringBuilder shown = new StringBuilder();
    text.codePoints()
        .forEach(
            point -> {
              if (isHarmless(point)) {
                shown.appendCodePoint(point);
              } else if (Character.isBmpCodePoint(point)) {
                shown.append(String.format(Locale.ROOT, "\\u%04x", point));
              } else {
                shown.append(String.format(Locale.ROOT, "\\U%08x", point));
              }
            });
    return shown.toString();
  }

  private static boolean isHarmless(int point) {
    return switch (Character.getType(point)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          false;
      default -> true;
    };
  }
}
