/** The benchmark: what is timed, how, and the table that shows it. */
@NullMarked
package dev.noether.cli.bench;

import org.jspecify.annotations.NullMarked;
