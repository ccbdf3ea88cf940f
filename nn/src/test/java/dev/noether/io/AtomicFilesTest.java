package dev.noether.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
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
}
