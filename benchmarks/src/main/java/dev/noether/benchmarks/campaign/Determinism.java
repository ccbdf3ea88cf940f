package dev.noether.benchmarks.campaign;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** The same bits in every JVM: collectors, compilers, locales, charsets, numbers of threads. */
final class Determinism implements Part {
  private static final List<List<String>> RUNS =
      List.of(
          List.of(),
          List.of("-XX:+UseSerialGC"),
          List.of("-XX:+UseParallelGC", "-XX:TieredStopAtLevel=1"),
          List.of("-Duser.language=tr", "-Duser.country=TR"),
          List.of("-Duser.language=ar", "-Duser.country=EG", "-Dfile.encoding=UTF-16"),
          List.of("-Dnoether.threads=1", "-Dfile.encoding=US-ASCII"),
          List.of("-Dnoether.threads=2", "-Dorg.bytedeco.javacpp.maxPhysicalBytes=0"));

  @Override
  public void run(Means means) throws Exception {
    Path log = means.folder().resolve("log");
    Optional<String> first = Optional.empty();
    do {
      for (List<String> options : RUNS) {
        Process process = Child.start(options, log, "hash");
        int status = process.waitFor();
        String hash = Files.readString(log, StandardCharsets.ISO_8859_1).strip();
        if (status != 0 || !hash.matches("(?s).*[0-9a-f]{64}")) {
          means.tally().finding("a run ends with " + status, options + ": " + hash);
          continue;
        }
        String own = hash.substring(hash.length() - 64);
        first = Optional.of(first.orElse(own));
        if (first.get().equals(own)) {
          means.tally().count("runs with the same bits");
        } else {
          means.tally().finding("other bits", options.toString());
        }
        if (!means.hasTime() && options != RUNS.get(0)) {
          return;
        }
      }
    } while (means.hasTime());
  }
}
