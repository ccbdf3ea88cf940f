package dev.noether.io;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import java.util.regex.Pattern;

/**
 * Writes files whole or not at all: whatever happens on the way, the name holds either the old
 * content or the new.
 *
 * <p>The content goes to a temporary file in the same folder, is forced to the disk, and takes the
 * name in one step. A process that is killed on the way leaves a hidden {@code .NAME.UUID.tmp}; the
 * next write of the same file removes it. It is known by its age, a minute or more since the last
 * change, and by its lock, which a writer holds as long as it lives: one that another thread or
 * process still writes stays.
 */
public final class AtomicFiles {
  private static final Duration STALE = Duration.ofMinutes(1);
  private static final String UUID_TEXT = "\\p{XDigit}{8}(-\\p{XDigit}{4}){3}-\\p{XDigit}{12}";

  private AtomicFiles() {}

  /** What a file will hold. */
  @FunctionalInterface
  public interface Content {
    /**
     * Writes it all.
     *
     * @param channel an empty file
     * @throws IOException if it cannot be written; the old file then stays
     */
    void writeTo(SeekableByteChannel channel) throws IOException;
  }

  /**
   * Writes or replaces a file.
   *
   * @param path the file; a symbolic link is followed, its folder must exist
   * @param content what to write
   * @throws IOException if it cannot be written; the old file is then as it was
   */
  public static void write(Path path, Content content) throws IOException {
    Path target = Files.isSymbolicLink(path) ? path.toRealPath() : path.toAbsolutePath();
    removeLeftovers(target);
    Path temporary =
        target.resolveSibling("." + target.getFileName() + "." + UUID.randomUUID() + ".tmp");
    try {
      try (FileChannel channel =
          FileChannel.open(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
        lock(channel);
        content.writeTo(channel);
        channel.force(true);
        Files.setLastModifiedTime(temporary, FileTime.from(Instant.now())); // until it is moved
      }
      Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(temporary);
    }
    force(target.resolveSibling("."));
  }

  /**
   * Removes what killed writers of a file left. Whatever hinders that does not hinder the write.
   */
  private static void removeLeftovers(Path target) {
    Pattern pattern =
        Pattern.compile("\\." + Pattern.quote(target.getFileName() + ".") + UUID_TEXT + "\\.tmp");
    Instant latest = Instant.now().minus(STALE);
    try (DirectoryStream<Path> folder =
        Files.newDirectoryStream(
            target.resolveSibling("."),
            path -> pattern.matcher(path.getFileName().toString()).matches())) {
      for (Path path : folder) {
        BasicFileAttributes found =
            Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        boolean old = found.lastModifiedTime().toInstant().isBefore(latest);
        if (found.isRegularFile() && old && isAbandoned(path)) {
          Files.deleteIfExists(path);
        }
      }
    } catch (IOException | DirectoryIteratorException e) {
      return;
    }
  }

  /** Whether no process holds the lock of a temporary file. */
  private static boolean isAbandoned(Path path) throws IOException {
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.WRITE)) {
      return lock(channel);
    }
  }

  /** Holds the file until the channel is closed; false where another holds it or none can. */
  private static boolean lock(FileChannel channel) {
    try {
      return channel.tryLock() != null;
    } catch (IOException | OverlappingFileLockException e) {
      return false;
    }
  }

  /** Makes the new name itself durable, where the system can force a folder. */
  private static void force(Path folder) {
    try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    } catch (IOException e) {
      // Windows opens no folders; the file itself is safe already.
      return;
    }
  }
}
