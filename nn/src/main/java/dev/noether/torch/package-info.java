/**
 * The one place that loads LibTorch, and the few helpers through which the rest of Noether speaks
 * to it: dtypes, devices, scopes, tensors from and to Java arrays.
 *
 * <p>No mathematics of groups lives here.
 */
@NullMarked
package dev.noether.torch;

import org.jspecify.annotations.NullMarked;
