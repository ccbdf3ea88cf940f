package dev.noether.models;

import dev.noether.nn.linear.EquivariantAffine;
import dev.noether.nn.linear.EquivariantLinear;
import dev.noether.nn.norm.EquivariantRmsNorm;
import dev.noether.plain.PlainGraph;
import dev.noether.plain.PlainLayer;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.GradMode;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * A layer of one input inside another, plain or equivariant: its name there, its function, its
 * plain form.
 */
record Part(String name, UnaryOperator<Tensor> function, PlainLayer form) {
  Tensor apply(Tensor x) {
    return function.apply(x);
  }

  /** The norm whose scales what follows may take in: in evaluation without gradients. */
  @Nullable EquivariantRmsNorm norm() {
    return form instanceof EquivariantRmsNorm norm && !norm.isTraining() && !GradMode.is_enabled()
        ? norm
        : null;
  }

  /** After scales, which a linear map takes in. */
  Tensor apply(Tensor x, @Nullable EquivariantAffine scales) {
    if (scales == null) {
      return apply(x);
    }
    return form instanceof EquivariantLinear linear
        ? linear.forward(x, scales)
        : apply(scales.forward(x));
  }

  /** After a norm. */
  Tensor after(Part before, Tensor x) {
    @Nullable EquivariantRmsNorm norm = before.norm();
    return norm == null ? apply(before.apply(x)) : apply(norm.unscaled(x), norm.scales());
  }

  <V> V plain(PlainGraph<V> graph, V x) {
    return form.plain(graph.at(name), x);
  }
}
