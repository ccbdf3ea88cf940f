package dev.noether.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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
        .hasMessage(path + ": disk full");
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

  @Test
  void aFileKeepsItsPermissions() throws IOException {
    Path path = folder.resolve("x");
    for (String mode : List.of("rw-------", "rw-rw-rw-", "rw-r-----", "rwxr-xr-x")) {
      AtomicFiles.write(path, text("old"));
      Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(mode));
      AtomicFiles.write(
          path,
          channel -> {
            Set<PosixFilePermission> meanwhile = Files.getPosixFilePermissions(temporary());
            assertThat(PosixFilePermissions.fromString(mode)).containsAll(meanwhile);
          });
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
          .isEqualTo(mode);
    }
    Path other = folder.resolve("other");
    AtomicFiles.write(other, text("new"));
    Path plain = Files.writeString(folder.resolve("plain"), "new");
    assertThat(Files.getPosixFilePermissions(other))
        .as("as any new file")
        .isEqualTo(Files.getPosixFilePermissions(plain));
  }

  private static void assertRefused(Path path, String message) {
    assertThatThrownBy(() -> AtomicFiles.write(path, text("new")))
        .isInstanceOf(IOException.class)
        .hasMessage(message);
  }

  @Test
  void whatMayOnlyBeReadIsNotReplaced() throws IOException {
    Path path = folder.resolve("x");
    AtomicFiles.write(path, text("old"));
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("r--r--r--"));
    assertRefused(path, path + ": it may only be read");
    assertThat(path).hasContent("old");
    assertThat(folder.toFile().list()).containsExactly("x");
  }

  @Test
  void whatIsNoRegularFileStaysWhatItIs() throws Exception {
    Path pipe = folder.resolve("pipe");
    assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor()).isZero();
    String reason = ": no regular file, so it cannot be replaced by one";
    assertRefused(pipe, pipe + reason);
    Path device = Path.of("/dev/null");
    assertRefused(device, device + reason);
    assertThat(Files.isRegularFile(pipe) || Files.isRegularFile(device)).isFalse();
    assertRefused(folder, folder + ": a folder, not a file");
    assertRefused(folder.getRoot(), folder.getRoot() + ": a folder, not a file");
    Path dangling = Files.createSymbolicLink(folder.resolve("link"), folder.resolve("none"));
    assertRefused(dangling, dangling + ": a link to what is not there: " + folder.resolve("none"));
    Path missing = folder.resolve("missing");
    assertRefused(missing.resolve("x"), missing + ": no such folder");
    assertThat(folder.toFile().list()).containsExactlyInAnyOrder("pipe", "link");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 200, 201, 213, 214, 255})
  void namesOfAnyLengthCanBeWrittenAndLeaveNothing(int length) throws IOException {
    Path path = folder.resolve("n".repeat(length));
    AtomicFiles.write(path, text("old"));
    AtomicFiles.write(
        path,
        channel -> {
          Path left = Files.copy(temporary(), folder.resolve("left"));
          assertThat(left).exists();
          text("new").writeTo(channel);
        });
    assertThat(path).hasContent("new");
    assertThat(folder.toFile().list()).hasSize(2);
  }

  @Test
  void aNameThatIsTooLongIsToldAsItIs() {
    Path path = folder.resolve("n".repeat(256));
    assertThatThrownBy(() -> AtomicFiles.write(path, text("new")))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith(path + ": ")
        .hasMessageNotContaining(".tmp");
    assertThat(folder.toFile().list()).isEmpty();
  }

  @Test
  void anInterruptedWriteSaysWhichAndLeavesTheOldFile() throws IOException {
    Path path = folder.resolve("x");
    AtomicFiles.write(path, text("old"));
    try {
      assertThatThrownBy(
              () ->
                  AtomicFiles.write(
                      path,
                      channel -> {
                        Thread.currentThread().interrupt();
                        text("new").writeTo(channel);
                      }))
          .isInstanceOf(InterruptedIOException.class)
          .hasMessage(
              path + ": the thread was interrupted while it was written; an old file is as it was");
    } finally {
      assertThat(Thread.interrupted()).isTrue();
    }
    assertThat(path).hasContent("old");
    assertThat(folder.toFile().list()).containsExactly("x");
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
