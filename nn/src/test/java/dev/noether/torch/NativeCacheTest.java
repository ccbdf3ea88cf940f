package dev.noether.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Libraries are unpacked whole or not at all. */
class NativeCacheTest {
  @TempDir private Path folder = Path.of("");

  private static void write(Path file, String text) {
    try {
      Files.createDirectories(file.getParent());
      Files.writeString(file, text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void whatAStoppedStartLeftIsUnpackedAnew() throws IOException {
    Path mine = folder.resolve("mkl_rt-1");
    Path library = mine.resolve("some.jar/libtorch.so");
    assertThatThrownBy(
            () ->
                NativeCache.unpackAlone(
                    mine,
                    () -> {
                      write(library, "hal");
                      throw new IllegalStateException("stopped");
                    }))
        .hasMessage("stopped");
    assertThat(library).exists();
    List<Boolean> there = new ArrayList<>();
    NativeCache.unpackAlone(
        mine,
        () -> {
          there.add(Files.exists(library));
          write(library, "whole");
        });
    NativeCache.unpackAlone(mine, () -> there.add(Files.exists(library)));
    assertThat(there).containsExactly(false, true);
    assertThat(library).hasContent("whole");
  }

  /** A first start in a JVM of its own: it writes half a library, maybe waits, and the rest. */
  static final class FirstStart {
    private FirstStart() {}

    public static void main(String[] arguments) throws IOException {
      Path mine = Path.of(arguments[0]);
      NativeCache.unpackAlone(mine, () -> unpack(mine, arguments[1].equals("stops")));
      String found = Files.readString(mine.resolve(LIBRARY));
      System.exit(found.equals("whole") ? 0 : 1);
    }

    /** As JavaCPP: what is there is taken as it is. */
    private static void unpack(Path mine, boolean stops) {
      Path library = mine.resolve(LIBRARY);
      if (Files.exists(library)) {
        return;
      }
      write(library, "hal");
      write(mine.resolveSibling("unpacked-by-" + ProcessHandle.current().pid()), "");
      while (stops) {
        LockSupport.park();
      }
      write(library, "whole");
    }
  }

  private static final String LIBRARY = "some.jar/libtorch.so";

  private Process firstStart(Path mine, String how) throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:TieredStopAtLevel=1",
            "-cp",
            System.getProperty("java.class.path"),
            FirstStart.class.getName(),
            mine.toString(),
            how)
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .start();
  }

  private long unpackings() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(file -> file.toString().contains("unpacked-by-")).count();
    }
  }

  @Test
  void aKilledFirstStartHealsAtTheNextOne() throws Exception {
    Path mine = folder.resolve("mkl_rt-1");
    Process killed = firstStart(mine, "stops");
    while (killed.isAlive() && unpackings() == 0) {
      LockSupport.parkNanos(5_000_000);
    }
    killed.destroyForcibly().waitFor();
    assertThat(mine.resolve(LIBRARY)).hasContent("hal");
    assertThat(firstStart(mine, "goes on").waitFor()).isZero();
    assertThat(mine.resolve(LIBRARY)).hasContent("whole");
    assertThat(unpackings()).isEqualTo(2);
  }

  @Test
  void twoFirstStartsAtOnceUnpackOnce() throws Exception {
    Path mine = folder.resolve("mkl_rt-1");
    Process one = firstStart(mine, "goes on");
    Process two = firstStart(mine, "goes on");
    assertThat(one.waitFor()).isZero();
    assertThat(two.waitFor()).isZero();
    assertThat(unpackings()).isEqualTo(1);
  }

  @Test
  void firstStartsOfTwoClassLoadersOfAProcessWaitForEachOther() throws Exception {
    Path mine = folder.resolve("mkl_rt-1");
    ExecutorService both = Executors.newFixedThreadPool(2);
    List<Future<String>> found = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      found.add(
          both.submit(
              () -> {
                NativeCache.unpackAlone(mine, () -> FirstStart.unpack(mine, false));
                return Files.readString(mine.resolve(LIBRARY));
              }));
    }
    for (Future<String> own : found) {
      assertThat(own.get()).isEqualTo("whole");
    }
    both.shutdown();
  }

  @Test
  void theFolderIsThatOfThisProcess() {
    LibTorch.load();
    assertThat(NativeCache.isComplete()).isTrue();
    assertThat(NativeCache.folder()).isDirectory().hasFileName("noether");
  }
}
