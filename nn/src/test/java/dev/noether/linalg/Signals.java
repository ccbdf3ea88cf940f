package dev.noether.linalg;

import dev.noether.algebra.Matrix;
import dev.noether.group.Element;
import dev.noether.rep.Representation;
import dev.noether.torch.Dtype;
import dev.noether.torch.LibTorch;
import dev.noether.torch.Tensors;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.ejml.dense.row.RandomMatrices_DDRM;

/** Representations and data for the laws of linear algebra and statistics. */
public final class Signals {
  private Signals() {}

  /**
   * Real, complex and quaternionic types, multiplicities, irreps that one side lacks, rotated
   * bases.
   */
  public static Stream<Representation> representations() {
    LibTorch.load();
    return Stream.of(
        of("C5: 2 x regular"),
        rotated("C5: 2 x regular", 1),
        rotated("C4: 3 x irrep(1) + 2 x trivial", 2),
        rotated("C3: 2 x irrep(1)", 3),
        of("D4: regular + 2 x irrep(1,1) + trivial"),
        rotated("D4: 2 x irrep(1,1)", 4),
        rotated("D3: regular + 2 x trivial", 5),
        rotated("Icosahedral: irrep(1) + 2 x irrep(2) + trivial", 6),
        of("Q8: regular + 2 x trivial"),
        rotated("2T: 2 x irrep(1) + irrep(2) + irrep(3) + irrep(4)", 7));
  }

  public static Representation of(String text) {
    return Representation.parse(text);
  }

  public static Representation rotated(String text, long seed) {
    Representation plain = of(text);
    int n = plain.size();
    return plain.changeBasis(
        Matrix.of(n, n, RandomMatrices_DDRM.orthogonal(n, n, new Random(seed)).data));
  }

  /** The regular representation of the same group, rotated. */
  public static Representation rotatedRegular(Representation representation) {
    return rotated(representation.group() + ": regular", 77);
  }

  public static Tensor random(long seed, long... shape) {
    int count = 1;
    for (long axis : shape) {
      count *= (int) axis;
    }
    Random random = new Random(seed);
    double[] values = new double[count];
    for (int i = 0; i < count; i++) {
      values[i] = random.nextGaussian() + 0.5;
    }
    return Tensors.of(Dtype.FLOAT64, values, shape);
  }

  /** The data and all its transforms, {@code [N |G|, size]}, element after element. */
  public static Tensor augmented(Tensor x, Representation representation) {
    List<Tensor> all = new ArrayList<>();
    for (Element g : representation.finiteGroup().elements()) {
      all.add(act(x, representation, g));
    }
    return Tensors.concatenate(0, all.toArray(Tensor[]::new));
  }

  public static Tensor act(Tensor x, Representation representation, Element g) {
    return x.matmul(Tensors.of(Dtype.FLOAT64, representation.at(g).transpose()));
  }

  public static double distance(Tensor a, Tensor b) {
    return a.sub(b).abs().max().item().toDouble();
  }
}
