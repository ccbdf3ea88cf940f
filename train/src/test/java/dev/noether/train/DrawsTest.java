package dev.noether.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** A resumed run needs the numbers of the version that began it. */
class DrawsTest {
  @Test
  void aSplitIsTheSameInEveryVersion() {
    assertArrayEquals(new long[] {3, 0, 5, 4, 6, 11, 9, 10, 7, 8, 2, 1}, Draws.split(12, 7));
  }

  @Test
  void theOrderOfAnEpochIsTheSameInEveryVersion() {
    assertArrayEquals(new long[] {7, 6, 4, 11, 3, 5, 8, 1, 0, 9, 2, 10}, Draws.order(12, 7, 3));
    assertEquals(-1872742373, Arrays.hashCode(Draws.order(16_384, 7, 3)));
    assertEquals(1541077897, Arrays.hashCode(Draws.order(200_000, 7, 3)));
  }
}
