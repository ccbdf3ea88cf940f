package dev.noether.runtime;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** The generators of a model's group, as matrices on its inputs and outputs. */
final class Symmetry {
  /** Equal blocks next to each other on the diagonal of a matrix. */
  @SuppressWarnings("ArrayRecordComponent") // never compared, never shown
  private record Run(int count, int size, float[] block) {}

  private record Generator(List<List<Run>> inputs, List<List<Run>> outputs) {}

  private static final int BATCH = 4;

  private final List<Generator> generators = new ArrayList<>();

  Symmetry(List<Fields> all, Graph graph, TensorStore store) throws ModelFileException {
    for (Fields generator : all) {
      List<Fields> ports = generator.objects("ports");
      if (ports.size() != graph.inputs.size() + graph.outputs.size()) {
        throw generator.damaged("ports");
      }
      List<List<Run>> inputs = new ArrayList<>();
      List<List<Run>> outputs = new ArrayList<>();
      for (int i = 0; i < ports.size(); i++) {
        boolean input = i < graph.inputs.size();
        Port port = input ? graph.inputs.get(i) : graph.outputs.get(i - graph.inputs.size());
        (input ? inputs : outputs).add(runs(ports.get(i), port.size(), store));
      }
      generators.add(new Generator(inputs, outputs));
    }
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
    return error(model, model.time());
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
        moved[i] = act(generator.inputs.get(i), model.inputs().get(i), x[i], BATCH, time);
      }
      float[][] after = results(session, moved, time);
      for (int i = 0; i < y.length; i++) {
        Port port = model.outputs().get(i);
        int steps = port.hasTime() ? y[i].length / (BATCH * port.size()) : 1;
        float[] wanted = act(generator.outputs.get(i), port, y[i], BATCH, steps);
        worst = Math.max(worst, relative(after[i], wanted));
      }
    }
    return worst;
  }

  private static float[][] results(Session session, float[][] x, int time) {
    session.run(BATCH, time, x);
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

  /** Applies a block-diagonal matrix on the features. */
  private static float[] act(List<Run> runs, Port port, float[] x, int batch, int time) {
    int[] shape = port.shape(batch, time);
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
