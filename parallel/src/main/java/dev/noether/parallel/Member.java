package dev.noether.parallel;

import dev.noether.parallel.Message.Kind;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** A rank's connection to the {@link Coordinator}. */
final class Member implements AutoCloseable {
  /** What ranks tell each other last. */
  static final String END = "end";

  private static final Duration BETWEEN = Duration.ofMillis(50);

  private final Connection connection;
  private final Duration timeout;
  private final AtomicLong begun = new AtomicLong();
  private volatile @Nullable Verdict verdict;
  private volatile boolean isClosed;
  private String first = "rank 0";

  // Guarded by this.
  private final Map<String, List<String>> heard = new HashMap<>();

  private Member(Connection connection, Duration timeout) {
    this.connection = connection;
    this.timeout = timeout;
  }

  /** Comes to rank 0, and waits until all have come. */
  static Member join(Rendezvous.Tcp place, int rank, int size, Duration timeout) {
    Member member = new Member(connected(place, rank, timeout), timeout);
    Thread thread = new Thread(member::listen, "noether-ranks");
    thread.setDaemon(true);
    thread.start();
    member.connection.send(Hello.own(rank, size).message());
    List<String> names = member.awaited("names", timeout.plus(CommunicatorOptions.answer(timeout)));
    member.first = names.get(0);
    return member;
  }

  private static Connection connected(Rendezvous.Tcp place, int rank, Duration timeout) {
    long start = System.nanoTime();
    while (true) {
      long left = timeout.toNanos() - (System.nanoTime() - start);
      try {
        return connected(place, (int) Math.max(1, TimeUnit.NANOSECONDS.toMillis(left)));
      } catch (IOException e) {
        if (left <= BETWEEN.toNanos()) {
          throw new IllegalArgumentException(
              String.format(
                  Locale.ROOT,
                  "nothing answers rank %d at %s within %d s: is rank 0 started, and is that the "
                      + "address of its host?",
                  rank,
                  place,
                  timeout.toSeconds()),
              e);
        }
      }
      if (Thread.interrupted()) {
        throw interrupted();
      }
      LockSupport.parkNanos(BETWEEN.toNanos());
    }
  }

  /** The name is looked up each time: a host's may be known only once it runs. */
  private static Connection connected(Rendezvous.Tcp place, int milliseconds) throws IOException {
    Socket socket = new Socket();
    try {
      socket.connect(new InetSocketAddress(place.host(), place.port()), milliseconds);
      return new Connection(socket);
    } catch (IOException e) {
      socket.close();
      throw e;
    }
  }

  private void listen() {
    try {
      while (true) {
        Message message = connection.read();
        switch (message.kind()) {
          case ALL -> hear(message);
          case ROLL -> connection.send(Message.of(Kind.COUNT, begun.toString()));
          case VERDICT -> {
            conclude(Verdict.of(message));
            connection.close(); // rank 0 sees that it has been heard
            return;
          }
          default -> throw new IOException("no coordinator says " + message.kind());
        }
      }
    } catch (IOException e) {
      if (!isClosed) {
        conclude(lost());
      }
    }
  }

  private Verdict lost() {
    return Verdict.failure(
        first + " is gone: its process ended, or no connection leads there any more");
  }

  private synchronized void hear(Message message) {
    heard.put(message.part(0), message.parts().subList(1, message.parts().size()));
    notifyAll();
  }

  private synchronized void conclude(Verdict own) {
    if (verdict == null) {
      verdict = own;
    }
    notifyAll();
  }

  /** The address of this host on the way to rank 0's. */
  InetAddress address() {
    return connection.socket().getLocalAddress();
  }

  /** The address of rank 0's host. */
  InetAddress first() {
    return connection.socket().getInetAddress();
  }

  /** Another exchange begins. */
  void begin() {
    begun.incrementAndGet();
  }

  /** Why the group has ended, if it has. */
  @Nullable Verdict verdict() {
    return verdict;
  }

  /** Every rank's text, once all have told theirs. */
  List<String> gather(String key, String own) {
    begin();
    connection.send(Message.of(Kind.TELL, key, own));
    return awaited(key, CommunicatorOptions.exchange(timeout));
  }

  private List<String> awaited(String key, Duration limit) {
    List<String> texts = await(key, limit);
    if (texts != null) {
      return texts;
    }
    Verdict known = verdict;
    throw (known == null ? complain("rank 0 did not answer") : known).exception();
  }

  /** Waits for what all have told; null once there is a verdict, or it is too late. */
  private synchronized @Nullable List<String> await(String key, Duration limit) {
    long start = System.nanoTime();
    long left = limit.toNanos();
    try {
      while (!heard.containsKey(key) && verdict == null && left > 0) {
        TimeUnit.NANOSECONDS.timedWait(this, left);
        left = limit.toNanos() - (System.nanoTime() - start);
      }
    } catch (InterruptedException e) {
      throw interrupted();
    }
    return heard.remove(key);
  }

  private static RankException interrupted() {
    return new RankException("interrupted while it waited for other ranks");
  }

  /** After an exchange has failed here: whose fault that is. */
  Verdict complain(String reason) {
    return concluded(Message.of(Kind.COMPLAIN, reason));
  }

  /** Tells all why this rank ends, unless they have been told something else. */
  Verdict fail(String reason) {
    return concluded(Message.of(Kind.FAIL, reason));
  }

  private Verdict concluded(Message message) {
    if (verdict == null) {
      connection.send(message);
      await("", CommunicatorOptions.answer(timeout).multipliedBy(2));
    }
    conclude(lost());
    Verdict known = verdict;
    return known == null ? lost() : known;
  }

  @Override
  public void close() {
    isClosed = true;
    connection.close();
  }
}
