package dev.noether.group;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.noether.DrawnGroups;
import dev.noether.TestedGroups;
import dev.noether.algebra.Matrix;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Any group comes back from its description, element by element. */
class GroupDescriptionTest {
  private static FiniteGroup mine() {
    return FiniteGroup.fromPermutations(
        "MyGroup", List.of(new int[] {1, 2, 0, 3}, new int[] {1, 0, 2, 3}));
  }

  private static FiniteGroup trigonal() {
    return FiniteGroup.fromMatrices(
        "32",
        List.of(
            Matrix.of(3, 3, 0, -1, 0, 1, -1, 0, 0, 0, 1),
            Matrix.of(3, 3, 0, -1, 0, -1, 0, 0, 0, 0, -1)));
  }

  private static FiniteGroup frobenius() {
    int[][] action = new int[4][5];
    for (int h = 0, power = 1; h < 4; h++, power = power * 2 % 5) {
      for (int x = 0; x < 5; x++) {
        action[h][x] = power * x % 5;
      }
    }
    return GroupProducts.semidirect(
        Groups.cyclic(5), Groups.cyclic(4), action, "the affine maps of 5 points");
  }

  /** A table with its elements in an order of its own. */
  private static FiniteGroup shuffled(String name, FiniteGroup group, long seed) {
    List<Integer> order = new ArrayList<>(IntStream.range(0, group.order()).boxed().toList());
    java.util.Collections.shuffle(order, new Random(seed));
    int[][] table = new int[group.order()][group.order()];
    for (int g = 0; g < group.order(); g++) {
      for (int h = 0; h < group.order(); h++) {
        table[order.get(g)][order.get(h)] = order.get(group.multiply(g, h));
      }
    }
    return FiniteGroup.fromTable(name, table);
  }

  static Stream<FiniteGroup> groups() {
    FiniteGroup mixed = GroupProducts.direct(mine(), Groups.cyclic(4));
    return Stream.of(
            TestedGroups.all(),
            Stream.of(
                mine(),
                trigonal(),
                frobenius(),
                Groups.cyclic(2).withLabels(List.of("rest", "a \"mirror\" \\")),
                FiniteGroup.named("D4").withLabels(List.of("a", "b", "c", "d", "e", "f", "g", "h")),
                GroupProducts.direct(mine(), FiniteGroup.named("C3")),
                GroupProducts.direct(GroupProducts.direct(mine(), trigonal()), frobenius()),
                GroupProducts.wreath(mine(), Groups.cyclic(2)),
                FiniteGroup.fromPermutations("none", List.of()),
                FiniteGroup.fromPermutations("C4", List.of(new int[] {1, 2, 3, 0})),
                shuffled("S3", FiniteGroup.named("S3"), 1),
                shuffled("T", FiniteGroup.named("2T"), 2),
                FiniteGroup.fromTable("one", new int[][] {{0}}),
                FiniteGroup.named("<3, 25, 121> in S6")),
            Stream.of("Cs", "C3v", "D3h", "D2d", "-43m", "m-3", "Rotoreflection4", "2/m", "S3 x Oh")
                .map(FiniteGroup::named),
            DrawnGroups.of(0, 40),
            mixed.subgroups().stream().map(Subgroup::asGroup),
            mixed.subgroups().stream().filter(Subgroup::isNormal).map(s -> s.quotient().group()))
        .flatMap(stream -> stream);
  }

  @ParameterizedTest
  @MethodSource("groups")
  void theSameGroupComesBack(FiniteGroup group) {
    GroupDescription description = group.description();
    FiniteGroup back = GroupDescription.parse(description.toString()).group();
    assertThat(back).isEqualTo(group);
    assertThat(back.name()).isEqualTo(group.name());
    assertThat(back.generators()).isEqualTo(group.generators());
    assertThat(back.factors()).isEqualTo(group.factors());
    assertThat(back.fingerprint()).isEqualTo(group.fingerprint());
    assertThat(back.elements().stream().map(Element::toString))
        .isEqualTo(group.elements().stream().map(Element::toString).toList());
    for (int g = 0; g < group.order(); g++) {
      for (int h = 0; h < group.order(); h++) {
        assertThat(back.multiply(g, h)).isEqualTo(group.multiply(g, h));
      }
    }
    assertThat(back.irreps()).hasSameSizeAs(group.irreps());
    for (FiniteIrrep irrep : group.irreps()) {
      FiniteIrrep same = back.irrep(irrep.id());
      assertThat(same.type()).isEqualTo(irrep.type());
      for (int g = 0; g < group.order(); g++) {
        assertThat(same.at(g)).isEqualTo(irrep.at(g));
      }
    }
    assertThat(back.description()).isEqualTo(description);
  }

  @Test
  void descriptionsAreShort() {
    assertThat(mine().description())
        .hasToString(
            "group 1 " + mine().fingerprint() + " permutations \"MyGroup\" 4 [1 2 0 3] [1 0 2 3]");
    assertThat(FiniteGroup.named("C2 wr S3").description())
        .hasToString(
            "group 1 " + FiniteGroup.named("C2 wr S3").fingerprint() + " named \"C2 wr S3\"");
  }

  @Test
  void aFingerprintTellsTwoTablesOfOneNameApart() {
    FiniteGroup group = FiniteGroup.named("S3");
    assertThat(shuffled("S3", group, 1).fingerprint()).isNotEqualTo(group.fingerprint());
    assertThat(shuffled("S3", group, 1)).isNotEqualTo(group);
    int[][] table = new int[6][];
    Arrays.setAll(table, g -> IntStream.range(0, 6).map(h -> group.multiply(g, h)).toArray());
    assertThat(FiniteGroup.fromTable("other", table).fingerprint()).isEqualTo(group.fingerprint());
  }

  @Test
  void damagedDescriptionsAreRefused() {
    String text = mine().description().toString();
    assertThatThrownBy(() -> GroupDescription.parse(text.replace("[1 0 2 3]", "[1 0 3 2]")))
        .hasMessageStartingWith("the description of MyGroup is damaged: its group has the")
        .hasMessageEndingWith("not " + mine().fingerprint());
    assertThatThrownBy(() -> GroupDescription.parse(text.replace("[1 0 2 3]", "[1 0 2 2]")))
        .hasMessage("generator 1 of MyGroup must hold each of 0 to 3 once, got [1, 0, 2, 2]");
    assertThatThrownBy(() -> GroupDescription.parse(text.replace("[1 0 2 3]", "[1 0 2]")))
        .hasMessageStartingWith("the description of a group must go on with 4 numbers, not 3,");
    assertThatThrownBy(() -> GroupDescription.parse("C4"))
        .hasMessage(
            "the description of a group begins with 'group 1', its fingerprint and a construction, "
                + "got 'C4'");
    assertThatThrownBy(() -> GroupDescription.parse("group 1 00 matrices \"G\""))
        .hasMessageStartingWith("the description of a group knows named, permutations,");
    assertThatThrownBy(() -> GroupDescription.parse("group 1 00 " + "labelled (".repeat(1000)))
        .hasMessageStartingWith("parentheses, calls and subgroups may stand at most 100 deep");
    assertThatThrownBy(() -> GroupDescription.parse("group 1 00 table \"G\" 3 0 [1 0 2]"))
        .hasMessage("the generators of G must act on 3 elements as left products do");
  }
}
