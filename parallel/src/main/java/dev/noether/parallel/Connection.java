package dev.noether.parallel;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.Socket;

/** Messages over a socket: one thread reads, any thread writes. */
final class Connection implements AutoCloseable {
  private final Socket socket;
  private final DataInputStream in;
  private final DataOutputStream out;

  Connection(Socket socket) throws IOException {
    this.socket = socket;
    socket.setTcpNoDelay(true);
    socket.setKeepAlive(true);
    in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
    out = new DataOutputStream(new BufferedOutputStream(socket.getOutputStream()));
  }

  Socket socket() {
    return socket;
  }

  Message read() throws IOException {
    return Message.read(in);
  }

  /** Whether it could be sent; where it could not, the reader finds the end of the connection. */
  boolean send(Message message) {
    try {
      synchronized (out) {
        message.write(out);
      }
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  @Override
  public void close() {
    try {
      socket.close();
    } catch (IOException e) {
      return; // it is closed as far as this process can
    }
  }
}
