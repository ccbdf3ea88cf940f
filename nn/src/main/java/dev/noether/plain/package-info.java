/**
 * Layers written down as ordinary operations on dense tensors, with no symmetry left to know: what
 * exporters take, and the words that they share with layers (activations, the geometry of a
 * convolution, what the axes of a tensor are).
 *
 * <p>Nothing here knows a layer, a group's layer types, or a file format.
 */
@NullMarked
package dev.noether.plain;

import org.jspecify.annotations.NullMarked;
