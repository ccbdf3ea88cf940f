/**
 * Working with the symmetry of layers that exist: restricting them to a subgroup, and back.
 *
 * <p>What a layer must tell for that, it tells by its {@link dev.noether.nn.LayerType}: its
 * representations, its settings, and how its weights depend on bases.
 */
@NullMarked
package dev.noether.nn.symmetry;

import org.jspecify.annotations.NullMarked;
