/**
 * Tasks that show what symmetry buys: an equivariant model beside a plain one, on data of a task
 * that has a symmetry. Each gives its results as a table; the pages in {@code docs} tell of them.
 */
@NullMarked
package dev.noether.examples;

import org.jspecify.annotations.NullMarked;
