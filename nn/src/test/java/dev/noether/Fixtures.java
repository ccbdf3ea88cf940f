package dev.noether;

import dev.noether.algebra.Matrix;
import dev.noether.nn.FunctionLayer;
import dev.noether.nn.Layer;
import dev.noether.nn.LayerRegistry;
import dev.noether.nn.MemoryFootprint;
import dev.noether.nn.linear.AffineOptions;
import dev.noether.nn.linear.DenseOptions;
import dev.noether.nn.linear.EquivariantLinear;
import dev.noether.nn.linear.MapOptions;
import dev.noether.nn.norm.NormOptions;
import dev.noether.rep.Representation;
import dev.noether.spectral.SpectralForm;
import dev.noether.torch.Dtype;
import dev.noether.torch.Tensors;
import java.util.List;
import java.util.Random;
import java.util.function.UnaryOperator;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.ejml.dense.row.RandomMatrices_DDRM;

/** What many tests need: numbers, rotated bases, distances, options that say the same. */
public final class Fixtures {
  /** The dtypes of laws that hold to many digits. */
  public static final List<Dtype> WIDE = List.of(Dtype.FLOAT32, Dtype.FLOAT64);

  private Fixtures() {}

  /** The representation in a rotated basis, always the same one. */
  public static Representation rotated(Representation rho) {
    int n = rho.size();
    return rho.changeBasis(
        Matrix.of(n, n, RandomMatrices_DDRM.orthogonal(n, n, new Random(n)).data));
  }

  /** Numbers between -1 and 1, always the same ones. */
  public static Tensor random(Dtype dtype, long... shape) {
    int count = 1;
    for (long axis : shape) {
      count *= (int) axis;
    }
    return Tensors.of(dtype, new Random(count).doubles(count, -1, 1).toArray(), shape);
  }

  /** The largest difference of entries. */
  public static double distance(Tensor a, Tensor b) {
    return a.sub(b).abs().max().item().toDouble();
  }

  /** A layer of a user's own: any function, claimed to be equivariant, without a plain form. */
  public static FunctionLayer ownLayer(Representation rho, UnaryOperator<Tensor> function) {
    return new FunctionLayer("mine", rho, rho, function);
  }

  /** The layer that its description and its state dict make: what a checkpoint holds. */
  public static Layer builtAgain(Layer layer) {
    LayerRegistry registry = LayerRegistry.standard();
    Layer again = registry.build(registry.describe(layer).orElseThrow());
    again.load(layer.stateDict());
    return again;
  }

  /** The same bias, seed and dtype for a plain layer. */
  public static DenseOptions dense(MapOptions options) {
    return new DenseOptions(options.bias(), options.seed(), options.dtype());
  }

  /** The same bias and dtype for scales. */
  public static AffineOptions affine(MapOptions options) {
    return new AffineOptions(options.bias(), options.dtype());
  }

  /** The same bias and dtype for a norm, with its usual eps. */
  public static NormOptions norm(MapOptions options) {
    return new NormOptions(1e-6, options.bias(), options.dtype());
  }

  /** The bytes of a layer once it has also been applied irrep by irrep. */
  public static long bytesOfBothWays(EquivariantLinear layer) {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      SpectralForm form = layer.spectralForm().orElseThrow();
      Tensor x = random(layer.dtype(), 1, layer.in().size());
      form.out().leave(form.apply(form.in().enter(x)), x);
      MemoryFootprint memory = MemoryFootprint.of(layer);
      return memory.trainableBytes() + memory.nonTrainableBytes();
    }
  }
}
