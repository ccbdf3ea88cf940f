package dev.noether.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
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

  @Test
  void theFolderIsThatOfThisProcess() {
    LibTorch.load();
    assertThat(NativeCache.isComplete()).isTrue();
    assertThat(NativeCache.folder()).isDirectory().hasFileName("noether");
  }
}
