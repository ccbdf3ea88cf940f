/**
 * Groups, their elements and their irreducible representations.
 *
 * <p>A group knows its multiplication table, its characters, its irreps and its subgroups; it knows
 * nothing of reducible representations (package {@code rep}), of layers or of tensors. Everything
 * here is immutable, built deterministically, and safe from every thread.
 */
@NullMarked
package dev.noether.group;

import org.jspecify.annotations.NullMarked;
