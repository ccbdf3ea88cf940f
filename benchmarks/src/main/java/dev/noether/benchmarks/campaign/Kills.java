package dev.noether.benchmarks.campaign;

import dev.noether.io.Checkpoint;
import dev.noether.io.FileContents;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Programs that write files, killed at any moment: a file is whole or not there, the temporary
 * folder stays empty, and what a kill leaves beside the file goes with the next save.
 */
final class Kills implements Part {
  @Override
  public void run(Means means) throws Exception {
    Path temporary = Files.createDirectories(means.folder().resolve("tmp"));
    Path model = means.folder().resolve("model.safetensors");
    Checkpoint.save(Child.model(), model);
    Path file = means.folder().resolve("killed.safetensors");
    List<List<String>> programs = new ArrayList<>();
    programs.add(List.of("save", file.toString()));
    for (String ending : List.of("onnx", "pt", "safetensors")) {
      programs.add(command("export", model, means.folder().resolve("exported." + ending)));
    }
    programs.add(command("convert", model, means.folder().resolve("converted.pt")));
    programs.add(
        List.of(
            "noether",
            "rep",
            "D3: 2 x regular",
            "--json=" + means.folder().resolve("rep.json"),
            "--force"));
    do {
      for (List<String> program : programs) {
        kill(program, temporary, means);
      }
    } while (means.hasTime());
    Checkpoint.save(Child.model(), file);
    if (left(means.folder()) > 0) {
      means.tally().count("files of killed writers, younger than a minute");
    }
  }

  private static List<String> command(String name, Path from, Path to) {
    return List.of("noether", name, from.toString(), to.toString(), "--force");
  }

  private static void kill(List<String> program, Path temporary, Means means) throws Exception {
    Path log = means.folder().resolve("log");
    Process process =
        Child.start(List.of("-Djava.io.tmpdir=" + temporary), log, program.toArray(String[]::new));
    int most = 4000;
    if (program.get(0).equals("save")) {
      Child.awaitReady(process, log);
      most = 1000;
    }
    process.waitFor(means.random().nextInt(most), TimeUnit.MILLISECONDS);
    boolean killed = process.isAlive();
    process.destroyForcibly().waitFor();
    means
        .tally()
        .count(
            (killed ? "killed: " : "ended: ")
                + program.get(program.size() > 1 && program.get(0).equals("noether") ? 1 : 0));
    check(means);
    try (Stream<Path> inside = Files.list(temporary)) {
      inside.forEach(
          path ->
              means.tally().finding("left in the temporary folder", path.getFileName().toString()));
    }
  }

  private static void check(Means means) throws IOException {
    List<Path> files;
    try (Stream<Path> inside = Files.list(means.folder())) {
      files = inside.filter(Files::isRegularFile).toList();
    }
    for (Path file : files) {
      String name = file.getFileName().toString();
      if (name.startsWith(".") || name.equals("log")) {
        continue;
      }
      if (name.endsWith(".json")) {
        String text = Files.readString(file).strip();
        if (!text.startsWith("{") || !text.endsWith("}")) {
          means.tally().finding("a torn file", name);
        }
        continue;
      }
      means.tally().attempt("whole", name, () -> FileContents.of(file));
      if (name.startsWith("killed")) {
        means.tally().attempt("loads", name, () -> Checkpoint.load(file));
      }
    }
  }

  private static long left(Path folder) throws IOException {
    try (Stream<Path> inside = Files.list(folder)) {
      return inside.filter(path -> path.getFileName().toString().startsWith(".")).count();
    }
  }
}
