package dev.noether.cli.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Whatever a configuration says wrongly is told by the key that says it. */
class TrainingConfigTest {
  private static final JsonMapper MAPPER = new JsonMapper();
  private static final Pattern KNOWN = Pattern.compile("known are (.*)");

  private static final String GOOD =
      """
      {"model": {"type": "Linear", "settings": {"in": 1, "out": 1}},
       "data": {"file": "a.csv", "x": "a", "y": "b"}, "epochs": 1,
       "optimizer": {"type": "sgd"}, "reduce_on_plateau": {}}
      """;

  /** Objects by the way to them; the keys of a schedule depend on its type. */
  private static final Map<String, String> OBJECTS =
      Map.of(
          "", GOOD,
          "/data", GOOD,
          "/optimizer", GOOD,
          "/reduce_on_plateau", GOOD,
          "/schedule", with("{'type': 'step', 'steps': 3}"),
          "/schedule ", with("{'type': 'polynomial', 'steps': 3, 'warm_up': 2}"));

  private static final List<String> WRONG =
      List.of("\"word\"", "-1", "0", "-0.5", "1e400", "3000000000", "true", "[1, 2]", "{}");

  private static String with(String schedule) {
    return GOOD.strip().replaceFirst("}$", "")
        + ", \"schedule\": "
        + schedule.replace('\'', '"')
        + "}";
  }

  private static void read(JsonNode tree) {
    TrainingConfig.of("feet.json", tree, Path.of(""));
  }

  private static ObjectNode tree(String text) {
    return (ObjectNode) MAPPER.readTree(text);
  }

  private static ObjectNode at(ObjectNode tree, String way) {
    return (ObjectNode) tree.at(way.strip());
  }

  /** The keys that an object may have, as its own message lists them. */
  private static List<String> keys(String way, String text) {
    ObjectNode tree = tree(text);
    at(tree, way).put("quark", 1);
    @Nullable Throwable refusal = catchThrowable(() -> read(tree));
    assertThat(refusal).isNotNull();
    Matcher known = KNOWN.matcher(String.valueOf(refusal.getMessage()));
    assertThat(known.find()).as("%s", refusal).isTrue();
    return List.of(known.group(1).split(", ", -1));
  }

  @Test
  void everyRefusalNamesTheKeyAsItIsWritten() {
    List<String> refused = new ArrayList<>();
    OBJECTS.forEach(
        (way, text) -> {
          for (String key : keys(way, text)) {
            for (String value : WRONG) {
              ObjectNode tree = tree(text);
              at(tree, way).set(key, MAPPER.readTree(value));
              @Nullable Throwable refusal = catchThrowable(() -> read(tree));
              if (refusal != null) {
                refused.add(key);
                assertThat(refusal)
                    .as("%s/%s: %s", way, key, value)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageStartingWith("feet.json")
                    .hasMessageContaining("'" + key + "'")
                    .message()
                    .doesNotContain("Size", "Every", "Norm ", "Early");
              }
            }
            assertThat(refused).as("something is no %s", key).contains(key);
          }
        });
    assertThat(refused).contains("batch_size", "warm_up", "momentum", "factor", "power", "seed");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "/batch_size | 0 | feet.json: 'batch_size' must be at least 1, got 0",
        "/epochs | 3000000000 | feet.json: 'epochs' must be at most 2147483647, got 3000000000",
        "/minutes | 0 | feet.json: 'minutes' must be positive, got 0.0",
        "/checkpoint_every | -1 | feet.json: 'checkpoint_every' must be at least 0, got -1",
        "/average_weights | 1 | feet.json: 'average_weights' must be between 0 and 1, got 1.0",
        "/optimizer/weight_decay | -1 | feet.json: 'optimizer': 'weight_decay' must be at least 0,",
        "/data/validation | 1 | feet.json: 'data': 'validation' must be at least 0 and below 1,",
        "/clip_value | 1e999 | feet.json: 'clip_value' is beyond float64, got",
      })
  void boundsAreTold(String way, String value, String message) {
    ObjectNode tree = tree(GOOD);
    int end = way.lastIndexOf('/');
    at(tree, way.substring(0, end)).set(way.substring(end + 1), MAPPER.readTree(value));
    assertThatThrownBy(() -> read(tree)).hasMessageStartingWith(message);
  }

  @Test
  void keysThatExcludeEachOtherAreBothNamed() {
    ObjectNode tree = tree(GOOD).put("clip_norm", 1).put("clip_value", 1);
    assertThatThrownBy(() -> read(tree))
        .hasMessage("feet.json has 'clip_norm' and 'clip_value': take one of them");
    ObjectNode endless = tree(GOOD);
    endless.remove("epochs");
    assertThatThrownBy(() -> read(endless))
        .hasMessage("feet.json needs to know how long: 'epochs' or 'steps' or 'minutes'");
  }
}
