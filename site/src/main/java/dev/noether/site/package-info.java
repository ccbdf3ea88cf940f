/** The documents as a static site, with its links checked. */
@NullMarked
package dev.noether.site;

import org.jspecify.annotations.NullMarked;
