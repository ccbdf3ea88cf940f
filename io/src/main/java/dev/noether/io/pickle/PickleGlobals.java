package dev.noether.io.pickle;

import dev.noether.algebra.Limits;
import dev.noether.io.DamagedFileException;
import dev.noether.io.bytes.StoredType;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The Python functions and classes that a file may name, and what each stands for here.
 *
 * <p>Nothing of Python's is called: a name on this list is a few lines of Java, any other is an
 * error.
 */
final class PickleGlobals {
  private static final Set<String> FUNCTIONS =
      Set.of(
          "collections.OrderedDict",
          "collections.Counter",
          "torch._utils._rebuild_tensor",
          "torch._utils._rebuild_tensor_v2",
          "torch._utils._rebuild_tensor_v3",
          "torch._utils._rebuild_parameter",
          "torch._utils._rebuild_parameter_with_state",
          "torch._tensor._rebuild_from_type_v2",
          "torch.Size",
          "torch.device",
          "torch.serialization._get_layout",
          "_codecs.encode",
          "builtins.set",
          "builtins.frozenset",
          "builtins.bytes",
          "builtins.bytearray",
          "builtins.complex");

  private static final Set<String> CLASSES =
      Set.of("torch.Tensor", "torch.nn.parameter.Parameter", "torch.storage.UntypedStorage");

  private PickleGlobals() {}

  /** What a pickle names: a function, a class, a dtype or a kind of storage. */
  record Global(String name) {
    /** The name without its package. */
    String last() {
      return name.substring(name.lastIndexOf('.') + 1);
    }
  }

  static Global named(String module, String name) throws DamagedFileException {
    String full = (module.equals("__builtin__") ? "builtins" : module) + "." + name;
    if (FUNCTIONS.contains(full)
        || CLASSES.contains(full)
        || isTorchType(module, name)
        || ForeignTensors.isRebuilding(full)) {
      return new Global(full);
    }
    throw new DamagedFileException(
        "the pickle names "
            + full
            + ", which no file of tensors needs; nothing was executed. Save the state dict alone: "
            + "torch.save(model.state_dict(), path)");
  }

  private static boolean isTorchType(String module, String name) {
    return module.equals("torch")
        && (StoredType.ofDtype(name).isPresent()
            || StoredType.ofStorage(name).isPresent()
            || ForeignTensors.isTorchName(name));
  }

  /**
   * The storage that a persistent id tells of: a {@link ForeignTensors.Storage} where it is one.
   */
  static Object storage(Object id) throws DamagedFileException {
    List<Object> parts = tuple(id);
    if (parts.size() < 5
        || !parts.get(0).equals("storage")
        || !(parts.get(1) instanceof Global kind)
        || !(parts.get(2) instanceof String key)) {
      throw new DamagedFileException("the pickle refers to something that is no storage");
    }
    Optional<ForeignTensors.Storage> foreign = ForeignTensors.storage(kind.last());
    if (foreign.isPresent()) {
      return foreign.get();
    }
    Optional<StoredType> type = StoredType.ofStorage(kind.last());
    if (type.isEmpty()) {
      throw new DamagedFileException(kind.name() + " is no kind of storage");
    }
    long count = whole(parts.get(4));
    if (count < 0 || count > Long.MAX_VALUE / type.get().bytes()) {
      throw new DamagedFileException("a storage cannot have " + count + " numbers");
    }
    return new StridedTensor.Storage(type.get(), key, count * type.get().bytes());
  }

  /** What the function would give. */
  static Object call(Global function, List<Object> arguments) throws DamagedFileException {
    return call(function, arguments, 0);
  }

  private static Object call(Global function, List<Object> arguments, int depth)
      throws DamagedFileException {
    DamagedFileException.requireAtMost(
        "calls in the pickle stand deep inside each other", depth, Limits.DEPTH);
    return switch (function.name()) {
      case "collections.OrderedDict" -> dict(arguments);
      case "collections.Counter" -> arguments.isEmpty() ? new PickleDict() : arguments.get(0);
      case "torch._utils._rebuild_tensor" -> tensor(arguments, -1);
      case "torch._utils._rebuild_tensor_v2" -> tensor(arguments, 6);
      case "torch._utils._rebuild_tensor_v3" -> tensor(arguments, 7);
      case "torch._utils._rebuild_parameter", "torch._utils._rebuild_parameter_with_state" ->
          tensorOf(argument(arguments, 0));
      case "torch._tensor._rebuild_from_type_v2" -> fromType(arguments, depth);
      case "torch.Size", "builtins.set", "builtins.frozenset" ->
          arguments.isEmpty() ? List.of() : tuple(argument(arguments, 0));
      case "torch.device" -> device(arguments);
      case "_codecs.encode" -> encoded(arguments);
      case "builtins.bytes", "builtins.bytearray" -> bytes(arguments);
      case "builtins.complex" ->
          plain(argument(arguments, 0)) + " + " + plain(argument(arguments, 1)) + "j";
      case "torch.serialization._get_layout" -> plain(argument(arguments, 0));
      default -> {
        if (ForeignTensors.isRebuilding(function.name())) {
          yield ForeignTensors.rebuilt(function.name(), arguments);
        }
        throw new DamagedFileException(function.name() + " is a class, not a function");
      }
    };
  }

