package dev.noether.runtime;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** The generators of a model's group, as matrices on its inputs and outputs. */
final class Symmetry {
  /** Equal blocks next to each other on the diagonal of a matrix. */
  @SuppressWarnings("ArrayRecordComponent") // never compared, never shown
  private record Run(int count, int size, float[] block) {}

  /**
   * A matrix on a port: blocks on the features, and where there is a grid how its places move.
   *
   * @param from the axis of the grid that each axis is taken from
   * @param flips whether it is then turned round
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared, never shown
  private record Action(List<Run> runs, int[] from, boolean[] flips) {}

  private record Generator(List<Action> inputs, List<Action> outputs) {}

  private static final int BATCH = 4;

  /** Sizes of a grid to try: strides fit some alone. */
  private static final int GRIDS = 8;

  /** What is no rounding. */
  private static final double BROKEN = 1e-4;

  private final List<Generator> generators = new ArrayList<>();

  Symmetry(List<Fields> all, Graph graph, TensorStore store) throws ModelFileException {
    for (Fields generator : all) {
      List<Fields> ports = generator.objects("ports");
      if (ports.size() != graph.inputs.size() + graph.outputs.size()) {
        throw generator.damaged("ports");
      }
      List<Action> inputs = new ArrayList<>();
      List<Action> outputs = new ArrayList<>();
      for (int i = 0; i < ports.size(); i++) {
        boolean input = i < graph.inputs.size();
        Port port = input ? graph.inputs.get(i) : graph.outputs.get(i - graph.inputs.size());
        (input ? inputs : outputs).add(action(ports.get(i), port, store));
      }
      generators.add(new Generator(inputs, outputs));
    }
  }

  private static Action action(Fields fields, Port port, TensorStore store)
      throws ModelFileException {
    int d = port.isGrid() ? port.axes().size() - 2 : 0;
    int[] matrix = d == 0 ? new int[0] : fields.wholes("action", -1, 1);
    int[] from = new int[d];
    boolean[] flips = new boolean[d];
    if (matrix.length != d * d) {
      throw fields.damaged("action");
    }
    for (int row = 0; row < d; row++) {
      int to = d - 1 - row; // x is the last axis, y the one before
      int found = 0;
      for (int column = 0; column < d; column++) {
        int entry = matrix[row * d + column];
        if (entry != 0) {
          found++;
          from[to] = d - 1 - column;
          flips[to] = entry < 0 != ((row == 0) != (column == 0)); // y and z run against theirs
        }
      }
      if (found != 1) {
        throw fields.damaged("action");
      }
    }
    return new Action(runs(fields, port.size(), store), from, flips);
  }

  private static List<Run> runs(Fields port, int size, TensorStore store)
      throws ModelFileException {
    List<Run> runs = new ArrayList<>();
    long total = 0;
    for (Fields run : port.objects("runs")) {
      int[] shape = store.shape(run.text("matrix"));
      int count = run.whole("count", 1, size);
      if (shape.length != 2 || shape[0] != shape[1]) {
        throw run.damaged("matrix");
      }
      total += (long) count * shape[0];
      runs.add(new Run(count, shape[0], store.numbers(run.text("matrix"))));
    }
    if (total != size) {
      throw port.damaged("runs");
    }
    return runs;
  }

  /** The largest |f(rho(g) x) - rho(g) f(x)| over generators, relative to the largest |f(x)|. */
  double error(Model model) {
    if (model.inputs().stream().noneMatch(Port::isGrid)) {
      return error(model, model.time());
    }
    double least = error(model, model.time());
    for (int size = model.time() - 1; size > model.time() - GRIDS && size > 0; size--) {
      if (least <= BROKEN) {
        break;
      }
      try {
        least = Math.min(least, error(model, size));
      } catch (IllegalArgumentException tooSmall) {
        break;
      }
    }
    return least;
  }

