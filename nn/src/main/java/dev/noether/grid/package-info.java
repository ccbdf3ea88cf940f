/**
 * Fields sampled on grids: how a group moves images and volumes.
 *
 * <p>Uses {@code kernel} for spaces and types of fields, and {@code torch} for tensors. What
 * belongs elsewhere: layers, and kernels of convolutions.
 */
@NullMarked
package dev.noether.grid;

import org.jspecify.annotations.NullMarked;
