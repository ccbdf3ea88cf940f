package dev.noether.benchmarks.campaign;

import dev.noether.cli.Main;
import dev.noether.io.Checkpoint;
import dev.noether.io.runtime.RuntimeFile;
import dev.noether.nn.linear.Linear;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.PointerScope;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/**
 * Command lines that write a file, one for every registered command and every ending that it knows,
 * made from what the commands say of themselves.
 */
final class Commands {
  private static final Pattern ENDING = Pattern.compile("\\*\\.(\\w+)");
  private static final String REPRESENTATION = "D3: 2 x regular";
  private static final int SIZE = 12;

  /** What commands call the file that they write. */
  private static final List<String> OUT = List.of("OUT", "RESULT");

  /** A command line and the file that it writes. */
  record Writing(String name, List<String> arguments, Path file) {}

  private static final List<String> COLUMNS =
      IntStream.range(0, SIZE).mapToObj(i -> "x" + i).toList();

  private final Path folder;
  private final Path model;
  private final Path exported;
  private final Path data;
  private final Path plain;
  private final Path log;

  /**
   * Writes what commands read.
   *
   * @param folder where all files go
   */
  Commands(Path folder) throws IOException {
    this.folder = folder;
    Path inputs = Files.createDirectories(folder.resolve("in"));
    model = inputs.resolve("model.safetensors");
    exported = inputs.resolve("model.noether");
    data = inputs.resolve("data.csv");
    plain = inputs.resolve("plain.safetensors");
    log = inputs.resolve("log.csv");
    try (PointerScope scope = new PointerScope()) {
      Checkpoint.save(Child.model(), model);
      RuntimeFile.write(Child.model(), exported);
      Checkpoint.save(new Linear(SIZE, SIZE), plain);
    }
    String row = String.join(",", IntStream.range(0, SIZE).mapToObj(i -> "0." + i).toList());
    Files.writeString(data, String.join(",", COLUMNS) + "\n" + (row + "\n").repeat(20));
    Files.writeString(log, "steps,loss\n1,0.5\n2,0.4\n3,0.3\n");
  }

  /** {@return the command lines} */
  List<Writing> writing() {
    List<Writing> all = new ArrayList<>();
    CommandLine.Command main = Main.class.getAnnotation(CommandLine.Command.class);
    for (Class<?> type : main.subcommands()) {
      CommandSpec command = CommandSpec.forAnnotatedObject(type);
      if (command.optionsMap().containsKey("--json")) {
        Path file = folder.resolve(command.name() + ".json");
        all.add(writing(command, file, "--json=" + file));
      }
      for (PositionalParamSpec parameter : command.positionalParameters()) {
        if (parameter.type() == Path.class && OUT.contains(parameter.paramLabel())) {
          for (String ending : endings(String.join(" ", parameter.description()))) {
            all.add(writing(command, folder.resolve(command.name() + "." + ending)));
          }
        }
      }
    }
    return all;
  }

  private static List<String> endings(String description) {
    List<String> endings = new ArrayList<>();
    Matcher matcher = ENDING.matcher(description);
    while (matcher.find()) {
      endings.add(matcher.group(1));
    }
    return endings.isEmpty() ? List.of("csv") : endings;
  }

  private Writing writing(CommandSpec command, Path file, String... more) {
    List<String> arguments = new ArrayList<>(List.of("noether", command.name()));
    for (PositionalParamSpec parameter : command.positionalParameters()) {
      arguments.add(argument(parameter, file));
    }
    arguments.addAll(List.of(more));
    arguments.add("--force");
    for (String option : List.of("--iterations=2", "--warmup=1")) {
      if (command.optionsMap().containsKey(option.substring(0, option.indexOf('=')))) {
        arguments.add(option);
      }
    }
    OptionSpec group = command.findOption("--group");
    if (group != null && group.paramLabel().equals("SPEC")) {
      arguments.add("--group=" + REPRESENTATION);
    }
    if (command.optionsMap().containsKey("--x")) {
      arguments.add("--x=" + String.join(",", COLUMNS));
    }
    String ending = file.getFileName().toString().replaceAll(".*\\.", "");
    return new Writing(command.name() + " to " + ending, arguments, file);
  }

  /** What stands for a parameter, by its label and what it says. */
  private String argument(PositionalParamSpec parameter, Path file) {
    String says = String.join(" ", parameter.description());
    if (parameter.type() != Path.class) {
      return switch (parameter.paramLabel()) {
        case "NAME" -> "D3";
        case "SUBGROUP" -> "C3";
        default -> REPRESENTATION;
      };
    }
    return switch (parameter.paramLabel()) {
      case "OUT", "RESULT" -> file.toString();
      case "RUN" -> log.toString();
      case "MODEL" ->
          (says.contains("export") ? exported : says.contains("linear") ? plain : model).toString();
      default -> says.contains("CSV") ? data.toString() : model.toString();
    };
  }
}
