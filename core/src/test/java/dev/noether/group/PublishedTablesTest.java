package dev.noether.group;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.noether.algebra.Cyclotomic;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Groups against published tables; the resource names the source of each. */
class PublishedTablesTest {
  private static final double TOLERANCE = 1e-12;
  private static final Pattern SUMMAND =
      Pattern.compile("([+-]?)(?:(?:([0-9]+)\\*)?E\\(([0-9]+)\\)(?:\\^([0-9]+))?|([0-9]+))");

  /** One group of published-tables.txt. */
  record Published(
      String name,
      List<Integer> facts,
      List<String> columns,
      List<String> types,
      List<List<String>> rows) {
    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Published> groups() {
    return Arrays.stream(resource().split("\n\n", -1))
        .filter(block -> !block.startsWith("#"))
        .map(block -> published(block.lines().toList()));
  }

  private static Published published(List<String> lines) {
    String[] head = lines.get(0).split(" \\| ", -1);
    List<List<String>> rows = lines.stream().skip(2).map(PublishedTablesTest::words).toList();
    return new Published(
        head[0],
        words(head[1]).stream().map(Integer::valueOf).toList(),
        words(lines.get(1)),
        rows.stream().map(row -> row.get(0)).toList(),
        rows.stream()
            .map(row -> row.stream().skip(1).map(PublishedTablesTest::value).toList())
            .toList());
  }

  private static List<String> words(String line) {
    return List.of(line.split(" ", -1));
  }

  private static String resource() {
    try (InputStream stream =
        Objects.requireNonNull(
            PublishedTablesTest.class.getResourceAsStream("published-tables.txt"))) {
      return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A sum of roots of unity as GAP writes it: {@code -E(5)^2-E(5)^3}. */
  private static String value(String text) {
    double real = 0;
    double imaginary = 0;
    Matcher matcher = SUMMAND.matcher(text);
    int end = 0;
    while (matcher.find() && matcher.start() == end) {
      end = matcher.end();
      int sign = "-".equals(matcher.group(1)) ? -1 : 1;
      if (matcher.group(5) != null) {
        real += sign * Integer.parseInt(matcher.group(5));
      } else {
        int factor = sign * (matcher.group(2) == null ? 1 : Integer.parseInt(matcher.group(2)));
        int order = Integer.parseInt(matcher.group(3));
        int exponent = matcher.group(4) == null ? 1 : Integer.parseInt(matcher.group(4));
        real += factor * Cyclotomic.cosine(exponent, order);
        imaginary += factor * Cyclotomic.sine(exponent, order);
      }
    }
    assertThat(end).as(text).isEqualTo(text.length());
    return key(real, imaginary);
  }

  /** Eleven digits. */
  private static String key(double real, double imaginary) {
    return Math.round(real * 1e11) + "," + Math.round(imaginary * 1e11);
  }

  @Test
  void thereAreMoreThanSixtyGroups() {
    assertThat(groups().map(Published::name).distinct()).hasSizeGreaterThan(70);
  }

  @ParameterizedTest
  @MethodSource("groups")
  void structureIsThePublishedOne(Published published) {
    FiniteGroup group = FiniteGroup.named(published.name);
    List<Subgroup> subgroups = group.subgroups();
    assertThat(published.facts)
        .containsExactly(
            group.order(),
            group.exponent(),
            group.center().order(),
            group.commutatorSubgroup().order(),
            subgroups.size(),
            subgroups.stream().mapToInt(subgroup -> subgroup.normalizer().index()).sum());
  }

  @ParameterizedTest
  @MethodSource("groups")
  void characterTableAndTypesAreThePublishedOnesUpToTheOrderOfRowsAndColumns(Published published) {
    FiniteGroup group = FiniteGroup.named(published.name);
    CharacterTable table = group.characterTable();
    int r = table.size();
    String[][] own = new String[r][r];
    for (int k = 0; k < r; k++) {
      for (int c = 0; c < r; c++) {
        own[k][c] = key(table.real(k, c), table.imaginary(k, c));
      }
    }
    List<String> types =
        IntStream.range(0, r)
            .mapToObj(
                k -> Objects.requireNonNull(List.of("H", "C", "R").get(1 + table.indicator(k))))
            .toList();
    List<String> columns =
        group.conjugacyClasses().stream()
            .map(members -> group.elementOrder(members.get(0)) + "/" + members.size())
            .toList();
    assertThat(columns).containsExactlyInAnyOrderElementsOf(published.columns);
    boolean equal =
        matches(
            published,
            own,
            columns,
            new ArrayList<>(),
            published.types.toArray(String[]::new),
            types.toArray(String[]::new));
    assertThat(equal).isTrue();
  }

  /**
   * Gives each published column, one by one, an own column of the same element order and size, as
   * long as the rows read so far (which begin with the types) are the same ones in some order.
   */
  private static boolean matches(
      Published published,
      String[][] own,
      List<String> columns,
      List<Integer> chosen,
      String[] theirRows,
      String[] ownRows) {
    if (!Arrays.equals(
        Arrays.stream(theirRows).sorted().toArray(), Arrays.stream(ownRows).sorted().toArray())) {
      return false;
    }
    int next = chosen.size();
    if (next == columns.size()) {
      return true;
    }
    String[] theirs = new String[theirRows.length];
    String[] ours = new String[ownRows.length];
    for (int c = 0; c < columns.size(); c++) {
      if (!chosen.contains(c) && columns.get(c).equals(published.columns.get(next))) {
        for (int k = 0; k < ours.length; k++) {
          theirs[k] = theirRows[k] + " " + published.rows.get(k).get(next);
          ours[k] = ownRows[k] + " " + own[k][c];
        }
        chosen.add(c);
        if (matches(published, own, columns, chosen, theirs, ours)) {
          return true;
        }
        chosen.remove(next);
      }
    }
    return false;
  }

  @ParameterizedTest
  @MethodSource("groups")
  void rowsAndColumnsOfTheTableAreOrthogonal(Published published) {
    FiniteGroup group = FiniteGroup.named(published.name);
    CharacterTable table = group.characterTable();
    int r = table.size();
    int[] sizes = group.conjugacyClasses().stream().mapToInt(List::size).toArray();
    for (int i = 0; i < r; i++) {
      for (int j = 0; j < r; j++) {
        double rowReal = 0;
        double rowImaginary = 0;
        double columnReal = 0;
        double columnImaginary = 0;
        for (int k = 0; k < r; k++) {
          rowReal += sizes[k] * real(table, i, k, j, k);
          rowImaginary += sizes[k] * imaginary(table, i, k, j, k);
          columnReal += sizes[i] * real(table, k, i, k, j);
          columnImaginary += sizes[i] * imaginary(table, k, i, k, j);
        }
        double expected = i == j ? 1 : 0;
        assertThat(rowReal / group.order()).isCloseTo(expected, within(TOLERANCE));
        assertThat(rowImaginary / group.order()).isCloseTo(0, within(TOLERANCE));
        assertThat(columnReal / group.order()).isCloseTo(expected, within(TOLERANCE));
        assertThat(columnImaginary / group.order()).isCloseTo(0, within(TOLERANCE));
      }
    }
  }

  private static double real(CharacterTable table, int i, int a, int j, int b) {
    return table.real(i, a) * table.real(j, b) + table.imaginary(i, a) * table.imaginary(j, b);
  }

  private static double imaginary(CharacterTable table, int i, int a, int j, int b) {
    return table.imaginary(i, a) * table.real(j, b) - table.real(i, a) * table.imaginary(j, b);
  }

  @ParameterizedTest
  @MethodSource("groups")
  void realIrrepsFillTheGroupAndAreOrthogonalHomomorphismsOnAllPairs(Published published) {
    FiniteGroup group = FiniteGroup.named(published.name);
    int sum = 0;
    double worst = 0;
    for (FiniteIrrep irrep : group.irreps()) {
      sum += irrep.dimension() * irrep.dimension() / irrep.type().endomorphismDimension();
      worst = Math.max(worst, IrrepLaws.defectOfEachElement(irrep));
      worst = Math.max(worst, IrrepLaws.defectOfProducts(irrep));
    }
    assertThat(sum).isEqualTo(group.order());
    assertThat(worst).isLessThan(TOLERANCE);
  }

  @ParameterizedTest
  @MethodSource("groups")
  void realIrrepsHaveTheCharactersOfTheTable(Published published) {
    FiniteGroup group = FiniteGroup.named(published.name);
    CharacterTable table = group.characterTable();
    double[] multiplicities = new double[table.size()];
    for (FiniteIrrep irrep : group.irreps()) {
      for (int k = 0; k < table.size(); k++) {
        double inner = 0;
        for (int g = 0; g < group.order(); g++) {
          inner += irrep.character(g) * table.real(k, group.conjugacyClass(g)) / group.order();
        }
        assertThat(inner).isCloseTo(Math.rint(inner), within(1e-9));
        multiplicities[k] += inner;
        if (inner > 0.5) {
          assertThat(irrep.type()).isEqualTo(table.type(k));
        }
      }
    }
    for (int k = 0; k < table.size(); k++) {
      assertThat(multiplicities[k])
          .isCloseTo(table.type(k) == IrrepType.QUATERNIONIC ? 2 : 1, within(1e-9));
    }
  }
}
