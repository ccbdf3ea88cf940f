package dev.noether.cli;

import dev.noether.algebra.Spelling;
import dev.noether.torch.LibTorch;
import java.nio.file.FileSystemException;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
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

  static String didYouMean(String word, Set<String> names) {
    return Spelling.nearest(word, names.stream())
        .map(name -> "; did you mean " + name + "?")
        .orElse("");
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
