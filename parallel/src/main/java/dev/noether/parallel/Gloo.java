package dev.noether.parallel;

import dev.noether.torch.LibTorch;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.javacpp.chrono.Milliseconds;
import org.bytedeco.pytorch.Backend;
import org.bytedeco.pytorch.PrefixStore;
import org.bytedeco.pytorch.ProcessGroupGloo;
import org.bytedeco.pytorch.TCPStore;
import org.bytedeco.pytorch.TCPStoreOptions;
import org.bytedeco.pytorch.gloo.Device;
import org.jspecify.annotations.Nullable;

/** LibTorch's collectives on the CPU. */
final class Gloo {
  /** How long an exchange takes where no rank is late. */
  private static final Duration SOON = Duration.ofMillis(50);

  private static final long LOOK_UP = 50;

  private Gloo() {}

  /**
   * Lets nobody free what LibTorch's groups are made of: the bindings free some of it too early,
   * and what is written there later is another one's. A group stays in memory, a few kilobytes.
   */
  private static void forever(Pointer pointer) {
    @Nullable PointerScope scope = PointerScope.getInnerScope();
    pointer.retainReference();
    if (scope != null) {
      scope.detach(pointer);
    }
    pointer.deallocate(false);
  }

  /**
   * Connects all ranks with each other; all call it at once.
   *
   * @param look throws where a rank has failed: what LibTorch does cannot be left
   */
  static Backend connect(Meeting meeting, int rank, int size, Duration timeout, Runnable look) {
    FutureTask<Backend> task = new FutureTask<>(() -> connected(meeting, rank, size, timeout));
    Thread thread = new Thread(task, "noether-gloo");
    thread.setDaemon(true);
    thread.start();
    long start = System.nanoTime();
    while (System.nanoTime() - start < timeout.toNanos()) {
      try {
        return task.get(LOOK_UP, TimeUnit.MILLISECONDS);
      } catch (TimeoutException e) {
        look.run();
      } catch (ExecutionException e) {
        look.run();
        throw e.getCause() instanceof RuntimeException own
            ? own
            : new IllegalStateException(e.getCause());
      } catch (InterruptedException e) {
        throw new RankException("interrupted while it waited for other ranks");
      }
    }
    throw new RankException("the ranks did not connect within " + timeout.toSeconds() + " s");
  }

  private static Backend connected(Meeting meeting, int rank, int size, Duration timeout) {
    // Rank 0 says at which port of its host they tell each other where they listen.
    TCPStore store = rank == 0 ? store("localhost", 0, true, timeout) : null;
    String own = store == null ? "" : String.valueOf(Short.toUnsignedInt(store.getPort()));
    int port = Integer.parseInt(meeting.member().gather("gloo", own).get(0));
    if (store == null) {
      store = store(meeting.member().first().getHostAddress(), port, false, timeout);
    }
    ProcessGroupGloo.Options options = ProcessGroupGloo.Options.create();
    set(options.timeout(), CommunicatorOptions.exchange(timeout));
    @Nullable String card = System.getenv("GLOO_SOCKET_IFNAME");
    Device device =
        card == null
            ? ProcessGroupGloo.createDeviceForHostname(meeting.address())
            : ProcessGroupGloo.createDeviceForInterface(card);
    options.devices().push_back(device);
    PrefixStore prefixed = new PrefixStore("noether", store);
    Backend backend = new ProcessGroupGloo(prefixed, rank, size, options);
    for (Pointer part : new Pointer[] {backend, prefixed, store, options, device}) {
      forever(part);
    }
    return backend;
  }

  private static TCPStore store(String host, int port, boolean serves, Duration timeout) {
    try (PointerScope scope = new PointerScope()) {
      TCPStoreOptions options = new TCPStoreOptions();
      options.port((short) port);
      options.isServer(serves);
      options.waitWorkers(false);
      set(options.timeout(), timeout);
      TCPStore store = new TCPStore(host, options);
      forever(store);
      return store;
    } catch (RuntimeException e) {
      throw new RankException(
          "no connection to " + host + ", port " + port + ": " + LibTorch.firstLine(e));
    }
  }

  /** {@link #SOON}, of LibTorch's kind: a part of options that are used for nothing else. */
  static Milliseconds soon() {
    TCPStoreOptions options = new TCPStoreOptions();
    Milliseconds soon = options.timeout();
    set(soon, SOON);
    forever(options);
    forever(soon);
    return soon;
  }

  /** The duration is written in place: JavaCPP's own constructor needs one more native library. */
  private static void set(Milliseconds target, Duration duration) {
    try (PointerScope scope = new PointerScope()) {
      new LongPointer(target).put(0, duration.toMillis());
    }
  }
}
