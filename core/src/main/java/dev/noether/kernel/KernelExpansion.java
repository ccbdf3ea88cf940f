package dev.noether.kernel;

import static dev.noether.algebra.Checks.require;

import dev.noether.group.FiniteGroup;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * From the weights of a steerable convolution to its kernel {@code [out, in, points]}.
 *
 * <p>The weights of all pairs of equal fields share a basis. They are one vector, as in escnn:
 * pairs sorted by the names of the input's and then of the output's field, as text; in a pair
 * copies of the output, copies of the input, elements of the basis, the last fastest.
 */
public final class KernelExpansion {
  private final FieldType in;
  private final FieldType out;
  private final Points points;
  private final List<KernelPair> pairs;

  private KernelExpansion(FieldType in, FieldType out, Points points, List<KernelPair> pairs) {
    this.in = in;
    this.out = out;
    this.points = points;
    this.pairs = List.copyOf(pairs);
  }

  /**
   * Square or cubic kernels with the usual rings.
   *
   * @param in the fields of the input
   * @param out the fields of the output
   * @param kernelSize the number of cells of a side
   * @param dilation the distance between cells
   * @return the expansion
   * @throws IllegalArgumentException as {@link #of}
   */
  public static KernelExpansion onGrid(FieldType in, FieldType out, int kernelSize, int dilation) {
    Rings rings = Rings.standard(in.space().dimension(), kernelSize, dilation);
    return onGrid(in, out, kernelSize, dilation, rings, element -> true);
  }

  /**
   * Square or cubic kernels.
   *
   * @param in the fields of the input
   * @param out the fields of the output
   * @param kernelSize the number of cells of a side
   * @param dilation the distance between cells
   * @param rings the radial part; rings beyond the corners of the kernel are refused
   * @param filter which elements to take
   * @return the expansion
   * @throws IllegalArgumentException as {@link #of}, or if a ring lies outside the kernel
   */
  public static KernelExpansion onGrid(
      FieldType in,
      FieldType out,
      int kernelSize,
      int dilation,
      Rings rings,
      Predicate<KernelElement> filter) {
    int dimension = in.space().dimension();
    Points grid = Points.grid(dimension, kernelSize, dilation);
    rings.requireWithin(
        Points.radius(grid.point(0)),
        "a kernel of size " + kernelSize + " and dilation " + dilation);
    return of(in, out, rings, grid, filter);
  }

  /**
   * All square or cubic kernels that commute with a group which permutes the pixels, such as
   * quarter turns: more than the smooth ones of {@link #onGrid}, as many as orbits count. Of the
   * kernels on {@link Rings#ofPixels} those are taken that are linearly independent.
   *
   * @param in the fields of the input
   * @param out the fields of the output
   * @param kernelSize the number of cells of a side
   * @param dilation the distance between cells
   * @param filter which elements to take
   * @return the expansion
   * @throws IllegalArgumentException as {@link #of}, or if an element of the group moves pixels
   *     between pixels
   */
  public static KernelExpansion ofPixels(
      FieldType in, FieldType out, int kernelSize, int dilation, Predicate<KernelElement> filter) {
    Space space = in.space();
    require(
        space.group() instanceof FiniteGroup group && group.order() == space.gridElements().size(),
        "kernels of all pixels need a group that permutes the pixels, such as C4, D4 or the"
            + " octahedral group; %s has other elements, take the kernels of rings",
        space);
    int dimension = space.dimension();
    Rings rings = Rings.ofPixels(dimension, kernelSize, dilation);
    Points grid = Points.grid(dimension, kernelSize, dilation);
    return sampled(
        in, out, rings, grid, whole -> SampledBasis.of(whole.where(filter), grid).independent());
  }

  /**
   * Kernels at any points.
   *
   * @param in the fields of the input
   * @param out the fields of the output
   * @param rings the radial part
   * @param points where the kernels are sampled
   * @param filter which elements to take
   * @return the expansion
   * @throws IllegalArgumentException if the types live on different spaces, the points have another
   *     dimension, or no kernel reaches one of the output's fields
   */
  public static KernelExpansion of(
      FieldType in, FieldType out, Rings rings, Points points, Predicate<KernelElement> filter) {
    return sampled(in, out, rings, points, whole -> SampledBasis.of(whole.where(filter), points));
  }

