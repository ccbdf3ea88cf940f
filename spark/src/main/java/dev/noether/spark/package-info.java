/**
 * Data of a Spark cluster: statistics of rows wherever they are, and training in a barrier job.
 *
 * <p>Spark itself is the cluster's. Tasks keep statistics of a fixed size, which travel as the
 * bytes of {@link dev.noether.io.Statistics}; no row leaves its partition.
 */
@NullMarked
package dev.noether.spark;

import org.jspecify.annotations.NullMarked;
