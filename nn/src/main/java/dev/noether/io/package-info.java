/**
 * Files: tensors and layers from and to disk, in formats that other programs read.
 *
 * <p>A damaged file ends in a {@link dev.noether.io.DamagedFileException}, never in a wrong tensor.
 */
@NullMarked
package dev.noether.io;

import org.jspecify.annotations.NullMarked;
