package dev.noether.cli;

import static dev.noether.cli.CommandLineTest.run;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What users of other command lines take for granted. */
class HabitsTest {
  @TempDir private Path folder = Path.of("");

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "benhc | unknown command 'benhc'; did you mean bench? See noether --help",
        "quark | unknown command 'quark'; see noether --help",
        "group C4 --jsn | unknown option '--jsn'; did you mean --json? See noether group --help",
        "group C4 D4 | 'D4' is one argument too many; quote a text that has spaces; see noether",
        "export --format onnx a b c | unknown option '--format'; see noether export --help",
        "bench --iterations 99999999999 | --iterations: '99999999999' is beyond the numbers from -2",
        "convert a b --like x --architecture y | --like=MODEL, --architecture=FILE are mutually",
        "inspect '' | FILE: the name of a file or folder is needed, got none; see noether inspect",
        "selftest --cases '' | --cases: the name of a file or folder is needed, got none; see",
        "bench --json= | --json needs a file in a folder that exists and can be written to, got none",
        "completion tcsh | SHELL: expected one of [BASH, ZSH, FISH] (case-insensitive) but was",
      })
  void mistakesAreNamedAndTheNearestIsOffered(String command, String message) {
    String[] words = command.replace("''", "").split(" ", -1);
    CommandLineTest.Outcome outcome = run(words);
    assertThat(outcome.err()).startsWith("noether: " + message);
    assertThat(outcome.err().strip().lines()).hasSize(1);
    assertThat(outcome.status()).isEqualTo(2);
    assertThat(outcome.out()).isEmpty();
  }

  @Test
  void aNameThatTheLocaleCannotSpellIsSaid() {
    assertThat(run("inspect", "a\0b").err())
        .startsWith("noether: FILE: 'a\\u0000b' cannot be named in the locale of this shell");
  }

  @Test
  void jsonIsOneOptionEverywhere() throws IOException {
    JsonMapper mapper = new JsonMapper();
    JsonNode printed = mapper.readTree(run("group", "--json", "C3").out());
    assertThat(mapper.readTree(run("group", "C3", "--json").out())).isEqualTo(printed);
    assertThat(mapper.readTree(run("group", "C3", "--json=-").out())).isEqualTo(printed);
    Path file = folder.resolve("c3.json");
    CommandLineTest.Outcome both = run("group", "C3", "--json=" + file);
    assertThat(both.out()).isEqualTo(run("group", "C3").out());
    assertThat(mapper.readTree(Files.readString(file))).isEqualTo(printed);
    String[] bench = {
      "bench", "--group", "C2", "--batch", "2", "--iterations", "1", "--warmup", "0"
    };
    JsonNode result = mapper.readTree(run(with(bench, "--json")).out());
    assertThat(result.path("rows").size()).isGreaterThanOrEqualTo(10);
    assertThat(result.path("threads").asInt()).isEqualTo(1);
    Path table = folder.resolve("bench.json");
    assertThat(run(with(bench, "--json", table.toString())).out()).contains("Medians as ratios");
    assertThat(mapper.readTree(Files.readString(table)).path("rows"))
        .hasSameSizeAs(result.path("rows"));
  }

  private static String[] with(String[] words, String... more) {
    return java.util.stream.Stream.of(words, more)
        .flatMap(java.util.Arrays::stream)
        .toArray(String[]::new);
  }

  @Test
  void selftestTellsItsResultAsJson() throws IOException {
    for (String ending : new String[] {".json", ".safetensors"}) {
      String name = "invariant-bias-C5" + ending;
      try (var stream = Main.class.getResourceAsStream("selftest/cases/cases/" + name)) {
        Files.copy(java.util.Objects.requireNonNull(stream), folder.resolve(name));
      }
    }
    JsonNode json =
        new JsonMapper().readTree(run("selftest", "--cases", folder.toString(), "--json").out());
    assertThat(json.propertyNames()).containsExactly("passed", "failed", "skipped", "lines");
    assertThat(json.path("passed").asInt()).isEqualTo(1);
  }

  @Test
  void shellsCompleteCommandsAndOptions() {
    String bash = run("completion", "bash").out();
    assertThat(bash).contains("complete -F _complete_noether", "selftest", "--iterations");
    assertThat(run("completion", "zsh").out()).isEqualTo(bash);
    assertThat(run("completion", "fish").out())
        .contains(
            "complete -c noether -n __fish_use_subcommand -f -a bench -d 'Checks that both",
            "complete -c noether -n '__fish_seen_subcommand_from bench' -l iterations -r -d '",
            "complete -c noether -n '__fish_seen_subcommand_from cache' -l clear -d '")
        .doesNotContain("${", "@|");
  }

  @Test
  void everyCommandHasAManualPage() throws IOException {
    CommandLineTest.Outcome written = run("man", "--to", folder.toString());
    assertThat(written.status()).as(written.err()).isZero();
    for (String command : Main.commandLine(0).getSubcommands().keySet()) {
      assertThat(folder.resolve("noether-" + command + ".1")).isNotEmptyFile();
    }
    assertThat(Files.readString(folder.resolve("noether.1"))).contains(".SH COMMANDS\n.TP\n.B");
    String page = run("man", "train").out();
    assertThat(page)
        .startsWith(".TH NOETHER\\-TRAIN 1 ")
        .contains(
            ".SH NAME\nnoether\\-train \\- Trains a model on a file of data",
            ".SH SYNOPSIS\nnoether train [\\-hV]",
            ".TP\n.B \"\\-\\-epochs N\"\nhow long\n",
            ".SH EXAMPLES\n.nf\nnoether train config.json",
            Main.EXIT_STATUS)
        .doesNotContain("${", "@|");
    assertThat(run("man", "bench").out()).contains("\\-\\-threads N\"\nthreads of LibTorch (1)\n");
    assertThat(run("man", "--to", folder.toString()).err()).contains("add --force to replace it");
    assertThat(run("man", "trian").err()).contains("unknown command 'trian'; did you mean train?");
  }

  @Test
  void theVersionTellsWhatAReportNeeds() {
    assertThat(run("--version").out().lines())
        .satisfiesExactly(
            first -> assertThat(first).matches("noether [0-9].*"),
            second -> assertThat(second).matches("LibTorch 2\\.[0-9.]+ with \\w+, threads: \\d+"),
            third -> assertThat(third).matches("Java [0-9.]+.* \\(.+\\), .+ .+"));
  }

  @Test
  void theCacheTellsWhereItIs() {
    assertThat(run("cache").out()).matches("(?s).*noether: [0-9.]+ .?B\\R");
  }

  @Test
  void everyCommandHasExamplesItsExitStatusAndNamesForValues() {
    for (String command : Main.commandLine(0).getSubcommands().keySet()) {
      if (!command.equals("help")) {
        String help = run(command, "--help").out();
        assertThat(help).as(command).contains("noether " + command + " ", Main.EXIT_STATUS);
        assertThat(help).as(command).containsPattern("(?m)^  .*noether " + command);
        assertThat(help).as(command).doesNotContainPattern("<[a-zA-Z]+>");
      }
    }
  }

  @Test
  void onlyCommandsThatComputeWithTensorsNeedLibTorch() {
    for (String command :
        List.of(
            "",
            "--help",
            "--version",
            "bench --help",
            "help plan",
            "benhc",
            "group C4",
            "rep C4:regular",
            "plan C4:regular C4:regular",
            "plan C4:regular C4:regular --batch 7 --json",
            "completion bash",
            "man train",
            "cache",
            "bench --jsn")) {
      assertThat(Main.needsLibTorch(command.isEmpty() ? new String[0] : command.split(" ")))
          .as(command)
          .isFalse();
    }
    for (String command :
        List.of(
            "bench",
            "selftest",
            "plan C4:regular C4:regular --ranks 8",
            "export a b",
            "inspect a")) {
      assertThat(Main.needsLibTorch(command.split(" "))).as(command).isTrue();
    }
  }

  @Test
  void numbersAreTheSameInEveryLocale() {
    String[][] commands = {
      {"group", "Icosahedral"},
      {"rep", "Icosahedral: 2 x regular"},
      {"plan", "Icosahedral: 2 x regular", "Icosahedral: 4 x regular"},
      {"group", "SO(3)"},
      {"group", "C20000"},
      {"rep", "C4: 99999999 x regular"},
      {"bench", "--threads", "0"},
      {"bench", "--iterations", "99999999999"},
      {"bench", "--batch", "2000000000"}
    };
    Locale before = Locale.getDefault();
    try {
      for (String[] command : commands) {
        Locale.setDefault(Locale.ROOT);
        CommandLineTest.Outcome expected = run(command);
        for (String locale : List.of("ar-EG", "tr-TR", "de-DE", "hi-IN-u-nu-deva")) {
          Locale.setDefault(Locale.forLanguageTag(locale));
          assertThat(run(command)).as(locale).isEqualTo(expected);
        }
      }
    } finally {
      Locale.setDefault(before);
    }
  }

  private static String[] narrow(int width, String... command) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    CommandLine line = Main.commandLine(width);
    line.setOut(new PrintWriter(out)).setErr(new PrintWriter(err)).execute(command);
    return (out.toString() + err).split("\\R");
  }

  @Test
  void pagesAndErrorsKeepToTheTerminal() {
    String[][] commands = {
      {"plan", "Icosahedral: 2 x regular", "Icosahedral: 4 x regular"},
      {"group", "Icosahedral"},
      {"rep", "Icosahedral: 2 x regular + irrep(1)"},
      {"bench", "--group", "C2", "--batch", "2", "--iterations", "1", "--warmup", "0"},
      {"bench", "--batch", "2000000000"},
    };
    for (String[] command : commands) {
      for (int width : new int[] {40, 80, 200}) {
        assertThat(narrow(width, command))
            .as(String.join(" ", command))
            .allSatisfy(line -> assertThat(line.length()).isLessThanOrEqualTo(width));
      }
    }
    assertThat(narrow(80, "bench", "--help"))
        .allSatisfy(line -> assertThat(line.length()).isLessThanOrEqualTo(80));
  }
}
