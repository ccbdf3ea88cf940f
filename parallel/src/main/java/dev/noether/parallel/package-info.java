/**
 * Many processes that train one model together, on one machine or many: they meet, exchange numbers
 * through LibTorch's collectives, and find out which of them failed.
 *
 * <p>No loop lives here: {@code dev.noether.train} has one, for any number of ranks.
 */
@NullMarked
package dev.noether.parallel;

import org.jspecify.annotations.NullMarked;
