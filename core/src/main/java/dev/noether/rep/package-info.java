/**
 * Representations: how a group acts on vectors, what that action is made of, and which linear maps
 * commute with it.
 *
 * <p>Pure Java and float64. Everything here is immutable; tensors and layers live elsewhere.
 */
@NullMarked
package dev.noether.rep;

import org.jspecify.annotations.NullMarked;
