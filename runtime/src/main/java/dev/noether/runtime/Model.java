package dev.noether.runtime;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A trained model, ready to compute.
 *
 * <pre>{@code
 * Model policy = Model.load(Path.of("policy.noether"));
 * float[] action = new float[12];
 * policy.run(observation, action);
 * }</pre>
 *
 * <p>A model may be shared by all threads; {@link #session} gives each its own room. Results are
 * the same bytes on every run, thread and batch.
 */
public final class Model {
  static final String FORMAT = "noether.runtime";
  static final String VERSION = "1";

  /** Steps of time to try: most models take any number, some just one. */
  private static final int[] PROBE_TIMES =
      IntStream.concat(IntStream.of(16), IntStream.range(1, 1025)).toArray();

  private final Graph graph;
  private final ThreadLocal<Session> sessions = ThreadLocal.withInitial(this::session);
  private final int time;
  private final long work;

  private Model(TensorStore store) throws ModelFileException {
    graph = new Graph(store);
    long[] found = probe(graph);
    time = (int) found[0];
    work = found[1];
  }

  /** Whether the operations fit each other, before anyone relies on it: for which length. */
  private static long[] probe(Graph graph) throws ModelFileException {
    boolean one = graph.inputs.stream().allMatch(port -> port.axes().size() == 2);
    String reason = "";
    for (int time : one ? new int[] {1} : PROBE_TIMES) {
      try {
        return new long[] {time, Session.work(graph, shapes(graph, 1, time))};
      } catch (IllegalArgumentException | IndexOutOfBoundsException | ArithmeticException e) {
        reason = reason.isEmpty() ? String.valueOf(e.getMessage()) : reason;
      }
    }
    throw new ModelFileException("the model is damaged: " + reason);
  }

  private static int[][] shapes(Graph graph, int batch, int time) {
    int[][] shapes = new int[graph.inputs.size()][];
    for (int i = 0; i < shapes.length; i++) {
      shapes[i] = graph.inputs.get(i).shape(batch, time);
    }
    return shapes;
  }

  /** The shapes of inputs of so many samples and steps. */
  int[][] shapes(int batch, int time) {
    return shapes(graph, batch, time);
  }

  /**
   * Reads a model.
   *
   * @param path a file that {@code noether export MODEL OUT.noether} wrote
   * @return the model
   * @throws ModelFileException if it is no model, is damaged, of another version, or needs an
   *     operation that this runtime lacks
   * @throws IOException if it cannot be read
   */
  public static Model load(Path path) throws IOException {
    try (InputStream stream = new BufferedInputStream(Files.newInputStream(path))) {
      return load(stream);
    }
  }

  /**
   * Reads a model.
   *
   * @param stream what holds it, read to its end and not closed
   * @return the model
   * @throws ModelFileException as for a file
   * @throws IOException if it cannot be read
   */
  public static Model load(InputStream stream) throws IOException {
    return new Model(TensorStore.read(stream));
  }

  Graph graph() {
    return graph;
  }

  /** Steps of time that the model takes, where it has time. */
  int time() {
    return time;
  }

  /**
   * What it takes.
   *
   * @return the inputs, in order
   */
  public List<Port> inputs() {
    return List.copyOf(graph.inputs);
  }

  /**
   * What it gives.
   *
   * @return the outputs, in order
   */
  public List<Port> outputs() {
    return List.copyOf(graph.outputs);
  }

  /**
   * Runs a model of one input and one output in a session of the calling thread.
   *
   * @param in samples one after the other; a signal over time is one sample
   * @param out where the results go, of just their length
   * @throws IllegalArgumentException if a length does not fit, or the input is over a grid: then
   *     take {@link Session#run(int[][], float[]...)}
   */
  public void run(float[] in, float[] out) {
    sessions.get().run(in, out);
  }

  /**
   * Room for one thread.
   *
   * @return a new session over this model's weights
   */
  public Session session() {
    return new Session(this);
  }

  /**
   * Whether f(rho(g) x) = rho(g) f(x), from the matrices of the group's generators in the file.
   *
   * <p>On a grid they are the elements that move its places without interpolation, and the size is
   * one that the strides of the model fit, if there is one among a few.
   *
   * @return the largest error at random inputs, relative to the largest output; NaN where the file
   *     tells no symmetry
   */
  public double check() {
    Symmetry symmetry = graph.symmetry;
    return symmetry == null ? Double.NaN : symmetry.error(this);
  }

  /**
   * The work of one sample, of 16 steps where there is time and any number will do.
   *
   * @return multiplications with additions
   */
  public long multiplyAdds() {
    return work;
  }

  /**
   * The weights that one run reads.
   *
   * @return bytes
   */
  public long bytesRead() {
    return graph.nodes.stream().mapToLong(Node::weightBytes).sum();
  }

  /**
   * What products are made of in this JVM: the Vector API where its module {@code
   * jdk.incubator.vector} is there, else plain loops, which give the same bits.
   *
   * @return for people, such as {@code plain loops} or {@code vectors of 8 floats}
   */
  public static String arithmetic() {
    return Products.OWN.toString();
  }

  @Override
  public String toString() {
    return "Model(" + graph.inputs + " -> " + graph.outputs + ", " + work + " multiply-adds)";
  }
}
