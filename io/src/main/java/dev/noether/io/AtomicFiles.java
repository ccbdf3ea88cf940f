package dev.noether.io;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
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
 *
 * <p>A file that is replaced gives the new one its permissions and, where the system allows it, its
 * owner and group. One that cannot be written is not replaced, and neither is what is no regular
 * file.
 */
public final class AtomicFiles {
  private static final Duration STALE = Duration.ofMinutes(1);
  private static final String UUID_TEXT = "\\p{XDigit}{8}(-\\p{XDigit}{4}){3}-\\p{XDigit}{12}";

  /** Names have 255 bytes on most systems; a temporary one adds a dot, a UUID and an ending. */
  private static final int LONGEST_STEM = 200;

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
   * @throws IOException if it cannot be written, with its name; the old file is then as it was
   */
  public static void write(Path path, Content content) throws IOException {
    try {
      writeTarget(target(path), content);
    } catch (ClosedByInterruptException e) {
      InterruptedIOException error =
          new InterruptedIOException(
              path + ": the thread was interrupted while it was written; an old file is as it was");
      error.initCause(e);
      throw error;
    }
  }

  private static void writeTarget(Path target, Content content) throws IOException {
    removeLeftovers(target);
    Path temporary = target.resolveSibling("." + stem(target) + "." + UUID.randomUUID() + ".tmp");
    try {
      FileOwner owner = FileOwner.of(target);
      try (FileChannel channel = owner.create(temporary)) {
        lock(channel);
        content.writeTo(new WholeWrites(channel));
        channel.force(true);
        owner.handTo(temporary);
        Files.setLastModifiedTime(temporary, FileTime.from(Instant.now())); // until it is moved
      }
      Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
    } catch (FileSystemException e) {
      throw named(e, temporary, target);
    } catch (ClosedByInterruptException | DamagedFileException | UnreadableTensorException e) {
      throw e;
    } catch (IOException e) {
      FileSystemException error =
          new FileSystemException(target.toString(), null, String.valueOf(e.getMessage()));
      error.initCause(e);
      throw error;
    } finally {
      Files.deleteIfExists(temporary);
    }
    force(target.resolveSibling("."));
  }

  /** The file behind links; one that can be written, or is not there yet in a folder that is. */
  private static Path target(Path path) throws IOException {
    Path target = Files.isSymbolicLink(path) ? end(path) : path.toAbsolutePath();
    Path folder = target.getParent();
    if (folder == null || Files.isDirectory(target)) {
      throw new FileSystemException(path.toString(), null, "a folder, not a file");
    }
    if (!Files.isDirectory(folder)) {
      throw new NoSuchFileException(folder.toString(), null, "no such folder");
    }
    if (Files.exists(target) && !Files.isRegularFile(target)) {
      throw new FileSystemException(
          path.toString(), null, "no regular file, so it cannot be replaced by one");
    }
    if (Files.exists(target) && (!Files.isWritable(target) || FileOwner.isReadOnly(target))) {
      throw new AccessDeniedException(path.toString(), null, "it may only be read");
    }
    return target;
  }

  /** Where a link leads, also to a file that is not there yet. */
  private static Path end(Path link) throws IOException {
    if (Files.exists(link)) {
      return link.toRealPath();
    }
    throw new NoSuchFileException(
        link.toString(), null, "a link to what is not there: " + Files.readSymbolicLink(link));
  }

  /** What a temporary name begins with: the name, or its fingerprint where it is long. */
  private static String stem(Path target) {
    String name = String.valueOf(target.getFileName());
    byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
    return bytes.length <= LONGEST_STEM
        ? name
        : HexFormat.of().formatHex(BasisHashes.sha256().digest(bytes));
  }

  /** Tells of the file that was asked for instead of the temporary one. */
  private static IOException named(FileSystemException error, Path temporary, Path target) {
    if (!temporary.toString().equals(error.getFile())) {
      return error;
    }
    FileSystemException told =
        error instanceof AccessDeniedException
            ? new AccessDeniedException(target.toString(), null, "its folder cannot be written to")
            : new FileSystemException(target.toString(), null, error.getReason());
    told.initCause(error);
    return told;
  }

  /**
   * Removes what killed writers of a file left. Whatever hinders that does not hinder the write.
   */
  private static void removeLeftovers(Path target) {
    Pattern pattern =
        Pattern.compile("\\." + Pattern.quote(stem(target) + ".") + UUID_TEXT + "\\.tmp");
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
