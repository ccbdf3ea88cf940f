/**
 * What all statistics have in common that merge: data in pieces, on one machine or many, gives the
 * result of all of it together.
 */
@NullMarked
package dev.noether.merge;

import org.jspecify.annotations.NullMarked;