  private static KernelExpansion sampled(
      FieldType in,
      FieldType out,
      Rings rings,
      Points points,
      Function<KernelBasis, SampledBasis> sampling) {
    in.requireSameSpace(out);
    AngularKernels angular = new AngularKernels(in.space());
    List<KernelPair> pairs = new ArrayList<>();
    int start = 0;
    List<Fields> outputs = Fields.of(out);
    for (Fields from : Fields.of(in)) {
      for (Fields to : outputs) {
        KernelBasis whole = KernelBasis.of(in.space(), from.field, to.field, rings, angular);
        SampledBasis basis = sampling.apply(whole);
        if (basis.dim() > 0) {
          pairs.add(new KernelPair(basis, from.starts(), to.starts(), start));
          start += pairs.get(pairs.size() - 1).count();
        }
      }
    }
    for (Fields to : outputs) {
      require(
          pairs.stream().anyMatch(pair -> pair.outStarts()[0] == to.starts()[0]),
          "no kernel leads to the field %s of %s: %s and %d points allow none; the lowest frequency"
              + " that leads there from %s is %s, and even kernels have no cell in the centre;"
              + " raise the cutoffs or leave the field out",
          to.field,
          out,
          rings,
          points.count(),
          in,
          lowestFrequency(angular, in, to.field));
    }
    return new KernelExpansion(in, out, points, pairs);
  }

  private static String lowestFrequency(AngularKernels angular, FieldType in, Field out) {
    return in.fields().stream()
        .distinct()
        .flatMap(field -> field.representation().irreps().stream())
        .flatMap(
            m ->
                out.representation().irreps().stream()
                    .map(n -> angular.lowestFrequency(m, n, Ring.HIGHEST_FREQUENCY)))
        .filter(frequency -> frequency >= 0)
        .min(Comparator.naturalOrder())
        .map(String::valueOf)
        .orElse("above " + Ring.HIGHEST_FREQUENCY);
  }

  /** The copies of one field. */
  private record Fields(Field field, List<Integer> channels) {
    /** Sorted by name; fields of one name and different matrices in the order of appearance. */
    static List<Fields> of(FieldType type) {
      int[] starts = type.starts();
      return type.copies().stream()
          .map(
              kind ->
                  new Fields(
                      type.fields().get(kind.get(0)), kind.stream().map(i -> starts[i]).toList()))
          .toList();
    }

    int[] starts() {
      return channels.stream().mapToInt(Integer::intValue).toArray();
    }
  }

  /**
   * The number of weights.
   *
   * @return copies of the output times copies of the input times dimension, summed over the pairs
   */
  public int weights() {
    return pairs.isEmpty() ? 0 : pairs.get(pairs.size() - 1).stop();
  }

  /**
   * The pairs of fields that have kernels, in the order of the weights.
   *
   * @return the pairs
   */
  public List<KernelPair> pairs() {
    return pairs;
  }

  /**
   * The fields of the input.
   *
   * @return the type
   */
  public FieldType in() {
    return in;
  }

  /**
   * The fields of the output.
   *
   * @return the type
   */
  public FieldType out() {
    return out;
  }

  /**
   * Where the kernels are sampled.
   *
   * @return the points
   */
  public Points points() {
    return points;
  }

  /**
   * The kernel of some weights, in plain Java; layers do the same with tensors.
   *
   * @param weights {@code weights()} numbers
   * @return the kernel {@code [out, in, points]}, row by row
   * @throws IllegalArgumentException if the number of weights is another one
   */
  public double[] expand(double... weights) {
    require(
        weights.length == weights(),
        "kernels from %s to %s need %d weights, got %d",
        in,
        out,
        weights(),
        weights.length);
    double[] kernel = new double[out.size() * in.size() * points.count()];
    for (KernelPair pair : pairs) {
      pair.expand(weights, kernel, in.size());
    }
    return kernel;
  }

