/**
 * The compact groups of rotations and reflections, SO(2), O(2), SO(3) and O(3): elements, irreps by
 * frequency, sums of irreps, Clebsch-Gordan coefficients, Haar samples, quadrature, and restriction
 * to finite groups.
 *
 * <p>What belongs elsewhere: finite groups ({@code dev.noether.group}) and their representations
 * ({@code dev.noether.rep}), to which restriction leads.
 */
@NullMarked
package dev.noether.lie;

import org.jspecify.annotations.NullMarked;
