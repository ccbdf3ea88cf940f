package dev.noether.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaModifier;
import dev.noether.basis.BasisChange;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** One idea has one home and one name. */
class HouseTest {
  /**
   * A runtime for exported models stands alone: no program sees its types beside those of layers.
   */
  private static final Set<String> APART = Set.of("Port");

  private static final int RUN = 6;

  /** A line that says something: neither a comment, nor an import, nor a bracket. */
  private record Line(String file, int number, String text) {}

  private static List<List<Line>> sources(String module) throws IOException {
    List<List<Line>> files = new ArrayList<>();
    try (Stream<Path> paths = Files.walk(Path.of("..", module, "src", "main", "java"))) {
      for (Path path : paths.filter(p -> p.toString().endsWith(".java")).sorted().toList()) {
        files.add(lines(path));
      }
    }
    return files;
  }

  private static List<Line> lines(Path path) throws IOException {
    List<Line> lines = new ArrayList<>();
    boolean comment = false;
    int number = 0;
    for (String raw : Files.readAllLines(path)) {
      number++;
      String text = raw.strip();
      comment |= text.startsWith("/*");
      if (!comment
          && !text.startsWith("//")
          && !text.matches("(import|package) .*")
          && text.matches(".*\\w.*")) {
        lines.add(new Line(path.getFileName().toString(), number, text));
      }
      comment &= !text.endsWith("*/");
    }
    return lines;
  }

  /** Where six lines or more of one place stand again at another, each pair of places once. */
  private static List<String> repeated(List<List<Line>> files) {
    Map<List<String>, List<List<Line>>> known = new HashMap<>();
    List<String> pairs = new ArrayList<>();
    Map<String, String> last = new HashMap<>();
    for (List<Line> file : files) {
      for (int i = 0; i + RUN <= file.size(); i++) {
        List<Line> run = file.subList(i, i + RUN);
        List<List<Line>> others =
            known.computeIfAbsent(run.stream().map(Line::text).toList(), t -> new ArrayList<>());
        for (List<Line> other : others) {
          String offset = other.get(0).file + " " + run.get(0).file;
          String before = other.get(0).number + " " + run.get(0).number;
          if (!before.equals(last.get(offset))) {
            pairs.add(place(other) + " ~ " + place(run));
          }
          last.put(offset, other.get(1).number + " " + run.get(1).number);
        }
        others.add(run);
      }
    }
    return pairs;
  }

  private static String place(List<Line> run) {
    return run.get(0).file + ":" + run.get(0).number;
  }

  @Test
  void fewRunsOfSixLinesStandTwiceInLayers() throws IOException {
    assertThat(repeated(sources("nn"))).hasSizeLessThan(10);
  }

  /** Everyone else asks a representation for its copies and runs. */
  @Test
  void whereCopiesAndSummandsStandIsCountedInOnePlace() throws IOException {
    Pattern walk =
        Pattern.compile(
            "(start|offset|place|at) \\+= .*\\b(irrep|copy|run|summand|part|each|block|rho)\\b.*"
                + "\\.(dimension|size)\\(\\);");
    List<String> walks = new ArrayList<>();
    for (String module : List.of("core", "nn", "io")) {
      sources(module).stream()
          .flatMap(List::stream)
          .filter(line -> walk.matcher(line.text).matches())
          .forEach(line -> walks.add(line.file));
    }
    assertThat(walks).containsExactly("Representation.java", "Representation.java");
  }

  @Test
  void basesAreChangedInOnePlace() {
    assertThat(
            ArrowsTest.CLASSES.stream()
                .filter(type -> type.isAssignableTo(BasisChange.class))
                .map(type -> type.getName().replaceAll("\\$.*", ""))
                .collect(Collectors.toSet()))
        .containsExactly(BasisChange.class.getName());
  }

  @Test
  void noTwoPublicTypesHaveOneName() {
    Map<String, Set<String>> packages = new TreeMap<>();
    ArrowsTest.CLASSES.stream()
        .filter(JavaClass::isTopLevelClass)
        .filter(type -> type.getModifiers().contains(JavaModifier.PUBLIC))
        .filter(type -> !APART.contains(type.getSimpleName()))
        .forEach(
            type ->
                packages
                    .computeIfAbsent(type.getSimpleName(), name -> new TreeSet<>())
                    .add(type.getPackageName()));
    packages.values().removeIf(names -> names.size() == 1);
    assertThat(packages).isEmpty();
  }
}
