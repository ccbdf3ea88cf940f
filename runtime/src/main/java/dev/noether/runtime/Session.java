package dev.noether.runtime;

import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The room that one thread computes in. Many sessions share a model's weights; a session belongs to
 * one thread at a time, and keeps its room for the largest batch it has seen. Calls with the shapes
 * of the call before make no new objects.
 */
public final class Session {
  private final Model model;
  private final Node[] nodes;
  private final Value[] values;
  private final Value[][] arguments;
  private final Node.Step[] steps;
  private final int[][] bound;
  private final float[][] single = new float[1][];
  private final AtomicBoolean busy = new AtomicBoolean();
  private float[] room = new float[0];
  private boolean ready;

  Session(Model model) {
    this.model = model;
    Graph graph = model.graph();
    nodes = graph.nodes.toArray(new Node[0]);
    values = new Value[graph.values];
    for (int i = 0; i < values.length; i++) {
      values[i] = new Value();
    }
    for (Map.Entry<Integer, Value> constant : graph.constants.entrySet()) {
      values[constant.getKey()] = constant.getValue();
    }
    steps = new Node.Step[nodes.length];
    arguments = new Value[nodes.length][];
    for (int i = 0; i < nodes.length; i++) {
      int[] inputs = nodes[i].inputs;
      arguments[i] = new Value[inputs.length];
      for (int j = 0; j < inputs.length; j++) {
        arguments[i][j] = values[inputs[j]];
      }
    }
    bound = new int[graph.inputs.size()][];
    Arrays.fill(bound, new int[0]);
  }

  /**
   * The model.
   *
   * @return the model whose weights it uses
   */
  public Model model() {
    return model;
  }

  /**
   * Runs a model of one input and one output.
   *
   * @param in samples one after the other, each as the input's axes say; signals over time are one
   *     sample
   * @param out where the results go, of just their length
   * @throws IllegalArgumentException if a length does not fit, or the model has several inputs or
   *     inputs over a grid
   * @throws IllegalStateException if another thread is using this session
   */
  public void run(float[] in, float[] out) {
    Port port = model.graph().inputs.get(0);
    requireLength(in.length > 0 && in.length % port.size() == 0, in.length, port);
    int rows = in.length / port.size();
    enter();
    try {
      single[0] = in;
      bind(port.hasTime() ? 1 : rows, port.hasTime() ? rows : 1, single);
      compute(single);
      copyOutput(0, out);
    } finally {
      busy.set(false);
    }
  }

  /**
   * Runs a model; the results are then asked for with {@link #copyOutput} or {@link #output}.
   *
   * @param batch how many samples, at least 1
   * @param time how many steps of time every input has, at least 1; 1 where no input has time
   * @param in the numbers of each input
   * @throws IllegalArgumentException if a length does not fit, or an input is over a grid
   * @throws IllegalStateException if another thread is using this session
   */
  public void run(int batch, int time, float[]... in) {
    enter();
    try {
      bind(batch, time, in);
      compute(in);
    } finally {
      busy.set(false);
    }
  }

  /**
   * Runs a model whose inputs are of any shapes: signals of different lengths, images, volumes.
   *
   * @param shapes the shape of each input, as its axes say
   * @param in the numbers of each input
   * @throws IllegalArgumentException if a shape or a length does not fit
   * @throws IllegalStateException if another thread is using this session
   */
  public void run(int[][] shapes, float[]... in) {
    enter();
    try {
      requireInputs(in.length == bound.length && shapes.length == bound.length, in.length);
      boolean same = ready;
      for (int i = 0; i < bound.length; i++) {
        Port port = model.graph().inputs.get(i);
        port.requireShape(shapes[i]);
        requireLength(in[i].length == Value.size(shapes[i]), in[i].length, port);
        same &= Arrays.equals(shapes[i], bound[i]);
      }
      if (!same) {
        int[][] own = new int[shapes.length][];
        Arrays.setAll(own, i -> shapes[i].clone());
        prepare(own);
      }
      compute(in);
    } finally {
      busy.set(false);
    }
  }

  private void enter() {
    if (!busy.compareAndSet(false, true)) {
      throw new IllegalStateException(
          "this session is in use by another thread: take model.session() for each thread");
    }
  }

  private void compute(float[][] in) {
    for (int i = 0; i < in.length; i++) {
      System.arraycopy(in[i], 0, values[i].data, 0, in[i].length);
    }
    for (int i = 0; i < steps.length; i++) {
      steps[i].run(arguments[i], values[nodes[i].output], room);
    }
  }

  /**
   * Copies a result of the last run.
   *
   * @param index which output
   * @param out where it goes, of just its length
   * @throws IllegalArgumentException if the length is another
   */
  public void copyOutput(int index, float[] out) {
    Value value = values[model.graph().results[index]];
    int size = ready ? Value.size(value.shape) : 0;
    if (out.length != size) {
      throw new IllegalArgumentException(
          "output '"
              + model.outputs().get(index).name()
              + "' has "
              + size
              + " numbers, shape "
              + Arrays.toString(value.shape)
              + ", got an array of "
              + out.length);
    }
    System.arraycopy(value.data, 0, out, 0, size);
  }

