package dev.noether.spark;

import dev.noether.io.Statistics;
import dev.noether.merge.Mergeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * What a task hands on, as bytes that any serializer of Spark's takes: statistics, or why there are
 * none. A bad row is no failure of a machine, so it must not be tried again: it travels as a
 * result.
 */
final class Piece {
  private static final byte STATISTICS = 0;
  private static final byte REFUSAL = 1;

  private Piece() {}

  static byte[] of(Mergeable<?> statistics) {
    return with(STATISTICS, Statistics.toBytes(statistics));
  }

  static byte[] refusal(String text) {
    return with(REFUSAL, text.getBytes(StandardCharsets.UTF_8));
  }

  private static byte[] with(byte kind, byte[] content) {
    byte[] piece = new byte[content.length + 1];
    piece[0] = kind;
    System.arraycopy(content, 0, piece, 1, content.length);
    return piece;
  }

  private static byte[] content(byte[] piece) {
    return Arrays.copyOfRange(piece, 1, piece.length);
  }

  /** The statistics; throws what kept a task from making them. */
  static <S extends Mergeable<S>> S statistics(byte[] piece, Class<S> type) {
    if (piece[0] == REFUSAL) {
      throw new IllegalArgumentException(new String(content(piece), StandardCharsets.UTF_8));
    }
    try {
      return Statistics.of(content(piece), type);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The pieces of two parts of the data as one. */
  static <S extends Mergeable<S>> byte[] merged(byte[] one, byte[] two, Class<S> type) {
    if (one[0] == REFUSAL || two[0] == REFUSAL) {
      return one[0] == REFUSAL ? one : two;
    }
    return of(statistics(one, type).plus(statistics(two, type)));
  }
}
