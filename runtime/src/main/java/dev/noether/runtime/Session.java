package dev.noether.runtime;

import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The room that one thread computes in. Many sessions share a model's weights; a session belongs to
 * one thread at a time, and keeps its room for the largest batch it has seen.
 */
public final class Session {
  private final Model model;
  private final Value[] values;
  private final Value[][] arguments;
  private final AtomicBoolean busy = new AtomicBoolean();
  private float[] scratch = new float[0];
  private int batch = -1;
  private int time = -1;

  Session(Model model) {
    this.model = model;
    Graph graph = model.graph();
    values = new Value[graph.values];
    for (int i = 0; i < values.length; i++) {
      values[i] = new Value();
    }
    for (Map.Entry<Integer, Value> constant : graph.constants.entrySet()) {
      values[constant.getKey()] = constant.getValue();
    }
    arguments = new Value[graph.nodes.size()][];
    for (int i = 0; i < arguments.length; i++) {
      int[] inputs = graph.nodes.get(i).inputs;
      arguments[i] = new Value[inputs.length];
      for (int j = 0; j < inputs.length; j++) {
        arguments[i][j] = values[inputs[j]];
      }
    }
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
   * @throws IllegalArgumentException if a length does not fit, or the model has several inputs
   * @throws IllegalStateException if another thread is using this session
   */
  public void run(float[] in, float[] out) {
    Port port = model.inputs().get(0);
    requireLength(in.length > 0 && in.length % port.size() == 0, in.length, port);
    int rows = in.length / port.size();
    if (port.hasTime()) {
      run(1, rows, in);
    } else {
      run(rows, 1, in);
    }
    copyOutput(0, out);
  }

  /**
   * Runs a model; the results are then asked for with {@link #copyOutput} or {@link #output}.
   *
   * @param batch how many samples, at least 1
   * @param time how many steps of time, at least 1; 1 where no input has time
   * @param in the numbers of each input
   * @throws IllegalArgumentException if a length does not fit
   * @throws IllegalStateException if another thread is using this session
   */
  public void run(int batch, int time, float[]... in) {
    if (!busy.compareAndSet(false, true)) {
      throw new IllegalStateException(
          "this session is in use by another thread: take model.session() for each thread");
    }
    try {
      bind(batch, time, in);
      for (int i = 0; i < in.length; i++) {
        System.arraycopy(in[i], 0, values[i].data, 0, in[i].length);
      }
      Graph graph = model.graph();
      for (int i = 0; i < arguments.length; i++) {
        Node node = graph.nodes.get(i);
        if (!node.isView()) {
          node.run(arguments[i], values[node.output], scratch);
        }
      }
    } finally {
      busy.set(false);
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
    int size = batch < 0 ? 0 : Value.size(value.shape);
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
    float[] out = new float[batch < 0 ? 0 : Value.size(values[model.graph().results[index]].shape)];
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

  private void bind(int batch, int time, float[]... in) {
    if (batch < 1 || time < 1 || in.length != model.inputs().size()) {
      throw new IllegalArgumentException(
          "the model takes "
              + model.inputs().size()
              + " inputs, at least one sample and one step; got "
              + in.length
              + " inputs, batch "
              + batch
              + ", time "
              + time);
    }
    for (int i = 0; i < in.length; i++) {
      Port port = model.inputs().get(i);
      long wanted = (long) batch * port.size() * (port.hasTime() ? time : 1);
      requireLength(in[i].length == wanted, in[i].length, port);
    }
    if (batch != this.batch || time != this.time) {
      this.batch = -1; // until all shapes fit
      shape(batch, time);
      this.batch = batch;
      this.time = time;
    }
  }

  /** Shapes and room for so many samples. */
  void shape(int batch, int time) {
    Graph graph = model.graph();
    for (int i = 0; i < model.inputs().size(); i++) {
      values[i].reserve(model.inputs().get(i).shape(batch, time));
    }
    int room = 0;
    for (int i = 0; i < arguments.length; i++) {
      Node node = graph.nodes.get(i);
      int[][] shapes = shapes(i);
      int[] shape = node.shape(shapes);
      Value value = values[node.output];
      if (node.isView()) {
        value.shape = shape;
        value.data = arguments[i][0].data;
      } else {
        value.reserve(shape);
      }
      room = Math.max(room, node.scratch(shapes));
    }
    if (scratch.length < room) {
      scratch = new float[room];
    }
  }

  private int[][] shapes(int node) {
    int[][] shapes = new int[arguments[node].length][];
    for (int j = 0; j < shapes.length; j++) {
      shapes[j] = arguments[node][j].shape;
    }
    return shapes;
  }

  long work() {
    long work = 0;
    for (int i = 0; i < arguments.length; i++) {
      Node node = model.graph().nodes.get(i);
      work += node.work(shapes(i), values[node.output].shape);
    }
    return work;
  }
}
