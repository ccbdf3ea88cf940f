/**
 * Layers whose symmetry is exact by construction, and the tools to check and measure them.
 *
 * <p>Java owns the tree of layers; tensors, autograd and optimizers are LibTorch's. Shapes read
 * {@code [..., size]}: any leading axes, features last.
 */
@NullMarked
package dev.noether.nn;

import org.jspecify.annotations.NullMarked;
