package dev.noether.cli;

import dev.noether.io.FileContents;
import dev.noether.io.TensorFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code noether inspect FILE}: what a file of weights holds, to read. */
@Command(
    name = "inspect",
    description = "Shows what a file holds: checkpoint, safetensors, .pt, .pth or ONNX.",
    footer = {"", "  noether inspect policy.safetensors", "  noether inspect weights.pt --json"})
final class InspectCommand implements Callable<Integer> {
  /** What the page tells as layers, and fingerprints that nobody reads. */
  private static final Set<String> TOLD = Set.of("noether.architecture", "noether.bases");

  private static final int SHOWN_TEXTS = 40;
  private static final int SHOWN_CHARACTERS = 100;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(paramLabel = "FILE", description = "its first bytes tell what it is")
  private Path file = Path.of("");

  @Mixin private JsonOption json = new JsonOption();

  /** A tensor; its refusal is null where it is read. */
  record NamedTensor(
      String name, String dtype, List<Long> shape, long bytes, @Nullable String refusal) {}

  /** The whole file. */
  record Content(
      String file,
      String format,
      long bytes,
      List<FileContents.Part> layers,
      List<FileContents.Value> inputs,
      List<FileContents.Value> outputs,
      Map<String, Integer> operators,
      Map<String, String> texts,
      List<NamedTensor> tensors) {}

  @Override
  public Integer call() throws IOException {
    json.requireWritable();
    FileContents contents = FileContents.of(file);
    Page out = Page.of(spec);
    if (!json.replacesPage()) {
      print(contents, out);
    }
    Content content = content(contents);
    json.write(out, () -> content);
    return 0;
  }

  private Content content(FileContents contents) throws IOException {
    List<NamedTensor> tensors = new ArrayList<>();
    contents
        .tensors()
        .forEach(
            (name, t) ->
                tensors.add(
                    new NamedTensor(
                        name, t.dtype(), t.shape(), t.bytes(), t.refusal().orElse(null))));
    return new Content(
        file.toString(),
        contents.title(),
        Files.size(file),
        contents.layers(),
        contents.inputs(),
        contents.outputs(),
        contents.operators(),
        contents.texts(),
        tensors);
  }

  private void print(FileContents contents, Page out) throws IOException {
    out.printf("%s%n", Printable.of(file.toString()));
    out.printf("%s, %,d bytes%n", contents.title(), Files.size(file));
    if (!contents.layers().isEmpty()) {
      out.printf("%nLayers%n");
      contents.layers().forEach(part -> print(part, "", "  ", out));
    }
    print("Inputs", contents.inputs(), out);
    print("Outputs", contents.outputs(), out);
    printOperators(contents.operators(), out);
    printTexts(contents.texts(), out);
    printTensors(contents.tensors(), out);
  }

  /** A layer, what it acts on, and its parts by the names that their tensors begin with. */
  private static void print(FileContents.Part part, String name, String indent, Page out) {
    out.println(indent + (name.isEmpty() ? "" : name + "  ") + Printable.of(part.type()));
    part.representations()
        .forEach((role, rho) -> out.println(indent + "    " + Printable.of(role + ": " + rho)));
    if (!part.settings().isEmpty()) {
      List<String> settings = new ArrayList<>();
      part.settings().forEach((key, value) -> settings.add(key + " " + value));
      out.println(indent + "    " + Printable.of(String.join(", ", settings)));
    }
    for (int i = 0; i < part.layers().size(); i++) {
      print(part.layers().get(i), String.valueOf(i), indent + "  ", out);
    }
  }

  private static void print(String title, List<FileContents.Value> values, Page out) {
    if (!values.isEmpty()) {
      out.printf("%n%s%n", title);
      Columns columns = new Columns("name", "dtype", "shape");
      values.forEach(value -> columns.add(value.name(), value.dtype(), value.shape().toString()));
      out.print(columns);
    }
  }

  private static void printOperators(Map<String, Integer> operators, Page out) {
    if (!operators.isEmpty()) {
      out.printf("%nOperators%n");
      Columns columns = new Columns("operator", "times");
      operators.forEach((operator, times) -> columns.add(operator, String.valueOf(times)));
      out.print(columns);
    }
  }

  /** The texts that the page has not told already. */
  private static void printTexts(Map<String, String> texts, Page out) {
    List<Map.Entry<String, String>> told =
        texts.entrySet().stream()
            .filter(e -> !TOLD.contains(e.getKey()))
            .filter(e -> !e.getValue().isEmpty())
            .toList();
    if (told.isEmpty()) {
      return;
    }
    out.printf("%nTexts%n");
    for (Map.Entry<String, String> e : told.subList(0, Math.min(SHOWN_TEXTS, told.size()))) {
      String text = e.getValue().replaceAll("\\s+", " ");
      boolean fits = text.length() <= SHOWN_CHARACTERS;
      String shown = fits ? text : text.substring(0, SHOWN_CHARACTERS) + "...";
      out.println("  " + Printable.of(e.getKey() + ": " + shown));
    }
    if (told.size() > SHOWN_TEXTS) {
      out.printf("  and %d more, which --json shows%n", told.size() - SHOWN_TEXTS);
    }
  }

  private static void printTensors(Map<String, TensorFile.Entry> tensors, Page out) {
    out.printf("%nTensors%n");
    Columns columns = new Columns("name", "dtype", "shape", "bytes");
    long bytes = 0;
    for (Map.Entry<String, TensorFile.Entry> e : tensors.entrySet()) {
      TensorFile.Entry tensor = e.getValue();
      columns.add(
          e.getKey(),
          tensor.dtype(),
          tensor.shape().toString(),
          String.format(Locale.ROOT, "%,d", tensor.bytes()));
      bytes += tensor.bytes();
    }
    columns.add(tensors.size() + " in all", "", "", String.format(Locale.ROOT, "%,d", bytes));
    out.print(columns);
    tensors.forEach(
        (name, tensor) ->
            tensor
                .refusal()
                .ifPresent(why -> out.println("  " + Printable.of("'" + name + "' " + why))));
  }
}
