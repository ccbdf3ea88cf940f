/**
 * The self-test: cases computed by the reference, and Noether's answers beside them.
 *
 * <p>One class knows where cases lie, one compares, and one for each kind of case builds what it
 * names.
 */
@NullMarked
package dev.noether.cli.selftest;

import org.jspecify.annotations.NullMarked;
