package dev.noether.cli;

import static dev.noether.algebra.Checks.require;
import static dev.noether.algebra.Checks.requirePresent;

import dev.noether.io.AtomicFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.MalformedInputException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import tools.jackson.core.JacksonException;
import tools.jackson.core.json.JsonWriteFeature;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** How the commands write JSON. */
final class Json {
  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .enable(SerializationFeature.INDENT_OUTPUT)
          .enable(JsonWriteFeature.ESCAPE_NON_ASCII) // a terminal gets no character of a file's
          .build();

  private Json() {}

  static String text(Object value) {
    return MAPPER.writeValueAsString(value);
  }

  /**
   * Reads what a command wrote.
   *
   * @param source the command, for messages
   * @throws IllegalArgumentException if the file holds something else
   */
  static <T> T read(Path file, Class<T> type, String source) throws IOException {
    require(Files.isRegularFile(file), "there is no file %s; write one with %s", file, source);
    try {
      return requirePresent(
          MAPPER.readValue(Files.readString(file), type), "%s holds nothing", file);
    } catch (JacksonException | IllegalArgumentException | MalformedInputException e) {
      throw new IllegalArgumentException(file + " is not what " + source + " writes", e);
    }
  }

  static Path folder(Path file) {
    Path parent = file.toAbsolutePath().getParent();
    return parent == null ? file.toAbsolutePath() : parent;
  }

  /** Whole or not at all. */
  static void write(Path file, Object value) throws IOException {
    byte[] bytes = (text(value) + "\n").getBytes(StandardCharsets.UTF_8);
    AtomicFiles.write(file, channel -> channel.write(ByteBuffer.wrap(bytes)));
  }
}
