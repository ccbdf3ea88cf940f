/**
 * Training: the loop, its data, schedules, callbacks and checkpoints.
 *
 * <p>Everything that a run draws (the order of samples, dropout, augmentation) is a function of its
 * seed and of how far it is, so a run that is killed and resumed gives the same bytes as one that
 * never stopped. No layer and no format of tensors lives here.
 */
@NullMarked
package dev.noether.train;

import org.jspecify.annotations.NullMarked;
