package dev.noether.models;

import static dev.noether.algebra.Checks.require;

import dev.noether.nn.Layer;
import dev.noether.nn.activation.Dropout;
import dev.noether.nn.activation.PointwiseNonlinearity;
import dev.noether.nn.linear.DenseOptions;
import dev.noether.nn.linear.Linear;
import dev.noether.nn.norm.BatchNorm1d;
import dev.noether.nn.norm.BatchStatisticsOptions;
import dev.noether.plain.PlainGraph;
import dev.noether.rep.Representation;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/**
 * Plain linear layers with what stands between them: the body of {@link Mlp} and the head of {@link
 * TimeCnn}, whose names in state dicts differ only in what goes before the numbers.
 */
final class DenseStack {
  private final MlpOptions options;
  private final List<Linear> linears = new ArrayList<>();
  private final List<BatchNorm1d> norms = new ArrayList<>();
  private final List<Dropout> dropouts = new ArrayList<>();

  DenseStack(int in, int out, MlpOptions options, DenseOptions dense) {
    this.options = options;
    int width = in;
    for (int units : options.hiddenUnits()) {
      linears.add(new Linear(width, units, dense.forPart(linears.size())));
      if (options.batchNorm()) {
        norms.add(new BatchNorm1d(units, BatchStatisticsOptions.defaults().with(dense.dtype())));
      }
      if (options.dropout() > 0) {
        dropouts.add(new Dropout(options.dropout()));
      }
      width = units;
    }
    linears.add(new Linear(width, out, dense.forPart(linears.size())));
  }

  /**
   * How many modules of the reference a hidden layer is: linear, batch norm, activation, dropout.
   */
  private int stride() {
    return 2 + (options.batchNorm() ? 1 : 0) + (options.dropout() > 0 ? 1 : 0);
  }

  /** The layers by their numbers in the reference's chain. */
  Map<Integer, Layer> numbered() {
    Map<Integer, Layer> layers = new LinkedHashMap<>();
    for (int i = 0; i < linears.size(); i++) {
      int start = i * stride();
      layers.put(start, linears.get(i));
      if (i < norms.size()) {
        layers.put(start + 1, norms.get(i));
      }
      if (i < dropouts.size()) {
        layers.put(start + stride() - 1, dropouts.get(i));
      }
    }
    return layers;
  }

  Tensor forward(Tensor input) {
    Tensor current = input;
    int hidden = linears.size() - 1;
    for (int i = 0; i < hidden; i++) {
      current = linears.get(i).forward(current);
      current = norms.isEmpty() ? current : norms.get(i).forward(current);
      current = options.activation(i).apply(current);
      current = dropouts.isEmpty() ? current : dropouts.get(i).forward(current);
    }
    return linears.get(hidden).forward(current);
  }

  /** Writes itself down; the graph's names end before the numbers. */
  <V> V plain(PlainGraph<V> graph, V x) {
    V current = x;
    int hidden = linears.size() - 1;
    for (int i = 0; i < hidden; i++) {
      int start = i * stride();
      current = linears.get(i).plain(graph.at(Integer.toString(start)), current);
      if (!norms.isEmpty()) {
        current = norms.get(i).plain(graph.at(Integer.toString(start + 1)), current);
      }
      current = graph.apply(options.activation(i), current);
    }
    return linears.get(hidden).plain(graph.at(Integer.toString(hidden * stride())), current);
  }

  /** Constrains each linear layer, from now on. */
  void impose(Representation in, List<Representation> hidden, Representation out) {
    require(
        hidden.size() == linears.size() - 1,
        "%d hidden layers need as many representations, got %d",
        linears.size() - 1,
        hidden.size());
    require(
        norms.isEmpty(),
        "a batch norm treats hidden units one by one, which breaks the symmetry: impose it on a"
            + " network without");
    for (int i = 0; i < hidden.size(); i++) {
      new PointwiseNonlinearity(hidden.get(i), options.activation(i)); // says what it breaks
    }
    List<Representation> spaces = new ArrayList<>(List.of(in));
    spaces.addAll(hidden);
    spaces.add(out);
    for (int i = 0; i < linears.size(); i++) {
      Linear linear = linears.get(i);
      require(
          linear.inFeatures() == spaces.get(i).size()
              && linear.outFeatures() == spaces.get(i + 1).size(),
          "linear layer %d maps %d features to %d, got representations of sizes %d and %d",
          i,
          linear.inFeatures(),
          linear.outFeatures(),
          spaces.get(i).size(),
          spaces.get(i + 1).size());
    }
    for (int i = 0; i < linears.size(); i++) {
      linears.get(i).impose(spaces.get(i), spaces.get(i + 1));
    }
  }

  boolean hasBias() {
    return linears.get(0).hasBias();
  }

  int in() {
    return linears.get(0).inFeatures();
  }

  int out() {
    return linears.get(linears.size() - 1).outFeatures();
  }

  MlpOptions options() {
    return options;
  }
}
