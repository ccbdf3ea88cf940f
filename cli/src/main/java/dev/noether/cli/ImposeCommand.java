package dev.noether.cli;

import dev.noether.cli.training.DataFile;
import dev.noether.io.Checkpoint;
import dev.noether.io.TensorFile;
import dev.noether.io.TensorFormat;
import dev.noether.io.onnx.OnnxWeights;
import dev.noether.models.Symmetrize;
import dev.noether.plain.Activation;
import dev.noether.rep.Representation;
import dev.noether.torch.Dtype;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code noether impose}. */
@Command(
    name = "impose",
    description =
        "Makes a trained plain network of linear layers equivariant: each weight becomes the nearest "
            + "that commutes with the group.",
    footer = {
      "",
      "  noether impose mlp.pt 'C4: regular' 'C4: trivial' out.safetensors --activation relu"
    })
final class ImposeCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(
      index = "0",
      paramLabel = "MODEL",
      description = "a PyTorch, safetensors or ONNX file of linear layers, or a checkpoint")
  private Path model = Path.of("");

  @Parameters(index = "1", paramLabel = "IN", description = "how inputs transform: 'C4: regular'")
  private String in = "";

  @Parameters(index = "2", paramLabel = "OUT", description = "how outputs transform")
  private String out = "";

  @Parameters(index = "3", paramLabel = "RESULT", description = "a file called *.safetensors")
  private Path target = Path.of("");

  @Option(
      names = "--hidden",
      paramLabel = "SPEC",
      description =
          "how hidden features transform, once for each hidden layer (copies of the regular "
              + "representation)")
  private List<String> hidden = List.of();

  @Option(
      names = "--activation",
      paramLabel = "NAME",
      description = "what stands between the layers (an ONNX file tells it, else relu)")
  private @Nullable Activation activation;

  @Option(
      names = "--data",
      paramLabel = "FILE",
      description = "NPY with inputs, on which the change of the outputs is told")
  private @Nullable Path data;

  @Mixin private final OutputFile output = new OutputFile();

  @Override
  public Integer call() throws IOException {
    TensorFormat.named(target, TensorFormat.SAFETENSORS);
    output.require(target, spec);
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      Representation from = Representation.parse(in);
      Representation to = Representation.parse(out);
      Optional<OnnxWeights> graph =
          TensorFormat.of(model).filter(format -> format == TensorFormat.ONNX).isPresent()
              ? Optional.of(OnnxWeights.read(model))
              : Optional.empty();
      Map<String, Tensor> state = graph.isPresent() ? graph.get().tensors() : state();
      Activation between =
          activation != null
              ? activation
              : graph.flatMap(OnnxWeights::activation).orElse(Activation.RELU);
      Symmetrize.Symmetrized found =
          hidden.isEmpty()
              ? Symmetrize.nearest(state, between, from, to)
              : Symmetrize.nearest(
                  state, between, from, hidden.stream().map(Representation::parse).toList(), to);
      Checkpoint.save(found.layer(), target);
      print(found);
    }
    return 0;
  }

  private Map<String, Tensor> state() throws IOException {
    try (TensorFile file = TensorFormat.open(model)) {
      return Checkpoint.isCheckpoint(file) ? Checkpoint.state(file) : file.tensors();
    }
  }

  private void print(Symmetrize.Symmetrized found) throws IOException {
    Page page = Page.of(spec);
    Columns columns = new Columns("tensor", "moved, as a share of its length");
    found.distances().forEach((name, distance) -> columns.add(name, "%.3g".formatted(distance)));
    page.print(columns);
    Path file = data;
    if (file != null) {
      Dtype dtype = found.layer().dtype();
      Tensor x = new DataFile(file, Map.of("x", List.of())).read(dtype).tensor("x");
      page.printf("outputs on %s change by %.3g of their length%n", file, found.change(x));
    }
    page.printf("%s: %s%n", target, found.layer().in().group());
    page.flush();
  }
}
