/**
 * The moment of inertia of five masses: a network that commutes with all rotations and reflections,
 * and the closed form.
 */
@NullMarked
package dev.noether.examples.inertia;

import org.jspecify.annotations.NullMarked;
