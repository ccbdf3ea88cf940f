package dev.noether.cli;

import dev.noether.torch.LibTorch;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.Locale;
import java.util.Properties;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;

/** The front door: {@code noether COMMAND}. */
@Command(
    name = "noether",
    description = "Symmetry-aware deep learning for the JVM.",
    mixinStandardHelpOptions = true,
    scope = ScopeType.INHERIT,
    versionProvider = Main.Version.class,
    subcommands = {
      BenchCommand.class,
      SelfTestCommand.class,
      GroupCommand.class,
      RepCommand.class,
      PlanCommand.class,
      ExportCommand.class,
      InspectCommand.class,
      ConvertCommand.class,
      CommandLine.HelpCommand.class
    },
    footer = {"", "Exit status: 0 done, 1 a check failed, 2 bad input."})
public final class Main implements Runnable {
  private static final int BAD_INPUT = 2;

  @Option(
      names = "--verbose",
      description = "Show the stack trace of an error.",
      scope = ScopeType.INHERIT)
  private boolean verbose;

  private final CommandLine commandLine =
      new CommandLine(this)
          .setCaseInsensitiveEnumValuesAllowed(true)
          .setParameterExceptionHandler((error, arguments) -> parameterError(error))
          .setExecutionStrategy(Main::execute)
          .setExecutionExceptionHandler((error, line, result) -> executionError(error, line));

  private Main() {}

  /**
   * Runs a command and ends the process with its exit status.
   *
   * @param arguments the command line
   */
  public static void main(String[] arguments) {
    int status = commandLine().execute(arguments);
    System.out.flush();
    System.exit(status);
  }

  /** The commands, ready to be executed; tests give it writers of their own. */
  static CommandLine commandLine() {
    return new Main().commandLine;
  }

  @Override
  public void run() {
    commandLine.usage(commandLine.getOut());
  }

  /** Memory that runs out is told in a line, as everything else. */
  private static int execute(CommandLine.ParseResult parsed) {
    try {
      return new CommandLine.RunLast().execute(parsed);
    } catch (OutOfMemoryError e) {
      throw new CommandLine.ExecutionException(parsed.commandSpec().commandLine(), heap(), e);
    }
  }

  static String heap() {
    return String.format(
        Locale.ROOT,
        "this needs more memory than Java may take, %,d MB: ask for less, or give it more, as "
            + "JAVA_TOOL_OPTIONS=-Xmx32g",
        Runtime.getRuntime().maxMemory() >> 20);
  }

  private int parameterError(ParameterException error) {
    CommandLine line = error.getCommandLine();
    complain(
        line.getErr(),
        message(error).replaceFirst("\\.$", "") + "; see " + name(line) + " --help",
        error);
    return BAD_INPUT;
  }

  private static String name(CommandLine line) {
    return line.getCommandSpec().qualifiedName(" ");
  }

  private int executionError(Exception error, CommandLine line) {
    complain(line.getErr(), message(error), error);
    boolean known =
        error instanceof IllegalArgumentException
            || error instanceof IOException
            || isOutOfMemory(error);
    return known ? BAD_INPUT : 1;
  }

  private void complain(PrintWriter err, String message, Exception error) {
    err.println("noether: " + Printable.of(message));
    if (verbose) {
      error.printStackTrace(err);
    }
    err.flush();
  }

  private static String message(Exception error) {
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
    return error instanceof RuntimeException runtime
        ? LibTorch.firstLine(runtime)
        : String.valueOf(error.getMessage());
  }

  private static boolean isOutOfMemory(Exception error) {
    return error instanceof RuntimeException runtime && LibTorch.isOutOfMemory(runtime);
  }

  /** The version that the build wrote down. */
  static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() throws IOException {
      Properties properties = new Properties();
      try (InputStream stream = Main.class.getResourceAsStream("version.properties")) {
        properties.load(stream);
      }
      return new String[] {"noether " + properties.getProperty("version")};
    }
  }
}
