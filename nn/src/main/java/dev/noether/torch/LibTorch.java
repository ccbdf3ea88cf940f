package dev.noether.torch;

import static dev.noether.algebra.Checks.require;

import java.util.Locale;
import java.util.OptionalInt;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.openblas.global.openblas;
import org.bytedeco.pytorch.Context;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * Loads LibTorch once, with a threading default that does not fight itself.
 *
 * <p>Where MKL's libraries are on the class path they serve as BLAS; elsewhere OpenBLAS is held to
 * one thread, because its pool and LibTorch's wait for each other's cores. The libraries are
 * unpacked whole or not at all, see {@link NativeCache}. A user's own choice always wins: {@code
 * org.bytedeco.openblas.load}, {@code org.bytedeco.javacpp.cachedir} and the environment's {@code
 * OPENBLAS_NUM_THREADS} are respected. The property {@code noether.threads} sets the number of
 * threads.
 *
 * <p>Every class of Noether that needs LibTorch loads it by itself. A program whose first line
 * calls LibTorch directly, as {@code torch.randn}, takes OpenBLAS before Noether can choose MKL; a
 * warning says so. {@link dev.noether.Noether#seed} is the first line that avoids it.
 */
public final class LibTorch {
  /** The property that sets LibTorch's number of threads, read once at loading. */
  public static final String THREADS_PROPERTY = "noether.threads";

  /** Far above any machine's; LibTorch starts as many threads as it is told, until none is left. */
  private static final int MOST_THREADS = 1024;

  private static final String BLAS_PROPERTY = "org.bytedeco.openblas.load";
  private static final String MKL = "mkl_rt";

  /** How many threads an operation may use, 0 before LibTorch is loaded. */
  private static volatile int threads;

  /** The number that a thread has told LibTorch. */
  private static final ThreadLocal<Integer> KNOWN = ThreadLocal.withInitial(() -> 0);

  private static volatile boolean loaded;

  private LibTorch() {}

  /**
   * Loads the native libraries; a second call does nothing.
   *
   * @throws IllegalArgumentException if the property {@code noether.threads} is no number from 1 to
   *     1024
   * @throws IllegalStateException if there is no LibTorch for this platform, or its libraries are
   *     not on the class path
   */
  public static void load() {
    if (!loaded) {
      loadOnce();
    }
  }

  /**
   * Whether LibTorch's native libraries for this platform are on the class path.
   *
   * @return true if {@link #load} finds them
   */
  public static boolean isPresent() {
    return Natives.arePresent();
  }

  private static synchronized void loadOnce() {
    if (loaded) {
      return;
    }
    OptionalInt threads = threadsOfProperty();
    if (isLoaded("jnitorch")) {
      warnOfOpenBlas();
    } else {
      if (System.getProperty(BLAS_PROPERTY) == null && Natives.mklIsPresent()) {
        System.setProperty(BLAS_PROPERTY, MKL);
      }
      NativeCache.unpackAndLoad(System.getProperty(BLAS_PROPERTY, "openblas"), LibTorch::start);
    }
    holdOpenBlas();
    holdTf32();
    holdNnpack();
    OneDnn.hold();
    LibTorch.threads = threads.orElseGet(torch::get_num_threads);
    joinThread();
    loaded = true;
  }

  private static void start() {
    try {
      Loader.load(torch.class);
    } catch (UnsatisfiedLinkError e) {
      throw Natives.unusable(e);
    }
  }

  private static boolean isLoaded(String library) {
    return Loader.getLoadedLibraries().keySet().stream().anyMatch(name -> name.startsWith(library));
  }

  private static void warnOfOpenBlas() {
    if (!isLoaded(MKL) && System.getProperty(BLAS_PROPERTY) == null && Natives.mklIsPresent()) {
      System.getLogger(LibTorch.class.getName())
          .log(
              System.Logger.Level.WARNING,
              "LibTorch was loaded before Noether, so that OpenBLAS serves instead of MKL, which is "
                  + "slower: make Noether.seed(...) or LibTorch.load() the first call of the program");
    }
  }

  /** OpenBLAS's threads and LibTorch's would wait for each other's cores. */
  private static void holdOpenBlas() {
    if (!isLoaded(MKL)
        && System.getProperty(BLAS_PROPERTY) == null
        && System.getenv("OPENBLAS_NUM_THREADS") == null) {
      openblas.blas_set_num_threads(1);
    }
  }

  /**
   * On a GPU, LibTorch would round the factors of convolutions to 10 bits, and layers would commute
   * with their group up to a thousandth. A program that wants it switches it on after the start.
   */
  private static void holdTf32() {
    try (PointerScope scope = new PointerScope()) {
      Context context = torch.globalContext();
      context.setAllowTF32CuDNN(false);
      context.setAllowTF32CuBLAS(false);
    }
  }

  /** Where a processor is none of those that NNPACK knows, it says so at every convolution. */
  private static void holdNnpack() {
    try (PointerScope scope = new PointerScope()) {
      torch.globalContext().setUserEnabledNNPACK(false);
    }
  }

  /**
   * Lets the calling thread compute with LibTorch's number of threads, which LibTorch tells to MKL
   * in the thread that sets it only. Asking MKL itself for a number would choose its threading
   * layer anew, and the other one lacks its libraries here.
   */
  static void joinThread() {
    int wanted = threads;
    if (wanted > 0 && KNOWN.get() != wanted) {
      torch.set_num_threads(wanted);
      KNOWN.set(wanted);
    }
  }

  /**
   * The library that computes matrix products.
   *
   * @return {@code MKL} or {@code OpenBLAS}, or what {@code org.bytedeco.openblas.load} names
   */
  public static String blas() {
    load();
    return isLoaded(MKL) ? "MKL" : System.getProperty(BLAS_PROPERTY, "OpenBLAS");
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
   * Sets the number of threads that one operation may use, in every thread of the process.
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
    LibTorch.threads = threads;
    joinThread();
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
   * Checks that a device is there before LibTorch is asked for it.
   *
   * @param device a device
   * @throws IllegalArgumentException if it is a GPU that this machine or this LibTorch does not
   *     have
   */
  static void requirePresent(ComputeDevice device) {
    if (!device.isCuda()) {
      return;
    }
    require(
        cudaIsAvailable(),
        "device '%s' needs an NVIDIA GPU and LibTorch's CUDA libraries (noether-natives-cuda; for the "
            + "commands NOETHER_CUDA=1), and this machine offers none; use cpu",
        device);
    int count = torch.cuda_device_count();
    require(
        device.index() < count,
        "device '%s' is not there: this machine has %d GPU%s, counted from cuda:0",
        device,
        count,
        count == 1 ? "" : "s");
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
