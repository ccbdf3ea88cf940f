package dev.noether.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code noether completion SHELL}: a script by which a shell completes commands and options. */
@Command(
    name = "completion",
    description = "Prints a script by which a shell completes commands and options.",
    footer = {
      "",
      "  bash, zsh:  source <(noether completion bash)",
      "  fish:       noether completion fish | source"
    })
final class CompletionCommand implements Callable<Integer>, PureJava {
  /** The shells. */
  enum Shell {
    /** GNU's. */
    BASH,
    /** It reads bash's script. */
    ZSH,
    /** It has a language of its own. */
    FISH
  }

  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(paramLabel = "SHELL", description = "bash, zsh or fish")
  private Shell shell = Shell.BASH;

  @Override
  public Integer call() {
    CommandLine root = spec.root().commandLine();
    spec.commandLine()
        .getOut()
        .print(shell == Shell.FISH ? fish(root) : AutoComplete.bash(root.getCommandName(), root));
    spec.commandLine().getOut().flush();
    return 0;
  }

  private static String fish(CommandLine root) {
    String name = root.getCommandName();
    List<String> lines = new ArrayList<>();
    root.getSubcommands()
        .forEach(
            (word, command) -> {
              lines.add(
                  "complete -c %s -n __fish_use_subcommand -f -a %s -d '%s'"
                      .formatted(name, word, quoted(summary(command.getCommandSpec()))));
              for (OptionSpec option : command.getCommandSpec().options()) {
                lines.add(
                    "complete -c %s -n '__fish_seen_subcommand_from %s'%s%s -d '%s'"
                        .formatted(
                            name,
                            word,
                            names(option),
                            option.arity().max() > 0 ? " -r" : "",
                            quoted(String.join(" ", option.description()))));
              }
            });
    return String.join("\n", lines) + "\n";
  }

  private static String summary(CommandSpec command) {
    String[] description = command.usageMessage().description();
    return description.length == 0 ? "" : description[0];
  }

  private static String names(OptionSpec option) {
    StringBuilder names = new StringBuilder();
    for (String name : option.names()) {
      names.append(name.startsWith("--") ? " -l " + name.substring(2) : " -s " + name.substring(1));
    }
    return names.toString();
  }

  private static String quoted(String text) {
    return text.replaceAll("\\$\\{[^}]*}|@\\|[a-z]+ |\\|@", "").replace("'", "\\'");
  }
}
