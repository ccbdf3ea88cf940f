package dev.noether.io.pickle;

import dev.noether.algebra.Limits;
import dev.noether.io.DamagedFileException;
import java.math.BigInteger;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Reads the pickles that PyTorch writes, protocols 2 to 5, and executes nothing.
 *
 * <p>Values are {@code String}, {@code Long}, {@code BigInteger}, {@code Double}, {@code Boolean},
 * {@code byte[]}, {@link #NONE}, lists (Python's lists, tuples and sets), {@link PickleDict},
 * {@link PickledTensor}, and on the way {@link PickleGlobals.Global} and {@link
 * StridedTensor.Storage}. An opcode or a global outside the list is an error. The stack machine is
 * that of Python's {@code pickletools}.
 */
final class Unpickler {
  /** Python's None. */
  static final Object NONE =
      new Object() {
        @Override
        public String toString() {
          return "None";
        }
      };

  private static final int LAST_PROTOCOL = 5;
  private static final int LONGEST_NUMBER = 255;

  /** The other opcodes of Python, by name, for the error. */
  private static final Map<Integer, String> REFUSED =
      Map.ofEntries(
          Map.entry((int) '0', "POP"),
          Map.entry((int) '1', "POP_MARK"),
          Map.entry((int) '2', "DUP"),
          Map.entry((int) 'F', "FLOAT"),
          Map.entry((int) 'I', "INT"),
          Map.entry((int) 'L', "LONG"),
          Map.entry((int) 'P', "PERSID"),
          Map.entry((int) 'S', "STRING"),
          Map.entry((int) 'V', "UNICODE"),
          Map.entry((int) 'd', "DICT"),
          Map.entry((int) 'g', "GET"),
          Map.entry((int) 'i', "INST"),
          Map.entry((int) 'l', "LIST"),
          Map.entry((int) 'o', "OBJ"),
          Map.entry((int) 'p', "PUT"),
          Map.entry(0x81, "NEWOBJ"),
          Map.entry(0x82, "EXT1"),
          Map.entry(0x83, "EXT2"),
          Map.entry(0x84, "EXT4"),
          Map.entry(0x92, "NEWOBJ_EX"),
          Map.entry(0x97, "NEXT_BUFFER"),
          Map.entry(0x98, "READONLY_BUFFER"));

  private final ByteBuffer pickle;
  private final List<Object> stack = new ArrayList<>();
  private final Deque<Integer> marks = new ArrayDeque<>();
  private final Map<Integer, Object> memo = new HashMap<>();
  private int values;

  private Unpickler(byte[] pickle) {
    this.pickle = ByteBuffer.wrap(pickle).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** The value that a pickle holds. */
  static Object read(byte[] pickle) throws DamagedFileException {
    try {
      return new Unpickler(pickle).run();
    } catch (BufferUnderflowException e) {
      throw new DamagedFileException("the pickle ends in the middle of a value", e);
    }
  }

  private Object run() throws DamagedFileException {
    while (pickle.hasRemaining()) {
      int opcode = unsignedByte();
      if (opcode == '.') {
        return pop();
      }
      step(opcode);
    }
    throw new DamagedFileException("the pickle ends without a STOP");
  }

  private void step(int opcode) throws DamagedFileException {
    switch (opcode) {
      case 0x80 -> protocol();
      case 0x95 -> length(pickle.getLong(), "a frame");
      case '(' -> mark();
      case 'N' -> push(NONE);
      case 0x88 -> push(true);
      case 0x89 -> push(false);
      case 'K' -> push((long) unsignedByte());
      case 'M' -> push((long) Short.toUnsignedInt(pickle.getShort()));
      case 'J' -> push((long) pickle.getInt());
      case 0x8a -> push(number(unsignedByte()));
      case 0x8b -> push(number(pickle.getInt()));
      case 'G' -> push(Double.longBitsToDouble(Long.reverseBytes(pickle.getLong())));
      case 'X' -> push(text(Integer.toUnsignedLong(pickle.getInt())));
      case 0x8c -> push(text(unsignedByte()));
      case 0x8d -> push(text(pickle.getLong()));
      case 'T' -> push(text(pickle.getInt()));
      case 'U' -> push(text(unsignedByte()));
      case 'B' -> push(bytes(Integer.toUnsignedLong(pickle.getInt())));
      case 'C' -> push(bytes(unsignedByte()));
      case 0x8e, 0x96 -> push(bytes(pickle.getLong()));
      default -> structure(opcode);
    }
  }

  private void structure(int opcode) throws DamagedFileException {
    switch (opcode) {
      case ')' -> push(List.of());
      case 0x85 -> push(top(1));
      case 0x86 -> push(top(2));
      case 0x87 -> push(top(3));
      case 't', 0x91 -> push(marked());
      case ']', 0x8f -> push(new ArrayList<>());
      case '}' -> push(new PickleDict());
      case 'a' -> append(top(1));
      case 'e', 0x90 -> append(marked());
      case 's' -> put(top(2));
      case 'u' -> put(marked());
      case 'q' -> memo(unsignedByte());
      case 'r' -> memo(pickle.getInt());
      case 0x94 -> memo(memo.size());
      case 'h' -> recall(unsignedByte());
      case 'j' -> recall(pickle.getInt());
      case 'c' -> push(PickleGlobals.named(line(), line()));
      case 0x93 -> global(top(2));
      case 'Q' -> push(PickleGlobals.storage(pop()));
      case 'R' -> reduce(top(2));
      case 'b' -> build(pop());
      default -> throw refused(opcode);
    }
  }

  private static DamagedFileException refused(int opcode) {
    String name = REFUSED.getOrDefault(opcode, "no opcode of Python's");
    return new DamagedFileException(
        String.format(
            Locale.ROOT,
            "the pickle uses opcode 0x%02x (%s), which no state dict needs",
            opcode,
            name));
  }

  private void protocol() throws DamagedFileException {
    int protocol = unsignedByte();
    if (protocol < 2 || protocol > LAST_PROTOCOL) {
      throw new DamagedFileException("pickle protocols 2 to 5 are read, got " + protocol);
    }
  }

  private int unsignedByte() {
    return Byte.toUnsignedInt(pickle.get());
  }

  private int length(long length, String what) throws DamagedFileException {
    if (length < 0 || length > pickle.remaining()) {
      throw new DamagedFileException(
          "the pickle has "
              + what
              + " of "
              + Long.toUnsignedString(length)
              + " bytes, "
              + pickle.remaining()
              + " are left");
    }
    return (int) length;
  }

  private byte[] bytes(long length) throws DamagedFileException {
    byte[] bytes = new byte[length(length, "a text or bytes")];
    pickle.get(bytes);
    return bytes;
  }

  private String text(long length) throws DamagedFileException {
    return new String(bytes(length), StandardCharsets.UTF_8);
  }

  private String line() throws DamagedFileException {
    int start = pickle.position();
    int end = start;
    while (pickle.get() != '\n') {
      end++;
      DamagedFileException.requireAtMost(
          "the pickle has a long name", end - start, Limits.NAME_CHARACTERS);
    }
    return new String(pickle.array(), start, end - start, StandardCharsets.UTF_8);
  }

  /** A number in two's complement, lowest byte first. */
  private Object number(int length) throws DamagedFileException {
    if (length < 0 || length > LONGEST_NUMBER) {
      throw new DamagedFileException("the pickle has a number of " + length + " bytes");
    }
    byte[] bytes = bytes(length);
    for (int i = 0, j = length - 1; i < j; i++, j--) {
      byte low = bytes[i];
      bytes[i] = bytes[j];
      bytes[j] = low;
    }
    BigInteger number = length == 0 ? BigInteger.ZERO : new BigInteger(bytes);
    return number.bitLength() < Long.SIZE ? (Object) number.longValue() : number;
  }

  private void push(Object value) throws DamagedFileException {
    count();
    stack.add(value);
  }

  private void mark() throws DamagedFileException {
    count();
    marks.push(stack.size());
  }

  private void count() throws DamagedFileException {
    if (++values > Limits.PICKLE_VALUES) {
      throw new DamagedFileException(
          "the pickle has more than "
              + Limits.PICKLE_VALUES
              + " values: save the state dict alone, or large lists as tensors");
    }
  }

  private Object pop() throws DamagedFileException {
    Object value = peek();
    stack.remove(stack.size() - 1);
    return value;
  }

  private Object peek() throws DamagedFileException {
    requireValues(1);
    return stack.get(stack.size() - 1);
  }

  /** Values above the last mark. */
  private void requireValues(int count) throws DamagedFileException {
    int bottom = marks.isEmpty() ? 0 : marks.peek();
    if (stack.size() - bottom < count) {
      throw new DamagedFileException("the pickle takes a value that is not there");
    }
  }

  /** Takes the last values off the stack, down to the last mark at most. */
  private List<Object> top(int count) throws DamagedFileException {
    requireValues(count);
    return take(stack.size() - count);
  }

  private List<Object> marked() throws DamagedFileException {
    if (marks.isEmpty()) {
      throw new DamagedFileException("the pickle goes back to a mark that is not there");
    }
    return take(marks.pop());
  }

  private List<Object> take(int from) {
    List<Object> last = stack.subList(from, stack.size());
    List<Object> values = List.copyOf(last);
    last.clear();
    return values;
  }

  @SuppressWarnings("unchecked") // lists of this class's own
  private void append(List<Object> items) throws DamagedFileException {
    if (!(peek() instanceof ArrayList<?> list)) {
      throw new DamagedFileException("the pickle appends to something that is no list");
    }
    ((List<Object>) list).addAll(items);
  }

  private void put(List<Object> items) throws DamagedFileException {
    if (!(peek() instanceof PickleDict dict) || items.size() % 2 != 0) {
      throw new DamagedFileException("the pickle puts an entry into something that is no dict");
    }
    for (int i = 0; i < items.size(); i += 2) {
      dict.put(items.get(i), items.get(i + 1));
    }
  }

  private void memo(int place) throws DamagedFileException {
    count();
    memo.put(place, peek());
  }

  private void recall(int place) throws DamagedFileException {
    Object value = memo.get(place);
    if (value == null) {
      throw new DamagedFileException(
          "the pickle recalls value " + Integer.toUnsignedString(place) + ", which it never kept");
    }
    push(value);
  }

  private void global(List<Object> names) throws DamagedFileException {
    if (names.get(0) instanceof String module && names.get(1) instanceof String name) {
      DamagedFileException.requireAtMost(
          "the pickle has a long name", module.length() + name.length(), Limits.NAME_CHARACTERS);
      push(PickleGlobals.named(module, name));
    } else {
      throw new DamagedFileException("the pickle names a global by something that is no text");
    }
  }

  private void reduce(List<Object> call) throws DamagedFileException {
    if (!(call.get(0) instanceof PickleGlobals.Global function)) {
      throw new DamagedFileException("the pickle calls something that is no function");
    }
    push(PickleGlobals.call(function, PickleGlobals.tuple(call.get(1))));
  }

  /** The attributes of an OrderedDict, PyTorch's {@code _metadata}, tell versions of layers. */
  private void build(Object state) throws DamagedFileException {
    if (!(peek() instanceof PickleDict) || !(state instanceof PickleDict)) {
      throw new DamagedFileException("the pickle sets the state of something that is no dict");
    }
  }
}
