package dev.noether.cli;

import dev.noether.torch.LibTorch;
import dev.noether.torch.Tensors;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.lang.reflect.Method;
import java.net.InetAddress;
import java.net.Socket;
import java.util.Map;
import java.util.function.Consumer;
import jdk.jshell.execution.RemoteExecutionControl;
import jdk.jshell.execution.Util;
import org.bytedeco.pytorch.Tensor;

/** Runs what {@code noether jshell} is told, as Java's shell does, but shows tensors as numbers. */
public final class ShellAgent extends RemoteExecutionControl {
  private ShellAgent() {}

  /**
   * The process that computes; the shell starts it.
   *
   * @param arguments the port at which the shell waits
   * @throws IOException if the shell is gone
   */
  public static void main(String[] arguments) throws IOException {
    try (Socket socket =
            new Socket(InetAddress.getLoopbackAddress(), Integer.parseInt(arguments[0]));
        InputStream in = socket.getInputStream();
        OutputStream out = socket.getOutputStream()) {
      Map<String, Consumer<OutputStream>> outputs =
          Map.of(
              "out", stream -> System.setOut(new PrintStream(stream, true)),
              "err", stream -> System.setErr(new PrintStream(stream, true)));
      Map<String, Consumer<InputStream>> inputs = Map.of("in", System::setIn);
      LibTorch.load(); // before a user's first line may
      Util.forwardExecutionControlAndIO(new ShellAgent(), in, out, outputs, inputs);
    }
  }

  @Override
  protected String invoke(Method method) throws Exception {
    Object value;
    clientCodeEnter();
    try {
      value = method.invoke(null);
    } finally {
      clientCodeLeave();
    }
    return value instanceof Tensor tensor && !tensor.isNull() && tensor.defined()
        ? Tensors.text(tensor)
        : valueString(value);
  }
}
