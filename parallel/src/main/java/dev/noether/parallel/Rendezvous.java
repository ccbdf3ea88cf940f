package dev.noether.parallel;

import static dev.noether.algebra.Checks.require;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;

/**
 * Where the processes of a group find each other: a port of rank 0's host, or a file that all of
 * them see. In PyTorch it is called {@code init_method}.
 */
public sealed interface Rendezvous {
  /**
   * A port that rank 0 opens.
   *
   * @param host the name or the address of rank 0's host, as the others know it
   * @param port from 1 to 65535
   */
  record Tcp(String host, int port) implements Rendezvous {
    /**
     * Checks it.
     *
     * @param host the name or the address of rank 0's host, as the others know it
     * @param port from 1 to 65535
     * @throws IllegalArgumentException if the port is none, or the host is empty
     */
    public Tcp {
      require(!host.isBlank(), "the host of rank 0 must have a name or an address, got none");
      require(port >= 1 && port <= 65_535, "a port is a number from 1 to 65535, got %d", port);
    }

    @Override
    public String toString() {
      return host + ":" + port;
    }
  }

  /**
   * A file of this run alone, on a disk that all processes see.
   *
   * @param path not there yet
   */
  record SharedFile(Path path) implements Rendezvous {
    @Override
    public String toString() {
      return path.toString();
    }
  }

  /**
   * A port that rank 0 opens.
   *
   * @param host the name or the address of rank 0's host, as the others know it
   * @param port from 1 to 65535
   * @return the place
   * @throws IllegalArgumentException if the port is none, or the host is empty
   */
  static Rendezvous tcp(String host, int port) {
    return new Tcp(host, port);
  }

  /**
   * A file of this run alone, on a disk that all processes see.
   *
   * @param path not there yet
   * @return the place
   */
  static Rendezvous file(Path path) {
    return new SharedFile(path);
  }

  /**
   * Reads {@code host:port}, {@code [address of IPv6]:port}, {@code tcp://host:port} or {@code
   * file:///path}.
   *
   * @param text such as {@code 10.0.0.1:29500}
   * @return the place
   * @throws IllegalArgumentException if it is none of these
   */
  static Rendezvous parse(String text) {
    if (text.startsWith("file:")) {
      try {
        return file(Path.of(new URI(text)));
      } catch (URISyntaxException | IllegalArgumentException e) {
        throw new IllegalArgumentException(
            "a shared file is file:///PATH, with the whole path, got '" + text + "'", e);
      }
    }
    String place = text.startsWith("tcp://") ? text.substring("tcp://".length()) : text;
    int colon = place.lastIndexOf(':');
    String port = place.substring(colon + 1);
    require(
        colon > 0 && port.matches("\\d{1,5}"),
        "ranks meet at HOST:PORT or in file:///PATH, got '%s'",
        text);
    String host = place.substring(0, colon);
    return tcp(host.replaceFirst("^\\[(.*)]$", "$1"), Integer.parseInt(port));
  }
}
