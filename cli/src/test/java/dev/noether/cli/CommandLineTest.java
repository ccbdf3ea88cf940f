package dev.noether.cli;

import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.noether.io.Checkpoint;
import dev.noether.io.SafeTensors;
import dev.noether.nn.distribution.EmaOptions;
import dev.noether.nn.distribution.EmaStatistics;
import dev.noether.nn.linear.EquivariantLinear;
import dev.noether.rep.Representation;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The commands as a user meets them: what they print, and with which status they end. */
class CommandLineTest {
  record Outcome(int status, String out, String err) {}

  static Outcome run(String... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    CommandLine line = Main.commandLine(0);
    line.setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
    int status = line.execute(arguments);
    return new Outcome(status, out.toString(), err.toString());
  }

  @TempDir private Path folder = Path.of("");

  @Test
  void helpNamesTheCommands() {
    Outcome outcome = run("--help");
    assertThat(outcome.status).isZero();
    assertThat(outcome.out).contains("bench", "selftest", "--version");
    assertThat(run().out).isEqualTo(outcome.out);
    assertThat(run("help").out).isEqualTo(outcome.out);
    assertThat(run("help", "group").out).isEqualTo(run("group", "--help").out);
    assertThat(run("bench", "--help").out).contains("--iterations", "1000", "--json");
    assertThat(run("--version").out).startsWith("noether ").doesNotContain("$");
  }

  @Test
  void benchPrintsTheTableAndWritesEveryFigure() throws IOException {
    Path json = folder.resolve("bench.json");
    Outcome outcome =
        run(
            "bench",
            "--group",
            "C4",
            "--batch",
            "8",
            "--iterations",
            "3",
            "--warmup",
            "1",
            "--json",
            json.toString());
    assertThat(outcome.status).isZero();
    assertThat(outcome.err).contains("bench: round 3 of 3");
    assertThat(outcome.out)
        .contains(
            "Memory-heavy projection equivariance test passed",
            "Memory-heavy projection idempotence test passed",
            "Isotypic-expansion projection equivariance test passed",
            "Isotypic-expansion projection idempotence test passed",
            "Forward eval (ms)",
            "Non-trainable",
            "escnn: a map for each pair of fields")
        .doesNotContain("GPU");
    JsonNode result = new JsonMapper().readTree(Files.readString(json));
    assertThat(result.propertyNames())
        .containsExactly(
            "device", "threads", "group", "copies", "batch", "iterations", "checks", "rows");
    assertThat(result.path("checks")).hasSize(4);
    assertThat(result.path("checks").get(0).propertyNames())
        .containsExactly("name", "passed", "maxError");
    assertThat(result.path("rows").valueStream().map(row -> row.path("layer").asString()))
        .startsWith(
            "Standard",
            "eLinear (iso)",
            "eLinear (heavy)",
            "Linear Proj (iso)",
            "Linear Proj (heavy)",
            "eAffine",
            "escnn");
    JsonNode row = result.path("rows").get(1);
    assertThat(row.propertyNames())
        .containsExactly(
            "layer",
            "forwardEvalMs",
            "forwardMs",
            "backwardMs",
            "totalMs",
            "trainableBytes",
            "nonTrainableBytes",
            "deviceAllocatedBytes",
            "devicePeakBytes");
    assertThat(row.path("forwardMs").propertyNames()).containsExactly("mean", "std", "median");
    assertThat(row.path("forwardMs").path("median").asDouble()).isPositive();
    assertThat(row.path("trainableBytes").asLong()).isEqualTo((2 * 4 * 4 + 4) * 4);
  }

