/**
 * Linear algebra that knows the symmetry: isotypic coordinates of signals, radii of irreps, the
 * projection onto equivariant maps, and least squares over them.
 *
 * <p>Functions of tensors and immutable accumulators; nothing here trains, and nothing is a layer.
 * Statistics of data sets live in {@code stats}.
 */
@NullMarked
package dev.noether.linalg;

import org.jspecify.annotations.NullMarked;
