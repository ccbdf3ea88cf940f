package dev.noether.cli;

import java.util.Locale;

/** Bytes as a person reads them. */
public final class ByteCount {
  private static final String[] UNITS = {"kB", "MB", "GB", "TB"};

  private ByteCount() {}

  /**
   * A size in the unit that suits it.
   *
   * @param bytes at least 0
   * @return such as {@code 912 B}, {@code 1.9 kB}, {@code 780 MB}
   */
  public static String text(long bytes) {
    if (bytes < 1000) {
      return bytes + " B";
    }
    double size = bytes / 1e3;
    int unit = 0;
    while (size >= 999.5 && unit < UNITS.length - 1) {
      size /= 1e3;
      unit++;
    }
    return String.format(Locale.ROOT, size < 99.95 ? "%.1f %s" : "%.0f %s", size, UNITS[unit]);
  }
}
