package dev.noether.cli;

import static dev.noether.algebra.Checks.require;

import dev.noether.io.Checkpoint;
import dev.noether.io.OnnxFile;
import dev.noether.io.PtFile;
import dev.noether.io.SafeTensors;
import dev.noether.nn.EquivariantLayer;
import dev.noether.nn.Layer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
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
    require(
        List.of(".onnx", ".safetensors", ".pt", ".pth").stream().anyMatch(name::endsWith),
        "the file to write must end in .onnx, .safetensors, .pt or .pth, got %s",
        target);
    try (PointerScope scope = new PointerScope()) {
      Layer layer = Checkpoint.load(model);
      require(
          layer instanceof EquivariantLayer, "%s holds no layer from features to features", model);
      EquivariantLayer whole = (EquivariantLayer) layer;
      try {
        if (name.endsWith(".onnx")) {
          OnnxFile.write(whole, target);
        } else if (name.endsWith(".safetensors")) {
          SafeTensors.write(target, OnnxFile.plainWeights(whole), Map.of());
        } else {
          PtFile.write(target, OnnxFile.plainWeights(whole));
        }
      } catch (UnsupportedOperationException e) {
        throw new IllegalArgumentException(e.getMessage(), e);
      }
    }
    spec.commandLine().getOut().printf("%s: %d bytes%n", target, Files.size(target));
    spec.commandLine().getOut().flush();
    return 0;
  }
}
