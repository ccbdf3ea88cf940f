package dev.noether.cli;

import dev.noether.cli.training.EvaluateCommand;
import dev.noether.cli.training.ExampleCommand;
import dev.noether.cli.training.PlotCommand;
import dev.noether.cli.training.PredictCommand;
import dev.noether.cli.training.TrainCommand;
import dev.noether.torch.LibTorch;
import dev.noether.torch.NativeCache;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;

/** The front door: {@code noether COMMAND}. */
@Command(
    name = "noether",
    description = "Symmetry-aware deep learning for the JVM.",
    mixinStandardHelpOptions = true,
    scope = ScopeType.INHERIT,
    versionProvider = Version.class,
    subcommands = {
      BenchCommand.class,
      SelfTestCommand.class,
      GroupCommand.class,
      RepCommand.class,
      PlanCommand.class,
      ExportCommand.class,
      RunCommand.class,
      InspectCommand.class,
      ConvertCommand.class,
      SymmetryCommand.class,
      RestrictCommand.class,
      ImposeCommand.class,
      TrainCommand.class,
      EvaluateCommand.class,
      PredictCommand.class,
      PlotCommand.class,
      ExampleCommand.class,
      CompletionCommand.class,
      ManCommand.class,
      CacheCommand.class,
      JshellCommand.class,
      CommandLine.HelpCommand.class
    },
    footer = {"", Main.EXIT_STATUS})
public final class Main implements Runnable {
  static final String EXIT_STATUS =
      "Exit status: 0 done, 1 a check failed, 2 bad input, 130 interrupted.";

  private static final int BAD_INPUT = 2;

  /** What picocli can lay help out in, and what is pleasant to read. */
  private static final int NARROWEST_HELP = 55;

  private static final int WIDEST_HELP = 100;

  @Option(
      names = "--verbose",
      description = "Show the stack trace of an error.",
      scope = ScopeType.INHERIT)
  private boolean verbose;

  private final CommandLine commandLine =
      new CommandLine(this)
          .setCaseInsensitiveEnumValuesAllowed(true)
          .registerConverter(int.class, Messages::whole)
          .registerConverter(Integer.class, Messages::whole)
          .registerConverter(Path.class, Messages::path)
          .setParameterExceptionHandler((error, arguments) -> parameterError(error))
          .setExecutionStrategy(Main::execute)
          .setExecutionExceptionHandler((error, line, result) -> executionError(error, line));

  private final int width;

  private Main(int width) {
    this.width = width;
    commandLine.getSubcommands().values().forEach(Main::tellExitStatus);
    if (width > 0) {
      commandLine.setUsageHelpWidth(Math.max(NARROWEST_HELP, Math.min(width, WIDEST_HELP)));
    }
  }

  private static void tellExitStatus(CommandLine command) {
    CommandLine.Model.UsageMessageSpec usage = command.getCommandSpec().usageMessage();
    if (!List.of(usage.footer()).contains(EXIT_STATUS)) {
      usage.footer(
          Stream.concat(Stream.of(usage.footer()), Stream.of("", EXIT_STATUS))
              .toArray(String[]::new));
    }
  }

  /**
   * Runs a command and ends the process with its exit status.
   *
   * @param arguments the command line
   */
  public static void main(String[] arguments) {
    StandardOutput output = StandardOutput.ofProcess();
    PrintWriter out = output.writer();
    CommandLine line = commandLine(columns(System.getenv("COLUMNS"))).setOut(out);
    if (needsLibTorch(arguments) && LibTorch.isPresent() && !NativeCache.isComplete()) {
      System.err.println("noether: unpacking LibTorch, once, some 800 MB; see noether cache");
    }
    int status = line.execute(arguments);
    out.flush();
    @Nullable String failure = output.failure();
    if (failure != null) {
      System.err.println("noether: standard output: " + failure);
      status = Math.max(status, 1);
    }
    System.exit(status);
  }

  /** The width of the terminal, if the shell told one that makes sense; else 0, which is any. */
  static int columns(@Nullable String text) {
    boolean number = text != null && text.matches("[1-9][0-9]{1,3}");
    return number ? Integer.parseInt(text) : 0;
  }

  /** The commands for a terminal of a width; 0 for any. */
  static CommandLine commandLine(int width) {
    return new Main(width).commandLine;
  }

  static int width(CommandSpec spec) {
    return ((Main) spec.root().userObject()).width;
  }

  /**
   * Whether a command line asks for LibTorch, which the launcher fetches only then.
   *
   * @param arguments the command line
   * @return false for help, mistakes and commands of pure Java that are asked for no measurement
   */
  public static boolean needsLibTorch(String[] arguments) {
    try {
      CommandLine.ParseResult parsed = commandLine(0).parseArgs(arguments);
      while (parsed.hasSubcommand()) {
        parsed = parsed.subcommand();
      }
      Object command = parsed.commandSpec().userObject();
      return !(parsed.isUsageHelpRequested()
          || parsed.isVersionHelpRequested()
          || (command instanceof PureJava pure && !pure.asksForLibTorch())
          || command instanceof Main
          || command instanceof CommandLine.HelpCommand);
    } catch (ParameterException e) {
      return false; // it is told when the command line is executed
    }
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
    String message = Messages.of(error);
    String join = message.endsWith("?") ? " See " : "; see ";
    complain(line.getErr(), message + join + name(line) + " --help", error);
    return BAD_INPUT;
  }

  private static String name(CommandLine line) {
    return line.getCommandSpec().qualifiedName(" ");
  }

  private int executionError(Exception error, CommandLine line) {
    complain(line.getErr(), Messages.of(error), error);
    boolean known =
        error instanceof IllegalArgumentException
            || error instanceof IOException
            || Messages.isOutOfMemory(error);
    return known ? BAD_INPUT : 1;
  }

  private void complain(PrintWriter err, String message, Exception error) {
    err.println(Page.wrapped("noether: " + Printable.of(message), width));
    if (verbose) {
      error.printStackTrace(err);
    }
    err.flush();
  }
}
