/**
 * What tries to take Noether down: damaged files, hostile texts, kills, threads, hours. Layers,
 * formats and commands are those that are registered.
 */
@NullMarked
package dev.noether.benchmarks.campaign;

import org.jspecify.annotations.NullMarked;
