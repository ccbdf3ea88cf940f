package dev.noether.train.data;

import static dev.noether.algebra.Checks.require;
import static dev.noether.algebra.Checks.requirePresent;

import dev.noether.io.SafeTensors;
import dev.noether.io.TensorFile;
import dev.noether.torch.Dtype;
import dev.noether.torch.Scopes;
import dev.noether.train.DataSource;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Samples in files that may be larger than memory: the files are mapped, and a batch copies its
 * samples. The files must stay as they are as long as it is used.
 *
 * <p>Files are told apart by their shapes, dtypes and 256 samples of each tensor, since reading
 * them whole would take as long as an epoch.
 */
public final class MappedData implements DataSource {
  private static final Map<String, ScalarType> TYPES =
      Map.of(
          "float32", ScalarType.Float,
          "float64", ScalarType.Double,
          "float16", ScalarType.Half,
          "bfloat16", ScalarType.BFloat16,
          "int64", ScalarType.Long,
          "int32", ScalarType.Int,
          "int16", ScalarType.Short,
          "int8", ScalarType.Char,
          "uint8", ScalarType.Byte,
          "bool", ScalarType.Bool);

  private final Map<String, MappedArray> arrays;
  private final Optional<Dtype> dtype;

  private MappedData(Map<String, MappedArray> arrays, Optional<Dtype> dtype) {
    this.arrays = arrays;
    this.dtype = dtype;
    require(!arrays.isEmpty(), "a data set needs at least one tensor, got none");
    long first = size();
    arrays.forEach(
        (name, array) ->
            require(
                array.rows() == first,
                "all tensors must have as many samples as the first, %d, '%s' has %d",
                first,
                name,
                array.rows()));
  }

  /**
   * Arrays that NumPy's {@code save} wrote, one in a file.
   *
   * @param files the file of each tensor, {@code [samples, ...]}, by its name
   * @return the samples
   * @throws IllegalArgumentException if one is no NPY file, of a dtype that is not read or in
   *     Fortran's order, or their numbers of samples differ
   * @throws IOException if a file cannot be read, or is too short
   */
  public static MappedData npy(Map<String, Path> files) throws IOException {
    Map<String, MappedArray> arrays = new LinkedHashMap<>();
    for (Map.Entry<String, Path> e : files.entrySet()) {
      Path path = e.getValue();
      try (InputStream in = new BufferedInputStream(Files.newInputStream(path))) {
        NpyHeader header = NpyHeader.read(path.toString(), in);
        require(
            !header.columnsFirst() || header.array().shape().size() < 2,
            "%s has its first axis fastest, so its samples are not in one place: save "
                + "numpy.ascontiguousarray of it",
            path);
        arrays.put(e.getKey(), MappedArray.of(path, header.length(), header.array()));
      }
    }
    return new MappedData(arrays, Optional.empty());
  }

  /**
   * Tensors of a safetensors file.
   *
   * @param path the file
   * @param tensors the name in the file of each tensor, {@code [samples, ...]}, by its own
   * @return the samples
   * @throws IllegalArgumentException if there is no tensor of a name, one has a dtype that is not
   *     read, or their numbers of samples differ
   * @throws IOException if the file cannot be read or is damaged
   */
  public static MappedData safetensors(Path path, Map<String, String> tensors) throws IOException {
    Map<String, MappedArray> arrays = new LinkedHashMap<>();
    try (SafeTensors file = SafeTensors.open(path)) {
      for (Map.Entry<String, String> e : tensors.entrySet()) {
        String name = e.getValue();
        long offset = file.offset(name);
        TensorFile.Entry entry = requirePresent(file.entries().get(name), "no tensor '%s'", name);
        arrays.put(e.getKey(), MappedArray.of(path, offset, array(path, name, entry)));
      }
    }
    return new MappedData(arrays, Optional.empty());
  }

  private static StoredArray array(Path path, String name, TensorFile.Entry entry) {
    ScalarType type =
        requirePresent(
            TYPES.get(entry.dtype()),
            "%s: '%s' is %s, which is not read as data",
            path,
            name,
            entry.dtype());
    long[] shape = entry.shape().stream().mapToLong(Long::longValue).toArray();
    long count = Math.max(1, Arrays.stream(shape).reduce(1, (a, b) -> a * b));
    return StoredArray.of(path.toString(), type, (int) (entry.bytes() / count), shape);
  }

  /**
   * The same samples in the dtype of a model; a batch is converted when it is made.
   *
   * @param own the dtype
   * @return the samples
   */
  public MappedData to(Dtype own) {
    return new MappedData(arrays, Optional.of(own));
  }

  @Override
  public long size() {
    return arrays.values().iterator().next().rows();
  }

  @Override
  public Map<String, Tensor> batch(long... samples) {
    Map<String, Tensor> batch = new LinkedHashMap<>();
    arrays.forEach(
        (name, array) ->
            batch.put(
                name,
                Scopes.compute(
                    () -> {
                      Tensor rows = array.rows(samples);
                      return dtype.isPresent() ? rows.to(dtype.get().scalarType()) : rows;
                    })));
    return batch;
  }

  @Override
  public long fingerprint() {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      arrays.forEach(
          (name, array) -> {
            List<Object> kind = List.of(name, array.array().shape(), array.array().type(), dtype);
            digest.update(kind.toString().getBytes(StandardCharsets.UTF_8));
            array.addTo(digest);
          });
      return ByteBuffer.wrap(digest.digest()).getLong();
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
