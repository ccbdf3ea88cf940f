package dev.noether.cli;

import dev.noether.cli.selftest.CaseLibrary;
import dev.noether.cli.selftest.SelfTest;
import dev.noether.torch.ComputeDevice;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code noether selftest}: the reference cases against this machine. */
@Command(
    name = "selftest",
    description = {
      "Compares Noether on this machine with numbers of the Python reference.",
      "Closes with 'N passed, N failed, N skipped'; exit status 1 when any failed."
    })
final class SelfTestCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--cases",
      description = "a folder of cases, NAME.json with NAME.safetensors (those that ship)")
  private @Nullable Path cases;

  @Option(names = "--device", defaultValue = "cpu", description = "cpu or cuda (${DEFAULT-VALUE})")
  private String device = "cpu";

  @Override
  public Integer call() throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    CaseLibrary library = cases == null ? CaseLibrary.bundled() : CaseLibrary.folder(cases);
    SelfTest.Summary summary =
        new SelfTest(ComputeDevice.parse(device))
            .run(
                library,
                line -> {
                  out.println(line);
                  out.flush();
                });
    out.println(summary);
    out.flush();
    return summary.failed() == 0 ? 0 : 1;
  }
}
