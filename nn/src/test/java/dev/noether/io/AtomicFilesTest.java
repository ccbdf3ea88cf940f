package dev.noether.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
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

  private static void age(Path path) throws IOException {
    Files.setLastModifiedTime(path, FileTime.from(Instant.now().minus(Duration.ofMinutes(10))));
  }

  private Path temporary() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(f -> f.toString().endsWith(".tmp")).findFirst().orElseThrow();
    }
  }

  @Test
  void whatAKilledWriterLeftIsRemovedByTheNextWriteOfTheSameFile() throws IOException {
    String uuid = "123e4567-e89b-12d3-a456-426614174000";
    Path stale = Files.writeString(folder.resolve(".x." + uuid + ".tmp"), "half");
    age(stale);
    AtomicFiles.write(folder.resolve("y"), text("new"));
    assertThat(stale).exists();
    AtomicFiles.write(folder.resolve("x"), text("new"));
    assertThat(stale).doesNotExist();
    for (String other :
        List.of(".x.y." + uuid + ".tmp", ".x.tmp", "x." + uuid + ".tmp", ".x." + uuid + ".old")) {
      age(Files.writeString(folder.resolve(other), "mine"));
    }
    Path young = Files.writeString(stale, "a writer that did not lock it yet");
    age(Files.createDirectory(folder.resolve(".x." + uuid.replace('1', '2') + ".tmp")));
    AtomicFiles.write(folder.resolve("x"), text("newer"));
    assertThat(young).exists();
    assertThat(folder.toFile().list()).hasSize(2 + 4 + 2);
  }

  @Test
  void whatAnotherThreadWritesStays() throws IOException {
    Path path = folder.resolve("x");
    AtomicFiles.write(
        path,
        channel -> {
          age(temporary());
          AtomicFiles.write(path, text("the other's"));
          assertThat(path).hasContent("the other's");
          text("mine").writeTo(channel);
        });
    assertThat(path).hasContent("mine");
    assertThat(folder.toFile().list()).containsExactly("x");
  }

  /** A program that stops in the middle of a write until it is told to go on. */
  public static final class Slow {
    private Slow() {}

    /**
     * Writes "slow".
     *
     * @param arguments the file
     */
    public static void main(String[] arguments) throws IOException {
      AtomicFiles.write(
          Path.of(arguments[0]),
          channel -> {
            System.out.println("in the middle");
            System.out.flush();
            System.in.read();
            text("slow").writeTo(channel);
          });
    }
  }

  @Test
  void whatAnotherProcessWritesStaysUntilThatIsKilled() throws Exception {
    Path path = folder.resolve("x");
    for (boolean killed : new boolean[] {false, true}) {
      Process slow = program(Slow.class, path).redirectError(Redirect.DISCARD).start();
      try (BufferedReader said = slow.inputReader()) {
        assertThat(said.readLine()).isEqualTo("in the middle");
        Path theirs = temporary();
        age(theirs);
        AtomicFiles.write(path, text("quick"));
        assertThat(path).hasContent("quick");
        assertThat(theirs).exists();
        if (killed) {
          slow.destroyForcibly().waitFor();
          age(theirs);
          AtomicFiles.write(path, text("quick again"));
          assertThat(folder.toFile().list()).containsExactly("x");
        } else {
          slow.outputWriter().append('\n').flush();
          assertThat(slow.waitFor()).isZero();
          assertThat(path).hasContent("slow");
        }
      } finally {
        slow.destroyForcibly();
      }
    }
  }

  private static ProcessBuilder program(Class<?> program, Path file) {
    return new ProcessBuilder(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-cp",
        System.getProperty("java.class.path"),
        program.getName(),
        file.toString());
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
          program(Writer.class, file)
              .redirectErrorStream(true)
              .redirectOutput(Redirect.DISCARD)
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
