package dev.noether.benchmarks.campaign;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.noether.nn.Layer;
import dev.noether.nn.LayerRegistry;
import dev.noether.nn.LayerType;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Parts of the campaign for a moment: those that need no other JVMs, and a kill and a resume. */
class CampaignTest {
  private static final int STEPS = 40;

  @ParameterizedTest
  @ValueSource(strings = {"files", "texts", "threads", "memory", "kills", "soak", "ranks"})
  void nothingHappensThatMustNot(String part) throws Exception {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);
    Campaign.Amounts few =
        new Campaign.Amounts(STEPS, 2, Long.MAX_VALUE, OptionalInt.empty(), name -> true);
    long found = Campaign.run(Campaign.parts(few), List.of(part), 1, 7, out);
    assertThat(found).as(bytes.toString(StandardCharsets.UTF_8)).isZero();
  }

  @Test
  void aFindingIsCountedAndShown() {
    Tally tally = new Tally();
    tally.attempt("call", "input", () -> {}, IllegalArgumentException.class);
    tally.attempt(
        "call",
        "input",
        () -> {
          throw new IllegalArgumentException("words");
        },
        IllegalArgumentException.class);
    assertThat(tally.found()).isZero();
    tally.attempt(
        "call",
        "in\u0007put",
        () -> {
          throw new IllegalStateException("not documented");
        },
        IllegalArgumentException.class);
    tally.attempt(
        "call",
        "input",
        () -> {
          throw new IllegalArgumentException("");
        },
        IllegalArgumentException.class);
    assertThat(tally.found()).isEqualTo(2);
    assertThat(tally.table())
        .contains("IllegalStateException")
        .contains("not documented for in?put");
  }

  @Test
  void everyRegisteredLayerIsMadeAndCalled() {
    Map<String, Layer> layers = AnyLayer.ofEveryType();
    assertThat(LayerRegistry.standard().types())
        .extracting(LayerType::name)
        .as("layers that cannot be guessed are given by Specimens")
        .allMatch(layers::containsKey);
    assertThat(layers.values())
        .as("calls that cannot be guessed are given by Specimens")
        .allMatch(layer -> AnyLayer.driven(layer).isPresent());
  }

  @Test
  void aPartThatIsNotThereIsRefused() {
    assertThatThrownBy(() -> Campaign.run(Map.of(), List.of("fire"), 1, 1, System.out))
        .hasMessage("know the parts [], got fire");
  }
}
