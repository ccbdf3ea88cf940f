package dev.noether.train.data;

import static dev.noether.algebra.Checks.require;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;
import org.bytedeco.pytorch.Tensor;

/**
 * Reads the arrays that NumPy's {@code savez} or {@code savez_compressed} wrote (NPZ, a zip of
 * NPY), executing nothing.
 */
public final class NpzFile {
  private static final String ENDING = ".npy";

  private NpzFile() {}

  /**
   * Reads all arrays.
   *
   * @param path the file
   * @return new tensors on the CPU by name, in the order of the file
   * @throws IllegalArgumentException if it is no NPZ file, or an array has a dtype that is not read
   * @throws IOException if the file cannot be read, or an array ends too early
   */
  public static Map<String, Tensor> read(Path path) throws IOException {
    try (ZipFile zip = new ZipFile(path.toFile())) {
      Map<String, Tensor> tensors = new LinkedHashMap<>();
      for (ZipEntry entry : entries(zip)) {
        String name = entry.getName();
        require(
            name.endsWith(ENDING) && name.length() > ENDING.length(),
            "%s holds '%s': an NPZ file holds arrays, NAME.npy, alone",
            path,
            name);
        try (InputStream in = zip.getInputStream(entry)) {
          tensors.put(
              name.substring(0, name.length() - ENDING.length()),
              NpyFile.read(path + ", " + name, in, entry.getSize()));
        }
      }
      require(!tensors.isEmpty(), "%s holds no array", path);
      return Collections.unmodifiableMap(tensors);
    } catch (ZipException e) {
      throw new IllegalArgumentException(
          path + " is no NPZ file: it is not the zip that numpy.savez writes", e);
    }
  }

  private static List<ZipEntry> entries(ZipFile zip) {
    List<ZipEntry> entries = new ArrayList<>();
    zip.stream().forEach(entries::add);
    return entries;
  }
}
