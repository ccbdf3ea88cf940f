package dev.noether.benchmarks.campaign;

import dev.noether.io.Checkpoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;

/**
 * Programs that write files, killed at any moment: a checkpoint that is saved without pause, and
 * every command that writes. A file is whole or not there, and the temporary folder stays empty.
 */
final class Kills implements Part {
  private static final long MOST_MILLISECONDS = 60_000;

  /**
   * A program, its file, whether it ended in time without a kill, and then the bytes and its time.
   */
  private record Program(
      String name,
      List<String> arguments,
      Path file,
      boolean ended,
      byte[] whole,
      long milliseconds) {}

  /** How many kills are enough; the deadline may come first. */
  private final int most;

  Kills(int most) {
    this.most = most;
  }

  @Override
  public void run(Means means) throws Exception {
    Path temporary = Files.createDirectories(means.folder().resolve("tmp"));
    Path out = Files.createDirectories(means.folder().resolve("out"));
    Path saved = out.resolve("saved.safetensors");
    int kills = 0;
    while (kills++ < Math.max(1, most / 5) && means.hasTime(0.3)) {
      Process process = child(List.of("save", saved.toString()), temporary, means);
      Child.awaitReady(process, means.folder().resolve("log"));
      kill(process, "save", 500, means);
      loads(saved, means.tally());
      requireEmpty(temporary, means.tally());
    }
    List<Program> programs = calm(new Commands(out).writing(), temporary, means);
    while (kills < most && means.hasTime() && !programs.isEmpty()) {
      for (Program program : programs) {
        Process process = child(program.arguments, temporary, means);
        kill(process, program.name, program.milliseconds, means);
        check(program, means.tally());
        requireEmpty(temporary, means.tally());
        if (++kills >= most || !means.hasTime()) {
          return;
        }
      }
    }
  }

  private static Process child(List<String> arguments, Path temporary, Means means)
      throws IOException {
    return Child.start(
        List.of("-Djava.io.tmpdir=" + temporary),
        means.folder().resolve("log"),
        arguments.toArray(String[]::new));
  }

  /** Runs every command without a kill, which tells its time and the bytes of its file. */
  private static List<Program> calm(List<Commands.Writing> all, Path temporary, Means means)
      throws Exception {
    List<Program> programs = new ArrayList<>();
    for (Commands.Writing own : all) {
      if (!means.hasTime(0.6)) {
        means.tally().count("no time for " + own.name());
        continue;
      }
      long start = System.nanoTime();
      Process process = child(own.arguments(), temporary, means);
      boolean ended = process.waitFor(MOST_MILLISECONDS, TimeUnit.MILLISECONDS);
      process.destroyForcibly().waitFor();
      if (ended && (process.exitValue() != 0 || !Files.exists(own.file()))) {
        String said = Files.readString(means.folder().resolve("log")).strip();
        means.tally().finding(own.name() + " does not run", said);
        continue;
      }
      byte[] whole = ended && !isJson(own.file()) ? Files.readAllBytes(own.file()) : new byte[0];
      long milliseconds = (System.nanoTime() - start) / 1_000_000;
      programs.add(
          new Program(own.name(), own.arguments(), own.file(), ended, whole, milliseconds));
    }
    return programs;
  }

  private static boolean isJson(Path file) {
    return file.toString().endsWith(".json");
  }

  /** Every second kill comes in the last third, where files are written. */
  private static void kill(Process process, String name, long milliseconds, Means means)
      throws InterruptedException {
    long start = means.random().nextBoolean() ? 0 : milliseconds * 2 / 3;
    long wait = start + means.random().nextLong(1 + (milliseconds - start));
    boolean ended = process.waitFor(wait, TimeUnit.MILLISECONDS);
    process.destroyForcibly().waitFor();
    means.tally().count((ended ? "ended before its kill: " : "killed: ") + name);
  }

  private static void loads(Path file, Tally tally) {
    if (!Files.exists(file)) {
      tally.count("no file yet");
      return;
    }
    tally.attempt(
        "load after a kill",
        file.toString(),
        () -> {
          try (PointerScope scope = new PointerScope()) {
            Checkpoint.load(file);
          }
        });
  }

  private static void check(Program program, Tally tally) throws IOException {
    if (!Files.exists(program.file)) {
      if (program.ended) {
        tally.finding("a file is lost", program.name);
      }
      return;
    }
    byte[] bytes = Files.readAllBytes(program.file);
    if (isJson(program.file)) {
      String text = Files.readString(program.file).strip();
      if (!text.startsWith("{") || !text.endsWith("}")) {
        tally.finding("a torn file", program.name + ": " + text.length() + " characters");
      }
    } else if (program.whole.length > 0 && !Arrays.equals(bytes, program.whole)) {
      String begins = HexFormat.of().formatHex(Arrays.copyOf(bytes, Math.min(16, bytes.length)));
      tally.finding("a torn file", program.name + ": " + bytes.length + " bytes, " + begins);
    }
    tally.count("whole files after a kill");
  }

  private static void requireEmpty(Path temporary, Tally tally) throws IOException {
    try (Stream<Path> inside = Files.list(temporary)) {
      inside.forEach(path -> tally.finding("left in the temporary folder", path.toString()));
    }
  }
}
