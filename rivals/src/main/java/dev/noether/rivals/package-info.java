/** Other runtimes, for {@code noether bench --runtime}. */
@NullMarked
package dev.noether.rivals;

import org.jspecify.annotations.NullMarked;
