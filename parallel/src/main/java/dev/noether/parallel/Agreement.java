package dev.noether.parallel;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Whether all ranks were told the same. */
final class Agreement {
  private Agreement() {}

  static String text(Map<String, Long> told) {
    return told.entrySet().stream()
        .map(e -> e.getValue() + " " + e.getKey())
        .collect(Collectors.joining("\n"));
  }

  /** Empty, or what is different; the same words on every rank. */
  static String verdict(List<String> texts) {
    Map<String, Long> first = parse(texts.get(0));
    for (int rank = 1; rank < texts.size(); rank++) {
      Map<String, Long> other = parse(texts.get(rank));
      Set<String> names = new TreeSet<>(first.keySet());
      names.addAll(other.keySet());
      for (String name : names) {
        Long expected = first.get(name);
        if (expected == null || !expected.equals(other.get(name))) {
          return String.format(
              Locale.ROOT,
              "rank %d has another '%s' than rank 0: start all ranks with the same model, data and "
                  + "settings",
              rank,
              name);
        }
      }
    }
    return "";
  }

  private static Map<String, Long> parse(String text) {
    Map<String, Long> told = new TreeMap<>();
    text.lines()
        .forEach(
            line -> {
              int space = line.indexOf(' ');
              told.put(line.substring(space + 1), Long.parseLong(line.substring(0, space)));
            });
    return told;
  }
}
