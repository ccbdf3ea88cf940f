/**
 * The compact groups of rotations and reflections, SO(2), O(2), SO(3) and O(3): elements, irreps by
 * frequency, Clebsch-Gordan coefficients, Haar samples, quadrature, and the finite groups inside
 * them.
 *
 * <p>What belongs elsewhere: finite groups ({@code dev.noether.group}); sums of irreps and their
 * restriction to finite groups ({@code dev.noether.rep}).
 */
@NullMarked
package dev.noether.lie;

import org.jspecify.annotations.NullMarked;
