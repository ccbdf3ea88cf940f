package dev.noether.cli.selftest;

import dev.noether.algebra.Matrix;
import dev.noether.group.FiniteGroup;
import dev.noether.group.FiniteIrrep;
import dev.noether.group.GroupProducts;
import dev.noether.rep.Representation;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * Two representations of one group, drawn: what a law must hold for though no case was written.
 *
 * @param seed where the draw began
 * @param group a group that no case of the reference has
 * @param in a representation, every second one in a basis of its own
 * @param out one that shares an irrep with it
 */
record DrawnSubject(long seed, FiniteGroup group, Representation in, Representation out) {
  private static final String[] NAMES = {
    "A4",
    "S4",
    "Q8",
    "Q16",
    "Dic3",
    "Dic5",
    "2T",
    "2O",
    "Tetrahedral",
    "Th",
    "Td",
    "C3v",
    "D2d",
    "C3 x C3",
    "C2 x C4",
    "C3 x Q8",
    "C7 semidirect(2) C3",
    "C2 wr C3",
    "D3 x C4",
    "V4 wr C2"
  };
  private static final int SMALL = 12;

  static DrawnSubject of(long seed) {
    Random random = new Random(seed);
    random.nextInt(); // the first numbers of neighbouring seeds are alike
    FiniteGroup group = group(random);
    Representation in = sum(random, group);
    Representation shared = Representation.irrep(in.irreps().get(0));
    return new DrawnSubject(
        seed, group, turned(random, in), turned(random, sum(random, group).plus(shared)));
  }

  private static FiniteGroup group(Random random) {
    return switch (random.nextInt(5)) {
      case 0 -> FiniteGroup.named("C" + (9 + random.nextInt(16)));
      case 1 -> FiniteGroup.named("D" + (7 + random.nextInt(8)));
      case 2 -> FiniteGroup.fromPermutations("drawn", List.of(shuffled(random), shuffled(random)));
      case 3 ->
          GroupProducts.direct(
              FiniteGroup.named("C" + (2 + random.nextInt(4))),
              FiniteGroup.named("D" + (3 + random.nextInt(3))));
      default -> FiniteGroup.named(NAMES[random.nextInt(NAMES.length)]);
    };
  }

  private static int[] shuffled(Random random) {
    List<Integer> images = new ArrayList<>(IntStream.range(0, 5).boxed().toList());
    Collections.shuffle(images, random);
    return images.stream().mapToInt(i -> i).toArray();
  }

  private static Representation sum(Random random, FiniteGroup group) {
    List<Representation> summands = new ArrayList<>();
    if (group.order() <= SMALL && random.nextBoolean()) {
      summands.add(Representation.regular(group));
    }
    for (int i = random.nextInt(3); i >= 0; i--) {
      FiniteIrrep irrep = group.irreps().get(random.nextInt(group.irreps().size()));
      summands.add(Representation.irrep(irrep).times(1 + random.nextInt(2)));
    }
    return Representation.directSum(summands);
  }

  private static Representation turned(Random random, Representation rho) {
    return random.nextBoolean() ? rho : rho.changeBasis(rotation(random, rho.size()));
  }

  /** A product of reflections. */
  private static Matrix rotation(Random random, int n) {
    Matrix result = Matrix.identity(n);
    for (int k = 0; k < 2; k++) {
      Matrix v = Matrix.of(n, 1, random.doubles(n, -1, 1).toArray());
      double square = v.transpose().times(v).get(0, 0);
      result = result.times(Matrix.identity(n).plus(v.timesTranspose(v).scale(-2 / square)));
    }
    return result;
  }
}
