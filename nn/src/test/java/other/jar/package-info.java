/** Layers as a user's own jar brings them: in a package of their own, on public API alone. */
@NullMarked
package other.jar;

import org.jspecify.annotations.NullMarked;
