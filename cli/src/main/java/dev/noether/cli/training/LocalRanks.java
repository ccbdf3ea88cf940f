package dev.noether.cli.training;

import dev.noether.parallel.Communicator;
import dev.noether.parallel.CommunicatorOptions;
import dev.noether.parallel.RankException;
import dev.noether.parallel.Rendezvous;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Processes of this machine that train together. This one is rank 0; the others run the same
 * command, and what they say is passed on with the number of the rank.
 */
final class LocalRanks {
  private final Thread main = Thread.currentThread();
  private final AtomicBoolean hasMet = new AtomicBoolean();
  private final AtomicReference<@Nullable String> ended = new AtomicReference<>();

  private LocalRanks() {}

  /** Starts the others and meets them. */
  static Communicator start(int size, List<String> arguments, CommunicatorOptions options)
      throws IOException {
    Path folder = Files.createTempDirectory("noether-ranks");
    Rendezvous where = Rendezvous.file(folder.resolve("meet"));
    LocalRanks ranks = new LocalRanks();
    List<Process> others = new ArrayList<>();
    Runtime.getRuntime().addShutdownHook(new Thread(() -> clear(others, folder)));
    for (int rank = 1; rank < size; rank++) {
      List<String> own = command(arguments);
      own.addAll(List.of("--rank", String.valueOf(rank), "--world", String.valueOf(size)));
      own.addAll(List.of("--master", folder.resolve("meet").toUri().toString()));
      Process process = new ProcessBuilder(own).redirectErrorStream(true).start();
      others.add(process);
      ranks.follow(rank, process);
    }
    try {
      Communicator group = Communicator.join(where, 0, size, options);
      ranks.hasMet.set(true);
      return group;
    } catch (RankException e) {
      String reason = ranks.ended.get();
      throw reason == null ? e : new RankException(reason);
    }
  }

  /** The command that runs this program, as this process was started. */
  private static List<String> command(List<String> arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    for (String name : System.getProperties().stringPropertyNames()) {
      if (name.startsWith("noether.") || name.startsWith("org.bytedeco.")) {
        command.add("-D" + name + "=" + System.getProperty(name));
      }
    }
    command.add("--enable-native-access=ALL-UNNAMED");
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.add("dev.noether.cli.Main");
    for (int i = 0; i < arguments.size(); i++) {
      String word = arguments.get(i);
      if (word.equals("--processes")) {
        i++;
      } else if (!word.startsWith("--processes=")) {
        command.add(word);
      }
    }
    return command;
  }

  private void follow(int rank, Process process) {
    Thread thread = new Thread(() -> passOn(rank, process), "noether-rank-" + rank);
    thread.setDaemon(true);
    thread.start();
  }

  private void passOn(int rank, Process process) {
    String last = "";
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), Charset.defaultCharset()))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (line.startsWith("noether: ")) {
          last = ": " + line.substring("noether: ".length()); // rank 0 tells it
        } else if (!line.startsWith("[Gloo]") && !line.startsWith("Picked up ")) {
          System.err.println("rank " + rank + ": " + line);
        }
      }
      int status = process.waitFor();
      if (status != 0 && !hasMet.get()) {
        ended.set("rank " + rank + " ended with status " + status + last);
        main.interrupt();
      }
    } catch (IOException e) {
      process.destroy();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void clear(List<Process> others, Path folder) {
    others.forEach(Process::destroy);
    for (Path file : List.of(folder.resolve("meet"), folder)) {
      try {
        Files.deleteIfExists(file);
      } catch (IOException e) {
        return; // what is left is a small file in the folder for such
      }
    }
  }
}
