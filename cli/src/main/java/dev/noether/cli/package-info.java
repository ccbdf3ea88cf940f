/**
 * The command line: each command reads its options, calls the library, and prints.
 *
 * <p>No mathematics lives here.
 */
@NullMarked
package dev.noether.cli;

import org.jspecify.annotations.NullMarked;
