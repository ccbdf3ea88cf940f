package dev.noether.parallel;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Properties;

/**
 * What a rank says of itself when it comes.
 *
 * @param rank its number
 * @param size how many it was told of
 * @param version what it runs
 * @param process where it runs
 */
record Hello(int rank, int size, String version, String process) {
  static Hello own(int rank, int size) {
    String process = "process " + ProcessHandle.current().pid() + host();
    return new Hello(rank, size, versions(), process);
  }

  static Hello of(Message message) {
    return new Hello(
        Integer.parseInt(message.part(0)),
        Integer.parseInt(message.part(1)),
        message.part(2),
        message.part(3));
  }

  Message message() {
    return Message.of(
        Message.Kind.HELLO, String.valueOf(rank), String.valueOf(size), version, process);
  }

  /** What to call it. */
  String name() {
    return "rank " + rank + " of " + size + " (" + process + ")";
  }

  private static String host() {
    try {
      return " on " + InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      return "";
    }
  }

  private static String versions() {
    Properties built = new Properties();
    try (InputStream stream = Hello.class.getResourceAsStream("version.properties")) {
      built.load(stream);
    } catch (IOException e) {
      throw new UncheckedIOException(e.getMessage(), e);
    }
    return built.getProperty("version") + ", LibTorch " + built.getProperty("libtorch");
  }
}