  /**
   * A result of the last run, in an array of its own.
   *
   * @param index which output
   * @return the numbers
   */
  public float[] output(int index) {
    float[] out = new float[ready ? Value.size(values[model.graph().results[index]].shape) : 0];
    copyOutput(index, out);
    return out;
  }

  /**
   * The shape of a result of the last run.
   *
   * @param index which output
   * @return its axes
   */
  public int[] outputShape(int index) {
    return values[model.graph().results[index]].shape.clone();
  }

  private static void requireLength(boolean fits, int length, Port port) {
    if (!fits) {
      throw new IllegalArgumentException(
          "input '"
              + port.name()
              + "' takes "
              + port.size()
              + " features a sample, axes "
              + port.axes()
              + ", got an array of "
              + length);
    }
  }

  private void requireInputs(boolean fit, int count) {
    if (!fit) {
      throw new IllegalArgumentException(
          "the model takes "
              + bound.length
              + " inputs, at least one sample and one step; got "
              + count
              + " inputs");
    }
  }

  private void bind(int batch, int time, float[][] in) {
    requireInputs(batch >= 1 && time >= 1 && in.length == bound.length, in.length);
    boolean same = ready;
    for (int i = 0; i < bound.length; i++) {
      Port port = model.graph().inputs.get(i);
      if (port.isGrid()) {
        throw new IllegalArgumentException(
            "input '"
                + port.name()
                + "' is over a grid, axes "
                + port.axes()
                + ": say its shape with run(shapes, in)");
      }
      long wanted = (long) batch * port.size() * (port.hasTime() ? time : 1);
      requireLength(in[i].length == wanted, in[i].length, port);
      same &= port.isShape(bound[i], batch, time);
    }
    if (!same) {
      prepare(model.shapes(batch, time));
    }
  }

  /** Shapes, room and steps for inputs of these shapes. */
  private void prepare(int[][] shapes) {
    ready = false; // until all shapes fit
    int[][] all = inferred(nodes, values, shapes);
    requireMemory(all);
    for (int i = 0; i < bound.length; i++) {
      values[i].reserve(all[i]);
    }
    long most = 0;
    for (int i = 0; i < nodes.length; i++) {
      Node node = nodes[i];
      Value value = values[node.output];
      if (node.isView()) {
        value.shape = all[node.output];
        value.data = arguments[i][0].data;
      } else {
        value.reserve(all[node.output]);
      }
      steps[i] = node.step(shapes(node, all), all[node.output]);
      most = Math.max(most, steps[i].room());
    }
    if (most > Integer.MAX_VALUE - 8) {
      throw new IllegalArgumentException("a batch this large needs room for " + most + " numbers");
    }
    if (room.length < most) {
      room = new float[(int) most];
    }
    System.arraycopy(shapes, 0, bound, 0, bound.length);
    ready = true;
  }

  private static int[][] shapes(Node node, int[][] all) {
    int[][] shapes = new int[node.inputs.length][];
    Arrays.setAll(shapes, j -> all[node.inputs[j]]);
    return shapes;
  }

  /** The shapes of all values, from those of the inputs. */
  private static int[][] inferred(Node[] nodes, Value[] values, int[][] shapes) {
    int[][] all = new int[values.length][];
    Arrays.setAll(all, i -> values[i].shape);
    System.arraycopy(shapes, 0, all, 0, shapes.length);
    for (Node node : nodes) {
      all[node.output] = node.shape(shapes(node, all));
      Value.size(all[node.output]);
    }
    return all;
  }

  /** Says what is missing before it is asked for. */
  private void requireMemory(int[][] all) {
    long bytes = 0;
    for (int i = 0; i < all.length; i++) {
      bytes += 4L * Math.max(0, Value.size(all[i]) - values[i].data.length);
    }
    Runtime jvm = Runtime.getRuntime();
    long left = jvm.maxMemory() - (jvm.totalMemory() - jvm.freeMemory());
    if (bytes > left) {
      throw new IllegalArgumentException(
          "inputs of shapes "
              + Arrays.deepToString(Arrays.copyOf(all, bound.length))
              + " need "
              + bytes
              + " bytes, and this JVM has "
              + left
              + " left: take fewer samples at a time, or raise -Xmx");
    }
  }

  /** Whether the operations fit each other for these shapes, and the work. */
  static long work(Graph graph, int[][] shapes) {
    Node[] nodes = graph.nodes.toArray(new Node[0]);
    Value[] values = new Value[graph.values];
    Value none = new Value();
    Arrays.setAll(values, i -> graph.constants.getOrDefault(i, none));
    int[][] all = inferred(nodes, values, shapes);
    long work = 0;
    for (Node node : nodes) {
      work += node.work(shapes(node, all), all[node.output]);
    }
    return work;
  }
}
