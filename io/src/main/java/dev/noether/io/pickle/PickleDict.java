package dev.noether.io.pickle;

import dev.noether.io.DamagedFileException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/** A dict of Python's, in its order. */
final class PickleDict {
  private Map<Object, Object> entries = Map.of();

  Map<Object, Object> entries() {
    return Collections.unmodifiableMap(entries);
  }

  /** Adds an entry; keys are texts, numbers and truths, so that they can be compared safely. */
  void put(Object key, Object value) throws DamagedFileException {
    if (!(key instanceof String || key instanceof Number || key instanceof Boolean)) {
      throw new DamagedFileException("a dict's keys must be texts or numbers");
    }
    if (entries.isEmpty()) {
      entries = new LinkedHashMap<>();
    }
    if (entries.put(key, value) != null) {
      throw new DamagedFileException("a dict holds '" + key + "' twice");
    }
  }
}
