package dev.noether.cli;

import static dev.noether.algebra.Checks.require;

import dev.noether.io.Checkpoint;
import dev.noether.io.TensorFormat;
import dev.noether.io.onnx.OnnxFile;
import dev.noether.io.runtime.RuntimeFile;
import dev.noether.nn.Layer;
import dev.noether.plain.PlainLayer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.bytedeco.javacpp.PointerScope;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code noether export}. */
@Command(
    name = "export",
    description = {
      "Writes a checkpoint as an ordinary model: ONNX, or plain dense weights;",
      "or for noether-runtime, which runs it in plain Java."
    },
    footer = {
      "",
      "  noether export policy.safetensors policy.onnx",
      "  noether export policy.safetensors policy.noether"
    })
final class ExportCommand implements Callable<Integer> {
  private static final String RUNTIME = ".noether";

  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(index = "0", paramLabel = "MODEL", description = "a checkpoint of Noether's")
  private Path model = Path.of("");

  @Parameters(
      index = "1",
      paramLabel = "OUT",
      description =
          "a file called *.onnx, *.noether, or *.safetensors or *.pt for the weights alone")
  private Path target = Path.of("");

  @Option(
      names = "--int8",
      description =
          "equivariant linear maps in int8, rounded so that they stay equivariant: in *.noether for "
              + "any representation, in *.onnx between permutations with signs")
  private boolean int8;

  @Mixin private final OutputFile output = new OutputFile();

  @Override
  public Integer call() throws Exception {
    boolean runtime = target.toString().endsWith(RUNTIME);
    TensorFormat format =
        runtime
            ? TensorFormat.SAFETENSORS
            : TensorFormat.named(
                target, TensorFormat.ONNX, TensorFormat.SAFETENSORS, TensorFormat.PYTORCH);
    output.require(target, spec);
    try (PointerScope scope = new PointerScope()) {
      Layer layer = Checkpoint.load(model);
      require(
          layer instanceof PlainLayer,
          "%s holds a layer without a plain form (it does not go from features to features): %s",
          model,
          layer);
      PlainLayer whole = (PlainLayer) layer;
      if (runtime) {
        if (int8) {
          RuntimeFile.writeInt8(whole, target);
        } else {
          RuntimeFile.write(whole, target);
        }
      } else if (format == TensorFormat.ONNX) {
        if (int8) {
          OnnxFile.writeInt8(whole, target);
        } else {
          OnnxFile.write(whole, target);
        }
      } else {
        require(!int8, "--int8 is for *.onnx and *.noether, got %s", target);
        format.write(target, OnnxFile.plainWeights(whole), Map.of());
      }
    }
    spec.commandLine().getOut().printf(Locale.ROOT, "%s: %d bytes%n", target, Files.size(target));
    spec.commandLine().getOut().flush();
    return 0;
  }
}
