package dev.noether.parallel;

import dev.noether.parallel.Message.Kind;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Timer;
import java.util.TimerTask;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * In rank 0's process: where all ranks come, and find out which of them failed, so that all say the
 * same. A process that ends closes its connection; where an exchange fails otherwise, the roll is
 * called: who does not answer is gone, who has begun fewer exchanges than the others hangs.
 */
final class Coordinator implements AutoCloseable {
  /** How long one who comes may take to say who it is. */
  private static final Duration HELLO = Duration.ofSeconds(3);

  private final ServerSocket server;
  private final int size;
  private final Duration timeout;
  private final Duration answer;
  private final Timer later = new Timer("noether-roll", true);

  // All of these are guarded by this.
  private final Map<Integer, Connection> connections = new TreeMap<>();
  private final Map<Integer, Hello> hellos = new TreeMap<>();
  private final Map<String, Map<Integer, String>> told = new LinkedHashMap<>();
  private final Map<Integer, Long> counts = new TreeMap<>();
  private boolean isRollCalled;
  private boolean isOver;
  private @Nullable Verdict verdict;

  /** Opens a port, any free one for 0. */
  Coordinator(int port, int size, Duration timeout) throws IOException {
    this.size = size;
    this.timeout = timeout;
    answer = CommunicatorOptions.answer(timeout);
    server = new ServerSocket(port, size + 16);
    thread(this::accept, "noether-meeting").start();
    after(timeout, this::requireAll);
  }

  private static Thread thread(Runnable body, String name) {
    Thread thread = new Thread(body, name);
    thread.setDaemon(true);
    return thread;
  }

  private void after(Duration delay, Runnable task) {
    later.schedule(
        new TimerTask() {
          @Override
          public void run() {
            task.run();
          }
        },
        delay.toMillis());
  }

