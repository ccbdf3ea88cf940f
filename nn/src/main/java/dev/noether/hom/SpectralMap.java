package dev.noether.hom;

import dev.noether.algebra.Matrix;
import dev.noether.group.Irrep;
import dev.noether.rep.HomSpace;
import dev.noether.rep.IsotypicDecomposition;
import dev.noether.rep.Representation;
import dev.noether.torch.Dtype;
import dev.noether.torch.Scopes;
import dev.noether.torch.Tensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Applies an equivariant map without forming it: a change of basis shared by equal summands, one
 * small product for every row of every irrep, and a change of basis back.
 *
 * <p>Schur's lemma: in the isotypic bases the map is (A_k (x) I) for each irrep k, so the rows of
 * an irrep are multiplied by the same matrix A_k, which mixes copies only. For an irrep of complex
 * or quaternionic type, S rows go together, with blocks of A_k given by its endomorphisms.
 *
 * <p>Where a run of equal summands holds one irrep alone, all its rows go through one product.
 *
 * <p>It takes the coefficients in the order of its {@link GroupHomomorphismBasis}. Inside, features
 * are ordered [irrep, row, run of equal summands, row of the endomorphism algebra, copy inside a
 * summand, summand].
 */
public final class SpectralMap {
  /** Consecutive equal summands, which one product turns. */
  private record Run(
      Representation summand, int start, int count, @Nullable Tensor basis, List<Integer> chunks) {}

  private final HomSpace space;
  private final List<Run> inRuns = new ArrayList<>();
  private final List<Run> outRuns = new ArrayList<>();
  private final Tensor gather;
  private final @Nullable Tensor signs;
  private final Map<String, Tensor> buffers = new LinkedHashMap<>();

  private SpectralMap(HomSpace space, int[] placeOf, Dtype dtype) {
    this.space = space;
    List<List<Integer>> inCopies = runs("in", space.in(), inRuns, dtype);
    List<List<Integer>> outCopies = runs("out", space.out(), outRuns, dtype);
    LongStream.Builder places = LongStream.builder();
    List<Double> signList = new ArrayList<>();
    for (int k = 0; k < space.blocks().size(); k++) {
      mixing(space.blocks().get(k), outCopies.get(k), inCopies.get(k), places, signList);
    }
    long[] gathered = places.build().map(place -> placeOf[(int) place]).toArray();
    gather = keep("spectral_gather", Tensors.ofIndices(gathered));
    double[] signArray = signList.stream().mapToDouble(Double::doubleValue).toArray();
    signs =
        Arrays.stream(signArray).allMatch(s -> s == 1)
            ? null
            : keep("spectral_signs", Tensors.of(dtype, signArray, signArray.length));
  }

  /**
   * The map that a basis describes.
   *
   * @param basis the basis; its order of coefficients is this map's
   * @param dtype the dtype of its tensors
   * @return the map, on the CPU
   */
  public static SpectralMap of(GroupHomomorphismBasis basis, Dtype dtype) {
    return new SpectralMap(basis.space(), basis.placesOfIsotypic(), dtype);
  }

  private Tensor keep(String name, Tensor tensor) {
    buffers.put(name, Scopes.keep(tensor));
    return tensor;
  }

  /**
   * The tensors that it computes with. A layer that moves them does so in place.
   *
   * @return an unmodifiable map
   */
  public Map<String, Tensor> buffers() {
    return Collections.unmodifiableMap(buffers);
  }

