package dev.noether.nn.frame;

import dev.noether.group.CompactGroup;
import dev.noether.plain.PlainGraph;
import dev.noether.rep.Representation;
import dev.noether.torch.Buffers;
import dev.noether.torch.Dtype;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;

/** The elements of a group that a frame chooses, one for each sample, and what they do. */
sealed interface Poses permits ElementPoses, OrthogonalPoses {
  /** What the elements of a batch do: into their poses and back, {@code [samples, size]} each. */
  interface Chosen {
    Tensor enter(Tensor rows);

    Tensor leave(Tensor rows);
  }

  /** How the output of a frame transforms, by which elements are chosen. */
  static Representation frame(Representation in) {
    return in.group() instanceof CompactGroup group
        ? OrthogonalPoses.frame(group)
        : Representation.regular(in.finiteGroup());
  }

  static Poses of(Representation in, Representation out, Dtype dtype) {
    return in.group() instanceof CompactGroup
        ? new OrthogonalPoses(in, out, dtype)
        : new ElementPoses(in, out, dtype);
  }

  Buffers buffers();

  /**
   * Chooses.
   *
   * @param numbers what the frame gives, {@code [samples, size of frame(in)]}
   * @param like a tensor of the dtype that features have
   * @param learns whether a choice that has no gradient takes that of another function
   */
  Chosen choose(Tensor numbers, Tensor like, boolean learns);

  /**
   * The same in a graph.
   *
   * @param numbers what the frame gives
   * @param x features
   * @param inner what happens between
   */
  <V> V plain(PlainGraph<V> graph, V numbers, V x, UnaryOperator<V> inner);
}
