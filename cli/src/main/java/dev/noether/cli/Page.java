package dev.noether.cli;

import com.google.errorprone.annotations.FormatMethod;
import com.google.errorprone.annotations.FormatString;
import java.io.PrintWriter;
import java.util.Locale;
import picocli.CommandLine.Model.CommandSpec;

/**
 * What a command prints for a person: numbers in the same digits in every locale, lines and tables
 * no wider than the terminal.
 */
final class Page {
  private final PrintWriter out;
  private final int width;

  /**
   * A page.
   *
   * @param out where it goes
   * @param width the columns of the terminal, 0 where there is none
   */
  Page(PrintWriter out, int width) {
    this.out = out;
    this.width = width;
  }

  static Page of(CommandSpec spec) {
    return new Page(spec.commandLine().getOut(), Main.width(spec));
  }

  @FormatMethod
  void printf(@FormatString String format, Object... arguments) {
    String text = String.format(Locale.ROOT, format, arguments);
    String[] lines = text.split("\\R", -1);
    for (int i = 0; i < lines.length; i++) {
      out.print(wrapped(lines[i], width));
      if (i < lines.length - 1) {
        out.println();
      }
    }
  }

  void print(Columns columns) {
    out.print(columns.text(width));
  }

  void println(String line) {
    printf("%s%n", line);
  }

  /** Text that must stay as it is, as JSON. */
  void printRaw(String text) {
    out.println(text);
  }

  void flush() {
    out.flush();
  }

  /**
   * Breaks a line at spaces; what follows the first part is indented a little more.
   *
   * @param line a line without its end
   * @param width the most characters, 0 for any number
   * @return the line, or several
   */
  static String wrapped(String line, int width) {
    if (width == 0 || line.length() <= width) {
      return line;
    }
    int indent = line.length() - line.stripLeading().length();
    return wrapped(line, width, indent + 2);
  }

  /** The same, with the indent of what follows the first part. */
  static String wrapped(String line, int width, int hanging) {
    if (width == 0 || line.length() <= width) {
      return line;
    }
    String next = " ".repeat(hanging);
    StringBuilder text = new StringBuilder();
    String rest = line;
    int start = line.length() - line.stripLeading().length();
    while (rest.length() > width) {
      int cut = rest.lastIndexOf(' ', width);
      if (cut <= start) {
        cut = rest.indexOf(' ', Math.max(width, start)); // a word that is wider stands alone
      }
      if (cut < 0) {
        break;
      }
      text.append(rest.substring(0, cut).stripTrailing()).append(System.lineSeparator());
      rest = next + rest.substring(cut).stripLeading();
      start = next.length();
    }
    return text.append(rest).toString();
  }
}
