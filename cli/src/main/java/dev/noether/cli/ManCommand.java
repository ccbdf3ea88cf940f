package dev.noether.cli;

import dev.noether.algebra.Checks;
import dev.noether.io.AtomicFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code noether man}: manual pages. */
@Command(
    name = "man",
    description = "Prints the manual page of a command, or writes those of all commands.",
    footer = {"", "  noether man train | man -l -", "  noether man --to ~/.local/share/man/man1"})
final class ManCommand implements Callable<Integer>, PureJava {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(arity = "0..1", paramLabel = "COMMAND", description = "which; noether itself if none")
  private @Nullable String command;

  @Option(
      names = "--to",
      paramLabel = "FOLDER",
      description = "write the pages of all commands, as noether-train.1")
  private @Nullable Path folder;

  @Mixin private final OutputFile output = new OutputFile();

  @Override
  public Integer call() throws IOException {
    CommandLine root = spec.root().commandLine();
    if (folder != null) {
      writeAll(root, folder);
    } else {
      spec.commandLine().getOut().print(ManPage.of(named(root)));
      spec.commandLine().getOut().flush();
    }
    return 0;
  }

  private CommandLine named(CommandLine root) {
    CommandLine found = command == null ? root : root.getSubcommands().get(command);
    return Checks.requirePresent(
        found,
        "unknown command '%s'%s",
        command,
        Messages.didYouMean(String.valueOf(command), root.getSubcommands().keySet()));
  }

  private void writeAll(CommandLine root, Path to) throws IOException {
    write(root, to);
    for (CommandLine own : root.getSubcommands().values()) {
      write(own, to);
    }
    int pages = 1 + root.getSubcommands().size();
    spec.commandLine().getOut().printf(Locale.ROOT, "%s: %d pages%n", to, pages);
    spec.commandLine().getOut().flush();
  }

  private void write(CommandLine line, Path to) throws IOException {
    Path file = to.resolve(line.getCommandSpec().qualifiedName("-") + ".1");
    output.require(file, spec);
    byte[] bytes = ManPage.of(line).getBytes(StandardCharsets.UTF_8);
    AtomicFiles.write(file, channel -> channel.write(ByteBuffer.wrap(bytes)));
  }
}
