package dev.noether.io;

import static dev.noether.algebra.Checks.require;

import dev.noether.algebra.Matrix;
import dev.noether.linalg.EquivariantLeastSquares;
import dev.noether.merge.Mergeable;
import dev.noether.merge.MergeableState;
import dev.noether.nn.Architecture;
import dev.noether.stats.Covariance;
import dev.noether.stats.CrossCovariance;
import dev.noether.stats.InvariantMean;
import dev.noether.stats.SymmetryStatistics;
import dev.noether.torch.Dtype;
import dev.noether.torch.Tensors;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Statistics in a file or in bytes: {@link InvariantMean}, {@link Covariance} (from which principal
 * components are made), {@link CrossCovariance}, {@link EquivariantLeastSquares} and {@link
 * SymmetryStatistics}, so that parts of a data set that different machines have seen can be merged.
 *
 * <p>The form is that of a {@link Checkpoint}: safetensors, whose texts tell the kind, the format's
 * version, the representations and a fingerprint of their bases, and a SHA-256 of all of it.
 * Whoever reads it gets what was written, to the bit, or an error.
 *
 * <pre>{@code
 * Covariance here = Covariance.of(rho).plus(x);
 * byte[] bytes = Statistics.toBytes(here);
 * Covariance there = Statistics.of(bytes, Covariance.class);
 * }</pre>
 */
public final class Statistics {
  private static final String FORMAT = "format";
  private static final String VERSION = "1";
  private static final String DTYPE = "dtype";

  private record Kind<S extends Mergeable<S>>(Class<S> type, Function<MergeableState, S> reader) {
    String name() {
      return type.getSimpleName();
    }
  }

  private static final List<Kind<?>> KINDS =
      List.of(
          new Kind<>(InvariantMean.class, InvariantMean::of),
          new Kind<>(Covariance.class, Covariance::of),
          new Kind<>(CrossCovariance.class, CrossCovariance::of),
          new Kind<>(EquivariantLeastSquares.class, EquivariantLeastSquares::of),
          new Kind<>(SymmetryStatistics.class, SymmetryStatistics::of));

  private Statistics() {}

  /**
   * The statistics as bytes.
   *
   * @param statistics of one of the kinds above
   * @return what {@link #of} reads; the same statistics always give the same bytes
   * @throws IllegalArgumentException if they are of another kind
   */
  public static byte[] toBytes(Mergeable<?> statistics) {
    try (PointerScope scope = new PointerScope()) {
      CheckpointFile.Contents contents = contents(statistics);
      return SafeTensors.toBytes(contents.tensors(), contents.texts());
    } catch (IOException e) {
      throw new UncheckedIOException(e); // memory does not fail
    }
  }

  /**
   * Writes statistics, whole or not at all.
   *
   * @param statistics of one of the kinds above
   * @param path the file, replaced if it is there
   * @throws IllegalArgumentException if they are of another kind
   * @throws IOException if the file cannot be written; an old one is then as it was
   */
  public static void save(Mergeable<?> statistics, Path path) throws IOException {
    try (PointerScope scope = new PointerScope()) {
      CheckpointFile.Contents contents = contents(statistics);
      SafeTensors.write(path, contents.tensors(), contents.texts());
    }
  }

  private static CheckpointFile.Contents contents(Mergeable<?> statistics) throws IOException {
    require(
        KINDS.stream().anyMatch(kind -> kind.type().equals(statistics.getClass())),
        "statistics of the library are written, got %s",
        statistics);
    MergeableState state = statistics.state();
    Map<String, String> settings = new LinkedHashMap<>();
    settings.put(FORMAT, VERSION);
    state.samples().ifPresent(dtype -> settings.put(DTYPE, dtype.toString()));
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    state.counts().forEach((name, count) -> tensors.put(name, Tensors.of(new long[] {count}, 1)));
    state.numbers().forEach((name, matrix) -> tensors.put(name, Tensors.of(Dtype.FLOAT64, matrix)));
    Architecture architecture =
        new Architecture(
            statistics.getClass().getSimpleName(),
            state.representations(),
            settings,
            List.of(),
            Map.of());
    return CheckpointFile.contents(architecture, tensors, Map.of(), BasisHashes.of(architecture));
  }