  @Test
  void checkpointsAreExported(@TempDir Path folder) throws IOException {
    Path model = folder.resolve("model.safetensors");
    Representation rho = Representation.parse("C3: regular");
    Checkpoint.save(new EquivariantLinear(rho, rho), model);
    Path onnx = folder.resolve("model.onnx");
    assertThat(run("export", model.toString(), onnx.toString()).out).contains("model.onnx: ");
    assertThat(onnx).isNotEmptyFile();
    Path plain = folder.resolve("plain.safetensors");
    run("export", model.toString(), plain.toString());
    try (SafeTensors file = SafeTensors.open(plain)) {
      assertThat(file.names()).containsExactly("weight", "bias");
    }
    assertThat(run("export", model.toString(), "x.txt").err)
        .contains("the file to write must end in .onnx, .safetensors, .pt or .pth, got x.txt");
    assertThat(run("export", onnx.toString(), plain.toString(), "--force").err)
        .contains("model.onnx is an ONNX file, which holds a graph");
    assertThat(run("export", plain.toString(), onnx.toString(), "--force").err)
        .contains("the file holds tensors but no architecture");
    Path torch = folder.resolve("plain.pt");
    assertThat(run("export", model.toString(), torch.toString()).status).isZero();
    assertThat(run("export", torch.toString(), onnx.toString(), "--force").err)
        .contains("the file holds tensors but no architecture");
    Checkpoint.save(new EmaStatistics(2, 2, EmaOptions.defaults()), model);
    assertThat(run("export", model.toString(), onnx.toString(), "--force").err)
        .contains("holds a layer without a plain form (it does not go from features to features)");
  }

  @Test
  void compactGroupsHaveAPageToo() {
    assertThat(run("group", "SO(3)").out)
        .contains("sin(5t/2) / sin(t/2)", "irrep(0) + irrep(1) + irrep(2)", "on Icosahedral");
    JsonNode json = new JsonMapper().readTree(run("group", "o3", "--json").out);
    assertThat(json.propertyNames())
        .containsExactly("name", "order", "conjugacyClasses", "irreps", "characterTable");
    assertThat(json.path("name").asString()).isEqualTo("O(3)");
    assertThat(json.path("order").isNull()).isTrue();
    assertThat(json.path("irreps").size()).isEqualTo(14);
    assertThat(run("rep", "SO(3): regular(1)").out).contains("size 10");
    JsonNode rep = new JsonMapper().readTree(run("rep", "SO(3): regular(1)", "--json").out);
    assertThat(rep.path("irreps").get(1).path("multiplicity").asInt()).isEqualTo(3);
  }

  @Test
  void groupShowsAPageAndJson() {
    Outcome page = run("group", "icosahedral");
    assertThat(page.status).isZero();
    assertThat(page.out)
        .startsWith("Icosahedral: 60 elements, not abelian")
        .contains(
            "  irrep(1)          3  real              1  X3",
            "  5a       12  2/5 turn about (1, 1.618, 0)",
            "  X2  real   3  -1   0   A   B",
            "  A = (1 + sqrt(5))/2 = 1.6180",
            "  D5              10      6           6          <0, 26>",
            "\"Icosahedral: quotient(Tetrahedral)\"");
    assertThat(run("group", "trivial").out).startsWith("C1: 1 element, abelian");
    assertThat(run("group", "C30").out)
        .contains("16 irreps over the real numbers", "30 x 30 values; --json prints them");
    assertThat(run("group", "C200").out).contains("and 41 more; --json lists all");
    assertThat(run("group", "Q8").out)
        .contains("irrep(1,1)          4  quaternionic              4  2 X5");
    assertThat(run("group", "C2 x C2 x C2 x C2 x C2 x C2 x C2").out)
        .contains("has more than 10000 subgroups, too many to list");
    JsonNode json = new JsonMapper().readTree(run("group", "C3", "--json").out);
    assertThat(json.propertyNames())
        .containsExactly("name", "order", "conjugacyClasses", "irreps", "characterTable");
    assertThat(json.path("conjugacyClasses")).hasSize(3);
    assertThat(json.path("irreps").get(1).toString())
        .isEqualTo("{\"id\":[1],\"dimension\":2,\"type\":\"C\",\"endomorphismDimension\":2}");
    assertThat(json.path("characterTable").get(0).get(2).asDouble()).isEqualTo(1);
    assertThat(json.path("characterTable").get(1).get(1).path("re").asDouble())
        .isCloseTo(-0.5, org.assertj.core.api.Assertions.within(1e-12));
  }

