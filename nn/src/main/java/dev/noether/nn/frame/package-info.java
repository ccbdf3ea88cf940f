/**
 * Symmetry for functions that have none: averages over a group, and poses that are learned.
 *
 * <p>Uses the kernel {@code nn} and {@code nn.linear}. A layer here says everything that only it
 * can know: its formula, how it is described and built, its plain form.
 */
@NullMarked
package dev.noether.nn.frame;

import org.jspecify.annotations.NullMarked;
