package dev.noether.cli;

import static dev.noether.algebra.Checks.require;

import dev.noether.io.Checkpoint;
import dev.noether.io.OnnxFile;
import dev.noether.io.PtFile;
import dev.noether.io.SafeTensors;
import dev.noether.nn.Layer;
import dev.noether.plain.PlainLayer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.bytedeco.javacpp.PointerScope;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code noether export}. */
@Command(
    name = "export",
    description = "Writes a checkpoint as an ordinary model: ONNX, or plain dense weights.")
final class ExportCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(index = "0", paramLabel = "MODEL", description = "a checkpoint of Noether's")
  private Path model = Path.of("");

  @Parameters(
      index = "1",
      paramLabel = "OUT",
      description = "a file called *.onnx, or *.safetensors or *.pt for the weights alone")
  private Path target = Path.of("");

  @Override
  public Integer call() throws Exception {
    String name = target.toString().toLowerCase(Locale.ROOT);
    boolean torch = name.endsWith(".pt") || name.endsWith(".pth");
    require(
        torch || name.endsWith(".onnx") || name.endsWith(".safetensors"),
        "the file to write must end in .onnx, .safetensors, .pt or .pth, got %s",
        target);
    try (PointerScope scope = new PointerScope()) {
      Layer layer = Checkpoint.load(model);
      require(
          layer instanceof PlainLayer,
          "%s holds a layer without a plain form (it does not go from features to features): %s",
          model,
          layer);
      PlainLayer whole = (PlainLayer) layer;
      if (name.endsWith(".onnx")) {
        OnnxFile.write(whole, target);
      } else if (torch) {
        PtFile.write(target, OnnxFile.plainWeights(whole));
      } else {
        SafeTensors.write(target, OnnxFile.plainWeights(whole), Map.of("format", "pt"));
      }
    }
    spec.commandLine().getOut().printf(Locale.ROOT, "%s: %d bytes%n", target, Files.size(target));
    spec.commandLine().getOut().flush();
    return 0;
  }
}
