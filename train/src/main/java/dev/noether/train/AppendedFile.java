package dev.noether.train;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** A file that grows by whole parts: where one does not fit on the disk, it stays as it was. */
final class AppendedFile {
  private AppendedFile() {}

  static void append(Path file, byte[] part) throws IOException {
    long before = Files.size(file);
    try {
      Files.write(file, part, StandardOpenOption.APPEND);
    } catch (IOException e) {
      cut(file, before, e);
      FileSystemException error =
          new FileSystemException(file.toString(), null, String.valueOf(e.getMessage()));
      error.initCause(e);
      throw error;
    }
  }

  private static void cut(Path file, long size, IOException because) {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.truncate(size);
    } catch (IOException e) {
      because.addSuppressed(e);
    }
  }
}