  @Test
  void repShowsAPageAndJson() {
    assertThat(run("rep", "Icosahedral: 2 x regular + irrep(1)").out)
        .contains("size 123", "orthogonal matrices", "Invariant vectors: a space of dimension 2");
    assertThat(run("rep", "C4: regular").out).contains("acts on coordinates by permutations");
    JsonNode json = new JsonMapper().readTree(run("rep", "D4: regular", "--json").out);
    assertThat(json.propertyNames()).containsExactly("group", "size", "irreps");
    assertThat(json.path("group").asString()).isEqualTo("D4");
    assertThat(json.path("size").asInt()).isEqualTo(8);
    assertThat(json.path("irreps").get(1).toString())
        .isEqualTo("{\"id\":[0,2],\"multiplicity\":1}");
  }

  @Test
  void planShowsAPageAndJson() {
    String[] command = {"plan", "Icosahedral: 2 x regular", "Icosahedral: 4 x regular"};
    assertThat(run(command).out)
        .contains(
            "480 free parameters, where a dense map has 28,800",
            "  irrep     type  copies in  copies out  parameters",
            "  irrep(1)  real          6          12          72",
            "batch 64, training: DENSE");
    assertThat(run("plan", "D5: irrep(1,1)", "D5: trivial").out)
        .contains("zero is the only equivariant map")
        .doesNotContain("Blocks");
    JsonNode json =
        new JsonMapper().readTree(run(command[0], command[1], command[2], "--json").out);
    assertThat(json.propertyNames())
        .containsExactly("dimension", "blocks", "multiplyAddsPerSample", "bytes");
    assertThat(json.path("dimension").asInt()).isEqualTo(480);
    assertThat(json.path("multiplyAddsPerSample").asInt()).isEqualTo(8 * (1 + 27 + 125 + 27 + 64));
  }

  @Test
  void planForManyRanksComputesFromBandwidthAndLatency() {
    String[] command = {"plan", "C4: 2 x regular", "C4: regular", "--ranks", "12", "--batch", "64"};
    List<String> all = new ArrayList<>(List.of(command));
    all.addAll(List.of("--bandwidth", "100", "--latency", "50", "--json"));
    JsonNode plan = new JsonMapper().readTree(run(all.toArray(String[]::new)).out).path("ranks");
    assertThat(plan.path("bytes").asInt()).isEqualTo(4 * (8 + 1 + 1 + 1));
    assertThat(plan.path("denseBytes").asInt()).isEqualTo(4 * (32 + 4));
    assertThat(plan.path("lines").findValuesAsString("ranks"))
        .containsExactly("1", "2", "4", "8", "12");
    JsonNode two = plan.path("lines").get(1);
    assertThat(two.path("samples").asInt()).isEqualTo(32);
    assertThat(two.path("exchangeSeconds").asDouble())
        .isCloseTo(3 * 50e-6 + 44 / 1e8, within(1e-12));
    all.remove("--json");
    assertThat(run(all.toArray(String[]::new)).out)
        .contains("gradients: 44 bytes, where a dense layer has 144 (3.3 times)")
        .contains("network: 50.0 us a message, 100 MB/s");
    assertRefused(
        "--ranks must be from 1 to 65536, got 0",
        "plan",
        "C4: regular",
        "C4: regular",
        "--ranks",
        "0");
    assertRefused(
        "--bandwidth and --latency belong to --ranks",
        "plan",
        "C4: regular",
        "C4: regular",
        "--latency",
        "1");
  }

  private static void assertRefused(String message, String... command) {
    Outcome outcome = run(command);
    assertThat(outcome.status).isEqualTo(2);
    assertThat(outcome.err).contains(message);
  }

  @Test
  void planOfManyOrbits() {
    String points =
        IntStream.rangeClosed(1, 400)
            .mapToObj(i -> String.valueOf(401 - i))
            .collect(Collectors.joining(" ", "C2: permutation(400; ", ")"));
    assertThat(run("plan", points, points).out)
        .contains(
            "80,000 free parameters, where a dense map has 160,000",
            "4,160,000 bytes in float32",
            "batch 64, training: DENSE");
  }

