/** Models for noether-runtime, which computes them in plain Java. */
@NullMarked
package dev.noether.io.runtime;

import org.jspecify.annotations.NullMarked;
