/**
 * Normal distributions on symmetric spaces, and running statistics.
 *
 * <p>Uses the kernel {@code nn} and {@code nn.linear}. A layer here says everything that only it
 * can know: its formula, how it is described and built, its spectral and plain forms.
 */
@NullMarked
package dev.noether.nn.distribution;

import org.jspecify.annotations.NullMarked;