  /**
   * Splits a representation into runs.
   *
   * @return for each block, its rows in the order of the layout, coded as copy * S + row of the
   *     endomorphism algebra
   */
  private List<List<Integer>> runs(
      String side, IsotypicDecomposition decomposition, List<Run> runs, Dtype dtype) {
    List<Representation> summands = decomposition.representation().summands();
    List<List<Integer>> order = new ArrayList<>();
    space.blocks().forEach(block -> order.add(new ArrayList<>()));
    int[] seen = new int[space.blocks().size()];
    int coordinate = 0;
    for (int first = 0, end; first < summands.size(); first = end) {
      Representation summand = summands.get(first);
      end = first + 1;
      while (end < summands.size() && summands.get(end).equals(summand)) {
        end++;
      }
      int count = end - first;
      List<Integer> columns = new ArrayList<>();
      List<Integer> chunks = new ArrayList<>();
      for (int k = 0; k < space.blocks().size(); k++) {
        Irrep irrep = space.blocks().get(k).irrep();
        int s = irrep.type().endomorphismDimension();
        int height = irrep.dimension() / s;
        List<Integer> starts = starts(summand, irrep);
        for (int row = 0; row < height; row++) {
          for (int u = 0; u < s; u++) {
            for (int start : starts) {
              columns.add(start + u * height + row);
            }
          }
          chunks.add(s * starts.size());
        }
        for (int u = 0; u < s; u++) {
          for (int copy = 0; copy < starts.size(); copy++) {
            for (int i = 0; i < count; i++) {
              order.get(k).add((seen[k] + i * starts.size() + copy) * s + u);
            }
          }
        }
        seen[k] += count * starts.size();
      }
      Matrix basis = summand.changeOfBasis().columns(columns.stream().mapToInt(c -> c).toArray());
      boolean plain =
          columns.isEmpty()
              || (basis.rows() == basis.columns() && basis.equals(Matrix.identity(basis.rows())));
      String name = "spectral_" + side + "_" + runs.size();
      runs.add(
          new Run(
              summand,
              coordinate,
              count,
              plain ? null : keep(name, Tensors.of(dtype, basis)),
              chunks));
      coordinate += count * summand.size();
    }
    return order;
  }

  /** The columns of a summand's Q at which the copies of an irrep begin. */
  private static List<Integer> starts(Representation summand, Irrep irrep) {
    List<Integer> starts = new ArrayList<>();
    int column = 0;
    for (Irrep copy : summand.irreps()) {
      if (copy.equals(irrep)) {
        starts.add(column);
      }
      column += copy.dimension();
    }
    return starts;
  }

  /** The matrix A_k as a gather from the coefficients: {@code [columns in, columns out]}. */
  private static void mixing(
      HomSpace.Block block,
      List<Integer> out,
      List<Integer> in,
      LongStream.Builder places,
      List<Double> signs) {
    int s = block.irrep().type().endomorphismDimension();
    int height = block.irrep().dimension() / s;
    List<Matrix> endomorphisms = block.irrep().endomorphismBasis();
    for (int i : in) {
      for (int o : out) {
        for (int e = 0; e < s; e++) {
          double sign = endomorphisms.get(e).get(o % s * height, i % s * height);
          if (sign != 0) {
            places.add(
                block.start() + ((long) (o / s) * block.in().multiplicity() + i / s) * s + e);
            signs.add(sign);
          }
        }
      }
    }
  }

  /** The number of small products. */
  int products() {
    return space.blocks().stream()
        .mapToInt(b -> b.irrep().dimension() / b.irrep().type().endomorphismDimension())
        .sum();
  }

  /**
   * The multiply-adds for one sample, changes of basis included.
   *
   * @return the number of multiply-adds
   */
  public long multiplyAddsPerSample() {
    long changes = 0;
    for (Run run : inRuns) {
      changes += changeOfBasis(run);
    }
    for (Run run : outRuns) {
      changes += changeOfBasis(run);
    }
    long products = 0;
    for (HomSpace.Block block : space.blocks()) {
      products += (long) block.dim() * block.irrep().dimension();
    }
    return changes + products;
  }

  private static long changeOfBasis(Run run) {
    return run.basis == null
        ? 0
        : (long) run.count * run.summand.size() * run.chunks.stream().mapToInt(c -> c).sum();
  }

  /**
   * Applies the map.
   *
   * @param input {@code [samples, in.size]}
   * @param coefficients {@code [dim]}, in the order of the basis
   * @return {@code [samples, out.size]}
   */
  public Tensor apply(Tensor input, Tensor coefficients) {
    return Scopes.compute(() -> applyChecked(input, coefficients));
  }