  private double error(Model model, int time) {
    Session session = model.session();
    SplittableRandom random = new SplittableRandom(0);
    float[][] x = new float[model.inputs().size()][];
    for (int i = 0; i < x.length; i++) {
      x[i] = new float[Value.size(model.inputs().get(i).shape(BATCH, time))];
      for (int j = 0; j < x[i].length; j++) {
        x[i][j] = (float) (random.nextDouble() * 2 - 1);
      }
    }
    float[][] y;
    try {
      y = results(session, x, time);
    } catch (IllegalArgumentException e) {
      if (time == 1) {
        throw e;
      }
      return error(model, time / 2); // it knows fewer places
    }
    double worst = 0;
    for (Generator generator : generators) {
      float[][] moved = new float[x.length][];
      for (int i = 0; i < x.length; i++) {
        Port port = model.inputs().get(i);
        moved[i] = act(generator.inputs.get(i), port, x[i], port.shape(BATCH, time));
      }
      float[][] after = results(session, moved, time);
      for (int i = 0; i < y.length; i++) {
        Port port = model.outputs().get(i);
        float[] wanted = act(generator.outputs.get(i), port, y[i], session.outputShape(i));
        worst = Math.max(worst, relative(after[i], wanted));
      }
    }
    return worst;
  }

  private static float[][] results(Session session, float[][] x, int time) {
    session.run(session.model().shapes(BATCH, time), x);
    float[][] results = new float[session.model().outputs().size()][];
    for (int i = 0; i < results.length; i++) {
      results[i] = session.output(i);
    }
    return results;
  }

  private static double relative(float[] a, float[] b) {
    double worst = 0;
    double most = 1e-30;
    for (int i = 0; i < a.length; i++) {
      worst = Math.max(worst, Math.abs((double) a[i] - b[i]));
      most = Math.max(most, Math.abs(b[i]));
    }
    return worst / most;
  }

  /** Moves the places of a grid, and applies a block-diagonal matrix on the features. */
  private static float[] act(Action action, Port port, float[] x, int[] shape) {
    float[] moved = port.isGrid() ? moved(action, x, shape) : x;
    return act(action.runs, port, moved, shape);
  }

  private static float[] moved(Action action, float[] x, int[] shape) {
    int d = action.from.length;
    int cells = 1;
    for (int axis = 0; axis < d; axis++) {
      if (shape[2 + axis] != shape[2 + action.from[axis]]) {
        throw new IllegalArgumentException("a grid that is turned must be as wide as high");
      }
      cells *= shape[2 + axis];
    }
    int[] source = new int[cells];
    int[] place = new int[d];
    for (int cell = 0; cell < cells; cell++) {
      int rest = cell;
      for (int axis = d - 1; axis >= 0; axis--) {
        int size = shape[2 + axis];
        int index = rest % size;
        place[action.from[axis]] = action.flips[axis] ? size - 1 - index : index;
        rest /= size;
      }
      for (int axis = 0; axis < d; axis++) {
        source[cell] = source[cell] * shape[2 + axis] + place[axis];
      }
    }
    float[] y = new float[x.length];
    for (int i = 0; i < y.length; i++) {
      y[i] = x[i - i % cells + source[i % cells]];
    }
    return y;
  }

  private static float[] act(List<Run> runs, Port port, float[] x, int[] shape) {
    int stride = 1;
    for (int i = port.featureAxis() + 1; i < shape.length; i++) {
      stride *= shape[i];
    }
    float[] y = new float[x.length];
    int block = stride * port.size();
    for (int outer = 0; outer < x.length; outer += block) {
      for (int inner = 0; inner < stride; inner++) {
        column(runs, x, y, outer + inner, stride);
      }
    }
    return y;
  }

  private static void column(List<Run> runs, float[] x, float[] y, int start, int stride) {
    int next = start;
    for (Run run : runs) {
      for (int c = 0; c < run.count; c++) {
        for (int i = 0; i < run.size; i++) {
          double sum = 0;
          for (int j = 0; j < run.size; j++) {
            sum += (double) run.block[i * run.size + j] * x[next + j * stride];
          }
          y[next + i * stride] = (float) sum;
        }
        next += run.size * stride;
      }
    }
  }
}
