package dev.noether.nn.attention;

import static dev.noether.algebra.Checks.require;

import dev.noether.plain.PlainGraph;
import dev.noether.rep.Representation;
import dev.noether.torch.Buffers;
import dev.noether.torch.Dtype;
import dev.noether.torch.Tensors;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * Rotary positions: in each head, pairs of equal parts (a, b) turn to (a cos t - b sin t, a sin t +
 * b cos t) with t = p base^(-2i / parts) for pair i at position p. See Su et al., <em>RoFormer</em>
 * (2021).
 *
 * <p>The parts are single features, or whole summands of a representation: a turn of two equal
 * summands into each other commutes with the group.
 */
final class Rotation implements PositionScheme {
  private final Heads heads;
  private final Buffers buffers = new Buffers();
  private final Tensor frequencies;
  private final Tensor partners;
  private final long[] partner;
  private final Tensor signs;

  private Rotation(Heads heads, List<List<Integer>> partsOfHeads, double base) {
    require(
        base > 0 && base < Double.POSITIVE_INFINITY,
        "the base of rotary positions must be positive, got %s",
        base);
    this.heads = heads;
    int size = heads.size();
    double[] speed = new double[size];
    double[] sign = new double[size];
    partner = new long[size];
    int start = 0;
    for (List<Integer> parts : partsOfHeads) {
      for (int i = 0; i < parts.size(); i += 2) {
        int width = parts.get(i);
        for (int j = start; j < start + width; j++) {
          speed[j] = StrictMath.pow(base, -i / (double) parts.size());
          speed[j + width] = speed[j];
          sign[j] = -1;
          sign[j + width] = 1;
          partner[j] = (long) j + width;
          partner[j + width] = j;
        }
        start += 2 * width;
      }
    }
    Dtype dtype = heads.options().maps().dtype();
    frequencies =
        buffers.add(
            "frequencies",
            Tensors.of(dtype, speed, size),
            () -> Tensors.of(Dtype.FLOAT64, speed, size));
    signs = buffers.add("signs", Tensors.of(dtype, sign, size));
    partners = buffers.add("partners", Tensors.ofIndices(partner));
  }

  /** Turns of single features. */
  static Rotation ofFeatures(Heads heads, double base) {
    int width = heads.width();
    require(
        width % 2 == 0,
        "rotary positions turn pairs of features: a head must have an even number, got %d (%d"
            + " features, %d heads)",
        width,
        heads.size(),
        heads.options().heads());
    List<Integer> ones = Collections.nCopies(width, 1);
    return new Rotation(heads, Collections.nCopies(heads.options().heads(), ones), base);
  }

  /** Turns of whole summands. */
  static Rotation ofSummands(Heads heads, Representation inner, double base) {
    List<List<Integer>> partsOfHeads = new ArrayList<>();
    List<Integer> parts = new ArrayList<>();
    List<Representation> summands = inner.summands();
    int filled = 0;
    for (int i = 0; i < summands.size(); i++) {
      Representation summand = summands.get(i);
      parts.add(summand.size());
      filled += summand.size();
      boolean second = parts.size() % 2 == 0;
      boolean full = filled % heads.width() == 0;
      require(
          second ? summand.equals(summands.get(i - 1)) : !full,
          "rotary positions turn pairs of equal summands: each of %d heads of %s must hold an even"
              + " number of each, one after the other; use fewer heads or more copies",
          heads.options().heads(),
          inner);
      if (full) {
        partsOfHeads.add(parts);
        parts = new ArrayList<>();
      }
    }
    return new Rotation(heads, partsOfHeads, base);
  }

  Buffers buffers() {
    return buffers;
  }

  @Override
  public PositionEffect<Tensor> effect(
      AttentionPositions positions, Heads.Shape shape, Tensor like) {
    AttentionPositions.Places query = positions.queries(shape, like);
    AttentionPositions.Places key = positions.keys(shape, like);
    return PositionEffect.turning(x -> turned(x, query, shape), x -> turned(x, key, shape));
  }

  @Override
  public <V> PositionEffect<V> plain(PlainGraph<V> graph, PlainLook<V> look, V query, V memory) {
    V speeds = graph.constant("frequencies", frequencies);
    V sides = graph.constant("signs", signs);
    V first = graph.multiply(look.queries().column(graph, query), speeds);
    V second = graph.multiply(look.keys().column(graph, memory), speeds);
    return PositionEffect.turning(
        x -> turned(graph, x, first, sides), x -> turned(graph, x, second, sides));
  }

  private <V> V turned(PlainGraph<V> graph, V x, V angles, V sides) {
    V across = graph.multiply(graph.select(x, partner), graph.multiply(graph.sin(angles), sides));
    return graph.add(graph.multiply(x, graph.cos(angles)), across);
  }

  private Tensor turned(Tensor x, AttentionPositions.Places places, Heads.Shape shape) {
    Tensor at = places.at().to(frequencies.scalar_type());
    if (places.has() != null) {
      at = at.masked_fill(places.has().logical_not(), new Scalar(0.0));
    }
    Tensor angles = heads.asInputs(at.unsqueeze(-1).mul(frequencies), shape);
    Tensor across = x.index_select(-1, partners).mul(angles.sin().mul(signs));
    return x.mul(angles.cos()).add(across);
  }
}
