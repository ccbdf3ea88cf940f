/** Where a program begins: one class, and the packages below it. */
@NullMarked
package dev.noether;

import org.jspecify.annotations.NullMarked;
