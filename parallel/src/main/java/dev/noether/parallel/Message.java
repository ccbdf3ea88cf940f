package dev.noether.parallel;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * What ranks tell each other besides tensors.
 *
 * @param kind what it is
 * @param parts the texts of it
 */
record Message(Kind kind, List<String> parts) {
  /** Of another program, or of another protocol, come other numbers. */
  private static final int MAGIC = 0x4E4F4531;

  private static final int MOST_PARTS = 1 << 16;
  private static final int MOST_BYTES = 1 << 20;

  enum Kind {
    /** A rank has come: its number, how many it was told of, its versions, its process. */
    HELLO,
    /** A rank's text under a key; when all have come, they are told {@link #ALL}. */
    TELL,
    /** The key, and every rank's text. */
    ALL,
    /** An exchange has failed on a rank: its reason. Rank 0 calls the {@link #ROLL}. */
    COMPLAIN,
    /** How many exchanges has every rank begun? */
    ROLL,
    /** As many. */
    COUNT,
    /** A rank cannot go on: its reason. */
    FAIL,
    /** The end of the group: its kind, its words. */
    VERDICT
  }

  static Message of(Kind kind, String... parts) {
    return new Message(kind, List.of(parts));
  }

  String part(int i) {
    return parts.get(i);
  }

  void write(DataOutputStream out) throws IOException {
    out.writeInt(MAGIC);
    out.writeUTF(kind.name());
    out.writeInt(parts.size());
    for (String part : parts) {
      byte[] bytes = part.getBytes(StandardCharsets.UTF_8);
      out.writeInt(bytes.length);
      out.write(bytes);
    }
    out.flush();
  }

  static Message read(DataInputStream in) throws IOException {
    int magic = in.readInt();
    require(magic == MAGIC);
    Kind kind = Kind.valueOf(in.readUTF());
    int count = in.readInt();
    require(count >= 0 && count <= MOST_PARTS);
    List<String> parts = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int length = in.readInt();
      require(length >= 0 && length <= MOST_BYTES);
      parts.add(new String(in.readNBytes(length), StandardCharsets.UTF_8));
    }
    return new Message(kind, parts);
  }

  private static void require(boolean holds) throws IOException {
    if (!holds) {
      throw new IOException("this is no rank");
    }
  }
}
