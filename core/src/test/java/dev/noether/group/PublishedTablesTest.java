package dev.noether.group;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.noether.algebra.Matrix;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Groups against published facts; the resources name the sources. */
class PublishedTablesTest {
  private static final double TOLERANCE = 1e-12;

  /** One line of published-groups.txt. */
  record Published(String name, int order, List<Integer> degrees, List<Integer> types) {
    @Override
    public String toString() {
      return name;
    }
  }

  /** One table of published-tables.txt. */
  record Table(String name, List<String> columns, List<List<String>> rows) {
    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Published> groups() {
    return read("published-groups.txt")
        .filter(line -> !line.startsWith("#"))
        .map(line -> line.split("\\s*\\|\\s*", -1))
        .map(
            parts ->
                new Published(
                    parts[0], Integer.parseInt(parts[1]), degrees(parts[2]), integers(parts[3])));
  }

  static Stream<Table> tables() {
    List<Table> tables = new ArrayList<>();
    for (String block :
        String.join("\n", read("published-tables.txt").toList()).split("\n\n", -1)) {
      if (!block.startsWith("# ")) {
        List<String> lines = block.lines().toList();
        tables.add(
            new Table(
                lines.get(0).split(" #", -1)[0],
                List.of(lines.get(1).split(" ", -1)),
                lines.stream().skip(2).map(line -> List.of(line.split(" ", -1))).toList()));
      }
    }
    return tables.stream();
  }

  private static Stream<String> read(String name) {
    try (InputStream stream =
        Objects.requireNonNull(PublishedTablesTest.class.getResourceAsStream(name))) {
      return new String(stream.readAllBytes(), StandardCharsets.UTF_8).lines();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<Integer> degrees(String text) {
    return Arrays.stream(text.split(" ", -1))
        .map(part -> part.split("\\^", -1))
        .flatMap(
            part ->
                IntStream.range(0, part.length == 1 ? 1 : Integer.parseInt(part[1]))
                    .mapToObj(copy -> Integer.valueOf(part[0])))
        .toList();
  }

  private static List<Integer> integers(String text) {
    return Arrays.stream(text.split(" ", -1)).map(Integer::valueOf).toList();
  }

  @ParameterizedTest
  @MethodSource("groups")
  void ordersClassesDegreesAndTypesAreThePublishedOnes(Published published) {
    FiniteGroup group = FiniteGroup.named(published.name);
    CharacterTable table = group.characterTable();
    assertThat(group.order()).isEqualTo(published.order);
    assertThat(group.conjugacyClasses()).hasSize(published.degrees.size());
    assertThat(rows(table).map(table::degree).toList()).isEqualTo(published.degrees);
    assertThat(
            Stream.of(1, 0, -1)
                .map(type -> (int) rows(table).filter(k -> table.indicator(k) == type).count())
                .toList())
        .isEqualTo(published.types);
  }

  private static Stream<Integer> rows(CharacterTable table) {
    return IntStream.range(0, table.size()).boxed();
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
        int expected = i == j ? group.order() : 0;
        assertThat(rowReal).isCloseTo(expected, within(1e-9));
        assertThat(rowImaginary).isCloseTo(0, within(1e-9));
        assertThat(columnReal).isCloseTo(expected, within(1e-9));
        assertThat(columnImaginary).isCloseTo(0, within(1e-9));
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
  void realIrrepsFillTheGroupAndAreOrthogonalHomomorphisms(Published published) {
    FiniteGroup group = FiniteGroup.named(published.name);
    int sum = 0;
    double worst = 0;
    int step = Math.max(1, group.order() / 30);
    for (Irrep irrep : group.irreps()) {
      sum += irrep.dimension() * irrep.dimension() / irrep.type().endomorphismDimension();
      Matrix[] matrices = new Matrix[group.order()];
      for (int g = 0; g < group.order(); g++) {
        matrices[g] = irrep.at(g);
        worst = Math.max(worst, matrices[g].orthogonalityDefect());
        for (Matrix endomorphism : irrep.endomorphismBasis()) {
          Matrix before = matrices[g].times(endomorphism);
          worst = Math.max(worst, before.distance(endomorphism.times(matrices[g])));
        }
      }
      for (int g = 0; g < group.order(); g++) {
        for (int h = g % step; h < group.order(); h += step) {
          Matrix product = matrices[g].times(matrices[h]);
          worst = Math.max(worst, product.distance(matrices[group.multiply(g, h)]));
        }
        for (int s : group.generators()) {
          Matrix product = matrices[s].times(matrices[g]);
          worst = Math.max(worst, product.distance(matrices[group.multiply(s, g)]));
        }
      }
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
    for (Irrep irrep : group.irreps()) {
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

  @ParameterizedTest
  @MethodSource("tables")
  void characterTablesAreThePublishedOnesUpToTheOrderOfRowsAndColumns(Table published) {
    FiniteGroup group = FiniteGroup.named(published.name);
    List<String> columns =
        group.conjugacyClasses().stream()
            .map(members -> group.elementOrder(members.get(0)) + "/" + members.size())
            .toList();
    assertThat(columns).containsExactlyInAnyOrderElementsOf(published.columns);
    assertThat(matches(published, group.characterTable(), columns, new ArrayList<>())).isTrue();
  }

  /** Tries every assignment of columns of the same element order and size. */
  private static boolean matches(
      Table published, CharacterTable table, List<String> columns, List<Integer> chosen) {
    if (chosen.size() == columns.size()) {
      return sorted(published).equals(sorted(table, chosen));
    }
    for (int c = 0; c < columns.size(); c++) {
      if (!chosen.contains(c) && columns.get(c).equals(published.columns.get(chosen.size()))) {
        chosen.add(c);
        if (matches(published, table, columns, chosen)) {
          return true;
        }
        chosen.remove(chosen.size() - 1);
      }
    }
    return false;
  }

  private static List<String> sorted(Table published) {
    return published.rows.stream()
        .map(row -> String.join(" ", row.stream().map(PublishedTablesTest::value).toList()))
        .sorted()
        .toList();
  }

  private static List<String> sorted(CharacterTable table, List<Integer> columns) {
    return rows(table)
        .map(
            k ->
                String.join(
                    " ",
                    columns.stream()
                        .map(c -> text(table.real(k, c), table.imaginary(k, c)))
                        .toList()))
        .sorted()
        .toList();
  }

  private static String value(String symbol) {
    int sign = symbol.startsWith("-") ? -1 : 1;
    String size = sign < 0 ? symbol.substring(1) : symbol;
    return switch (size) {
      case "a" -> text(sign * (1 + Math.sqrt(5)) / 2, 0);
      case "b" -> text(sign * (1 - Math.sqrt(5)) / 2, 0);
      case "r" -> text(sign * Math.sqrt(2), 0);
      case "w" -> text(-0.5, Math.sqrt(0.75));
      case "v" -> text(-0.5, -Math.sqrt(0.75));
      default -> text(sign * Integer.parseInt(size), 0);
    };
  }

  /** Twelve digits. */
  private static String text(double real, double imaginary) {
    return Math.round(real * 1e12) + "," + Math.round(imaginary * 1e12);
  }
}
