package dev.noether.cli;

import static dev.noether.algebra.Checks.require;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Stack;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.IParameterPreprocessor;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code --json}: one option with one meaning in every command. */
final class JsonOption {
  private static final String STANDARD_OUTPUT = "-";

  @Option(
      names = "--json",
      arity = "0..1",
      fallbackValue = STANDARD_OUTPUT,
      paramLabel = "FILE",
      preprocessor = Attached.class,
      description = "print JSON instead of the page; --json=FILE writes it to a file besides")
  private @Nullable String target;

  @Mixin private OutputFile output = new OutputFile();

  @Spec(Spec.Target.MIXEE)
  private CommandSpec command = CommandSpec.create();

  /**
   * Where a command has arguments of its own, a file must be attached: in {@code group --json C4}
   * C4 is the group.
   */
  static final class Attached implements IParameterPreprocessor {
    @Override
    public boolean preprocess(
        Stack<String> arguments, CommandSpec command, ArgSpec option, Map<String, Object> info) {
      if (command.positionalParameters().isEmpty() || "=".equals(info.get("separator"))) {
        return false;
      }
      option.setValue(STANDARD_OUTPUT);
      return true;
    }
  }

  /** Whether JSON takes the place of the page. */
  boolean replacesPage() {
    return STANDARD_OUTPUT.equals(target);
  }

  /** Refuses a file that cannot be written or is there already, before the work. */
  void requireWritable() throws IOException {
    String name = target;
    if (name == null || replacesPage()) {
      return;
    }
    Path file = Path.of(name);
    Path folder = Json.folder(file);
    require(
        !name.isEmpty()
            && Files.isDirectory(folder)
            && Files.isWritable(folder)
            && !Files.isDirectory(file),
        "--json needs a file in a folder that exists and can be written to, got %s",
        name.isEmpty() ? "none" : file);
    output.require(file, command);
  }

  /** Writes the result where the user wants it, if anywhere. */
  void write(Page page, Supplier<?> result) throws IOException {
    String name = target;
    if (replacesPage()) {
      page.printRaw(Json.text(result.get()));
    } else if (name != null) {
      Json.write(Path.of(name), result.get());
    }
    page.flush();
  }
}
