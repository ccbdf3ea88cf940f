package dev.noether.io;

import dev.noether.io.bytes.ByteSource;
import dev.noether.io.bytes.FirstBytes;
import dev.noether.io.pickle.PtFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;

/**
 * The formats that Noether reads or writes: what a file of each begins with, how its name ends, how
 * it is opened and written.
 */
public enum TensorFormat {
  /** A JSON header, then the numbers; {@link Checkpoint} writes it too. */
  SAFETENSORS("safetensors", ".safetensors") {
    @Override
    boolean begins(byte[] start) {
      return FirstBytes.isSafeTensors(start);
    }

    @Override
    TensorFile openTensors(Path path) throws IOException {
      return SafeTensors.open(path);
    }

    @Override
    public void write(Path path, Map<String, Tensor> tensors, Map<String, String> texts)
        throws IOException {
      Map<String, String> all = new LinkedHashMap<>(texts);
      all.putIfAbsent("format", "pt"); // what other readers of state dicts look for
      SafeTensors.write(path, tensors, all);
    }
  },
  /** What {@code torch.save} writes: a zip archive with a pickle. */
  PYTORCH("PyTorch", ".pt .pth") {
    @Override
    boolean begins(byte[] start) {
      return FirstBytes.isZip(start) || FirstBytes.isPickle(start);
    }

    @Override
    TensorFile openTensors(Path path) throws IOException {
      return PtFile.open(path);
    }

    @Override
    public void write(Path path, Map<String, Tensor> tensors, Map<String, String> texts)
        throws IOException {
      PtFile.write(path, tensors);
    }
  },
  /** A model in plain operations: it is written from a layer and holds no state dict. */
  ONNX("ONNX", ".onnx") {
    @Override
    boolean begins(byte[] start) {
      return FirstBytes.isOnnx(start);
    }

    @Override
    TensorFile openTensors(Path path) throws IOException {
      throw new DamagedFileException(
          path
              + " is an ONNX file, which holds a graph: what is read is a state dict or a"
              + " checkpoint");
    }

    @Override
    FileContents contents(Path path) throws IOException {
      for (ContentsReader reader : ServiceLoader.load(ContentsReader.class)) {
        if (reader.format() == this) {
          return reader.contents(path);
        }
      }
      throw new IllegalStateException(
          path
              + " is an ONNX file, which is read with the artifact noether-onnx on the class path");
    }

    @Override
    public void write(Path path, Map<String, Tensor> tensors, Map<String, String> texts) {
      throw new IllegalArgumentException(
          "an ONNX file is written from a layer, with OnnxFile, and not from tensors");
    }
  };

  private final String title;
  private final String endings;

  TensorFormat(String title, String endings) {
    this.title = title;
    this.endings = endings;
  }

  abstract boolean begins(byte[] start);

  abstract TensorFile openTensors(Path path) throws IOException;

  FileContents contents(Path path) throws IOException {
    return FileContents.ofTensors(this, path);
  }

  /**
   * Writes tensors, whole or not at all.
   *
   * @param path the file, replaced if it is there
   * @param tensors tensors by name, in the order of the file, on any device
   * @param texts to go with them, where the format has a place for texts
   * @throws IllegalArgumentException if the format lacks the dtype of a tensor, or is ONNX
   * @throws IOException if the file cannot be written; an old one is then as it was
   */
  public abstract void write(Path path, Map<String, Tensor> tensors, Map<String, String> texts)
      throws IOException;

  /**
   * How the names of its files end.
   *
   * @return such as {@code .pt} and {@code .pth}
   */
  public List<String> endings() {
    return List.of(endings.split(" "));
  }

  /**
   * The format of a file; its first bytes tell.
   *
   * @param path the file
   * @return the format, or empty where it is none of these
   * @throws IOException if the file cannot be read
   */
  public static Optional<TensorFormat> of(Path path) throws IOException {
    byte[] start = ByteSource.start(path);
    return Stream.of(values()).filter(format -> format.begins(start)).findFirst();
  }

  /**
   * The format that the name of a file asks for.
   *
   * @param path a file to be written
   * @param formats those that can be
   * @return one of them
   * @throws IllegalArgumentException if the name has none of their endings
   */
  public static TensorFormat named(Path path, TensorFormat... formats) {
    String name = path.toString().toLowerCase(Locale.ROOT);
    List<String> known = new ArrayList<>();
    for (TensorFormat format : formats) {
      known.addAll(format.endings());
      if (format.endings().stream().anyMatch(name::endsWith)) {
        return format;
      }
    }
    int last = known.size() - 1;
    throw new IllegalArgumentException(
        String.format(
            Locale.ROOT,
            "the file to write must end in %s or %s, got %s",
            String.join(", ", known.subList(0, last)),
            known.get(last),
            path));
  }

  /**
   * Opens a file of tensors: safetensors, a checkpoint, or one of PyTorch's.
   *
   * @param path the file
   * @return the tensors, to be read one by one and closed
   * @throws DamagedFileException if the file is damaged, or holds no tensors by name
   * @throws IOException if the file cannot be read
   */
  public static TensorFile open(Path path) throws IOException {
    Optional<TensorFormat> format = of(path);
    if (format.isEmpty()) {
      throw new DamagedFileException(path + " is no safetensors or PyTorch file");
    }
    return format.get().openTensors(path);
  }

  /** What people call it. */
  @Override
  public String toString() {
    return title;
  }
}
