package dev.noether.parallel;

import static dev.noether.algebra.Checks.require;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/** The file in which rank 0 says where it listens. */
final class SharedFile {
  private static final Duration BETWEEN = Duration.ofMillis(20);

  private SharedFile() {}

  static void requireNew(Path file) {
    require(
        !Files.exists(file),
        "the file %s is there already, of an earlier run: every run meets in one of its own",
        file);
  }

  static void write(Path file, Rendezvous.Tcp place) throws IOException {
    Path whole = file.resolveSibling(file.getFileName() + ".new");
    Files.writeString(whole, place.toString());
    Files.move(whole, file, StandardCopyOption.ATOMIC_MOVE);
  }

  static Rendezvous.Tcp read(Path file, Duration timeout) {
    long start = System.nanoTime();
    while (!Files.exists(file)) {
      if (System.nanoTime() - start > timeout.toNanos()) {
        throw new RankException(
            "rank 0 has not come to " + file + " within " + timeout.toSeconds() + " s");
      }
      if (Thread.interrupted()) {
        throw new RankException("interrupted while it waited for other ranks");
      }
      LockSupport.parkNanos(BETWEEN.toNanos());
    }
    try {
      return (Rendezvous.Tcp) Rendezvous.parse(Files.readString(file).strip());
    } catch (IOException | ClassCastException e) {
      throw new IllegalArgumentException(file + " does not say where rank 0 listens: " + e, e);
    }
  }
}
