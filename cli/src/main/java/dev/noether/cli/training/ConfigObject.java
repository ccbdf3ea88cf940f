package dev.noether.cli.training;

import static dev.noether.algebra.Checks.require;

import dev.noether.algebra.Spelling;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/**
 * An object of a configuration, read strictly: each key is asked for, and no other may be there.
 */
final class ConfigObject {
  /** What a number may be. */
  enum Bound {
    POSITIVE("positive"),
    NOT_NEGATIVE("at least 0"),
    BETWEEN_0_AND_1("between 0 and 1"),
    BELOW_1("at least 0 and below 1");

    private final String words;

    Bound(String words) {
      this.words = words;
    }

    private boolean holds(double x) {
      return switch (this) {
        case POSITIVE -> x > 0;
        case NOT_NEGATIVE -> x >= 0;
        case BETWEEN_0_AND_1 -> x > 0 && x < 1;
        case BELOW_1 -> x >= 0 && x < 1;
      };
    }
  }

  private final String where;
  private final JsonNode node;
  private final Set<String> asked = new LinkedHashSet<>();

  /** An object that messages call {@code where}. */
  ConfigObject(String where, JsonNode node) {
    require(node.isObject(), "%s must be an object, {...}, got %s", where, node);
    this.where = where;
    this.node = node;
  }

  String where() {
    return where;
  }

  private Optional<JsonNode> value(String key) {
    asked.add(key);
    return Optional.ofNullable(node.get(key)).filter(own -> !own.isNull());
  }

  private String name(String key) {
    return where + ": '" + key + "'";
  }

  Optional<ConfigObject> object(String key) {
    return value(key).map(own -> new ConfigObject(name(key), own));
  }

  Optional<JsonNode> tree(String key) {
    return value(key);
  }

  Optional<String> text(String key) {
    return value(key)
        .map(
            own -> {
              require(own.isString(), "%s must be a text, got %s", name(key), own);
              return own.asString();
            });
  }

  String needed(String key) {
    return text(key)
        .orElseThrow(() -> new IllegalArgumentException(where + " needs '" + key + "', a text"));
  }

  /** A text, or a list of them. */
  List<String> texts(String key) {
    List<String> texts = new ArrayList<>();
    value(key)
        .ifPresent(
            own -> {
              require(
                  own.isString() || (own.isArray() && all(own, JsonNode::isString)),
                  "%s must be a text or a list of texts, got %s",
                  name(key),
                  own);
              if (own.isString()) {
                texts.add(own.asString());
              } else {
                own.forEach(item -> texts.add(item.asString()));
              }
            });
    return texts;
  }

  private static boolean all(JsonNode list, Function<JsonNode, Boolean> law) {
    for (JsonNode item : list) {
      if (!law.apply(item)) {
        return false;
      }
    }
    return true;
  }

  OptionalLong whole(String key) {
    Optional<JsonNode> own = value(key);
    own.ifPresent(
        number ->
            require(
                number.isIntegralNumber() && number.canConvertToLong(),
                "%s must be a whole number, got %s",
                name(key),
                number));
    return own.isPresent() ? OptionalLong.of(own.get().asLong()) : OptionalLong.empty();
  }

  OptionalLong whole(String key, long least) {
    OptionalLong value = whole(key);
    value.ifPresent(
        x -> require(x >= least, "%s must be at least %d, got %d", name(key), least, x));
    return value;
  }

  /** A whole number that Java holds as an int. */
  OptionalInt count(String key, int least) {
    OptionalLong value = whole(key, least);
    value.ifPresent(
        x ->
            require(
                x <= Integer.MAX_VALUE,
                "%s must be at most %d, got %d",
                name(key),
                Integer.MAX_VALUE,
                x));
    return value.isPresent() ? OptionalInt.of((int) value.getAsLong()) : OptionalInt.empty();
  }

  OptionalDouble number(String key, Bound bound) {
    Optional<JsonNode> own = value(key);
    own.ifPresent(
        number -> {
          require(number.isNumber(), "%s must be a number, got %s", name(key), number);
          double x = number.asDouble();
          require(Double.isFinite(x), "%s is beyond float64, got %s", name(key), number);
          require(bound.holds(x), "%s must be %s, got %s", name(key), bound.words, x);
        });
    return own.isPresent() ? OptionalDouble.of(own.get().asDouble()) : OptionalDouble.empty();
  }

  boolean flag(String key, boolean otherwise) {
    Optional<JsonNode> own = value(key);
    own.ifPresent(
        flag -> require(flag.isBoolean(), "%s must be true or false, got %s", name(key), flag));
    return own.map(JsonNode::asBoolean).orElse(otherwise);
  }

  /** Refuses an object with none of some keys. */
  void requireOneOf(String purpose, String... keys) {
    require(
        Stream.of(keys).anyMatch(key -> value(key).isPresent()),
        "%s needs %s: '%s'",
        where,
        purpose,
        String.join("' or '", keys));
  }

  /** Refuses two keys that exclude each other. */
  void requireNotBoth(String one, String other) {
    require(
        value(one).isEmpty() || value(other).isEmpty(),
        "%s has '%s' and '%s': take one of them",
        where,
        one,
        other);
  }

  /** One of several words. */
  String choice(String key, String otherwise, List<String> words) {
    String word = text(key).orElse(otherwise);
    require(
        words.contains(word),
        "%s must be one of %s, got '%s'%s",
        name(key),
        String.join(", ", words),
        word,
        didYouMean(word, words));
    return word;
  }

  /** After all that is known was asked for. */
  void requireNothingElse() {
    for (String key : node.propertyNames()) {
      require(
          asked.contains(key),
          "%s has an unknown key '%s'%s; known are %s",
          where,
          key,
          didYouMean(key, asked),
          String.join(", ", asked));
    }
  }

  private static String didYouMean(String word, Iterable<String> known) {
    List<String> words = new ArrayList<>();
    known.forEach(words::add);
    return Spelling.nearest(word.toLowerCase(Locale.ROOT), words.stream())
        .map(name -> ", did you mean '" + name + "'")
        .orElse("");
  }
}
