package dev.noether.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import jdk.jshell.execution.JdiExecutionControlProvider;
import jdk.jshell.spi.ExecutionControl;
import jdk.jshell.spi.ExecutionControlProvider;
import jdk.jshell.spi.ExecutionEnv;

/**
 * Tells Java's shell to compute in a {@link ShellAgent}. Newer JDKs refuse an agent of one's own
 * where the shell lends it a console, so it gets none.
 */
public final class ShellProvider implements ExecutionControlProvider {
  static final String NAME = "noether";

  /** Made by Java's shell. */
  public ShellProvider() {}

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public ExecutionControl generate(ExecutionEnv env, Map<String, String> parameters)
      throws IOException {
    JdiExecutionControlProvider provider = new JdiExecutionControlProvider();
    Map<String, String> own = new HashMap<>(provider.defaultParameters());
    own.put(JdiExecutionControlProvider.PARAM_REMOTE_AGENT, ShellAgent.class.getName());
    return provider.generate(new WithoutConsole(env), own);
  }

  private record WithoutConsole(ExecutionEnv whole) implements ExecutionEnv {
    @Override
    public InputStream userIn() {
      return whole.userIn();
    }

    @Override
    public PrintStream userOut() {
      return whole.userOut();
    }

    @Override
    public PrintStream userErr() {
      return whole.userErr();
    }

    @Override
    public List<String> extraRemoteVMOptions() {
      return whole.extraRemoteVMOptions();
    }

    @Override
    public void closeDown() {
      whole.closeDown();
    }
  }
}
