/**
 * The bytes below the formats: where they are read from, the dtypes that they encode, the memory of
 * tensors, and what no file may claim. For the formats of {@link dev.noether.io}, not for users.
 */
@NullMarked
package dev.noether.io.bytes;

import org.jspecify.annotations.NullMarked;