  @Test
  void representationsOfManyCopiesNeedNoMatrixOfTheirSize() {
    Outcome outcome = run("rep", "C4: 20000 x regular");
    assertThat(outcome.status).isZero();
    assertThat(outcome.out).contains("size 80000", "acts on coordinates by permutations");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "bench --iterations 0 | noether: --iterations must be at least 1, got 0",
        "bench --batch 0 | noether: --batch must be at least 1, got 0",
        "bench --copies -1 | noether: --copies must be at least 1, got -1",
        "bench --warmup -1 | noether: --warmup must be at least 0, got -1",
        "bench --threads 0 | noether: --threads must be from 1 to 1024, got 0; this machine has",
        "bench --threads 1000000 | noether: --threads must be from 1 to 1024, got 1000000; this",
        "bench --batch 2000000000 | noether: --batch 2000000000 of --copies 2 needs at least 4800.0",
        "bench --group C10000 --copies 99 | noether: --batch 1024 of --copies 99 needs at least",
        "help nothing | noether: unknown command 'nothing'; see noether --help",
        "inspect src | noether: src: a folder, not a file",
        "export src x.onnx | noether: src: a folder, not a file",
        "bench --device tpu | noether: a device is cpu, cuda or cuda:N, got 'tpu'",
        "bench --group Q | noether: unknown group 'Q'",
        "bench --grid --models | noether: --grid is a benchmark of its own; take one",
        "bench --against x.json | noether: --against compares runs of --grid; add --grid",
        "bench --grid --against x.json | noether: there is no file x.json; write one with bench --grid",
        "bench --grid --against pom.xml | noether: pom.xml is not what bench --grid --json writes",
        "bench --json no/such/folder/x.json | noether: --json needs a file in a folder that exists",
        "bench --iterations many | noether: --iterations: 'many' is no whole number; see noether bench",
        "bench --colour | noether: unknown option '--colour'; see noether bench --help",
        "group nothing | noether: unknown group 'nothing'",
        "group D0 | noether: D_n needs n from 1 to 5000, got 0",
        "group C20000 | noether: C_n needs n from 1 to 10000, got 20000",
        "rep C5:irrep(9) | noether: C5 has no irrep(9); it has irrep(0), irrep(1), irrep(2)",
        "rep C4:99999999999xregular | noether: a multiplicity must be below 10^6, got 99999999999",
        "rep C5000:regular*regular | noether: a text may ask for at most 10000 coordinates of a tensor product",
        "rep C4:regular+ | noether: a term is missing at the end of 'C4:regular+': know regular,",
        "rep O(2):irrep(1) | noether: an irrep of O(2) has two numbers, parity and frequency, as",
        "rep SO(3):irrep(-1) | noether: frequency must be at least 0, got -1",
        "rep D4:quotient(C7) | noether: D4 has no subgroup C7; it has C1, C2, C4, V4, D4",
        "plan SO(3):regular(1) C3:regular | noether: in and out must be representations of one group",
        "rep regular | noether: a representation reads 'GROUP: TERM + TERM'",
        "plan C3:regular C4:regular | noether: in and out must be representations of one group",
        "plan C3:regular C3:regular --batch 0 | noether: --batch must be at least 1, got 0",
        "plan C3:regular | noether: Missing required parameter: 'OUT'",
        "selftest --cases no/such/folder | noether: --cases must be a folder that exists",
      })
  void badInputIsOneLineAndStatusTwo(String command, String message) {
    Outcome outcome = run(command.split(" "));
    assertThat(outcome.status).isEqualTo(2);
    assertThat(outcome.err).startsWith(message);
    assertThat(outcome.err.strip().lines()).hasSize(1);
    assertThat(outcome.out).isEmpty();
  }

  @Test
  void cudaWithoutCudaIsRefused() {
    org.junit.jupiter.api.Assumptions.assumeFalse(dev.noether.torch.LibTorch.cudaIsAvailable());
    Outcome outcome = run("bench", "--device", "cuda");
    assertThat(outcome.status).isEqualTo(2);
    assertThat(outcome.err).startsWith("noether: device 'cuda:0' needs an NVIDIA GPU");
  }

  @CommandLine.Command(name = "burst")
  static final class Burst implements Runnable {
    @Override
    public void run() {
      throw new OutOfMemoryError();
    }
  }

  @Test
  void memoryThatRunsOutIsOneLineToo() {
    StringWriter err = new StringWriter();
    CommandLine line = Main.commandLine(0).addSubcommand(new Burst());
    line.setErr(new PrintWriter(err));
    assertThat(line.execute("burst")).isEqualTo(1);
    assertThat(err.toString().strip())
        .matches("noether: this needs more memory than Java may take, [0-9,]+ MB: ask for less.*");
  }

  @Test
  void verboseShowsTheTrace() {
    Outcome outcome = run("bench", "--iterations", "0", "--verbose");
    assertThat(outcome.status).isEqualTo(2);
    assertThat(outcome.err).contains("\tat dev.noether.cli.BenchCommand");
  }

  @Test
  void selftestPassesOnTheCasesThatShip() {
    Outcome outcome = run("selftest");
    assertThat(outcome.err).isEmpty();
    assertThat(outcome.out.strip().lines().reduce("", (a, b) -> b))
        .matches("[0-9]+ passed, 0 failed, [0-9]+ skipped");
    assertThat(outcome.out).doesNotContain("FAILED");
    assertThat(outcome.status).isZero();
  }

  private void copy(String name) throws IOException {
    for (String ending : new String[] {".json", ".safetensors"}) {
      try (var stream = Main.class.getResourceAsStream("selftest/cases/cases/" + name + ending)) {
        Files.copy(java.util.Objects.requireNonNull(stream), folder.resolve(name + ending));
      }
    }
  }

  @Test
  void selftestTellsAWrongNumber() throws IOException {
    copy("invariant-bias-C5");
    Path tensors = folder.resolve("invariant-bias-C5.safetensors");
    byte[] bytes = Files.readAllBytes(tensors);
    String header = new String(bytes, java.nio.charset.StandardCharsets.ISO_8859_1);
    int data = header.lastIndexOf('}') + 1;
    bytes[data + (bytes.length - data) / 8 * 4 + 3] ^= 0x40;
    Files.write(tensors, bytes);
    Outcome outcome = run("selftest", "--cases", folder.toString());
    assertThat(outcome.out).contains("FAILED invariant-bias-C5", "0 passed, 1 failed, 0 skipped");
    assertThat(outcome.status).isEqualTo(1);
  }

  @ParameterizedTest
  @CsvSource({"3e-6, 1 passed", "1e-4, 0 passed"})
  void selftestForgivesTheReferenceItsSumsInFloat32(float error, String verdict)
      throws IOException {
    String name = "constrained-linear-D3-memory_heavy";
    copy(name);
    Path tensors = folder.resolve(name + ".safetensors");
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(tensors)).order(LITTLE_ENDIAN);
    int header = (int) bytes.getLong(0);
    JsonNode norms =
        new JsonMapper()
            .readTree(new String(bytes.array(), 8, header, UTF_8))
            .path("state.parametrizations.weight.0.homo_basis.basis_norm_sq");
    int first = 8 + header + norms.path("data_offsets").path(0).asInt();
    int end = 8 + header + norms.path("data_offsets").path(1).asInt();
    for (int place = first; place < end; place += Float.BYTES) {
      bytes.putFloat(place, bytes.getFloat(place) * (1 + error));
    }
    Files.write(tensors, bytes.array());
    assertThat(run("selftest", "--cases", folder.toString()).out).contains(verdict);
  }

  @Test
  void damagedCasesAreNamed() throws IOException {
    copy("invariant-bias-C5");
    Path tensors = folder.resolve("invariant-bias-C5.safetensors");
    byte[] bytes = Files.readAllBytes(tensors);
    Files.write(tensors, java.util.Arrays.copyOf(bytes, bytes.length - 1));
    Outcome cut = run("selftest", "--cases", folder.toString());
    assertThat(cut.status).isEqualTo(2);
    assertThat(cut.err)
        .startsWith("noether: invariant-bias-C5.safetensors is damaged: its tensors take");
    Files.delete(tensors);
    Outcome missing = run("selftest", "--cases", folder.toString());
    assertThat(missing.status).isEqualTo(2);
    assertThat(missing.err).contains("invariant-bias-C5.safetensors");
    Files.writeString(folder.resolve("invariant-bias-C5.json"), "{\"kind\":");
    Outcome json = run("selftest", "--cases", folder.toString());
    assertThat(json.status).isEqualTo(2);
    assertThat(json.err).startsWith("noether: invariant-bias-C5.json is damaged:");
    assertThat(json.err.strip().lines()).hasSize(1);
  }
}
