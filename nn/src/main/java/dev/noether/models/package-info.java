/**
 * Whole networks, made of layers, and layers themselves: they train, save, load and are checked as
 * any other. Each equivariant one has a plain twin for comparison.
 *
 * <p>Uses all of {@code nn}; nothing there knows a model.
 */
@NullMarked
package dev.noether.models;

import org.jspecify.annotations.NullMarked;
