package dev.noether.torch;

import static dev.noether.algebra.Checks.require;

import java.nio.file.Path;
import java.util.Locale;
import java.util.OptionalInt;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.openblas.global.openblas;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * Loads LibTorch once, with a threading default that does not fight itself.
 *
 * <p>Where MKL's libraries are on the class path they serve as BLAS, from a native cache of their
 * own; elsewhere OpenBLAS is held to one thread, because its pool and LibTorch's wait for each
 * other's cores. A user's own choice always wins: {@code org.bytedeco.openblas.load}, {@code
 * org.bytedeco.javacpp.cachedir} and the environment's {@code OPENBLAS_NUM_THREADS} are left as
 * they are. The property {@code noether.threads} sets the number of threads.
 */
public final class LibTorch {
  /** The property that sets LibTorch's number of threads, read once at loading. */
  public static final String THREADS_PROPERTY = "noether.threads";

  /** Far above any machine's; LibTorch starts as many threads as it is told, until none is left. */
  private static final int MOST_THREADS = 1024;

  private static final String BLAS_PROPERTY = "org.bytedeco.openblas.load";
  private static final String CACHE_PROPERTY = "org.bytedeco.javacpp.cachedir";

  private LibTorch() {}

  /**
   * Loads the native libraries; a second call does nothing.
   *
   * @throws IllegalArgumentException if the property {@code noether.threads} is no number from 1 to
   *     1024
   */
  public static void load() {
    threadsOfProperty(); // here, because an error inside the initializer would be no clear line
    Holder.touch();
  }

  private static OptionalInt threadsOfProperty() {
    @Nullable String text = System.getProperty(THREADS_PROPERTY);
    if (text == null) {
      return OptionalInt.empty();
    }
    boolean number = text.matches("-?\\d{1,9}");
    require(number, "%s must be a number of threads, got '%s'", THREADS_PROPERTY, text);
    return OptionalInt.of(requireThreads(THREADS_PROPERTY, Integer.parseInt(text)));
  }

  private static int requireThreads(String name, int threads) {
    require(
        threads >= 1 && threads <= MOST_THREADS,
        "%s must be from 1 to %d, got %d; this machine has %d processors",
        name,
        MOST_THREADS,
        threads,
        Runtime.getRuntime().availableProcessors());
    return threads;
  }

  /** Loading happens in a class initializer, so that every thread sees it done. */
  private static final class Holder {
    static {
      boolean mkl = System.getProperty(BLAS_PROPERTY) == null && mklIsPresent();
      if (mkl) {
        System.setProperty(BLAS_PROPERTY, "mkl_rt");
        if (System.getProperty(CACHE_PROPERTY) == null) {
          Path cache = Path.of(System.getProperty("user.home"), ".javacpp", "cache-mkl");
          System.setProperty(CACHE_PROPERTY, cache.toString());
        }
      }
      Loader.load(torch.class);
      if (System.getProperty(BLAS_PROPERTY) == null
          && System.getenv("OPENBLAS_NUM_THREADS") == null) {
        openblas.blas_set_num_threads(1);
      }
      threadsOfProperty().ifPresent(torch::set_num_threads);
    }

    private static void touch() {}
  }

  private static boolean mklIsPresent() {
    String platform = Loader.getPlatform();
    String library = platform.startsWith("windows") ? "mkl_rt.2.dll" : "libmkl_rt.so.2";
    ClassLoader loader = LibTorch.class.getClassLoader();
    return loader.getResource("org/bytedeco/mkl/" + platform + "/" + library) != null;
  }

  /**
   * The number of threads that one operation may use.
   *
   * @return LibTorch's intra-operation threads
   */
  public static int threads() {
    load();
    return torch.get_num_threads();
  }

  /**
   * Sets the number of threads that one operation may use, for the whole process.
   *
   * @param threads from 1 to 1024; more than the machine has processors gain nothing
   * @throws IllegalArgumentException if {@code threads} is out of range
   */
  public static void setThreads(int threads) {
    setThreads("threads", threads);
  }

  /**
   * The same for a number that a user gave.
   *
   * @param name what the user calls it, as {@code --threads}
   * @param threads from 1 to 1024
   * @throws IllegalArgumentException if {@code threads} is out of range
   */
  public static void setThreads(String name, int threads) {
    requireThreads(name, threads);
    load();
    torch.set_num_threads(threads);
  }

  /**
   * Whether this machine and this LibTorch can compute on an NVIDIA GPU.
   *
   * @return true where CUDA works
   */
  public static boolean cudaIsAvailable() {
    load();
    return torch.cuda_is_available();
  }

  /**
   * What a native error says, without the C++ stack that follows it.
   *
   * @param error an exception out of LibTorch
   * @return its first line
   */
  public static String firstLine(RuntimeException error) {
    @Nullable String message = error.getMessage();
    return message == null ? error.toString() : message.lines().findFirst().orElse("");
  }

  /**
   * Whether a native error says that there is not enough memory, of the machine or of a GPU, or
   * that a tensor would be larger than any.
   *
   * @param error what LibTorch threw
   * @return true for the errors of its allocators
   */
  public static boolean isOutOfMemory(RuntimeException error) {
    String line = firstLine(error).toLowerCase(Locale.ROOT);
    return line.contains("alloc_cpu")
        || line.contains("out of memory")
        || line.contains("not enough memory")
        || line.contains("can't allocate memory")
        || line.contains("storage size calculation overflowed");
  }
}
