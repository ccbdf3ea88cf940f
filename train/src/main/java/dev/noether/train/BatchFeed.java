package dev.noether.train;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;

/**
 * The batches of a part of an epoch, in order. Some may be made ahead by another thread; they are
 * the same ones.
 */
final class BatchFeed implements AutoCloseable {
  private final RunData data;
  private final long[] order;
  private final int ahead;
  private final Ranks ranks;
  private final Queue<Future<Map<String, Tensor>>> waiting = new ArrayDeque<>();
  private final Optional<ExecutorService> worker;

  /** Where the first batch begins that nobody has asked the worker for. */
  private long next;

  /** A rank's batches from a sample on; none is made ahead where {@code ahead} is 0. */
  BatchFeed(RunData data, long[] order, long from, int ahead, Ranks ranks) {
    this.data = data;
    this.order = order;
    this.next = from;
    this.ahead = ahead;
    this.ranks = ranks;
    worker = ahead == 0 ? Optional.empty() : Optional.of(newWorker());
  }

  private static ExecutorService newWorker() {
    return Executors.newSingleThreadExecutor(
        task -> {
          Thread thread = new Thread(task, "noether-batches");
          thread.setDaemon(true);
          return thread;
        });
  }

  /** The next batch, in the innermost scope. */
  Map<String, Tensor> next() {
    if (worker.isEmpty()) {
      return data.training().batch(numbers());
    }
    while (waiting.size() <= ahead && next < order.length) {
      long[] numbers = numbers();
      waiting.add(worker.get().submit(() -> made(numbers)));
    }
    Map<String, Tensor> batch = taken(waiting.remove());
    PointerScope scope = Objects.requireNonNull(PointerScope.getInnerScope());
    for (Tensor tensor : batch.values()) {
      scope.attach(tensor);
      tensor.releaseReference();
    }
    return batch;
  }

  private long[] numbers() {
    long from = next;
    next = data.batchEnd(from);
    Ranks.Share share = Ranks.Share.of(from, next, ranks);
    return Arrays.copyOfRange(order, (int) share.from(), (int) share.to());
  }

  /** Handles of its own: those of the source may belong to someone else. */
  private Map<String, Tensor> made(long... numbers) {
    Map<String, Tensor> own = new LinkedHashMap<>();
    try (PointerScope scope = new PointerScope()) {
      data.training()
          .batch(numbers)
          .forEach(
              (name, tensor) -> {
                Tensor handle = new Tensor(tensor);
                handle.retainReference();
                scope.detach(handle);
                own.put(name, handle);
              });
    }
    return own;
  }

  /** What went wrong in the other thread goes on in this one. */
  private static Map<String, Tensor> taken(Future<Map<String, Tensor>> future) {
    try {
      return future.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while waiting for a batch", e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      if (e.getCause() instanceof Error cause) {
        throw cause;
      }
      throw new IllegalStateException(e.getCause());
    }
  }

  /** Waits for the worker, so that nobody uses the data afterwards. */
  @Override
  public void close() {
    worker.ifPresent(ExecutorService::shutdown);
    while (!waiting.isEmpty()) {
      unwanted(waiting.remove()).values().forEach(Tensor::releaseReference);
    }
  }

  private static Map<String, Tensor> unwanted(Future<Map<String, Tensor>> future) {
    try {
      return taken(future);
    } catch (RuntimeException e) {
      return Collections.emptyMap();
    }
  }
}
