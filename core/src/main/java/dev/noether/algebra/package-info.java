/**
 * What the rest stands on: an immutable float64 matrix and the eigenvalues of symmetric ones; exact
 * numbers (cyclotomic ones, which are the values of characters, and prime fields, in which
 * character tables are computed); and the argument checks that give every error message its shape,
 * with what was perhaps meant by an unknown word.
 *
 * <p>Nothing about groups lives here, and nothing mutable leaves it.
 */
@NullMarked
package dev.noether.algebra;

import org.jspecify.annotations.NullMarked;
