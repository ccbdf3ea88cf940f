package dev.noether.rep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.noether.group.CompactGroup;
import dev.noether.group.FiniteGroup;
import dev.noether.group.GroupDescription;
import dev.noether.group.Groups;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Texts that ask for too much are refused before anything is computed. */
class HostileTextsTest {
  private static final String TOO_DEEP =
      "parentheses, calls and subgroups may stand at most 100 deep in each other, got more in '";

  private static void read(String text) {
    if (text.contains(":")) {
      Representation.parse(text);
    } else {
      FiniteGroup.named(text);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {101, 10_000, 100_000})
  void nestingHasAnEnd(int depth) {
    for (String text :
        new String[] {
          "C4: " + "(".repeat(depth) + "trivial" + ")".repeat(depth),
          "C4: " + "(".repeat(depth),
          "(".repeat(depth) + "C4" + ")".repeat(depth) + ": trivial",
          "C4: " + "sym(1, ".repeat(depth) + "trivial" + ")".repeat(depth),
          "C4: " + "restrict(C4: ".repeat(depth) + "trivial" + ")".repeat(depth),
          "SO(3): " + "(".repeat(depth) + "irrep(1)" + ")".repeat(depth),
          "C2 x C3: " + "factor(C3: ".repeat(depth) + "trivial" + ")".repeat(depth),
          "<1> in ".repeat(depth) + "S3",
        }) {
      assertThatThrownBy(() -> read(text)).hasMessageStartingWith(TOO_DEEP);
    }
    assertThatThrownBy(() -> read("C1" + " x C1".repeat(depth)))
        .hasMessageStartingWith(
            "a text may ask for at most 50 factors of a group, got 51 in 'C1 x");
    assertThatThrownBy(() -> read("C1" + " wr C1".repeat(depth)))
        .hasMessageStartingWith("a text may ask for at most 50 factors of a group, got 51");
    assertThatThrownBy(() -> read("C4: trivial" + " * trivial".repeat(depth)))
        .hasMessageStartingWith("a text may ask for at most 50 factors of tensor products, got 51");
  }

  @Test
  void whatStandsNotTooDeepIsRead() {
    String text = "C4: " + "(".repeat(100) + "trivial" + ")".repeat(100);
    assertThat(Representation.parse(text)).isEqualTo(Representation.parse("C4: trivial"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "C4: sym(999999, trivial)",
        "C4: sym(999999, 99999 x trivial)",
        "C4: ext(50000, 99999 x trivial)",
        "C4: sym(4000, irrep(1))",
        "C2 wr C3: sym(4, 16 x trivial)",
        "C2: permutation(2147483647; 2 1)",
        "C4: permutation(999999999; 1)",
        "C4: 9999 x (99999 x trivial)",
        "C4: 999 x (999 x (999 x trivial))",
        "C4: 99 x (999999 x regular)",
        "C4: 99999999999999999999 x trivial",
        "SO(3): harmonics(2147483647)",
        "SO(3): regular(1000)",
        "SO(3): harmonics(1000)",
        "SO(2): 999999 x (999 x irrep(1))",
        "SO(3): irrep(500) * irrep(500)",
        "O(2): irrep(1,1001)",
        "SO(3): irrep(999999999)",
        "SO(3): irrep(-2147483648)",
        "SO(3): 99999 x (99999 x irrep(1))",
        "C4: restrict(SO(3): irrep(2000))",
        "C4: restrict(SO(3): harmonics(900))",
        "C4: restrict(SO(3): irrep(100) * irrep(100))",
        "C4: restrict(SO(3): irrep(1)",
        "C2 x C3: factor(C3: 99999 x (99999 x trivial))",
        "C2 x C3: factor(C3)",
        "C2 x C2: factor(C2: trivial)",
        "C9999 semidirect(99999) C9999",
        "C999999999 semidirect(2) C999999999",
        "C2 wr C2 wr C2 wr C2 wr C2 wr C2",
        "S6 x S6",
        "C10000: regular * regular",
        "SO(2): irrep(1) * irrep(1) * irrep(1) * irrep(1) * irrep(1) * irrep(1) * irrep(1) *"
            + " irrep(1) * irrep(1) * irrep(1) * irrep(1) * irrep(1) * irrep(1) * irrep(1)",
        "D50 x D50: quotient(C2)",
        "D5000: quotient(<5000>)",
      })
  void whatAsksForTooMuchIsRefused(String text) {
    assertThatThrownBy(() -> read(text)).isExactlyInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "C997 semidirect(1) C10: trivial",
        "C97 semidirect(2) C96: trivial",
        "S4 wr C2 x C8: trivial",
        "C100 x C100: trivial",
        "Q10000: trivial",
        "D5000: irrep(1,1)",
        "C4: sym(50, irrep(1))",
        "D1000: quotient(C2)"
      })
  void largeGroupsMakeOnlyWhatIsNamed(String text) {
    assertThat(Representation.parse(text).size()).isPositive();
  }

  @Test
  void compactGroupsHaveAHighestFrequency() {
    assertThatThrownBy(() -> Representation.harmonics(CompactGroup.SO3, Integer.MAX_VALUE))
        .hasMessage("frequency must be at most 1000000, got 2147483647");
  }

  @Test
  void longTextsAreShownShort() {
    assertThatThrownBy(() -> FiniteGroup.named("x".repeat(5_000_000)))
        .hasMessageStartingWith("a text must have at most 4000000 characters, got 5000000: xxx")
        .message()
        .hasSizeLessThan(500);
    assertThatThrownBy(() -> Representation.parse("C4: " + "+".repeat(100_000)))
        .message()
        .hasSizeLessThan(1000);
  }

  /**
   * Texts of the grammar, whole and damaged: each is read, and its own text reads back as the same,
   * or is refused in words. {@code -Dnoether.fuzz=100000} for a longer run.
   */
  @Test
  void anyTextIsReadOrRefusedInWords() {
    int count = Integer.getInteger("noether.fuzz", 400);
    for (int seed = 0; seed < count; seed++) {
      TextGrammar grammar = new TextGrammar(new Random(seed));
      String text = grammar.text();
      try {
        read(text);
        if (text.contains(":")) {
          Representation rho = Representation.parse(text);
          Representation back = Representation.parse(rho.toString());
          assertThat(back).as(text).hasToString(rho.toString());
          assertThat(back.irreps()).as(text).isEqualTo(rho.irreps());
          assertThat(back.equals(rho)).as(text).isTrue();
        }
      } catch (IllegalArgumentException refused) {
        assertThat(refused).as(text).isExactlyInstanceOf(IllegalArgumentException.class);
        assertThat(refused.getMessage()).as(text).isNotBlank().hasSizeLessThan(2000);
      }
      String description =
          grammar.damaged(
              Groups.dihedral(3)
                  .withLabels(java.util.List.of("a", "b", "c", "d", "e", "f"))
                  .description()
                  .toString());
      try {
        GroupDescription.parse(description);
      } catch (IllegalArgumentException refused) {
        assertThat(refused.getMessage()).as(description).isNotBlank();
      }
    }
  }
}
