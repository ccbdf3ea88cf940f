package dev.noether.torch;

import java.io.IOException;
import java.net.JarURLConnection;
import java.net.URL;
import java.net.URLConnection;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/** LibTorch's native libraries on the class path: which there are, and what to do without them. */
final class Natives {
  /** The library that LibTorch's Java classes call, for each platform that has a LibTorch. */
  private static final Map<String, String> TORCH =
      Map.of(
          "linux-x86_64", "libjnitorch.so",
          "macosx-arm64", "libjnitorch.dylib",
          "windows-x86_64", "jnitorch.dll");

  private Natives() {}

  static boolean arePresent() {
    String platform = Loader.getPlatform();
    return resource("pytorch", platform, TORCH.get(platform)) != null;
  }

  /** What to tell where no library is found. */
  static String missing(String platform) {
    if (!TORCH.containsKey(platform)) {
      return "there is no LibTorch for "
          + platform
          + ": layers run on linux-x86_64, macosx-arm64 and windows-x86_64; groups and "
          + "representations (noether-core) run everywhere";
    }
    return "LibTorch's libraries for "
        + platform
        + " are not on the class path: add dev.noether:noether-natives with Maven, or "
        + "dev.noether:noether-natives-"
        + platform
        + " with other tools";
  }

  /** What to tell where the libraries are missing or do not load. */
  static IllegalStateException unusable(UnsatisfiedLinkError error) {
    String platform = Loader.getPlatform();
    if (!arePresent()) {
      return new IllegalStateException(missing(platform), error);
    }
    String why =
        isMusl()
            ? "this Linux has musl, and LibTorch needs glibc: take an image of Debian, Ubuntu or "
                + "Fedora in place of Alpine"
            : String.valueOf(error.getMessage()).lines().findFirst().orElse("");
    return new IllegalStateException(
        "LibTorch cannot be loaded on " + platform + ": " + why, error);
  }

  private static boolean isMusl() {
    return Files.exists(Path.of("/lib/ld-musl-x86_64.so.1"))
        && !Files.exists(Path.of("/lib64/ld-linux-x86-64.so.2"));
  }

  static boolean mklIsPresent() {
    String platform = Loader.getPlatform();
    return resource("mkl", platform, mkl(platform)) != null;
  }

  private static String mkl(String platform) {
    return platform.startsWith("windows") ? "mkl_rt.2.dll" : "libmkl_rt.so.2";
  }

  private static @Nullable URL resource(String library, String platform, @Nullable String file) {
    return file == null
        ? null
        : Natives.class.getResource("/org/bytedeco/" + library + "/" + platform + "/" + file);
  }

  /**
   * Tells one set of libraries from another, as a new version's.
   *
   * @return a text that names the content of the main ones
   */
  static String fingerprint() {
    String platform = Loader.getPlatform();
    List<String> parts = new ArrayList<>(List.of(platform));
    String torch = TORCH.getOrDefault(platform, "");
    parts.add(describe(resource("pytorch", platform, torch)));
    parts.add(describe(resource("pytorch", platform + "-gpu", torch)));
    parts.add(
        describe(resource("openblas", platform, torch.replace("torch", "openblas_nolapack"))));
    parts.add(describe(resource("mkl", platform, mkl(platform))));
    return String.join("|", parts);
  }

  private static String describe(@Nullable URL url) {
    if (url == null) {
      return "none";
    }
    try {
      URLConnection connection = url.openConnection();
      if (connection instanceof JarURLConnection jar) {
        return jar.getJarEntry().getCrc() + "@" + jar.getJarEntry().getTime();
      }
      return url + "@" + connection.getLastModified();
    } catch (IOException e) {
      return url.toString();
    }
  }
}
