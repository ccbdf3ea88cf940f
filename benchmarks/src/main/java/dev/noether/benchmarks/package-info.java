/**
 * What is measured beside the bench command: construction, layers of many widths and batches, and
 * the trainer's loop.
 *
 * <p>Nothing here is published or tested; figures go to docs/performance.md.
 */
@NullMarked
package dev.noether.benchmarks;

import org.jspecify.annotations.NullMarked;