  private Tensor applyChecked(Tensor input, Tensor coefficients) {
    long samples = input.size(0);
    List<Tensor> spectra = inRuns.stream().map(run -> spectrum(run, input, samples)).toList();
    Tensor mixing = coefficients.index_select(0, gather);
    if (signs != null) {
      mixing = mixing.mul(signs);
    }
    List<List<Tensor>> answers = new ArrayList<>();
    outRuns.forEach(run -> answers.add(new ArrayList<>()));
    long[] read = new long[inRuns.size()];
    long used = 0;
    int chunk = 0;
    for (HomSpace.Block block : space.blocks()) {
      int s = block.irrep().type().endomorphismDimension();
      long rows = (long) s * block.in().multiplicity();
      long columns = (long) s * block.out().multiplicity();
      Tensor matrix = mixing.narrow(0, used, rows * columns).view(rows, columns);
      used += rows * columns;
      int height = block.irrep().dimension() / s;
      int only = onlyRun(chunk, height);
      if (only >= 0) {
        Tensor answer = spectra.get(only).view(samples * height, rows).mm(matrix);
        distribute(chunk, answer.view(samples, height, columns), answers);
        chunk += height;
      } else {
        for (int row = 0; row < height; row++, chunk++) {
          Tensor answer = gather(chunk, spectra, read).mm(matrix);
          distribute(chunk, answer.view(samples, 1, columns), answers);
        }
      }
    }
    List<Tensor> outputs = new ArrayList<>();
    for (int run = 0; run < outRuns.size(); run++) {
      outputs.add(back(outRuns.get(run), answers.get(run), input));
    }
    return join(outputs);
  }

  private static Tensor spectrum(Run run, Tensor input, long samples) {
    long size = run.summand.size();
    Tensor own =
        input.size(1) == run.count * size ? input : input.narrow(1, run.start, run.count * size);
    Tensor turned =
        run.basis == null
            ? own.reshape(samples, run.count, size)
            : own.reshape(samples * run.count, size).mm(run.basis).view(samples, run.count, -1);
    return run.count == 1 ? turned.view(samples, -1) : turned.transpose(1, 2).reshape(samples, -1);
  }

  /** The features of one chunk from every run; {@code read} moves on. */
  private Tensor gather(int chunk, List<Tensor> spectra, long[] read) {
    List<Tensor> parts = new ArrayList<>();
    for (int run = 0; run < inRuns.size(); run++) {
      long width = (long) inRuns.get(run).chunks.get(chunk) * inRuns.get(run).count;
      if (width > 0) {
        parts.add(spectra.get(run).narrow(1, read[run], width));
      }
      read[run] += width;
    }
    return join(parts);
  }

  /**
   * The run whose features are exactly the {@code height} chunks that begin at one, so that all
   * their rows go through one product; -1 where there is none.
   */
  private int onlyRun(int chunk, int height) {
    int only = -1;
    for (int run = 0; run < inRuns.size(); run++) {
      List<Integer> chunks = inRuns.get(run).chunks;
      if (chunks.get(chunk) > 0) {
        int others = chunks.stream().mapToInt(c -> c).sum() - height * chunks.get(chunk);
        if (only >= 0 || others > 0) {
          return -1;
        }
        only = run;
      }
    }
    return only;
  }

  /** Hands each run of the output its columns of {@code [samples, rows, columns]}. */
  private void distribute(int chunk, Tensor answer, List<List<Tensor>> answers) {
    long samples = answer.size(0);
    long start = 0;
    for (int run = 0; run < outRuns.size(); run++) {
      long width = (long) outRuns.get(run).chunks.get(chunk) * outRuns.get(run).count;
      if (width > 0) {
        Tensor own = width == answer.size(2) ? answer : answer.narrow(2, start, width);
        answers.get(run).add(own.reshape(samples, -1));
      }
      start += width;
    }
  }

  private static Tensor back(Run run, List<Tensor> chunks, Tensor input) {
    long samples = input.size(0);
    long size = run.summand.size();
    if (chunks.isEmpty()) {
      return input.new_zeros(samples, run.count * size);
    }
    Tensor spectrum = join(chunks);
    if (run.count > 1) {
      spectrum = spectrum.view(samples, -1, run.count).transpose(1, 2);
    }
    return run.basis == null
        ? spectrum.reshape(samples, run.count * size)
        : spectrum
            .reshape(samples * run.count, -1)
            .mm(run.basis.t())
            .view(samples, run.count * size);
  }

  private static Tensor join(List<Tensor> parts) {
    return parts.size() == 1 ? parts.get(0) : Tensors.concatenate(1, parts.toArray(Tensor[]::new));
  }
}
