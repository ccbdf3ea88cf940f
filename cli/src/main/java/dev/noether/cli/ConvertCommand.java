package dev.noether.cli;

import static dev.noether.algebra.Checks.require;

import dev.noether.io.BasisConversion;
import dev.noether.io.Checkpoint;
import dev.noether.io.DamagedFileException;
import dev.noether.io.TensorFile;
import dev.noether.io.TensorFormat;
import dev.noether.nn.Architecture;
import dev.noether.nn.Layer;
import dev.noether.nn.LayerRegistry;
import dev.noether.torch.Dtype;
import dev.noether.torch.Tensors;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code noether convert}. */
@Command(
    name = "convert",
    description = {
      "Converts weights between PyTorch files, safetensors files and checkpoints.",
      "",
      "Without --like and --architecture OUT is a state dict with the tensors of IN, bit for bit. "
          + "With one of them, IN is read as the state of that layer, also where its bases are "
          + "others than Noether's, and OUT is a checkpoint of it (*.safetensors) or its state "
          + "dict (*.pt)."
    },
    footer = {
      "",
      "  noether convert weights.pt weights.safetensors",
      "  noether convert trained.pt model.safetensors --like layer.safetensors --part state_dict"
    })
final class ConvertCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(
      index = "0",
      paramLabel = "IN",
      description = "a PyTorch file, a safetensors file or a checkpoint of Noether's")
  private Path source = Path.of("");

  @Parameters(
      index = "1",
      paramLabel = "OUT",
      description = "a file called *.pt, *.pth or *.safetensors")
  private Path target = Path.of("");

  @Option(
      names = "--part",
      paramLabel = "NAME",
      description = "what to take of a nested IN, such as state_dict or model.encoder")
  private String part = "";

  @ArgGroup private @Nullable Meaning meaning;

  /** What the tensors are the state of. */
  private static final class Meaning {
    @Option(
        names = "--like",
        paramLabel = "MODEL",
        required = true,
        description = "the layer: a checkpoint of such a one, with any weights")
    private @Nullable Path like;

    @Option(
        names = "--architecture",
        paramLabel = "FILE",
        required = true,
        description =
            "the layer: a file with its architecture in JSON, as docs/conventions.md has it")
    private @Nullable Path description;

    Architecture architecture() throws IOException {
      Path model = like;
      return model != null
          ? Checkpoint.architecture(model)
          : described(Objects.requireNonNull(description));
    }

    private static Architecture described(Path file) throws IOException {
      try {
        return Checkpoint.architecture(Files.readString(file));
      } catch (CharacterCodingException e) {
        throw new IOException(file + " is no text in UTF-8", e);
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException(file + ": " + e.getMessage(), e);
      }
    }
  }

  @Option(
      names = "--skip-unreadable",
      description = "leave out tensors that are not read, as quantized and sparse ones")
  private boolean skip;

  @Mixin private final OutputFile output = new OutputFile();

  @Override
  public Integer call() throws Exception {
    TensorFormat format =
        TensorFormat.named(target, TensorFormat.PYTORCH, TensorFormat.SAFETENSORS);
    Meaning layer = meaning;
    output.require(target, spec);
    Optional<Architecture> architecture =
        layer == null ? Optional.empty() : Optional.of(layer.architecture());
    try (PointerScope scope = new PointerScope()) {
      Map<String, String> texts = new LinkedHashMap<>();
      Optional<Layer> meant = architecture.map(LayerRegistry.standard()::build);
      Map<String, Tensor> state = read(texts, meant);
      int count;
      if (meant.isPresent()) {
        count = writeLayer(meant.get(), state, format);
      } else {
        count = state.size();
        format.write(target, state, texts);
      }
      PrintWriter out = spec.commandLine().getOut();
      out.printf(Locale.ROOT, "%s: %d tensors, %d bytes%n", target, count, Files.size(target));
      out.flush();
    }
    return 0;
  }

  private Map<String, Tensor> read(Map<String, String> texts, Optional<Layer> meant)
      throws IOException {
    try (TensorFile file = TensorFormat.open(source)) {
      if (!Checkpoint.isCheckpoint(file)) {
        texts.putAll(file.metadata());
        return readable(file);
      }
      return taken(
          meant.isPresent() ? Checkpoint.stateFor(meant.get(), file) : Checkpoint.state(file));
    } catch (DamagedFileException e) {
      throw e.in(source);
    }
  }

  /** The tensors that are read, of the part that is wanted. */
  private Map<String, Tensor> readable(TensorFile file) throws IOException {
    Map<String, String> refused = new LinkedHashMap<>();
    Map<String, Tensor> state = new LinkedHashMap<>();
    for (Map.Entry<String, TensorFile.Entry> e : taken(file.entries()).entrySet()) {
      String name = part.isEmpty() ? e.getKey() : part + "." + e.getKey();
      Optional<String> refusal = e.getValue().refusal();
      if (refusal.isPresent()) {
        refused.put(name, "'" + name + "' " + refusal.get());
      } else {
        state.put(e.getKey(), file.tensor(name));
      }
    }
    require(
        skip || refused.isEmpty(),
        "%s: %s; --skip-unreadable leaves out %s",
        source,
        refused.values().stream().findFirst().orElse(""),
        shortened(refused.keySet()));
    if (!refused.isEmpty()) {
      String names = Printable.of(shortened(refused.keySet()));
      spec.commandLine().getErr().println("left out: " + names);
      spec.commandLine().getErr().flush();
    }
    return state;
  }

  /** What stands under the part that is wanted. */
  private <T> Map<String, T> taken(Map<String, T> all) {
    if (part.isEmpty()) {
      return all;
    }
    Map<String, T> taken = TensorFile.part(all, part);
    require(
        !taken.isEmpty(),
        "%s has no part '%s'; its tensors are %s",
        source,
        part,
        shortened(all.keySet()));
    return taken;
  }

  private int writeLayer(Layer layer, Map<String, Tensor> state, TensorFormat format)
      throws IOException {
    layer.to(widest(state));
    requireNamed(layer, state);
    Map<String, Tensor> converted = BasisConversion.convert(state, layer);
    layer.load(converted);
    if (format == TensorFormat.SAFETENSORS) {
      Checkpoint.save(LayerRegistry.standard().describe(layer).orElseThrow(), converted, target);
    } else {
      format.write(target, converted, Map.of());
    }
    Set<String> changed = new TreeSet<>(layer.namedParameters().keySet());
    changed.removeIf(name -> Objects.equals(converted.get(name), state.get(name)));
    if (!changed.isEmpty()) {
      spec.commandLine()
          .getOut()
          .printf(Locale.ROOT, "in Noether's bases now: %s%n", Printable.of(shortened(changed)));
    }
    return converted.size();
  }

  /** The dtype that holds every number of a state dict. */
  private static Dtype widest(Map<String, Tensor> state) {
    for (Dtype dtype : List.of(Dtype.FLOAT64, Dtype.FLOAT32, Dtype.BFLOAT16, Dtype.FLOAT16)) {
      if (state.values().stream()
          .anyMatch(tensor -> Tensors.scalarType(tensor) == dtype.scalarType())) {
        return dtype;
      }
    }
    return Dtype.FLOAT32;
  }

  /** Tells where the tensors are, if they are one level down. */
  private void requireNamed(Layer layer, Map<String, Tensor> state) {
    Set<String> names = layer.namedParameters().keySet();
    if (names.isEmpty() || names.stream().anyMatch(state::containsKey)) {
      return;
    }
    String first = names.iterator().next();
    Set<String> parts = new TreeSet<>();
    for (String name : state.keySet()) {
      if (name.endsWith("." + first)) {
        parts.add(name.substring(0, name.length() - first.length() - 1));
      }
    }
    parts.removeIf(prefix -> !names.stream().allMatch(n -> state.containsKey(prefix + "." + n)));
    require(
        parts.isEmpty(),
        "%s has no '%s', but it is there under %s: add --part %s",
        source,
        first,
        parts,
        parts.isEmpty() ? "" : parts.iterator().next());
  }

  private static String shortened(Set<String> names) {
    List<String> some = names.stream().limit(5).toList();
    return String.join(", ", some) + (names.size() > some.size() ? ", ..." : "");
  }
}
