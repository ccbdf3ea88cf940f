/**
 * Trained models in plain Java: no native library, no dependency beside the JDK.
 *
 * <p>{@link dev.noether.runtime.Model#load} reads what {@code noether export MODEL OUT.noether}
 * wrote. An equivariant layer runs in the basis of the irreps where that is less work, so it reads
 * as many times fewer weights as the group has elements.
 */
@NullMarked
package dev.noether.runtime;

import org.jspecify.annotations.NullMarked;
