package dev.noether.hom;

import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/** The arithmetic between coefficients, in an order of its own, and dense maps. */
interface Realization {
  /** The tensors that it computes with, by name. */
  Map<String, Tensor> buffers();

  /** {@code [dim]} to {@code [out, in]}. */
  Tensor expand(Tensor coefficients);

  /** {@code [out, in]} to {@code [dim]}: those of the closest equivariant map. */
  Tensor coefficients(Tensor weight);

  /** {@code [out, in]} to {@code [out, in]}: the closest equivariant map. */
  Tensor project(Tensor weight);
}