  int port() {
    return server.getLocalPort();
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        Socket socket = server.accept();
        thread(() -> serve(socket), "noether-rank").start();
      } catch (IOException e) {
        return; // it is closed
      }
    }
  }

  private void serve(Socket socket) {
    try (Connection connection = new Connection(socket)) {
      socket.setSoTimeout((int) HELLO.toMillis());
      Hello hello = Hello.of(connection.read());
      socket.setSoTimeout(0);
      if (admits(hello, connection)) {
        listen(hello.rank(), connection);
      }
    } catch (IOException | IllegalArgumentException | IndexOutOfBoundsException e) {
      return; // whoever it was, it is no rank
    }
  }

  private void listen(int rank, Connection connection) {
    try {
      while (true) {
        Message message = connection.read();
        switch (message.kind()) {
          case TELL -> tell(rank, message.part(0), message.part(1));
          case COMPLAIN -> callRoll(message.part(0));
          case COUNT -> count(rank, Long.parseLong(message.part(0)));
          case FAIL -> decide(Verdict.failure(name(rank) + ": " + message.part(0)));
          default -> throw new IOException("no rank says " + message.kind());
        }
      }
    } catch (IOException e) {
      leave(rank);
    }
  }

  /** Only the one who comes too much is told so. */
  private synchronized boolean admits(Hello hello, Connection connection) {
    Hello known = hellos.get(hello.rank());
    if (known != null || verdict != null) {
      connection.send((verdict != null ? verdict : Verdict.input(taken(hello.rank()))).message());
      return false;
    }
    connections.put(hello.rank(), connection);
    hellos.put(hello.rank(), hello);
    String problem = problem(hello);
    if (!problem.isEmpty()) {
      decide(Verdict.input(problem));
    } else if (hellos.size() == size) {
      List<String> all = new ArrayList<>(List.of("names"));
      hellos.values().forEach(each -> all.add(each.name()));
      broadcast(new Message(Kind.ALL, all));
    }
    return true;
  }

  private static String taken(int rank) {
    return "rank "
        + rank
        + " has come already: every rank starts once, and a run has a port of its own";
  }

  private String problem(Hello hello) {
    String other = "rank " + hello.rank();
    if (hello.size() != size) {
      return String.format(
          Locale.ROOT,
          "rank 0 was told of %d ranks, %s of %d: tell all the same",
          size,
          other,
          hello.size());
    }
    String own = Hello.own(0, size).version();
    return hello.version().equals(own)
        ? ""
        : String.format(
            Locale.ROOT,
            "rank 0 is version %s, %s %s: all ranks need the same",
            own,
            other,
            hello.version());
  }

  private synchronized void requireAll() {
    List<String> missing =
        IntStream.range(0, size)
            .filter(rank -> !hellos.containsKey(rank))
            .mapToObj(String::valueOf)
            .toList();
    if (!missing.isEmpty()) {
      String who = String.join(", ", missing);
      decide(
          Verdict.failure(
              String.format(
                  Locale.ROOT,
                  "rank %s of %d has not come to port %d within %d s",
                  who,
                  size,
                  port(),
                  timeout.toSeconds())));
    }
  }

  private synchronized void tell(int rank, String key, String text) {
    Map<Integer, String> texts = told.computeIfAbsent(key, k -> new TreeMap<>());
    texts.put(rank, text);
    if (texts.size() == size) {
      told.remove(key);
      isOver |= key.equals(Member.END);
      List<String> all = new ArrayList<>(List.of(key));
      all.addAll(texts.values());
      broadcast(new Message(Kind.ALL, all));
    }
  }

  private synchronized void leave(int rank) {
    connections.remove(rank);
    if (!isOver) {
      decide(Verdict.failure(gone(List.of(rank))));
    }
    notifyAll();
  }

  private synchronized void callRoll(String reason) {
    if (!isRollCalled && !isOver && verdict == null) {
      isRollCalled = true;
      broadcast(Message.of(Kind.ROLL));
      after(answer, () -> judge(reason));
    }
  }

  private synchronized void count(int rank, long begun) {
    counts.put(rank, begun);
  }

  private synchronized void judge(String reason) {
    List<Integer> silent =
        IntStream.range(0, size).filter(rank -> !counts.containsKey(rank)).boxed().toList();
    decide(Verdict.failure(silent.isEmpty() ? slowest(reason) : gone(silent)));
  }

  private String gone(List<Integer> ranks) {
    return named(ranks)
        + (ranks.size() == 1 ? " is gone: its process" : " are gone: their processes")
        + " ended, or no connection leads there any more";
  }

  private String slowest(String reason) {
    long most = counts.values().stream().mapToLong(Long::longValue).max().orElse(0);
    List<Integer> behind =
        counts.entrySet().stream().filter(e -> e.getValue() < most).map(Map.Entry::getKey).toList();
    return behind.isEmpty()
        ? "the connection between ranks broke: " + reason
        : named(behind)
            + (behind.size() == 1 ? " hangs: it" : " hang: they")
            + String.format(
                Locale.ROOT,
                " did not come to exchange %d within %d s",
                most,
                CommunicatorOptions.exchange(timeout).toSeconds());
  }

  private String named(List<Integer> ranks) {
    return String.join(", ", ranks.stream().map(this::name).toList());
  }

  private synchronized String name(int rank) {
    Hello hello = hellos.get(rank);
    return hello == null ? "rank " + rank + " of " + size : hello.name();
  }

  /** The first verdict is that of all. */
  private synchronized void decide(Verdict own) {
    if (verdict == null) {
      verdict = own;
      broadcast(own.message());
    }
  }

  private void broadcast(Message message) {
    connections.values().forEach(connection -> connection.send(message));
  }

  /** Waits until the others have heard how it ended, which they show by leaving. */
  @Override
  public synchronized void close() {
    long start = System.nanoTime();
    long left = answer.toMillis();
    try {
      while (left > 0 && connections.keySet().stream().anyMatch(rank -> rank != 0)) {
        wait(left);
        left = answer.toMillis() - TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    later.cancel();
    List.copyOf(connections.values()).forEach(Connection::close);
    try {
      server.close();
    } catch (IOException e) {
      return; // nobody comes any more
    }
  }
}
