package dev.noether.models;

import dev.noether.plain.PlainGraph;
import dev.noether.rep.Representation;
import dev.noether.torch.Buffers;
import dev.noether.torch.Dtype;
import dev.noether.torch.Tensors;
import java.util.Arrays;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;

/** The embedding of a step in copies of the regular representation, under one of two rules. */
final class InvariantStep implements EmbeddedStep {
  private final StepEmbedding spread;
  private final StepEmbedding averaged;
  private final Tensor copyOf;
  private final long[] places;
  private final int copies;
  private final int order;
  private final Buffers buffers = new Buffers();
  private volatile StepRule rule;

  /**
   * The embedding.
   *
   * @param hidden copies of the regular representation
   */
  InvariantStep(Representation hidden, StepRule rule, Dtype dtype) {
    this.rule = rule;
    order = hidden.finiteGroup().order();
    copies = hidden.size() / order;
    spread = StepEmbedding.ofFew(copies, dtype);
    averaged = new StepEmbedding(hidden.size(), dtype);
    places = new long[hidden.size()];
    Arrays.setAll(places, i -> i / order);
    copyOf = buffers.add("copies", Tensors.ofIndices(places));
    buffers.addAll("spread.", spread.buffers());
    buffers.addAll("averaged.", averaged.buffers());
  }

  Buffers buffers() {
    return buffers;
  }

  StepRule rule() {
    return rule;
  }

  boolean isAveraged() {
    return rule == StepRule.AVERAGED;
  }

  /** Weights of the Python package bring its projector, and were trained under its rule. */
  void choose(boolean fromPython) {
    rule = fromPython ? StepRule.AVERAGED : StepRule.SPREAD;
  }

  @Override
  public Tensor apply(Tensor step, long batch) {
    Tensor ofCopies =
        isAveraged()
            ? averaged
                .apply(step, batch)
                .unflatten(-1, new long[] {copies, order})
                .mean(new long[] {-1}, false, new ScalarTypeOptional())
            : spread.apply(step, batch);
    return ofCopies.index_select(-1, copyOf);
  }

  @Override
  public <V> V plain(PlainGraph<V> graph, V step) {
    V ofCopies =
        isAveraged()
            ? graph.join(
                graph.mean(graph.split(averaged.plain(graph, step), copies, order)), 2, copies)
            : spread.plain(graph, step);
    return graph.select(ofCopies, places);
  }
}
