package dev.noether.io;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.UUID;

/**
 * Writes files whole or not at all: whatever happens on the way, the name holds either the old
 * content or the new.
 *
 * <p>The content goes to a temporary file in the same folder, is forced to the disk, and takes the
 * name in one step.
 */
public final class AtomicFiles {
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
    Path temporary =
        target.resolveSibling("." + target.getFileName() + "." + UUID.randomUUID() + ".tmp");
    try {
      try (FileChannel channel =
          FileChannel.open(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
        content.writeTo(channel);
        channel.force(true);
      }
      Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(temporary);
    }
    force(target.resolveSibling("."));
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
