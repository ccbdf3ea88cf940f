package dev.noether.cli;

import dev.noether.torch.LibTorch;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.IVersionProvider;

/** What a report of a fault needs: versions, commit, BLAS, threads, platform. */
final class Version implements IVersionProvider {
  @Override
  public String[] getVersion() throws IOException {
    Properties built = new Properties();
    try (InputStream stream = Main.class.getResourceAsStream("version.properties")) {
      built.load(stream);
    }
    String commit = commit(built.getProperty("commit", ""));
    return new String[] {
      "noether " + built.getProperty("version") + (commit.isEmpty() ? "" : ", commit " + commit),
      "LibTorch " + built.getProperty("libtorch").replaceFirst("-.*", "") + libTorch(),
      "Java "
          + System.getProperty("java.version")
          + " ("
          + System.getProperty("java.vendor")
          + "), "
          + System.getProperty("os.name")
          + " "
          + System.getProperty("os.arch")
    };
  }

  private static String libTorch() {
    if (!LibTorch.isPresent()) {
      return ", not here yet: the first command that needs it fetches it";
    }
    try {
      return " with " + LibTorch.blas() + ", threads: " + LibTorch.threads();
    } catch (IllegalStateException e) {
      return ": " + e.getMessage();
    }
  }

  /** Of a clone that the launcher runs, what is checked out; else what the build was told. */
  private static String commit(String built) {
    @Nullable String home = System.getProperty("noether.home");
    if (home == null || !Files.exists(Path.of(home, ".git"))) {
      return built;
    }
    try {
      Process git =
          new ProcessBuilder("git", "-C", home, "rev-parse", "--short=10", "HEAD")
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      return new String(git.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    } catch (IOException e) {
      return built; // no git on this machine
    }
  }
}
