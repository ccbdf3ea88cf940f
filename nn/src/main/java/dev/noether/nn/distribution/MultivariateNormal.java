package dev.noether.nn.distribution;

import dev.noether.torch.Scopes;
import dev.noether.torch.Seeds;
import dev.noether.torch.Tensors;
import java.util.Arrays;
import java.util.OptionalLong;
import org.bytedeco.pytorch.GeneratorOptional;
import org.bytedeco.pytorch.MemoryFormatOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;

/**
 * Normal distributions whose mean and covariance an {@link EquivariantMultivariateNormal} layer
 * read off features, one for every entry of the leading axes. Everything lets gradients through to
 * the features.
 */
public final class MultivariateNormal {
  private final EquivariantMultivariateNormal layer;
  private final Tensor input;

  MultivariateNormal(EquivariantMultivariateNormal layer, Tensor input) {
    this.layer = layer;
    this.input = input;
  }

  private int size() {
    return layer.out().size();
  }

  /**
   * The mean.
   *
   * @return {@code [..., size]}
   */
  public Tensor mean() {
    return Scopes.compute(() -> layer.mean(input));
  }

  /**
   * The covariance.
   *
   * @return symmetric positive definite matrices {@code [..., size, size]} that commute with the
   *     group
   */
  public Tensor covariance() {
    return Scopes.compute(
        () -> {
          TensorOptions options = new TensorOptions(Tensors.scalarType(input));
          Tensor noise = torch.eye(size(), options).to(input.device(), input.scalar_type());
          Tensor factor = layer.color(input.unsqueeze(-2), noise);
          return factor.transpose(-2, -1).matmul(factor);
        });
  }

  /**
   * The variance of every coordinate: the diagonal of the covariance.
   *
   * @return {@code [..., size]}
   */
  public Tensor variance() {
    if (layer.covariance() == NormalCovariance.DIAGONAL) {
      return Scopes.compute(() -> layer.diagonal(input));
    }
    return Scopes.compute(() -> covariance().diagonal(0, -2, -1).contiguous());
  }

  /**
   * The logarithm of the density.
   *
   * @param y {@code [..., size]}; leading axes broadcast with those of the features
   * @return {@code [...]}
   * @throws IllegalArgumentException if the last axis, the dtype or the device do not fit
   */
  public Tensor logProb(Tensor y) {
    Tensors.requireInput(y, size(), "out.size()", layer.out(), input);
    return Scopes.compute(
        () -> {
          Tensor white = layer.whiten(input, y.sub(layer.mean(input)));
          double constant = 0.5 * size() * StrictMath.log(2 * Math.PI);
          return white
              .mul(white)
              .sum(-1L)
              .mul(new Scalar(-0.5))
              .sub(layer.halfLogDeterminant(input))
              .sub(new Scalar(constant));
        });
  }

  /**
   * The differential entropy.
   *
   * @return {@code [...]}
   */
  public Tensor entropy() {
    double constant = 0.5 * size() * (1 + StrictMath.log(2 * Math.PI));
    return Scopes.compute(() -> layer.halfLogDeterminant(input).add(new Scalar(constant)));
  }

  /**
   * Draws samples as a function of the features and of standard noise, so that gradients flow.
   *
   * @param seed the seed of a generator of its own; empty draws from LibTorch's
   * @param leading leading axes of the result, none for one sample of each distribution
   * @return {@code [leading..., ..., size]}
   */
  public Tensor rsample(OptionalLong seed, long... leading) {
    return Scopes.compute(
        () -> {
          long[] own = Tensors.shape(layer.mean(input));
          long[] shape = Arrays.copyOf(leading, leading.length + own.length);
          System.arraycopy(own, 0, shape, leading.length, own.length);
          GeneratorOptional generator = Seeds.generator(seed);
          TensorOptions options = new TensorOptions(Tensors.scalarType(input));
          Tensor noise =
              torch
                  .empty(shape, options, new MemoryFormatOptional())
                  .normal_(0, 1, generator)
                  .to(input.device(), input.scalar_type());
          return torch.add(layer.mean(input), layer.color(input, noise));
        });
  }
}
