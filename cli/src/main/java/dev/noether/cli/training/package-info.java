/**
 * Models of the library trained, evaluated and used from the command line: configurations, data
 * files, folders of runs and their curves.
 */
@NullMarked
package dev.noether.cli.training;

import org.jspecify.annotations.NullMarked;
