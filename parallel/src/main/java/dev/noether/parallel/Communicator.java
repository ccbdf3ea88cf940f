package dev.noether.parallel;

import static dev.noether.algebra.Checks.require;

import dev.noether.torch.LibTorch;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.javacpp.chrono.Milliseconds;
import org.bytedeco.pytorch.Backend;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.Work;
import org.jspecify.annotations.Nullable;

/**
 * Processes that exchange tensors on the CPU, numbered from 0, through LibTorch's collectives and
 * Gloo.
 *
 * <pre>{@code
 * try (Communicator group = Communicator.fromEnvironment(CommunicatorOptions.defaults())) {
 *   group.allReduce(x);
 * }
 * }</pre>
 *
 * <p>Every rank makes the same calls in the same order, in one thread. Where one dies, hangs or
 * throws, every other one gets a {@link RankException} that names it, at once or within the
 * timeout; the group is of no use any more then.
 */
public final class Communicator implements AutoCloseable {
  private final int rank;
  private final int size;
  private final Duration timeout;
  private final @Nullable Meeting meeting;
  private final @Nullable Backend gloo;
  private final @Nullable Milliseconds soon;
  private long exchanges;
  private long bytes;
  private long asked;
  private @Nullable RuntimeException failure;

  private Communicator(Rendezvous where, int rank, int size, CommunicatorOptions options) {
    require(
        size >= 1 && rank >= 0 && rank < size,
        "ranks are numbered from 0 to one less than their number, got rank %d of %d",
        rank,
        size);
    LibTorch.load();
    this.rank = rank;
    this.size = size;
    timeout = options.timeout();
    meeting = size == 1 ? null : Meeting.of(where, rank, size, timeout);
    gloo = meeting == null ? null : connected(meeting);
    soon = meeting == null ? null : Gloo.soon();
  }

  private Backend connected(Meeting own) {
    try {
      return Gloo.connect(own, rank, size, timeout, this::requireNoFailure);
    } catch (RuntimeException e) {
      throw ends(e);
    }
  }

  /**
   * Meets the other processes.
   *
   * @param where the same for all
   * @param rank the number of this process, from 0
   * @param size how many there are; one alone meets nobody, and exchanges nothing
   * @param options timeout
   * @return the group, once all have come
   * @throws IllegalArgumentException if the number is none of the group's or is taken, the place
   *     cannot be opened or does not answer, a process has another version or another number of
   *     ranks
   * @throws RankException if a process does not come within the timeout
   */
  public static Communicator join(
      Rendezvous where, int rank, int size, CommunicatorOptions options) {
    return new Communicator(where, rank, size, options);
  }

  /**
   * Meets the other processes as the environment says: {@code RANK}, {@code WORLD_SIZE}, {@code
   * MASTER_ADDR} and {@code MASTER_PORT}, the variables of torchrun. Without {@code WORLD_SIZE}
   * this process is alone.
   *
   * @param options timeout
   * @return the group, once all have come
   * @throws IllegalArgumentException if a variable is missing or is no number, or as {@link #join}
   * @throws RankException if a process does not come within the timeout
   */
  public static Communicator fromEnvironment(CommunicatorOptions options) {
    return fromEnvironment(System.getenv(), options);
  }

  static Communicator fromEnvironment(Map<String, String> variables, CommunicatorOptions options) {
    if (!variables.containsKey("WORLD_SIZE")) {
      require(
          !variables.containsKey("RANK"),
          "RANK is set and WORLD_SIZE, the number of ranks, is not: set both or neither");
      return alone();
    }
    int size = number(variables, "WORLD_SIZE");
    int rank = number(variables, "RANK");
    return size == 1 && rank == 0
        ? alone()
        : join(
            Rendezvous.tcp(text(variables, "MASTER_ADDR"), number(variables, "MASTER_PORT")),
            rank,
            size,
            options);
  }

  private static String text(Map<String, String> variables, String name) {
    String value = variables.getOrDefault(name, "");
    require(
        !value.isBlank(),
        "WORLD_SIZE is set, so that RANK, MASTER_ADDR and MASTER_PORT are needed too, and %s is not "
            + "set",
        name);
    return value;
  }

  private static int number(Map<String, String> variables, String name) {
    String value = text(variables, name);
    require(value.matches("\\d{1,9}"), "%s must be a whole number, got '%s'", name, value);
    return Integer.parseInt(value);
  }

