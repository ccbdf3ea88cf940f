package dev.noether.io;

import java.io.IOException;
import java.nio.file.Path;

/**
 * Looks into files of a format whose reader needs more than this module has. {@link
 * FileContents#of} finds it with {@link java.util.ServiceLoader}.
 */
public interface ContentsReader {
  /**
   * The format that it reads.
   *
   * @return one of the formats
   */
  TensorFormat format();

  /**
   * Looks into a file.
   *
   * @param path a file of this format
   * @return what it holds
   * @throws DamagedFileException if the file is damaged
   * @throws IOException if it cannot be read
   */
  FileContents contents(Path path) throws IOException;
}
