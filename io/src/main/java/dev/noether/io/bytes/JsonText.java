package dev.noether.io.bytes;

import dev.noether.io.DamagedFileException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import tools.jackson.core.JacksonException;
import tools.jackson.core.exc.UnexpectedEndOfInputException;

/** JSON that somebody else wrote. */
public final class JsonText {
  private static final int PIECE = 1 << 13;

  private JsonText() {}

  /**
   * What is wrong with a text, in words that do not tell of the parser.
   *
   * @param error what the parser found
   * @return a phrase
   */
  public static String problem(JacksonException error) {
    if (error instanceof UnexpectedEndOfInputException) {
      return "it ends too early";
    }
    String text = String.valueOf(error.getOriginalMessage());
    return text.replaceAll("\\s*\\((for|start marker at)[^()]*(\\([^()]*\\)[^()]*)*\\)", "")
        .replaceAll("(?s)\\s*(at )?\\[Source.*", "")
        .replaceAll(", from `[^`]*`", "")
        .strip();
  }

  /**
   * Checks that bytes are UTF-8, every one of them.
   *
   * @param what they are, for the error
   * @param bytes the text
   * @throws DamagedFileException if they are not
   */
  public static void requireUtf8(String what, byte[] bytes) throws DamagedFileException {
    CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder(); // it reports what it cannot read
    ByteBuffer in = ByteBuffer.wrap(bytes);
    CharBuffer out = CharBuffer.allocate(PIECE);
    CoderResult result = CoderResult.OVERFLOW;
    while (result.isOverflow()) {
      out.clear();
      result = decoder.decode(in, out, true);
    }
    if (result.isError()) {
      throw new DamagedFileException(
          what + " is no UTF-8: byte " + in.position() + " begins no character");
    }
  }
}
