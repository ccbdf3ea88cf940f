package dev.noether.runtime;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** An object of the header, whose fields are there and of their kind, or the file is damaged. */
final class Fields {
  private final Map<?, ?> object;
  private final String what;

  private Fields(Map<?, ?> object, String what) {
    this.object = object;
    this.what = what;
  }

  static Fields of(@Nullable Object value, String what) throws ModelFileException {
    if (value instanceof Map<?, ?> object) {
      return new Fields(object, what);
    }
    throw new ModelFileException("the model's header is damaged: " + what + " is no object");
  }

  ModelFileException damaged(String name) {
    return new ModelFileException(
        "the model's header is damaged: " + what + " has no proper '" + name + "'");
  }

  /** What nobody wrote is damage. */
  void requireOnly(String... names) throws ModelFileException {
    for (Object key : object.keySet()) {
      if (!List.of(names).contains(key)) {
        throw damaged(String.valueOf(key));
      }
    }
  }

  boolean has(String name) {
    return object.containsKey(name);
  }

  String text(String name) throws ModelFileException {
    if (object.get(name) instanceof String text) {
      return text;
    }
    throw damaged(name);
  }

  /** A whole number in a range. */
  int whole(String name, long least, long most) throws ModelFileException {
    if (object.get(name) instanceof Long value && value >= least && value <= most) {
      return value.intValue();
    }
    throw damaged(name);
  }

  /** The last number of a list of whole numbers. */
  long last(String name) throws ModelFileException {
    List<?> list = list(name);
    if (!list.isEmpty() && list.get(list.size() - 1) instanceof Long value && value >= 0) {
      return value;
    }
    throw damaged(name);
  }

  int[] wholes(String name, long least, long most) throws ModelFileException {
    List<?> list = list(name);
    int[] values = new int[list.size()];
    for (int i = 0; i < values.length; i++) {
      if (!(list.get(i) instanceof Long value) || value < least || value > most) {
        throw damaged(name);
      }
      values[i] = value.intValue();
    }
    return values;
  }

  List<String> texts(String name) throws ModelFileException {
    List<String> texts = new ArrayList<>();
    for (Object value : list(name)) {
      if (!(value instanceof String text)) {
        throw damaged(name);
      }
      texts.add(text);
    }
    return texts;
  }

  List<Fields> objects(String name) throws ModelFileException {
    List<Fields> objects = new ArrayList<>();
    for (Object value : list(name)) {
      objects.add(of(value, name));
    }
    return objects;
  }

  private List<?> list(String name) throws ModelFileException {
    if (object.get(name) instanceof List<?> list) {
      return list;
    }
    throw damaged(name);
  }
}
