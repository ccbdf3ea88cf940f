package dev.noether.cli;

import dev.noether.cli.selftest.CaseLibrary;
import dev.noether.cli.selftest.SelfTest;
import dev.noether.torch.ComputeDevice;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code noether selftest}: the reference cases against this machine. */
@Command(
    name = "selftest",
    description = {
      "Compares Noether on this machine with numbers of the Python reference.",
      "Closes with 'N passed, N failed, N skipped'; exit status 1 when any failed."
    },
    footer = {
      "",
      "  noether selftest",
      "  noether selftest --seed 7",
      "  noether selftest --cases DIR --json"
    })
final class SelfTestCommand implements Callable<Integer> {
  private static final int DRAWN = 20;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--cases",
      paramLabel = "DIR",
      description = "a folder of cases, NAME.json with NAME.safetensors (those that ship)")
  private @Nullable Path cases;

  @Option(
      names = "--seed",
      paramLabel = "SEED",
      description = {
        "also cases of its own, on 20 groups that the reference's have not, drawn from a seed and",
        "judged by sums over the whole group and by laws"
      })
  private @Nullable Long seed;

  @Option(
      names = "--device",
      paramLabel = "DEVICE",
      defaultValue = "cpu",
      description = "cpu or cuda (${DEFAULT-VALUE})")
  private String device = "cpu";

  @Mixin private JsonOption json = new JsonOption();

  /** How it ended, and the lines that tell why. */
  record Content(int passed, int failed, int skipped, List<String> lines) {}

  @Override
  public Integer call() throws IOException {
    json.requireWritable();
    Page page = Page.of(spec);
    List<String> lines = new ArrayList<>();
    CaseLibrary library = cases == null ? CaseLibrary.bundled() : CaseLibrary.folder(cases);
    Consumer<String> report =
        line -> {
          lines.add(line);
          if (!json.replacesPage()) {
            page.println(line);
            page.flush();
          }
        };
    SelfTest selfTest = new SelfTest(ComputeDevice.parse(device));
    SelfTest.Summary told = selfTest.run(library, report);
    SelfTest.Summary summary =
        seed == null ? told : told.plus(selfTest.runDrawn(seed, DRAWN, report));
    if (!json.replacesPage()) {
      page.println(summary.toString());
    }
    json.write(
        page, () -> new Content(summary.passed(), summary.failed(), summary.skipped(), lines));
    return summary.failed() == 0 ? 0 : 1;
  }
}
