package dev.noether.nn;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Settings that several layers share, as those of a record of options: names, how each is read off
 * the options, and its default.
 *
 * @param <O> the options
 */
public final class SettingGroup<O> {
  /** How a setting is read; null for one without a default. */
  record Entry<O>(Function<? super O, Object> get, @Nullable String fallback) {}

  private final Map<String, Entry<O>> entries = new LinkedHashMap<>();

  /** No settings yet. */
  public SettingGroup() {}

  /**
   * Adds a setting with a default.
   *
   * @param name its name, as PyTorch writes it
   * @param get reads it off the options: a flag, a number or a constant of an enum
   * @param fallback its value where an architecture leaves it out
   * @return this group
   */
  public SettingGroup<O> with(String name, Function<? super O, Object> get, Object fallback) {
    entries.put(name, new Entry<>(get, text(fallback)));
    return this;
  }

  /**
   * Adds a setting that an architecture gives only where it is told.
   *
   * @param name its name
   * @param get reads it off the options; empty where nothing is told
   * @param fallback what stands for nothing
   * @return this group
   */
  public SettingGroup<O> sometimes(
      String name, Function<? super O, Optional<?>> get, Object fallback) {
    entries.put(name, new Entry<>(get::apply, text(fallback)));
    return this;
  }

  /**
   * Adds a setting that an architecture must give.
   *
   * @param name its name
   * @param get reads it off the options
   * @return this group
   */
  public SettingGroup<O> required(String name, Function<? super O, Object> get) {
    entries.put(name, new Entry<>(get, null));
    return this;
  }

  /**
   * Adds all settings of options that are a part of these.
   *
   * @param <P> the part
   * @param group the settings of the part
   * @param part reads the part off the options
   * @return this group
   */
  public <P> SettingGroup<O> withAll(SettingGroup<P> group, Function<? super O, P> part) {
    group.entries.forEach(
        (name, entry) ->
            entries.put(
                name,
                new Entry<>(options -> entry.get.apply(part.apply(options)), entry.fallback)));
    return this;
  }

  Map<String, Entry<O>> entries() {
    return entries;
  }

  static String text(Object value) {
    return value instanceof Enum<?> constant ? constant.name() : String.valueOf(value);
  }
}
