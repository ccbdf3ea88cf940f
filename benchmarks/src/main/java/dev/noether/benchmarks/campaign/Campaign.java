package dev.noether.benchmarks.campaign;

import dev.noether.torch.LibTorch;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Random;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * Tries to take Noether down for a while and prints what happened: {@code Campaign [--minutes 10]
 * [--seed 1] [--only files,texts] [--layers Linear,Mlp] [--steps 20000] [--kills 500] [--count
 * 1000000] [--epochs 0]}. The time is shared by the parts; one that has done all it should ends
 * earlier. Stopped, it prints what it has. It ends with 1 where something happened that must not.
 */
public final class Campaign {
  private static final int STEPS = 20_000;

  private Campaign() {}

  /**
   * How much is enough; the deadline may come first.
   *
   * @param steps of every layer
   * @param kills of programs, of first starts, of runs of the trainer, and of ranks
   * @param count of damaged files, of texts, and of cold starts of a layer
   * @param epochs of one long run of the trainer that is killed; none is many short runs
   * @param layers the types of layers that are evaluated and trained
   */
  record Amounts(int steps, int kills, long count, OptionalInt epochs, Predicate<String> layers) {}

  /** The parts by name. */
  static Map<String, Part> parts(Amounts enough) {
    Map<String, Part> parts = new LinkedHashMap<>();
    parts.put("files", new FileMutants(enough.count));
    parts.put("texts", new Texts(enough.count));
    parts.put("kills", new Kills(enough.kills));
    parts.put("starts", new FirstStarts(enough.kills));
    parts.put("threads", new ColdStarts(enough.count, enough.layers));
    parts.put("memory", new NativeMemory(enough.steps, enough.layers));
    parts.put("determinism", new Determinism());
    parts.put("soak", new Soak(enough.kills, enough.epochs));
    parts.put("ranks", new RankKills(enough.kills));
    parts.put("runtime", new RuntimeModels());
    return parts;
  }

  /**
   * Runs the campaign.
   *
   * @param arguments flags
   * @throws Exception if a part could not go on
   */
  public static void main(String[] arguments) throws Exception {
    Map<String, String> flags = new LinkedHashMap<>();
    for (int i = 0; i + 1 < arguments.length; i += 2) {
      flags.put(arguments[i], arguments[i + 1]);
    }
    double minutes = Double.parseDouble(flags.getOrDefault("--minutes", "10"));
    long seed = Long.parseLong(flags.getOrDefault("--seed", "1"));
    int steps = Integer.parseInt(flags.getOrDefault("--steps", String.valueOf(STEPS)));
    int kills = Integer.parseInt(flags.getOrDefault("--kills", "500"));
    long count = Long.parseLong(flags.getOrDefault("--count", String.valueOf(Long.MAX_VALUE)));
    int epochs = Integer.parseInt(flags.getOrDefault("--epochs", "0"));
    OptionalInt some = epochs == 0 ? OptionalInt.empty() : OptionalInt.of(epochs);
    Set<String> layers = Set.of(flags.getOrDefault("--layers", "all").split(","));
    Predicate<String> wanted = name -> layers.contains("all") || layers.contains(name);
    Map<String, Part> parts = parts(new Amounts(steps, kills, count, some, wanted));
    String only = flags.getOrDefault("--only", String.join(",", parts.keySet()));
    long found = run(parts, List.of(only.split(",")), minutes * 60, seed, System.out);
    System.exit(found == 0 ? 0 : 1);
  }

  /**
   * Runs parts one after the other.
   *
   * @param parts the parts by name
   * @param names those to run
   * @param seconds for all of them together; each runs at least once
   * @param seed where random numbers begin
   * @param out where tables go
   * @return how many things must not be
   */
  static long run(
      Map<String, Part> parts, List<String> names, double seconds, long seed, PrintStream out)
      throws Exception {
    LibTorch.load();
    long found = 0;
    for (String name : names) {
      Part part = parts.get(name);
      if (part == null) {
        throw new IllegalArgumentException("know the parts " + parts.keySet() + ", got " + name);
      }
      Tally tally = new Tally();
      Path folder = Files.createTempDirectory("noether-campaign");
      long start = System.nanoTime();
      long share = (long) (seconds * 1e9 / names.size());
      Thread stopped = new Thread(() -> print(out, name + ", stopped", start, tally));
      Runtime.getRuntime().addShutdownHook(stopped);
      try {
        part.run(new Part.Means(new Random(seed), folder, start, start + share, tally));
      } finally {
        Runtime.getRuntime().removeShutdownHook(stopped);
        delete(folder);
      }
      print(out, name, start, tally);
      found += tally.found();
    }
    return found;
  }

  private static void print(PrintStream out, String name, long start, Tally tally) {
    double seconds = (System.nanoTime() - start) / 1e9;
    out.printf(Locale.ROOT, "%s, %.0f s%n%s", name, seconds, tally.table());
  }

  /** Removes a folder and all that is in it, if it is there. */
  static void delete(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      return;
    }
    List<Path> all;
    try (Stream<Path> walk = Files.walk(folder)) {
      all = new ArrayList<>(walk.toList());
    }
    for (int i = all.size() - 1; i >= 0; i--) {
      Files.deleteIfExists(all.get(i));
    }
  }
}
