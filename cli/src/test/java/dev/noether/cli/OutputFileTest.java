package dev.noether.cli;

import static dev.noether.cli.CommandLineTest.run;
import static org.assertj.core.api.Assertions.assertThat;

import dev.noether.cli.CommandLineTest.Outcome;
import dev.noether.io.Checkpoint;
import dev.noether.nn.linear.EquivariantLinear;
import dev.noether.rep.Representation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** No command writes over what it reads, by any name, or over any file unless it is told to. */
class OutputFileTest {
  @TempDir private Path folder = Path.of("");
  private Path model = Path.of("");

  @BeforeEach
  void save() throws IOException {
    model = folder.resolve("net.safetensors");
    Representation rho = Representation.parse("C3: regular");
    Checkpoint.save(new EquivariantLinear(rho, rho), model);
  }

  private static void assertRefused(Outcome outcome, String message) {
    assertThat(outcome.err()).contains(message);
    assertThat(outcome.err().strip().lines()).hasSize(1);
    assertThat(outcome.status()).isEqualTo(2);
  }

  /** Names of one file: as it is, by another spelling, by links of both kinds. */
  private List<Path> names() throws IOException {
    Path below = Files.createDirectories(folder.resolve("below"));
    List<Path> names = new ArrayList<>();
    names.add(model);
    names.add(below.resolve("..").resolve("net.safetensors"));
    names.add(Files.createSymbolicLink(folder.resolve("link.safetensors"), model));
    names.add(Files.createLink(folder.resolve("hard.safetensors"), model));
    names.add(Files.createSymbolicLink(folder.resolve("other"), folder).resolve("net.safetensors"));
    return names;
  }

  @Test
  void whatIsReadIsNeverWrittenByWhateverName() throws IOException {
    byte[] before = Files.readAllBytes(model);
    Path weights = folder.resolve("weights.pt");
    assertThat(run("convert", model.toString(), weights.toString()).status()).isZero();
    for (Path name : names()) {
      for (String[] command :
          new String[][] {
            {"export", model.toString(), name.toString()},
            {"export", name.toString(), model.toString(), "--force"},
            {"convert", model.toString(), name.toString(), "--force"},
            {"convert", weights.toString(), name.toString(), "--like", model.toString(), "--force"},
          }) {
        assertRefused(run(command), "and would be lost: write to another one");
        assertThat(Files.readAllBytes(model)).isEqualTo(before);
      }
    }
  }

  /** A command that writes a file which it is told, and how it is told. */
  private record Writer(CommandSpec command, String ending, boolean json) {
    List<String> arguments(Path out, Path read, int at) {
      List<String> words = new ArrayList<>(List.of(command.name()));
      List<PositionalParamSpec> parameters = command.positionalParameters();
      for (int i = 0; i < parameters.size(); i++) {
        boolean isOut = isOut(parameters.get(i));
        words.add((isOut ? out : i == at ? read : out.resolveSibling("else")).toString());
      }
      if (json) {
        words.add("--json=" + out);
      }
      return words;
    }

    List<Integer> inputs() {
      return IntStream.range(0, command.positionalParameters().size())
          .filter(i -> command.positionalParameters().get(i).type() == Path.class)
          .filter(i -> !isOut(command.positionalParameters().get(i)))
          .boxed()
          .toList();
    }
  }

  private static boolean isOut(PositionalParamSpec parameter) {
    return parameter.type() == Path.class
        && List.of("OUT", "RESULT").contains(parameter.paramLabel());
  }

  /** All registered commands that have files to read and one to write. */
  private static List<Writer> writers() {
    List<Writer> writers = new ArrayList<>();
    for (CommandLine line : Main.commandLine(0).getSubcommands().values()) {
      CommandSpec command = line.getCommandSpec();
      for (PositionalParamSpec parameter : command.positionalParameters()) {
        if (isOut(parameter)) {
          Matcher ending =
              Pattern.compile("\\*\\.(\\w+)").matcher(String.join(" ", parameter.description()));
          writers.add(new Writer(command, ending.find() ? ending.group(1) : "csv", false));
        }
      }
      if (command.optionsMap().containsKey("--json")) {
        writers.add(new Writer(command, "json", true));
      }
    }
    writers.removeIf(writer -> writer.inputs().isEmpty());
    return writers;
  }

  @Test
  void noCommandWritesOverWhatItReads() throws IOException {
    List<Writer> writers = writers();
    assertThat(writers.stream().map(writer -> writer.command().name()))
        .contains("export", "convert", "run", "predict", "plot", "inspect", "restrict", "impose");
    Files.writeString(folder.resolve("else"), "else");
    for (Writer writer : writers) {
      Path out = Files.writeString(folder.resolve("mine." + writer.ending()), "mine");
      Path link = Files.createSymbolicLink(folder.resolve("link." + writer.ending()), out);
      Path hard = Files.createLink(folder.resolve("hard." + writer.ending()), out);
      for (int at : writer.inputs()) {
        for (Path name : List.of(out, folder.resolve("./" + out.getFileName()), link, hard)) {
          List<String> words = writer.arguments(out, name, at);
          words.add("--force");
          assertRefused(
              run(words.toArray(String[]::new)), "and would be lost: write to another one");
          assertThat(out).hasContent("mine");
        }
      }
      List<String> words = writer.arguments(out, folder.resolve("else"), -1);
      assertRefused(
          run(words.toArray(String[]::new)),
          out + " is there already: write to another file, or add --force to replace it");
      assertThat(out).hasContent("mine");
      for (Path path : List.of(out, link, hard)) {
        Files.delete(path);
      }
    }
  }

  @Test
  void aFileThatIsThereIsReplacedOnlyIfTheUserSaysSo() throws IOException {
    for (String[] command :
        new String[][] {
          {"export", model.toString(), "plain.onnx"},
          {"export", model.toString(), "plain.pt"},
          {"convert", model.toString(), "weights.pt"},
          {"convert", model.toString(), "weights.safetensors"},
        }) {
      Path out = Files.writeString(folder.resolve(command[2]), "mine");
      command[2] = out.toString();
      assertRefused(
          run(command),
          out + " is there already: write to another file, or add --force to replace");
      assertThat(out).hasContent("mine");
      assertThat(run(command[0], command[1], command[2], "--force").status()).isZero();
      assertThat(Files.size(out)).isGreaterThan(100);
    }
    Path json = Files.writeString(folder.resolve("bench.json"), "mine");
    assertRefused(
        run("bench", "--group", "C3", "--json", json.toString()),
        json + " is there already: write to another file, or add --force to replace it");
    assertThat(json).hasContent("mine");
  }

  @Test
  void aFolderThatIsMissingIsTold() {
    Path missing = folder.resolve("missing");
    for (String ending : List.of("onnx", "pt", "safetensors")) {
      Outcome outcome = run("export", model.toString(), missing.resolve("x." + ending).toString());
      assertRefused(outcome, "noether: " + missing + ": no such file or folder");
    }
  }
}
