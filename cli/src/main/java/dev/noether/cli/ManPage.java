package dev.noether.cli;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Help;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.UsageMessageSpec;

/** What {@code --help} says of a command, in roff, the language of manual pages. */
final class ManPage {
  private final StringBuilder page = new StringBuilder();

  private ManPage() {}

  static String of(CommandLine line) {
    ManPage page = new ManPage();
    page.write(line.getCommandSpec());
    return page.page.toString();
  }

  private void write(CommandSpec command) {
    UsageMessageSpec usage = command.usageMessage();
    String name = command.qualifiedName("-");
    macro("TH " + escaped(name.toUpperCase(Locale.ROOT)) + " 1 \"\" \"\" \"Noether\"");
    macro("SH NAME");
    text(name + " - " + summary(usage));
    macro("SH SYNOPSIS");
    text(new Help(command, Help.defaultColorScheme(Ansi.OFF)).synopsis(0));
    macro("SH DESCRIPTION");
    text(String.join(" ", usage.description()));
    macro("SH OPTIONS");
    Stream.<ArgSpec>concat(
            command.positionalParameters().stream(),
            command.options().stream().filter(option -> !option.hidden()))
        .forEach(argument -> item(names(argument), String.join(" ", argument.description())));
    if (!command.subcommands().isEmpty()) {
      macro("SH COMMANDS");
      command
          .subcommands()
          .forEach((word, own) -> item(word, summary(own.getCommandSpec().usageMessage())));
    }
    footer(usage.footer());
  }

  private static String summary(UsageMessageSpec usage) {
    return usage.description().length == 0 ? "" : usage.description()[0];
  }

  private static String names(ArgSpec argument) {
    return argument instanceof OptionSpec option
        ? Arrays.stream(option.names()).collect(Collectors.joining(", "))
            + (option.arity().max() == 0 ? "" : " " + option.paramLabel())
        : argument.paramLabel();
  }

  /** Lines that are indented are examples; the others say what else there is to say. */
  private void footer(String... lines) {
    List<String> examples = Stream.of(lines).filter(line -> line.startsWith(" ")).toList();
    if (!examples.isEmpty()) {
      macro("SH EXAMPLES");
      macro("nf");
      examples.forEach(line -> text(line.strip()));
      macro("fi");
    }
    macro("SH NOTES");
    Stream.of(lines).filter(line -> !line.isBlank() && !line.startsWith(" ")).forEach(this::text);
  }

  private void item(String term, String what) {
    macro("TP");
    macro("B \"" + escaped(term).replace("\"", "\\(dq") + "\"");
    text(what);
  }

  private void macro(String request) {
    page.append('.').append(request).append('\n');
  }

  private void text(String text) {
    String plain = Ansi.OFF.text(text).toString();
    plain.lines().map(String::strip).forEach(line -> page.append(escaped(line)).append('\n'));
  }

  /** A line that begins with a dot or an apostrophe would be a request. */
  private static String escaped(String line) {
    String safe = line.replace("\\", "\\e").replace("-", "\\-");
    return safe.startsWith(".") || safe.startsWith("'") ? "\\&" + safe : safe;
  }
}
