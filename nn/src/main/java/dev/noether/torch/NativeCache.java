package dev.noether.torch;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.bytedeco.javacpp.Loader;
import org.jspecify.annotations.Nullable;

/**
 * Where LibTorch's native libraries are unpacked, some 800 MB, once for each version.
 *
 * <p>A folder of its own for each set of libraries in {@code .javacpp/noether} of the user's home,
 * or in the folder that {@code org.bytedeco.javacpp.cachedir} names. A mark is written when all is
 * there: a folder without it is what a killed start left, and the next start unpacks anew. Starts
 * that come together wait for the one that unpacks.
 */
public final class NativeCache {
  private static final String CACHE_PROPERTY = "org.bytedeco.javacpp.cachedir";
  private static final String MARK = "complete";
  private static final long WAIT_NANOSECONDS = 20_000_000;

  /** What this process has taken, once it has. */
  private static volatile @Nullable Path taken;

  private NativeCache() {}

  /**
   * The folder that holds everything that Noether has unpacked.
   *
   * @return a folder, in the one for temporary files where the home cannot be written
   */
  public static Path folder() {
    @Nullable Path known = taken;
    if (known != null) {
      return known;
    }
    @Nullable String own = System.getProperty(CACHE_PROPERTY);
    if (own != null) {
      return Path.of(own, "noether");
    }
    Path home = Path.of(System.getProperty("user.home", ""), ".javacpp", "noether");
    Path temporary =
        Path.of(
            System.getProperty("java.io.tmpdir"),
            ".javacpp-" + System.getProperty("user.name"),
            "noether");
    return isWritable(home) ? home : temporary;
  }

  private static boolean isWritable(Path folder) {
    try {
      Files.createDirectories(folder);
      return Files.isWritable(folder);
    } catch (IOException e) {
      return false;
    }
  }

  /**
   * Whether the next start finds its libraries unpacked.
   *
   * @return false before the first start, and after one that was killed
   */
  public static boolean isComplete() {
    Path folder = folder();
    if (!Files.isDirectory(folder)) {
      return false;
    }
    String ending = "-" + key();
    try (Stream<Path> children = Files.list(folder)) {
      return children.anyMatch(
          child -> child.toString().endsWith(ending) && Files.exists(child.resolve(MARK)));
    } catch (IOException e) {
      return false;
    }
  }

  /**
   * What the unpacked libraries take.
   *
   * @return bytes on disk, 0 where nothing is unpacked
   * @throws IOException if the folder cannot be read
   */
  public static long bytes() throws IOException {
    long bytes = 0;
    for (Path path : tree(folder())) {
      if (Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)) {
        bytes += Files.size(path);
      }
    }
    return bytes;
  }

  /**
   * Removes everything that Noether has unpacked, of all versions; the next start unpacks anew.
   *
   * @throws IOException if a file cannot be removed, as on Windows where a program uses it
   */
  public static void clear() throws IOException {
    delete(folder());
  }

  /** Deepest first. */
  private static List<Path> tree(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      return List.of();
    }
    try (Stream<Path> paths = Files.walk(folder)) {
      return paths.sorted(Comparator.reverseOrder()).toList();
    }
  }

  private static void delete(Path folder) throws IOException {
    for (Path path : tree(folder)) {
      Files.deleteIfExists(path);
    }
  }

  /** Says where to unpack and runs the loading, alone where something is to be unpacked. */
  static void unpackAndLoad(String blas, Runnable loading) {
    Path all = folder();
    Path mine = all.resolve(blas.replaceAll("[^A-Za-z0-9_.]", "_") + "-" + key());
    try {
      Files.createDirectories(mine);
      System.setProperty(CACHE_PROPERTY, mine.toString());
      taken = all;
      if (!Loader.getCacheDir().toPath().equals(mine.toRealPath())) {
        loading.run(); // another JavaCPP library of this process has chosen a folder before
      } else if (Files.exists(mine.resolve(MARK))) {
        loading.run();
      } else {
        unpackAlone(mine, loading);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(
          "LibTorch's libraries cannot be unpacked into " + mine + ": " + e.getMessage(), e);
    }
  }

  /** Under a lock that a process's end releases however it ends; the mark is written last. */
  static void unpackAlone(Path mine, Runnable loading) throws IOException {
    Path lockFile = mine.resolveSibling(mine.getFileName() + ".lock");
    try (FileChannel channel =
            FileChannel.open(lockFile, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock lock = lock(channel)) {
      Path mark = mine.resolve(MARK);
      if (!Files.exists(mark)) {
        delete(mine);
        Files.createDirectories(mine);
        loading.run();
        Files.writeString(mark, Natives.fingerprint());
      } else {
        loading.run();
      }
    }
  }

  /** Java lets other processes wait for a lock, but not a second class loader of this one. */
  private static FileLock lock(FileChannel channel) throws IOException {
    while (true) {
      try {
        return channel.lock();
      } catch (OverlappingFileLockException e) {
        LockSupport.parkNanos(WAIT_NANOSECONDS);
      }
    }
  }

  private static String key() {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256")
              .digest(Natives.fingerprint().getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest, 0, 4);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every JDK has it
    }
  }
}
