package dev.noether.group;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A value computed when first asked for, once, by the first thread that asks; the others wait for
 * it without a lock. A computation that throws is forgotten, so that the next call tries again.
 */
final class Lazy<T> {
  private final Supplier<T> supplier;
  private final AtomicReference<@Nullable CompletableFuture<T>> state = new AtomicReference<>();

  Lazy(Supplier<T> supplier) {
    this.supplier = supplier;
  }

  /** The value if it is known, else one that is computed and not kept. */
  T once() {
    CompletableFuture<T> known = state.get();
    return known == null ? supplier.get() : await(known);
  }

  T get() {
    while (true) {
      CompletableFuture<T> known = state.get();
      if (known != null) {
        return await(known);
      }
      CompletableFuture<T> mine = new CompletableFuture<>();
      if (state.compareAndSet(null, mine)) {
        return compute(mine);
      }
    }
  }

  private T compute(CompletableFuture<T> mine) {
    try {
      T value = supplier.get();
      mine.complete(value);
      return value;
    } catch (RuntimeException | Error e) {
      state.set(null);
      mine.completeExceptionally(e);
      throw e;
    }
  }

  private static <T> T await(CompletableFuture<T> known) {
    try {
      return known.join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw e;
    }
  }
}
