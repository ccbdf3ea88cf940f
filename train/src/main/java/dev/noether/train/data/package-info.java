/**
 * Readers of data: files of other programs as tensors and as sources of samples.
 *
 * <p>Nothing in a file is executed, and what is wrong with one is told with its name and place.
 */
@NullMarked
package dev.noether.train.data;

import org.jspecify.annotations.NullMarked;
