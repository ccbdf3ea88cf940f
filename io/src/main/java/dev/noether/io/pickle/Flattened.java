package dev.noether.io.pickle;

import dev.noether.algebra.Limits;
import dev.noether.io.DamagedFileException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The values of a pickle under dotted names: tensors, and all other values as texts.
 *
 * <p>Values may be shared, so that a small pickle can hold very many; what they unfold to is
 * bounded.
 */
final class Flattened {
  private static final int SHOWN_ITEMS = 16;
  private static final int SHOWN_CHARACTERS = 64;

  private final Map<String, PickledTensor> tensors = new LinkedHashMap<>();
  private final Map<String, String> texts = new LinkedHashMap<>();
  private long characters;
  private int values;

  private Flattened() {}

  static Flattened of(Object value) throws DamagedFileException {
    Flattened all = new Flattened();
    if (value instanceof PickleDict || value instanceof List) {
      all.visit("", value, 0);
    } else {
      all.leaf(value instanceof PickledTensor ? "tensor" : "value", value);
    }
    return all;
  }

  Map<String, PickledTensor> tensors() {
    return tensors;
  }

  Map<String, String> texts() {
    return texts;
  }

  private void visit(String path, Object value, int depth) throws DamagedFileException {
    if (depth > Limits.DEPTH) {
      throw new DamagedFileException(
          "its values are nested more than " + Limits.DEPTH + " deep, or contain themselves");
    }
    if (value instanceof PickleDict dict) {
      for (Map.Entry<Object, Object> e : dict.entries().entrySet()) {
        visit(join(path, e.getKey()), e.getValue(), depth + 1);
      }
    } else if (value instanceof List<?> list && (depth == 0 || !isPlain(list))) {
      for (int i = 0; i < list.size(); i++) {
        visit(join(path, i), list.get(i), depth + 1);
      }
    } else {
      leaf(path, value);
    }
  }

  private String join(String path, Object key) throws DamagedFileException {
    String last = key.toString();
    characters += path.length() + last.length() + 1;
    if (characters > Limits.UNFOLDED_CHARACTERS) {
      throw new DamagedFileException(
          "its values unfold to names of more than " + Limits.UNFOLDED_CHARACTERS + " characters");
    }
    return path.isEmpty() ? last : path + "." + last;
  }

  private static boolean isPlain(List<?> list) {
    return list.stream()
        .noneMatch(
            item ->
                item instanceof PickledTensor
                    || item instanceof PickleDict
                    || item instanceof List);
  }

  private void leaf(String name, Object value) throws DamagedFileException {
    DamagedFileException.requireAtMost(
        "its values unfold to very many", ++values, Limits.UNFOLDED_VALUES);
    boolean twice =
        value instanceof PickledTensor tensor
            ? tensors.put(name, tensor) != null
            : texts.put(name, text(value)) != null;
    if (twice) {
      throw new DamagedFileException("two of its values are called '" + name + "'");
    }
  }

  private static String text(Object value) {
    if (value instanceof byte[] bytes) {
      return bytes.length + " bytes";
    }
    if (value instanceof PickleGlobals.Global global) {
      return global.name();
    }
    if (!(value instanceof List<?> list)) {
      return value.toString();
    }
    List<String> shown = new ArrayList<>();
    for (Object item : list.subList(0, Math.min(list.size(), SHOWN_ITEMS))) {
      String text = text(item);
      boolean isShort = text.length() <= SHOWN_CHARACTERS;
      shown.add(isShort ? text : text.substring(0, SHOWN_CHARACTERS) + "...");
    }
    if (shown.size() < list.size()) {
      shown.add("... " + list.size() + " in all");
    }
    return "[" + String.join(", ", shown) + "]";
  }
}