  private static Object dict(List<Object> arguments) throws DamagedFileException {
    if (!arguments.isEmpty()) {
      throw new DamagedFileException("an OrderedDict begins empty in the pickles of PyTorch");
    }
    return new PickleDict();
  }

  private static Object device(List<Object> arguments) throws DamagedFileException {
    String kind = plain(argument(arguments, 0));
    return arguments.size() < 2 ? kind : kind + ":" + plain(arguments.get(1));
  }

  private static Object encoded(List<Object> arguments) throws DamagedFileException {
    if (arguments.size() == 2
        && arguments.get(0) instanceof String text
        && arguments.get(1).equals("latin1")) {
      return text.getBytes(StandardCharsets.ISO_8859_1);
    }
    throw new DamagedFileException("_codecs.encode is for bytes written as latin1 text");
  }

  private static Object bytes(List<Object> arguments) throws DamagedFileException {
    if (arguments.isEmpty()) {
      return new byte[0];
    }
    if (arguments.get(0) instanceof byte[] bytes) {
      return bytes;
    }
    throw new DamagedFileException("bytes are made of bytes");
  }

  /** Of a text or a number; lists may be shared, and unfold to any size. */
  private static String plain(Object value) throws DamagedFileException {
    if (value instanceof String || value instanceof Number) {
      return value.toString();
    }
    throw new DamagedFileException("a call in the pickle needs a text or a number");
  }

  private static PickledTensor tensor(List<Object> arguments, int metadata)
      throws DamagedFileException {
    if (argument(arguments, 0) instanceof ForeignTensors.Storage foreign) {
      return ForeignTensors.ofDtype(foreign.dtype(), numbers(argument(arguments, 2)));
    }
    if (!(argument(arguments, 0) instanceof StridedTensor.Storage storage)) {
      throw new DamagedFileException("a tensor needs a storage");
    }
    StoredType type = storage.type();
    if (metadata == 7) {
      Global dtype = dtype(argument(arguments, 6));
      Optional<StoredType> known = StoredType.ofDtype(dtype.last());
      if (known.isEmpty()) {
        return ForeignTensors.ofDtype(dtype.last(), numbers(argument(arguments, 2)));
      }
      type = known.get();
    }
    if (metadata > 0
        && arguments.size() > metadata
        && arguments.get(metadata) instanceof PickleDict flags
        && flags.entries().containsValue(true)) {
      return new PickledTensor.Foreign(
          type.dtype(),
          numbers(argument(arguments, 2)),
          "is marked as conjugate or negative, which is not read; save its "
              + "resolve_conj().resolve_neg()");
    }
    return StridedTensor.of(
        storage,
        type,
        whole(argument(arguments, 1)),
        numbers(argument(arguments, 2)),
        numbers(argument(arguments, 3)));
  }

  private static Global dtype(Object value) throws DamagedFileException {
    if (value instanceof Global global) {
      String name = global.last();
      if (StoredType.ofDtype(name).isPresent() || ForeignTensors.isTorchName(name)) {
        return global;
      }
      throw new DamagedFileException(global.name() + " is no dtype");
    }
    throw new DamagedFileException("a tensor has a dtype that is none");
  }

  private static Object fromType(List<Object> arguments, int depth) throws DamagedFileException {
    if (argument(arguments, 0) instanceof Global function
        && argument(arguments, 1) instanceof Global type
        && CLASSES.contains(type.name())) {
      return tensorOf(call(function, tuple(argument(arguments, 2)), depth + 1));
    }
    throw new DamagedFileException("a tensor of an unknown class");
  }

  private static PickledTensor tensorOf(Object value) throws DamagedFileException {
    if (value instanceof PickledTensor tensor) {
      return tensor;
    }
    throw new DamagedFileException("a parameter needs a tensor");
  }

  private static Object argument(List<Object> arguments, int i) throws DamagedFileException {
    if (i >= arguments.size()) {
      throw new DamagedFileException("a call in the pickle lacks arguments");
    }
    return arguments.get(i);
  }

  @SuppressWarnings("unchecked") // lists hold any objects
  static List<Object> tuple(Object value) throws DamagedFileException {
    if (value instanceof List<?> list) {
      return (List<Object>) list;
    }
    throw new DamagedFileException("a tuple is needed in the pickle");
  }

  private static long whole(Object value) throws DamagedFileException {
    if (value instanceof Long number) {
      return number;
    }
    if (value instanceof BigInteger) {
      throw new DamagedFileException("a size beyond any memory: " + value);
    }
    throw new DamagedFileException("a whole number is needed in the pickle");
  }

  private static List<Long> numbers(Object value) throws DamagedFileException {
    List<Object> items = tuple(value);
    if (items.size() > Limits.AXES) {
      throw new DamagedFileException(
          "a tensor has at most " + Limits.AXES + " axes, got " + items.size());
    }
    List<Long> numbers = new ArrayList<>();
    for (Object item : items) {
      numbers.add(whole(item));
    }
    return numbers;
  }
}
