/**
 * What one does with the compact groups of rotations and reflections, SO(2), O(2), SO(3) and O(3):
 * quadrature in their Haar measure, Clebsch-Gordan coefficients in closed form, and the finite
 * groups inside them.
 *
 * <p>What belongs elsewhere: the groups themselves, their elements and irreps ({@code
 * dev.noether.group}); sums of irreps and their restriction to finite groups ({@code
 * dev.noether.rep}).
 */
@NullMarked
package dev.noether.lie;

import org.jspecify.annotations.NullMarked;
