package dev.noether.nn.distribution;

import org.bytedeco.pytorch.Tensor;

/**
 * Means and covariances of two signals.
 *
 * @param meanX the mean of x, {@code [sizeX]}
 * @param meanY the mean of y, {@code [sizeY]}
 * @param covXx the covariance of x, {@code [sizeX, sizeX]}
 * @param covYy the covariance of y, {@code [sizeY, sizeY]}
 * @param covXy the cross-covariance, {@code [sizeX, sizeY]}
 */
public record EmaMoments(Tensor meanX, Tensor meanY, Tensor covXx, Tensor covYy, Tensor covXy) {}
