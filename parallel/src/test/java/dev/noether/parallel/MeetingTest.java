package dev.noether.parallel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.DeviceOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What keeps ranks from meeting is told in words, on every rank that there is. */
class MeetingTest {
  private static final Duration SECOND = Duration.ofSeconds(1);
  private static final Duration LONG = Duration.ofSeconds(30);

  @TempDir private Path folder = Path.of("");

  private static CommunicatorOptions aSecond() {
    return CommunicatorOptions.defaults().withTimeout(SECOND);
  }

  private static void assertEnvironmentRefused(String message, Map<String, String> variables) {
    assertThatThrownBy(() -> Communicator.fromEnvironment(variables, aSecond()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }

  @Test
  void variablesThatDoNotFitTogetherAreTold() {
    assertEnvironmentRefused(
        "RANK is set and WORLD_SIZE, the number of ranks, is not: set both or neither",
        Map.of("RANK", "1"));
    assertEnvironmentRefused(
        "WORLD_SIZE is set, so that RANK, MASTER_ADDR and MASTER_PORT are needed too, and RANK is "
            + "not set",
        Map.of("WORLD_SIZE", "2"));
    assertEnvironmentRefused(
        "WORLD_SIZE must be a whole number, got 'two'", Map.of("RANK", "1", "WORLD_SIZE", "two"));
    assertEnvironmentRefused(
        "WORLD_SIZE is set, so that RANK, MASTER_ADDR and MASTER_PORT are needed too, and "
            + "MASTER_PORT is not set",
        Map.of("RANK", "1", "WORLD_SIZE", "2", "MASTER_ADDR", "localhost"));
    assertEnvironmentRefused(
        "ranks are numbered from 0 to one less than their number, got rank 2 of 2",
        Map.of("RANK", "2", "WORLD_SIZE", "2", "MASTER_ADDR", "localhost", "MASTER_PORT", "1"));
  }

  @Test
  void ncclIsRefusedWithTheReason() {
    assertThat(aSecond().withBackend("gloo")).isEqualTo(aSecond());
    assertThatThrownBy(() -> aSecond().withBackend("NCCL"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "NCCL works between GPUs, on which ranks do not train yet: use gloo, with models on the "
                + "CPU, or train on one GPU in one process");
    assertThatThrownBy(() -> aSecond().withBackend("mpi"))
        .hasMessage("the backend is gloo, got 'mpi'");
  }

  @Test
  void aModelElsewhereThanOnTheCpuIsRefusedBeforeAnythingIsExchanged() {
    try (PointerScope scope = new PointerScope()) {
      TensorOptions elsewhere = new TensorOptions().device(new DeviceOptional(new Device("meta")));
      Map<String, Tensor> parameters = Map.of("weight", torch.zeros(new long[] {2}, elsewhere));
      assertThatThrownBy(() -> GradientSync.requireOnCpu(parameters))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(
              "ranks train on the CPU, and 'weight' is on meta: move the model to the CPU, or train "
                  + "it in one process; ranks do not exchange by NCCL yet");
    }
  }

  @Test
  void whatARankWaitsAndWhatItTakesToTellIsTheTimeout() {
    for (int seconds : new int[] {1, 8, 30, 300}) {
      Duration timeout = Duration.ofSeconds(seconds);
      Duration answer = CommunicatorOptions.answer(timeout);
      assertThat(CommunicatorOptions.exchange(timeout).plus(answer).plus(answer))
          .isEqualTo(timeout);
      assertThat(answer).isBetween(timeout.dividedBy(100), timeout.dividedBy(5));
    }
  }

  @Test
  void aProcessWithoutVariablesIsAlone() {
    try (Communicator alone = Communicator.fromEnvironment(Map.of(), aSecond())) {
      assertThat(alone.size()).isEqualTo(1);
    }
  }

  @Test
  void aPortInUseIsTold() throws IOException {
    try (ServerSocket other = new ServerSocket(0)) {
      int port = other.getLocalPort();
      assertThatThrownBy(
              () -> Communicator.join(Rendezvous.tcp("localhost", port), 0, 2, aSecond()))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("port " + port + " is in use on this host: choose another one for all ranks");
    }
  }

  @Test
  void anAddressThatDoesNotAnswerIsTold() throws IOException {
    int port;
    try (ServerSocket free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    assertThatThrownBy(() -> Communicator.join(Rendezvous.tcp("localhost", port), 1, 2, aSecond()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "nothing answers rank 1 at localhost:"
                + port
                + " within 1 s: is rank 0 started, and is that the address of its host?");
  }

  @Test
  void aRankThatDoesNotComeIsNamed() {
    Rendezvous where = Rendezvous.file(folder.resolve("meet"));
    assertThatThrownBy(() -> Communicator.join(where, 0, 3, aSecond()))
        .isInstanceOf(RankException.class)
        .hasMessageMatching("rank 1, 2 of 3 has not come to port \\d+ within 1 s");
    assertThatThrownBy(() -> Communicator.join(where, 0, 3, aSecond()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("is there already, of an earlier run");
  }

  @Test
  void aFileThatNobodyWritesIsTold() {
    Rendezvous where = Rendezvous.file(folder.resolve("nobody"));
    assertThatThrownBy(() -> Communicator.join(where, 1, 2, aSecond()))
        .isInstanceOf(RankException.class)
        .hasMessageContaining("rank 0 has not come to ")
        .hasMessageEndingWith(" within 1 s");
  }

  @Test
  void aFileOfSomethingElseIsTold() throws IOException {
    Path file = Files.writeString(folder.resolve("other"), "hello");
    assertThatThrownBy(() -> Communicator.join(Rendezvous.file(file), 1, 2, aSecond()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("ranks meet at HOST:PORT or in file:///PATH, got 'hello'");
  }

  private static Connection comes(Coordinator coordinator, Hello hello) throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), coordinator.port());
    Connection connection = new Connection(socket);
    connection.send(hello.message());
    return connection;
  }

  private static void assertTold(Hello hello, String text) throws IOException {
    try (Coordinator coordinator = new Coordinator(0, 2, LONG);
        Connection rank = comes(coordinator, hello)) {
      assertThat(Verdict.of(rank.read())).isEqualTo(Verdict.input(text));
    }
  }

  @Test
  void ranksOfAnotherNumberOrAnotherVersionAreTold() throws IOException {
    Hello own = Hello.own(1, 2);
    assertTold(Hello.own(1, 3), "rank 0 was told of 2 ranks, rank 1 of 3: tell all the same");
    assertTold(
        new Hello(1, 2, "9.9, LibTorch 1.0", "process 1"),
        "rank 0 is version "
            + own.version()
            + ", rank 1 9.9, LibTorch 1.0: all ranks need the same");
  }

  @Test
  void aRankThatComesTwiceIsRefusedAndTheFirstStays() throws IOException {
    try (Coordinator coordinator = new Coordinator(0, 2, LONG);
        Connection first = comes(coordinator, Hello.own(1, 2))) {
      Rendezvous.Tcp place = new Rendezvous.Tcp("localhost", coordinator.port());
      Connection second = comes(coordinator, Hello.own(1, 2));
      // Whichever came first stays, and meets rank 0.
      CompletableFuture<Message> firstTold = told(first);
      CompletableFuture<Message> secondTold = told(second);
      Object refusal = CompletableFuture.anyOf(firstTold, secondTold).join();
      assertThat(Verdict.of((Message) refusal).text())
          .isEqualTo(
              "rank 1 has come already: every rank starts once, and a run has a port of its own");
      try (Member zero = Member.join(place, 0, 2, LONG)) {
        firstTold.join();
        secondTold.join();
        assertThat(zero.verdict()).isNull();
      }
      second.close();
    }
  }

  /** Reads in a thread of its own: the common pool may have one for all. */
  private static CompletableFuture<Message> told(Connection connection) {
    return CompletableFuture.supplyAsync(
        () -> {
          try {
            return connection.read();
          } catch (IOException e) {
            throw new IllegalStateException(e);
          }
        },
        body -> new Thread(body).start());
  }

  @Test
  void anotherProgramThatComesDisturbsNobody() throws IOException {
    try (Coordinator coordinator = new Coordinator(0, 2, LONG);
        Socket browser = new Socket(InetAddress.getLoopbackAddress(), coordinator.port())) {
      browser.getOutputStream().write("GET / HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.UTF_8));
      assertThat(browser.getInputStream().read()).isNegative();
      try (Connection rank = comes(coordinator, Hello.own(1, 2));
          Connection zero = comes(coordinator, Hello.own(0, 2))) {
        assertThat(rank.read().kind()).isEqualTo(Message.Kind.ALL);
        assertThat(zero.read().kind()).isEqualTo(Message.Kind.ALL);
      }
    }
  }

  @Test
  void aRankThatEndsWithoutAWordIsNamedAtOnce() throws IOException {
    try (Coordinator coordinator = new Coordinator(0, 2, LONG);
        Connection zero = comes(coordinator, Hello.own(0, 2))) {
      Connection one = comes(coordinator, Hello.own(1, 2));
      assertThat(one.read().kind()).isEqualTo(Message.Kind.ALL);
      assertThat(zero.read().kind()).isEqualTo(Message.Kind.ALL);
      one.close();
      assertThat(Verdict.of(zero.read()).text())
          .isEqualTo(
              Hello.own(1, 2).name()
                  + " is gone: its process ended, or no connection leads there any more");
    }
  }
}
