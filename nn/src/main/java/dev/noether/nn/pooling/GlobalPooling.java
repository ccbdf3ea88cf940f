package dev.noether.nn.pooling;

import dev.noether.grid.Exactness;
import dev.noether.grid.GridLayer;
import dev.noether.kernel.FieldType;
import dev.noether.nn.EquivariantLayer;
import dev.noether.nn.LayerType;
import dev.noether.plain.PlainGraph;
import dev.noether.plain.PlainLayer;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;

/**
 * One vector for the whole grid, on a grid of one cell: the mean of every channel, for any fields,
 * or its maximum, for fields whose channels the group permutes. Exact on every square grid.
 *
 * <p>It is escnn's {@code PointwiseAdaptiveAvgPool} and {@code PointwiseAdaptiveMaxPool} with an
 * output of 1.
 */
public final class GlobalPooling extends EquivariantLayer implements GridLayer, PlainLayer {
  /** What stands for the whole grid. */
  public enum Statistic {
    /** The mean over all places. */
    MEAN,
    /** The maximum over all places. */
    MAX
  }

  /** How an architecture describes it. */
  public static final LayerType<GlobalPooling> TYPE =
      LayerType.independentOfBases(GlobalPooling.class)
          .fields("in", layer -> layer.type)
          .setting("statistic", layer -> layer.statistic, Statistic.MEAN)
          .builds(s -> new GlobalPooling(s.fields("in"), s.constant(Statistic.class, "statistic")));

  private final FieldType type;
  private final Statistic statistic;

  /**
   * A pooling without parameters.
   *
   * @param type the fields
   * @param statistic the mean or the maximum
   * @throws IllegalArgumentException for a maximum, if the group does not permute the channels of a
   *     field
   */
  public GlobalPooling(FieldType type, Statistic statistic) {
    super(
        statistic == Statistic.MAX
            ? GroupPooling.requirePermuted(type, "a maximum over the grid", "the mean")
            : type,
        type);
    this.type = type;
    this.statistic = statistic;
  }

  /**
   * The mean over the grid.
   *
   * @param type the fields
   */
  public GlobalPooling(FieldType type) {
    this(type, Statistic.MEAN);
  }

  @Override
  protected Tensor compute(Tensor input) {
    long[] grid = IntStream.rangeClosed(1, type.space().dimension()).mapToLong(i -> -i).toArray();
    return statistic == Statistic.MAX
        ? input.amax(grid, true)
        : input.mean(grid, true, new ScalarTypeOptional());
  }

  @Override
  public Exactness exactness(long size) {
    return Exactness.always();
  }

  @Override
  public long outputSize(long size) {
    return 1;
  }

  @Override
  public <V> V plain(PlainGraph<V> graph, V x) {
    int d = type.space().dimension();
    V cells = graph.join(x, d, PlainGraph.REST);
    V one = statistic == Statistic.MAX ? graph.largest(cells) : graph.mean(cells);
    return d == 2 ? graph.split(one, 1, 1) : graph.split(one, 1, 1, 1);
  }

  @Override
  public String toString() {
    return "GlobalPooling(" + statistic + ", " + type + ")";
  }
}
