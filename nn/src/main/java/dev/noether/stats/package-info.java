/**
 * Statistics of data whose distribution has a symmetry: invariant means, variances and covariances
 * equal to those of the data augmented by the whole group, without augmenting; principal components
 * that are irreps; and a test of the symmetry itself.
 *
 * <p>Accumulators are immutable and add up, so that batches may come in any order, from any number
 * of threads, from more data than fits in memory. Running averages inside a model are layers, in
 * {@code nn}.
 */
@NullMarked
package dev.noether.stats;

import org.jspecify.annotations.NullMarked;
