package dev.noether.models;

import dev.noether.nn.linear.EquivariantAffine;
import dev.noether.nn.norm.EquivariantRmsNorm;
import dev.noether.plain.PlainGraph;
import dev.noether.plain.PlainLayer;
import java.util.function.BiFunction;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.GradMode;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * A layer of one input inside another, plain or equivariant: its name there, its function, its
 * plain form.
 *
 * @param name its name there
 * @param function what it does
 * @param form its plain form
 * @param afterScales what it does after scales, which a linear map takes in
 * @param scaling the layer itself, where it is a norm whose scales the next map may take in
 */
record Part(
    String name,
    UnaryOperator<Tensor> function,
    PlainLayer form,
    BiFunction<Tensor, EquivariantAffine, Tensor> afterScales,
    @Nullable EquivariantRmsNorm scaling) {
  /** A layer that neither takes scales in nor gives any away. */
  Part(String name, UnaryOperator<Tensor> function, PlainLayer form) {
    this(name, function, form, (x, scales) -> function.apply(scales.forward(x)), null);
  }

  Tensor apply(Tensor x) {
    return function.apply(x);
  }

  /** The norm whose scales what follows takes in: in evaluation without gradients. */
  @Nullable EquivariantRmsNorm norm() {
    boolean keeps = scaling != null && !scaling.isTraining() && !GradMode.is_enabled();
    return keeps ? scaling : null;
  }

  Tensor apply(Tensor x, @Nullable EquivariantAffine scales) {
    return scales == null ? apply(x) : afterScales.apply(x, scales);
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
