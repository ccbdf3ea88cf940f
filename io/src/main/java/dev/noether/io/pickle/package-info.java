/**
 * The files of PyTorch: {@link dev.noether.io.pickle.PtFile}, a zip archive with a pickle that is
 * read and written without executing anything.
 */
@NullMarked
package dev.noether.io.pickle;

import org.jspecify.annotations.NullMarked;