  /**
   * Reads statistics from bytes.
   *
   * @param <S> their class
   * @param bytes what {@link #toBytes} gave
   * @param type their class
   * @return the statistics, of samples on the CPU
   * @throws IllegalArgumentException if they are of another kind
   * @throws DamagedFileException if the bytes are damaged, of an unknown version, or of bases that
   *     this version does not have
   * @throws IOException never otherwise
   */
  public static <S extends Mergeable<S>> S of(byte[] bytes, Class<S> type) throws IOException {
    try (PointerScope scope = new PointerScope();
        SafeTensors file = SafeTensors.of(bytes)) {
      return read(file, type);
    }
  }

  /**
   * Reads statistics from a file.
   *
   * @param <S> their class
   * @param path what {@link #save} wrote
   * @param type their class
   * @return the statistics, of samples on the CPU
   * @throws IllegalArgumentException if they are of another kind
   * @throws DamagedFileException if the file is damaged, of an unknown version, or of bases that
   *     this version does not have
   * @throws IOException if the file cannot be read
   */
  public static <S extends Mergeable<S>> S load(Path path, Class<S> type) throws IOException {
    try (PointerScope scope = new PointerScope();
        SafeTensors file = SafeTensors.open(path)) {
      return read(file, type);
    } catch (DamagedFileException e) {
      throw e.in(path);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(path + ": " + e.getMessage(), e);
    }
  }

  private static <S extends Mergeable<S>> S read(TensorFile file, Class<S> type)
      throws IOException {
    CheckpointFile checkpoint = CheckpointFile.read(file, name -> true);
    Architecture told = checkpoint.architecture();
    Optional<Kind<?>> kind =
        KINDS.stream().filter(known -> known.name().equals(told.type())).findFirst();
    require(
        kind.isPresent() && kind.get().type().equals(type),
        "it holds %s, not %s",
        told.type(),
        type.getSimpleName());
    String version = told.settings().getOrDefault(FORMAT, "none");
    if (!version.equals(VERSION)) {
      throw new DamagedFileException(
          "the statistics have format " + version + ", this version reads " + VERSION);
    }
    checkpoint.requireSameBases();
    try {
      return type.cast(kind.get().reader().apply(state(told, checkpoint.state())));
    } catch (IllegalArgumentException e) {
      throw new DamagedFileException("it does not hold statistics: " + e.getMessage(), e);
    }
  }

  private static MergeableState state(Architecture told, Map<String, Tensor> tensors) {
    Map<String, Long> counts = new LinkedHashMap<>();
    Map<String, Matrix> numbers = new LinkedHashMap<>();
    tensors.forEach(
        (name, tensor) -> {
          long[] shape = Tensors.shape(tensor);
          ScalarType type = Tensors.scalarType(tensor);
          if (type == ScalarType.Long && shape.length == 1 && shape[0] == 1) {
            counts.put(name, tensor.item().toLong());
          } else {
            require(
                type == ScalarType.Double
                    && shape.length == 2
                    && Math.max(shape[0], shape[1]) <= Integer.MAX_VALUE,
                "'%s' must be a whole number or a matrix in float64, got %s %s",
                name,
                Tensors.dtypeName(tensor),
                Arrays.toString(shape));
            numbers.put(name, Matrix.of((int) shape[0], (int) shape[1], Tensors.toArray(tensor)));
          }
        });
    Optional<Dtype> samples =
        Optional.ofNullable(told.settings().get(DTYPE)).map(Statistics::dtype);
    return new MergeableState(told.representations(), counts, samples, numbers);
  }

  private static Dtype dtype(String name) {
    return Arrays.stream(Dtype.values())
        .filter(dtype -> dtype.toString().equals(name))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("there is no dtype '" + name + "'"));
  }
}
