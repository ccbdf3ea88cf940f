package dev.noether.cli;

import static dev.noether.algebra.Checks.require;

import dev.noether.cli.training.DataFile;
import dev.noether.group.Subgroup;
import dev.noether.rep.Representation;
import dev.noether.robot.Robot;
import dev.noether.robot.RobotSymmetry;
import dev.noether.stats.SymmetrySearch;
import dev.noether.stats.SymmetryTest;
import dev.noether.torch.Dtype;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code noether symmetry}. */
@Command(
    name = "symmetry",
    description = {
      "Finds which symmetries data have, or a robot.",
      "",
      "Of samples, every subgroup is tested: a small p-value, corrected for the number of subgroups "
          + "after Holm, speaks against it. Of a robot in URDF, the group and how it moves the "
          + "joints are told."
    },
    footer = {
      "",
      "  noether symmetry feet.csv --group 'C4: regular' --x a,b,c,d",
      "  noether symmetry robot.urdf"
    })
final class SymmetryCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(
      paramLabel = "DATA",
      description = "samples in CSV, NPY, NPZ or safetensors, or a robot in URDF")
  private Path data = Path.of("");

  @Option(
      names = "--group",
      paramLabel = "SPEC",
      description = "how samples transform under the largest group in question: 'D4: regular'")
  private @Nullable String group;

  @Option(
      names = "--x",
      split = ",",
      paramLabel = "COLUMN",
      description = "the columns, in order (default: all of a CSV file), or the tensor's name")
  private List<String> x = List.of();

  @Option(
      names = "--statistic",
      paramLabel = "NAME",
      description = "moments: means and covariances; kernel: whole distributions (moments)")
  private SymmetryTest.Statistic statistic = SymmetryTest.Statistic.MOMENTS;

  @Option(
      names = "--level",
      paramLabel = "P",
      description = "the probability of rejecting a true symmetry (0.05)")
  private double level = 0.05;

  @Option(names = "--seed", paramLabel = "N", description = "the seed of the random moves (0)")
  private long seed;

  @Mixin private JsonOption json = new JsonOption();

  /** A row of the page. */
  record Row(
      String subgroup,
      List<Integer> generators,
      int order,
      double statistic,
      double symmetric,
      double pValue,
      double corrected,
      boolean holds) {}

  /** What was found of samples. */
  record Content(long samples, double level, String largest, List<Row> subgroups) {}

  /** What was found of a robot. */
  record RobotContent(
      String group, String joints, String vectors, double massDefect, List<String> names) {}

  @Override
  public Integer call() throws IOException {
    json.requireWritable();
    Page page = Page.of(spec);
    if (String.valueOf(data.getFileName()).toLowerCase(Locale.ROOT).endsWith(".urdf")) {
      robot(page);
      return 0;
    }
    require(
        group != null,
        "which group? Name the largest one in question and how samples transform, as --group 'D4:"
            + " regular'");
    Representation representation = Representation.parse(String.valueOf(group));
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      Tensor samples = new DataFile(data, Map.of("x", columns())).read(Dtype.FLOAT64).tensor("x");
      SymmetrySearch.Found found =
          SymmetrySearch.of(
              samples, representation, new SymmetrySearch.Options(statistic, level, seed));
      if (!json.replacesPage()) {
        print(page, samples.size(0), representation, found);
      }
      json.write(page, () -> content(samples.size(0), found));
    }
    return 0;
  }

  private List<String> columns() throws IOException {
    boolean csv = String.valueOf(data.getFileName()).toLowerCase(Locale.ROOT).endsWith(".csv");
    if (!x.isEmpty() || !csv) {
      return x;
    }
    try (Stream<String> lines = Files.lines(data)) {
      return Arrays.stream(lines.findFirst().orElse("").split(",", -1)).map(String::strip).toList();
    }
  }

  private static List<Row> rows(SymmetrySearch.Found found) {
    return found.candidates().stream()
        .map(
            c ->
                new Row(
                    c.subgroup().name().orElse("order " + c.subgroup().order()),
                    c.subgroup().generators(),
                    c.subgroup().order(),
                    c.result().statistic(),
                    c.result().symmetric(),
                    c.result().pValue(),
                    c.adjusted(),
                    c.holds()))
        .toList();
  }

  private static Content content(long samples, SymmetrySearch.Found found) {
    return new Content(samples, found.level(), text(found.largest()), rows(found));
  }

  private static String text(Subgroup subgroup) {
    return subgroup
        + (subgroup.generators().isEmpty() ? "" : ", generated by " + subgroup.generators());
  }

  private static void print(
      Page page, long samples, Representation representation, SymmetrySearch.Found found) {
    page.printf("%,d samples of %s%n%n", samples, representation);
    Columns columns =
        new Columns("subgroup", "<generators", "statistic", "symmetric", "p", "corrected", "<");
    for (Row row : rows(found)) {
      columns.add(
          row.subgroup,
          row.generators.toString(),
          number(row.statistic),
          number(row.symmetric),
          number(row.pValue),
          number(row.corrected),
          row.holds ? "holds" : "rejected");
    }
    page.print(columns);
    page.printf(
        "%nThe largest that the samples do not speak against, at a level of %s: %s%n",
        found.level(), text(found.largest()));
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, "%.4g", value);
  }

  private void robot(Page page) throws IOException {
    Robot robot = Robot.read(data);
    RobotSymmetry found = RobotSymmetry.of(robot);
    List<String> names = robot.joints().stream().map(Robot.Body::joint).toList();
    if (!json.replacesPage()) {
      page.printf(
          "%s: %d joints, symmetric under %s (order %d), masses to %.2g%n",
          data.getFileName(),
          names.size(),
          found.group(),
          found.group().order(),
          found.massDefect());
      page.printf("%nJoints, for positions, velocities and torques:%n  %s%n", found.joints());
      List<Integer> generators = found.group().generators();
      Columns columns =
          new Columns(
              Stream.concat(
                      Stream.of("joint"),
                      generators.stream().map(g -> "<" + found.group().element(g)))
                  .toArray(String[]::new));
      for (int j = 0; j < names.size(); j++) {
        String[] cells = new String[generators.size() + 1];
        cells[0] = names.get(j);
        for (int g = 0; g < generators.size(); g++) {
          cells[g + 1] = image(found, generators.get(g), j, names);
        }
        columns.add(cells);
      }
      page.printf("%n");
      page.print(columns);
    }
    json.write(
        page,
        () ->
            new RobotContent(
                found.group().name(),
                found.joints().toString(),
                found.vectors().toString(),
                found.massDefect(),
                names));
  }

  private static String image(RobotSymmetry found, int element, int joint, List<String> names) {
    var matrix = found.joints().at(found.group().element(element));
    for (int row = 0; row < names.size(); row++) {
      double entry = matrix.get(row, joint);
      if (Math.abs(entry) > 0.5) {
        return (entry < 0 ? "-" : "") + names.get(row);
      }
    }
    throw new IllegalStateException("no image");
  }
}
