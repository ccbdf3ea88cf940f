/**
 * Whole networks, each an ordinary layer: multilayer perceptrons and encoders of signals over time,
 * equivariant ones and their plain twins, which take the same options.
 *
 * <p>Uses the layers of {@code nn}. Names in state dicts are those of the Python package, so its
 * weights load.
 */
@NullMarked
package dev.noether.models;

import org.jspecify.annotations.NullMarked;
