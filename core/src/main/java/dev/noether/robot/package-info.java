/**
 * Robots as trees of joints, read from URDF, and the symmetry that they have: a group, and how it
 * moves angles, velocities and vectors.
 */
@NullMarked
package dev.noether.robot;

import org.jspecify.annotations.NullMarked;