  /**
   * A process by itself, which exchanges nothing.
   *
   * @return a group of one
   */
  public static Communicator alone() {
    return join(Rendezvous.file(Path.of("unused")), 0, 1, CommunicatorOptions.defaults());
  }

  /**
   * The number of this process.
   *
   * @return from 0 to {@link #size} - 1
   */
  public int rank() {
    return rank;
  }

  /**
   * How many processes there are.
   *
   * @return at least 1
   */
  public int size() {
    return size;
  }

  /**
   * What has been exchanged so far.
   *
   * @return counts, the same on every rank
   */
  public Traffic traffic() {
    return new Traffic(exchanges, bytes);
  }

  /**
   * Adds up a tensor over all ranks, in place: every rank gets the same bits, and the same in every
   * run.
   *
   * @param tensor contiguous, of one shape, dtype and kind of device on all ranks
   * @throws RankException if a rank does not take part
   */
  public void allReduce(Tensor tensor) {
    begin(tensor, Backend::allreduce).await();
  }

  /** Begins to add up a tensor, which nobody may touch until it is awaited. */
  Pending allReduceLater(Tensor tensor) {
    return begin(tensor, Backend::allreduce);
  }

  /**
   * Gives the tensor of rank 0 to all, in place.
   *
   * @param tensor contiguous, of one shape, dtype and kind of device on all ranks
   * @throws RankException if a rank does not take part
   */
  public void broadcast(Tensor tensor) {
    begin(tensor, Backend::broadcast).await();
  }

  @FunctionalInterface
  private interface Collective {
    Work begin(Backend backend, TensorVector tensors);
  }

  private Pending begin(Tensor tensor, Collective collective) {
    if (size == 1) {
      return Pending.NOTHING;
    }
    requireNoFailure();
    require(
        tensor.is_cpu(),
        "ranks exchange tensors on the CPU, got one on another device: move it there");
    exchanges++;
    bytes += tensor.nbytes();
    member().begin();
    try (PointerScope scope = new PointerScope()) {
      Backend backend = Objects.requireNonNull(gloo);
      Work work = collective.begin(backend, new TensorVector(tensor));
      work.retainReference();
      return new Pending(this, work);
    } catch (RuntimeException e) {
      throw failed(e);
    }
  }

  /** Throws what has ended the group, if anything has. */
  void requireNoFailure() {
    Verdict verdict = member().verdict();
    if (failure == null && verdict != null) {
      failure = verdict.exception();
    }
    if (failure != null) {
      throw failure;
    }
  }

  /** An exchange has failed: whose fault that is, for every rank to know. */
  RuntimeException failed(RuntimeException cause) {
    RuntimeException known = failure;
    if (known == null) {
      known = meeting().complain(cause).exception();
      failure = known;
    }
    return known;
  }

  /** Tells the others why this rank ends, unless they know; gives what ends it. */
  RuntimeException ends(RuntimeException reason) {
    RuntimeException known = failure;
    if (size == 1 || known != null) {
      return known == null ? reason : known;
    }
    failure = reason;
    meeting().fail(reason);
    return reason;
  }

  /**
   * Makes sure that all ranks were told the same.
   *
   * @param told numbers by the names that a refusal tells
   * @throws IllegalArgumentException if a rank was told something else; all ranks throw it
   */
  void requireSame(Map<String, Long> told) {
    if (size == 1) {
      return;
    }
    String own = Agreement.text(told);
    String verdict = Agreement.verdict(member().gather("told " + asked++, own));
    if (!verdict.isEmpty()) {
      failure = new IllegalArgumentException(verdict);
      throw failure;
    }
  }

  Milliseconds soon() {
    return Objects.requireNonNull(soon);
  }

  Duration timeout() {
    return timeout;
  }

  private Meeting meeting() {
    return Objects.requireNonNull(meeting);
  }

  private Member member() {
    return meeting().member();
  }

  /** Waits for the other ranks and leaves the group; after a failure it leaves at once. */
  @Override
  public void close() {
    if (size == 1) {
      return;
    }
    if (failure == null) {
      try {
        member().gather(Member.END, "");
      } catch (RuntimeException e) {
        failure = e;
      }
    }
    meeting().close();
  }
}
