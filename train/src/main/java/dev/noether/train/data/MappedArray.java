package dev.noether.train.data;

import static dev.noether.algebra.Checks.require;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;

/** The rows of an array in a file: the system reads those that are asked for, and forgets them. */
final class MappedArray {
  /** Java maps at most two gigabytes at once; each piece holds whole rows. */
  private static final int PIECE = 1 << 30;

  private static final int PRINTS = 256;
  private static final int PRINT = 4096;

  private final StoredArray array;
  private final long rowBytes;
  private final long rowsInPiece;
  private final List<MappedByteBuffer> pieces = new ArrayList<>();

  private MappedArray(StoredArray array, long rowBytes, int pieceBytes) {
    this.array = array;
    this.rowBytes = rowBytes;
    this.rowsInPiece = Math.max(1, pieceBytes / Math.max(1, rowBytes));
  }

  /** Maps the numbers of a file that begin at an offset. */
  static MappedArray of(Path path, long offset, StoredArray array) throws IOException {
    return of(path, offset, array, PIECE);
  }

  static MappedArray of(Path path, long offset, StoredArray array, int pieceBytes)
      throws IOException {
    List<Long> shape = array.shape();
    require(
        !shape.isEmpty() && shape.get(0) >= 1,
        "%s: an array of samples has an axis for them and at least one, got %s",
        path,
        shape);
    long rowBytes = array.bytes() / shape.get(0);
    require(rowBytes <= PIECE, "%s: a sample takes %d bytes, at most %d", path, rowBytes, PIECE);
    MappedArray mapped = new MappedArray(array, rowBytes, pieceBytes);
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      array.requireBytes(path.toString(), channel.size() - offset);
      for (long row = 0; row < shape.get(0); row += mapped.rowsInPiece) {
        long bytes = Math.min(mapped.rowsInPiece, shape.get(0) - row) * rowBytes;
        mapped.pieces.add(
            channel.map(FileChannel.MapMode.READ_ONLY, offset + row * rowBytes, bytes));
      }
    }
    return mapped;
  }

  long rows() {
    return array.shape().get(0);
  }

  StoredArray array() {
    return array;
  }

  /** Copies rows into a new tensor. */
  Tensor rows(long... numbers) {
    long[] shape = array.axes();
    shape[0] = numbers.length;
    StoredArray chosen = StoredArray.of("a batch", array.type(), array.width(), shape);
    Tensor tensor = chosen.empty();
    try (PointerScope scope = new PointerScope()) {
      long bytes = rowBytes * numbers.length;
      require(bytes <= Integer.MAX_VALUE, "a batch takes %d bytes, choose a smaller one", bytes);
      ByteBuffer target = new BytePointer(tensor.data_ptr()).capacity(bytes).asByteBuffer();
      for (int i = 0; i < numbers.length; i++) {
        target.put((int) (i * rowBytes), piece(numbers[i]), place(numbers[i]), (int) rowBytes);
      }
    }
    return tensor;
  }

  private ByteBuffer piece(long row) {
    require(row >= 0 && row < rows(), "there are samples 0 to %d, got %d", rows() - 1, row);
    return pieces.get((int) (row / rowsInPiece));
  }

  private int place(long row) {
    return (int) (row % rowsInPiece * rowBytes);
  }

  /** Some of the bytes, spread over all. */
  void addTo(MessageDigest digest) {
    byte[] print = new byte[PRINT];
    for (int i = 0; i < PRINTS; i++) {
      long row = (rows() - 1) * i / (PRINTS - 1);
      int length = (int) Math.min(PRINT, rowBytes);
      piece(row).get(place(row), print, 0, length);
      digest.update(print, 0, length);
    }
  }
}