  /**
   * The standard deviation of each weight at the start, so that the output's variance is the
   * input's (He and others, 2015; Weiler and Cesa, 2019): 1 / sqrt(T B), where T different irreps
   * of the input reach the output irrep of the weight's element, B elements of them from the irrep
   * of its input, over all copies.
   *
   * @return {@code weights()} numbers
   */
  public double[] initialDeviations() {
    Map<List<Object>, Integer> elements = new HashMap<>();
    Map<Object, Set<Object>> sources = new LinkedHashMap<>();
    for (KernelPair pair : pairs) {
      for (KernelBlock block : pair.basis().basis().blocks()) {
        int copies = pair.inCopies() * block.inStarts().length;
        for (int position : block.outStarts()) {
          List<Object> target = List.of(pair.outStarts()[0], position);
          sources.computeIfAbsent(target, key -> new HashSet<>()).add(block.in());
          elements.merge(
              List.of(target, block.in()), copies * block.elements().size(), Integer::sum);
        }
      }
    }
    double[] deviations = new double[weights()];
    for (KernelPair pair : pairs) {
      double[] one = new double[pair.basis().dim()];
      for (KernelBlock block : pair.basis().basis().blocks()) {
        int[] positions = block.outStarts();
        for (int a = 0; a < positions.length; a++) {
          List<Object> target = List.of(pair.outStarts()[0], positions[a]);
          int kinds = sources.getOrDefault(target, Set.of()).size();
          int count = elements.getOrDefault(List.of(target, block.in()), 0);
          for (int b = 0; b < block.inStarts().length; b++) {
            for (int e = 0; e < block.elements().size(); e++) {
              one[block.weight(a, b, e)] = 1 / Math.sqrt((double) kinds * count);
            }
          }
        }
      }
      for (int copy = pair.start(); copy < pair.stop(); copy += one.length) {
        System.arraycopy(one, 0, deviations, copy, one.length);
      }
    }
    return deviations;
  }

  /**
   * Weights for these bases from weights for others, such as those of a Python checkpoint.
   *
   * @param bases the {@code sampled_basis} of every pair, in the order of {@link #pairs}, each
   *     {@code [count, out, in, points]}, row by row
   * @param weights the weights that go with them
   * @return weights that make the same kernel
   * @throws IllegalArgumentException if the numbers of bases or weights are others, or a basis
   *     spans other kernels; the message names the pair
   */
  public double[] weightsFrom(List<double[]> bases, double... weights) {
    return changed(bases, weights, SampledBasisChange::weights);
  }

  /**
   * The gradient by weights for other bases, from the one by weights for these.
   *
   * @param bases the other bases, as {@link #weightsFrom} takes them
   * @param gradient the derivatives by the weights for these bases
   * @return the derivatives by the weights for the others
   * @throws IllegalArgumentException as {@link #weightsFrom}
   */
  public double[] gradientFor(List<double[]> bases, double... gradient) {
    return changed(bases, gradient, SampledBasisChange::gradient);
  }

  private double[] changed(
      List<double[]> bases,
      double[] numbers,
      BiFunction<SampledBasisChange, double[], double[]> map) {
    require(
        bases.size() == pairs.size(),
        "one basis is needed for each of the %d pairs of fields, got %d",
        pairs.size(),
        bases.size());
    require(
        numbers.length == weights(),
        "kernels from %s to %s need %d weights, got %d",
        in,
        out,
        weights(),
        numbers.length);
    double[] changed = new double[numbers.length];
    for (int i = 0; i < pairs.size(); i++) {
      KernelPair pair = pairs.get(i);
      SampledBasisChange change =
          pair.basis()
              .changeFrom(bases.get(i))
              .requireSameSpan("the basis of " + pair.names() + " in the file");
      int dim = pair.basis().dim();
      for (int copy = pair.start(); copy < pair.stop(); copy += dim) {
        double[] part = map.apply(change, Arrays.copyOfRange(numbers, copy, copy + dim));
        System.arraycopy(part, 0, changed, copy, dim);
      }
    }
    return changed;
  }

  /**
   * The bytes of all bases.
   *
   * @param bytesPerNumber 4 for float32, 8 for float64
   * @return the sum over the pairs
   */
  public long bytes(int bytesPerNumber) {
    return pairs.stream().mapToLong(pair -> pair.basis().bytes(bytesPerNumber)).sum();
  }

  /**
   * The multiply-adds of one expansion.
   *
   * @return the sum over all pairs of copies
   */
  public long multiplyAdds() {
    return pairs.stream()
        .mapToLong(pair -> (long) pair.inCopies() * pair.outCopies() * pair.basis().multiplyAdds())
        .sum();
  }
}
