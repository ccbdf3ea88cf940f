package dev.noether.hom;

import static dev.noether.algebra.Checks.require;

import java.util.Locale;
import org.bytedeco.pytorch.GeneratorOptional;
import org.bytedeco.pytorch.Tensor;

/**
 * How the coefficients of an equivariant map are drawn.
 *
 * <p>For an irrep with S_k endomorphisms the fans are S_k m_in and S_k m_out, the numbers of
 * coefficients that meet in one copy; then Glorot and Bengio (2010) or He et al. (2015) as usual.
 */
public enum Initialization {
  /** Normal, variance 2 / (fan in + fan out). */
  XAVIER_NORMAL,
  /** Uniform, variance 2 / (fan in + fan out). */
  XAVIER_UNIFORM,
  /** Normal, variance 2 / fan in. */
  KAIMING_NORMAL,
  /** Uniform, variance 2 / fan in. */
  KAIMING_UNIFORM;

  private boolean isNormal() {
    return this == XAVIER_NORMAL || this == KAIMING_NORMAL;
  }

  /**
   * Draws numbers, in place.
   *
   * @param tensor a tensor without gradient, which gets them
   * @param fanIn how many of them meet in one output
   * @param fanOut how many of them one input goes into
   * @param generator where they come from
   * @return the tensor
   */
  public Tensor draw(Tensor tensor, int fanIn, int fanOut, GeneratorOptional generator) {
    double deviation = standardDeviation(fanIn, fanOut);
    double bound = Math.sqrt(3) * deviation;
    return isNormal()
        ? tensor.normal_(0, deviation, generator)
        : tensor.uniform_(-bound, bound, generator);
  }

  private double standardDeviation(int fanIn, int fanOut) {
    boolean xavier = this == XAVIER_NORMAL || this == XAVIER_UNIFORM;
    return Math.sqrt(2.0 / (xavier ? fanIn + fanOut : fanIn));
  }

  /**
   * Reads a scheme as PyTorch writes it: {@code xavier_normal}, {@code kaiming_uniform}.
   *
   * @param text the name
   * @return the scheme
   * @throws IllegalArgumentException if there is none of that name
   */
  public static Initialization parse(String text) {
    for (Initialization scheme : values()) {
      if (scheme.toString().equals(text)) {
        return scheme;
      }
    }
    require(
        false,
        "unknown initialization '%s': know xavier_normal, xavier_uniform, kaiming_normal, "
            + "kaiming_uniform",
        text);
    throw new IllegalStateException();
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
