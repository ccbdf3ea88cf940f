package dev.noether.io.bytes;

import java.util.Arrays;

/** What files begin with. */
public final class FirstBytes {
  private static final byte[] ZIP = {'P', 'K', 3, 4};

  private FirstBytes() {}

  /**
   * A zip archive, as PyTorch writes.
   *
   * @param start the first bytes of a file
   * @return whether it is one
   */
  public static boolean isZip(byte[] start) {
    return Arrays.equals(Arrays.copyOf(start, ZIP.length), ZIP);
  }

  /**
   * A pickle alone, as PyTorch wrote before 1.6.
   *
   * @param start the first bytes of a file
   * @return whether it is one
   */
  public static boolean isPickle(byte[] start) {
    return start.length > 1 && start[0] == (byte) 0x80 && start[1] >= 2 && start[1] <= 5;
  }

  /**
   * A safetensors file: a length of eight bytes, which may look like the start of another format,
   * and an object of JSON.
   *
   * @param start the first bytes of a file
   * @return whether it is one
   */
  public static boolean isSafeTensors(byte[] start) {
    return start.length >= ByteSource.START && start[ByteSource.START - 1] == '{';
  }

  /**
   * An ONNX file, which begins with the field of its version.
   *
   * @param start the first bytes of a file
   * @return whether it is one
   */
  public static boolean isOnnx(byte[] start) {
    return start.length > 1 && start[0] == 0x08;
  }
}
