package dev.noether.cli;

import dev.noether.torch.LibTorch;
import java.nio.file.FileSystemException;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.TypeConversionException;
import picocli.CommandLine.UnmatchedArgumentException;

/** Errors as a line for a person. */
final class Messages {
  private Messages() {}

  static String of(Exception error) {
    if (error instanceof UnmatchedArgumentException unmatched) {
      return unmatched(unmatched);
    }
    if (error instanceof NoSuchFileException missing) {
      return missing.getFile() + ": no such file or folder";
    }
    if (error instanceof FileSystemException file) {
      String reason = file.getReason() == null ? "cannot be read or written" : file.getReason();
      return file.getFile() + ": " + reason;
    }
    if (isOutOfMemory(error)) {
      return "this needs more memory than the machine or the GPU has: ask for less";
    }
    String text =
        error instanceof RuntimeException runtime
            ? LibTorch.firstLine(runtime)
            : String.valueOf(error.getMessage());
    return error instanceof ParameterException
        ? text.replaceFirst("^Error: ", "")
            .replaceFirst("^Unknown subcommand", "unknown command")
            .replaceFirst("^Invalid value for positional parameter.*\\((\\w+)\\): ", "$1: ")
            .replaceFirst("^Invalid value for option '([^']*)'[^:]*: ", "$1: ")
            .replaceFirst("\\.$", "")
        : text;
  }

  static boolean isOutOfMemory(Exception error) {
    return error instanceof RuntimeException runtime && LibTorch.isOutOfMemory(runtime);
  }

  private static String unmatched(UnmatchedArgumentException error) {
    CommandLine line = error.getCommandLine();
    List<String> words = error.getUnmatched();
    List<String> options = words.stream().filter(word -> word.startsWith("-")).toList();
    if (!options.isEmpty()) {
      return "unknown option '"
          + options.get(0)
          + "'"
          + didYouMean(options.get(0), line.getCommandSpec().optionsMap().keySet());
    }
    if (!line.getSubcommands().isEmpty()) {
      return "unknown command '"
          + words.get(0)
          + "'"
          + didYouMean(words.get(0), line.getSubcommands().keySet());
    }
    return "'" + words.get(0) + "' is one argument too many; quote a text that has spaces";
  }

  /** The nearest name, where no more than a third of it is wrong. */
  private static String didYouMean(String word, Set<String> names) {
    return names.stream()
        .filter(name -> 3 * edits(name, word) <= name.length())
        .min(Comparator.comparingInt(name -> edits(name, word)))
        .map(name -> "; did you mean " + name + "?")
        .orElse("");
  }

  /** How many letters must be put in, left out, changed or exchanged with their neighbour. */
  private static int edits(String from, String to) {
    int[][] edits = new int[from.length() + 1][to.length() + 1];
    for (int i = 0; i <= from.length(); i++) {
      for (int j = 0; j <= to.length(); j++) {
        edits[i][j] = Math.max(i, j);
        if (i > 0 && j > 0) {
          int change = from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1;
          int least = Math.min(edits[i - 1][j], edits[i][j - 1]) + 1;
          edits[i][j] = Math.min(least, edits[i - 1][j - 1] + change);
          if (i > 1
              && j > 1
              && from.charAt(i - 1) == to.charAt(j - 2)
              && from.charAt(i - 2) == to.charAt(j - 1)) {
            edits[i][j] = Math.min(edits[i][j], edits[i - 2][j - 2] + 1);
          }
        }
      }
    }
    return edits[from.length()][to.length()];
  }

  static Integer whole(String text) {
    try {
      return Math.toIntExact(Long.parseLong(text));
    } catch (NumberFormatException e) {
      throw new TypeConversionException("'" + text + "' is no whole number");
    } catch (ArithmeticException e) {
      throw new TypeConversionException(
          String.format(
              Locale.ROOT,
              "'%s' is beyond the numbers from %,d to %,d",
              text,
              Integer.MIN_VALUE,
              Integer.MAX_VALUE));
    }
  }

  static Path path(String text) {
    if (text.isEmpty()) {
      throw new TypeConversionException("the name of a file or folder is needed, got none");
    }
    try {
      return Path.of(text);
    } catch (InvalidPathException e) {
      throw new TypeConversionException(
          "'"
              + text
              + "' cannot be named in the locale of this shell; LC_ALL=C.UTF-8 names any file");
    }
  }
}
