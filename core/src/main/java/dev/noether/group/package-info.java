/**
 * Groups, finite and compact, their elements and their irreducible representations.
 *
 * <p>Five neighbourhoods: <b>families</b> ({@code Groups}, the table {@code Families}, and a
 * builder for each kind; products; groups from permutations, matrices and names), <b>tables</b>
 * ({@code FiniteGroup}, its elements, conjugacy classes), <b>characters</b> (exact tables),
 * <b>irreps</b> (those of the families in closed form, of products from their factors, of any other
 * group from its characters; those of the compact groups), <b>subgroups</b> (search, lattice,
 * quotients, the names they are recognised by).
 *
 * <p>Nothing here knows reducible representations (package {@code rep}), layers or tensors.
 * Everything is immutable, built deterministically, and safe from every thread.
 */
@NullMarked
package dev.noether.group;

import org.jspecify.annotations.NullMarked;
