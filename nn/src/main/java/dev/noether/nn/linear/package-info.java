/**
 * Linear layers: plain, equivariant, between lists of fields; scales and biases of copies of
 * irreps; the constraints that make a plain layer equivariant; changes of basis.
 *
 * <p>Uses the kernel {@code nn} alone. A layer here says everything that only it can know: its
 * formula, how it is described and built, its spectral and plain forms.
 */
@NullMarked
package dev.noether.nn.linear;

import org.jspecify.annotations.NullMarked;
