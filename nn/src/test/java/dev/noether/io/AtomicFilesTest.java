package dev.noether.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A file holds what it held or what it shall hold, nothing between. */
class AtomicFilesTest {
  @TempDir private Path folder = Path.of("");

  private static AtomicFiles.Content text(String text) {
    return channel -> channel.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
  }

  @Test
  void aWriteReplacesTheOldFile() throws IOException {
    Path path = folder.resolve("x");
    AtomicFiles.write(path, text("old"));
    AtomicFiles.write(path, text("new"));
    assertThat(path).hasContent("new");
    assertThat(folder.toFile().list()).containsExactly("x");
  }

  @Test
  void aWriteThatFailsLeavesTheOldFileAlone() throws IOException {
    Path path = folder.resolve("x");
    AtomicFiles.write(path, text("old"));
    assertThatThrownBy(
            () ->
                AtomicFiles.write(
                    path,
                    channel -> {
                      text("half of the n").writeTo(channel);
                      assertThat(path).hasContent("old");
                      throw new IOException("disk full");
                    }))
        .hasMessage("disk full");
    assertThat(path).hasContent("old");
    assertThat(folder.toFile().list()).containsExactly("x");
  }

  @Test
  void aLinkStaysALink() throws IOException {
    Path path = folder.resolve("x");
    AtomicFiles.write(path, text("old"));
    Path link = Files.createSymbolicLink(folder.resolve("latest"), path);
    AtomicFiles.write(link, text("new"));
    assertThat(Files.isSymbolicLink(link)).isTrue();
    assertThat(path).hasContent("new");
  }

  /** A program that writes one file again and again, each time filled with another byte. */
  public static final class Writer {
    private Writer() {}

    /**
     * Writes until it is killed.
     *
     * @param arguments the file
     */
    public static void main(String[] arguments) throws IOException {
      byte[] bytes = new byte[1 << 21];
      for (int round = 0; ; round++) {
        Arrays.fill(bytes, (byte) round);
        AtomicFiles.write(Path.of(arguments[0]), channel -> channel.write(ByteBuffer.wrap(bytes)));
      }
    }
  }

  @Test
  void killingTheProcessLeavesTheOldFileOrTheNewOne() throws Exception {
    Path file = folder.resolve("killed.bin");
    Files.write(file, new byte[1 << 21]);
    for (int round = 0; round < 5; round++) {
      Process writer =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "-cp",
                  System.getProperty("java.class.path"),
                  Writer.class.getName(),
                  file.toString())
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      long before = Files.getLastModifiedTime(file).toMillis();
      while (writer.isAlive() && Files.getLastModifiedTime(file).toMillis() == before) {
        Thread.sleep(1);
      }
      Thread.sleep(7L * round);
      writer.destroyForcibly().waitFor();
      byte[] found = Files.readAllBytes(file);
      byte[] expected = new byte[1 << 21];
      Arrays.fill(expected, found[0]);
      assertThat(found).isEqualTo(expected);
    }
  }
}
