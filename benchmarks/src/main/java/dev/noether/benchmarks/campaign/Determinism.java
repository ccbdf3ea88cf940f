package dev.noether.benchmarks.campaign;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The same bits in every JVM: collectors, compilers, locales, charsets. What layers are made of has
 * them with any number of threads; outputs with the same number, as LibTorch divides sums by it.
 */
final class Determinism implements Part {
  private static final Pattern HASHES = Pattern.compile("([0-9a-f]{64}) ([0-9a-f]{64})");

  private record Run(int threads, List<String> options) {}

  private static final List<Run> RUNS =
      List.of(
          new Run(1, List.of()),
          new Run(1, List.of("-XX:+UseSerialGC", "-Duser.language=tr", "-Duser.country=TR")),
          new Run(2, List.of("-XX:+UseParallelGC", "-XX:TieredStopAtLevel=1")),
          new Run(1, List.of("-Duser.language=ar", "-Duser.country=EG", "-Dfile.encoding=UTF-16")),
          new Run(2, List.of("-Dorg.bytedeco.javacpp.maxPhysicalBytes=0")),
          new Run(1, List.of("-Dfile.encoding=US-ASCII", "-XX:+UseParallelGC")),
          new Run(2, List.of("-Duser.language=de", "-Duser.timezone=Asia/Kolkata")));

  @Override
  public void run(Means means) throws Exception {
    Map<String, String> known = new HashMap<>();
    int count = 0;
    do {
      for (Run run : RUNS) {
        if (count++ >= 2 && !means.hasTime()) {
          return;
        }
        compare(run, known, means);
      }
    } while (means.hasTime());
  }

  /** The first run of a kind tells the bits, the others must have them. */
  private static void compare(Run run, Map<String, String> known, Means means) throws Exception {
    List<String> options = new ArrayList<>(run.options);
    options.add("-Dnoether.threads=" + run.threads);
    Path log = means.folder().resolve("log");
    int status = Child.start(options, log, "hash").waitFor();
    Matcher said = HASHES.matcher(Files.readString(log, StandardCharsets.ISO_8859_1));
    if (status != 0 || !said.find()) {
      means.tally().finding("a run ends with " + status, options + ": " + Files.readString(log));
      return;
    }
    Map<String, String> own =
        Map.of("tensors", said.group(1), "outputs with " + run.threads + " threads", said.group(2));
    own.forEach(
        (what, hash) -> {
          if (known.computeIfAbsent(what, key -> hash).equals(hash)) {
            means.tally().count("runs with the same bits of " + what);
          } else {
            means.tally().finding("other bits of " + what, options.toString());
          }
        });
  }
}
