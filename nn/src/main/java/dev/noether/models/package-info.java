/**
 * Whole networks and transformer layers, each an ordinary layer: equivariant ones and their plain
 * twins, which take the same options.
 *
 * <p>Uses the layers of {@code nn}. Names in state dicts are those of the Python package, so its
 * weights load.
 */
@NullMarked
package dev.noether.models;

import org.jspecify.annotations.NullMarked;
