package dev.noether.io.bytes;

import dev.noether.io.DamagedFileException;

/**
 * What a file may ask for before anything of it is believed. Real models stay far below; a file
 * beyond is damaged, or made to cost memory or time. Each limit is in the message of its error.
 */
public final class Limits {
  /** Bytes of a safetensors header; the format's own limit. */
  public static final long HEADER_BYTES = 100_000_000;

  /** Tensors of a safetensors file, and entries of a zip archive. */
  public static final int ENTRIES = 100_000;

  /** Bytes of a zip archive's directory. */
  public static final long DIRECTORY_BYTES = 32_000_000;

  /** Bytes that an entry of a zip archive may unpack to a hundred times its size. */
  public static final long INFLATED_BYTES = 1L << 26;

  /** Bytes of a pickle, unpacked. */
  public static final int PICKLE_BYTES = 32_000_000;

  /** Values and marks of a pickle; a state dict of ten thousand tensors has a tenth of it. */
  public static final int PICKLE_VALUES = 2_000_000;

  /** Values of a pickle after its shared lists are unfolded. */
  public static final int UNFOLDED_VALUES = 500_000;

  /** Characters of all names of a pickle's values. */
  public static final long UNFOLDED_CHARACTERS = 20_000_000;

  /** Characters of the name of a function or class in a pickle. */
  public static final int NAME_CHARACTERS = 256;

  /** Levels of lists, dicts, calls and layers inside each other. */
  public static final int DEPTH = 100;

  /** Layers of a checkpoint, those inside others counted. */
  public static final int LAYERS = 5_000;

  /** A size in an architecture that needs no numbers in the file to show for it. */
  public static final long PLAIN_SIZE = 4096;

  /** Bytes that a tensor of repeated numbers, an expanded one, may become when it is written. */
  public static final long EXPANDED_BYTES = 1L << 30;

  private Limits() {}

  /**
   * Checks a count.
   *
   * @param what what is counted, as {@code the pickle has values}
   * @param count how many there are
   * @param limit how many there may be
   * @throws DamagedFileException if there are more
   */
  public static void require(String what, long count, long limit) throws DamagedFileException {
    if (count > limit) {
      throw new DamagedFileException(what + ": " + count + ", and at most " + limit + " are read");
    }
  }
}
