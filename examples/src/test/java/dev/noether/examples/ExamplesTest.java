package dev.noether.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.noether.algebra.Matrix;
import dev.noether.linalg.EquivariantLeastSquares;
import dev.noether.nn.Equivariance;
import dev.noether.rep.Representation;
import dev.noether.robot.Robot;
import dev.noether.torch.Tensors;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.stream.Collectors;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The tasks have the symmetry that they claim, their labels are physics, and they run. */
class ExamplesTest {
  private static final Contest SMALL = new Contest(List.of(40), 1, 20, 1e-2);

  @TempDir private Path folder = Path.of("");

  private static Robot own() throws IOException {
    try (InputStream in =
        Objects.requireNonNull(Quadruped.class.getResourceAsStream("quadruped.urdf"))) {
      return Robot.read("quadruped.urdf", in);
    }
  }

  private static double[] random(long seed, int count) {
    return new Random(seed).doubles(count, -1, 1).toArray();
  }

  @Test
  void theMomentumOfTheQuadrupedCommutesWithItsMirrors() throws IOException {
    Quadruped task = Quadruped.own();
    assertThat(own().joints()).hasSize(12);
    assertThat(task.asymmetry()).isLessThan(1e-12);
    // Names tell the convention: abductions change sign when left and right change places.
    List<String> names = own().joints().stream().map(Robot.Body::joint).toList();
    int[] sides = own().images(Quadruped.mirror(1));
    assertThat(sides[names.indexOf("FL_abduction")]).isEqualTo(-names.indexOf("FR_abduction") - 1);
    assertThat(sides[names.indexOf("FL_knee")]).isEqualTo(names.indexOf("FR_knee") + 1);
    int[] ends = own().images(Quadruped.mirror(0));
    assertThat(ends[names.indexOf("FL_abduction")]).isEqualTo(names.indexOf("HL_abduction") + 1);
    assertThat(ends[names.indexOf("FL_knee")]).isEqualTo(-names.indexOf("HL_knee") - 1);
  }

  @Test
  void linearMomentumIsTheMassTimesTheVelocityOfTheCentreOfMass() throws IOException {
    Robot robot = own();
    double mass = robot.bodies().stream().mapToDouble(Robot.Body::mass).sum();
    double[] q = random(1, 12);
    double[] v = random(2, 12);
    double[] momentum = robot.momentum(q, v);
    double h = 1e-5;
    double[] before = q.clone();
    double[] after = q.clone();
    for (int i = 0; i < 12; i++) {
      before[i] -= h * v[i];
      after[i] += h * v[i];
    }
    double[] from = robot.centreOfMass(before);
    double[] to = robot.centreOfMass(after);
    for (int k = 0; k < 3; k++) {
      assertThat(momentum[k]).isCloseTo(mass * (to[k] - from[k]) / (2 * h), within(1e-8));
    }
  }

  /** A thin rod of mass 2 and length 1 about its end, with a heavy base that stands still. */
  @Test
  void angularMomentumIsThatOfARod() {
    String text =
        """
        <robot name="rod">
          <link name="base"/>
          <link name="rod"><inertial><origin xyz="0.5 0 0" rpy="0 0 0"/><mass value="2"/>
            <inertia ixx="0" iyy="0.16666666666666666" izz="0.16666666666666666"/></inertial></link>
          <joint name="turn" type="continuous"><parent link="base"/><child link="rod"/>
            <origin xyz="0 0 0" rpy="0 0 1.5"/><axis xyz="0 0 2"/></joint>
        </robot>
        """;
    Robot robot = read(text);
    double[] momentum = robot.momentum(new double[] {0.3}, new double[] {4});
    // About the common centre of mass, which is the rod's own: m l^2 / 12 times the speed.
    assertThat(momentum[5]).isCloseTo(4.0 * 2 / 12, within(1e-12));
    assertThat(Math.hypot(momentum[0], momentum[1])).isCloseTo(2 * 0.5 * 4, within(1e-12));
    assertThat(momentum[0]).isCloseTo(-4 * Math.sin(1.8), within(1e-12));
  }

  private static Robot read(String text) {
    try {
      return Robot.read("a.urdf", new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void robotsWithoutTheSymmetryAreRefused() {
    assertThatThrownBy(() -> read("<mesh/>")).hasMessage("a.urdf is no URDF: it has no <robot>");
    assertThatThrownBy(() -> read("no xml")).hasMessageStartingWith("a.urdf is no URDF: ");
    String slides =
        "<robot><link name='a'/><link name='b'/><joint name='j' type='planar'>"
            + "<parent link='a'/><child link='b'/></joint></robot>";
    assertThatThrownBy(() -> read(slides))
        .hasMessage(
            "a.urdf: joint 'j' is planar; joints that turn or slide and fixed ones are read");
    assertThatThrownBy(() -> read("<robot><link name='a'/><link name='b'/></robot>"))
        .hasMessage("a.urdf: a tree has one base, got [a, b]");
    String arm =
        "<robot><link name='a'/><link name='b'/><joint name='j' type='revolute'>"
            + "<parent link='a'/><child link='b'/><origin xyz='0.1 0.2 0'/></joint></robot>";
    assertThatThrownBy(() -> read(arm).images(Quadruped.mirror(1)))
        .hasMessage(
            "joint 'j' has no partner on the other side: the robot has no symmetry of left and "
                + "right");
  }

  @Test
  void theQuadrupedsNetworksTrain() throws IOException {
    Path urdf = folder.resolve("robot.urdf");
    try (InputStream in =
        Objects.requireNonNull(Quadruped.class.getResourceAsStream("quadruped.urdf"))) {
      Files.write(urdf, in.readAllBytes());
    }
    List<String> lines = new ArrayList<>();
    Results results = Quadruped.of(urdf).run(SMALL, 8, lines::add);
    assertThat(results.cells())
        .extracting(Results.Cell::model)
        .containsExactly("equivariant", "augmented", "plain");
    assertThat(results.rows()).allMatch(row -> row.error() > 0 && row.error() < 10);
    assertThat(lines).hasSize(3);
    assertThat(Quadruped.own().run(SMALL, 8, line -> {})).isEqualTo(results);
  }

  private static Digits drawnDigits() {
    Random random = new Random(1);
    List<int[]> lines = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      int[] line = random.ints(65, 0, 17).toArray();
      line[64] = i % 10;
      lines.add(line);
    }
    return Digits.of(lines);
  }

  @Test
  void theDigitsNetworksTrain() {
    Results results =
        drawnDigits().run(new Contest(List.of(30), 1, 10, 1e-2), 8, false, line -> {});
    assertThat(results.cells()).hasSize(3);
    assertThat(results.rows()).allMatch(row -> row.error() >= 0 && row.error() <= 100);
    Matrix turn = Digits.representation().at(Digits.representation().finiteGroup().element(1));
    assertThat(turn.get(7, 0)).isEqualTo(1);
  }

  @Test
  void noImageIsBothLearntFromAndTested() {
    for (int count : new int[] {120, 1797}) {
      Digits digits = Digits.of(Collections.nCopies(count, new int[65]));
      assertThat(digits.firstOfTest()).isEqualTo(count == 120 ? 60 : 1000);
    }
  }

  @Test
  void turnedDigitsAreTurnedAndNetworksOfQuarterTurnsAnswerTheSame() {
    Tensor images = torch.randn(2, 1, 5, 5);
    Tensor quarter = RotatedDigits.turned(images, new double[] {Math.PI / 2, 0});
    Tensor expected =
        torch.stack(new TensorVector(images.select(0, 0).rot90(1, -2, -1), images.select(0, 1)), 0);
    assertThat(quarter.sub(expected).abs().max().item().toDouble()).isLessThan(1e-5);
    List<String> lines = new ArrayList<>();
    Results results =
        new RotatedDigits(drawnDigits(), 8).run(new Contest(List.of(20), 1, 2, 1e-2), lines::add);
    assertThat(lines).hasSize(6).first().asString().startsWith("plain, seed 0: ");
    assertThat(results.toMarkdown())
        .startsWith("| degrees | plain | augmented | C4 | D4 | C8 | SO(2) |\n");
    Map<String, Double> atNinety =
        results.cells().stream()
            .filter(cell -> cell.x() == 90)
            .collect(Collectors.toMap(Results.Cell::model, Results.Cell::mean));
    results.cells().stream()
        .filter(cell -> cell.x() == 0 && List.of("C4", "D4", "C8").contains(cell.model()))
        .forEach(cell -> assertThat(atNinety).containsEntry(cell.model(), cell.mean()));
    assertThatThrownBy(() -> new RotatedDigits(drawnDigits(), 12))
        .hasMessage("channels must be a multiple of 8, got 12");
    assertThatThrownBy(
            () ->
                new RotatedDigits(drawnDigits(), 8)
                    .run(new Contest(List.of(20, 30), 1, 2, 1e-2), line -> {}))
        .hasMessage("turned digits take one number of samples, got [20, 30]");
  }

  @Test
  void missingDigitsAreNamed() throws IOException {
    assertThatThrownBy(() -> Digits.read(folder))
        .hasMessageStartingWith(
            folder.resolve("digits.csv.gz")
                + " is not there: it is sklearn/datasets/data/digits.csv.gz in the Python package "
                + "scikit-learn");
    Files.writeString(folder.resolve("digits.csv.gz"), "other");
    assertThatThrownBy(() -> Digits.read(folder))
        .hasMessageContaining(" must have the SHA-256 09f66e6d");
    assertThatThrownBy(
            () -> drawnDigits().run(new Contest(List.of(31), 1, 1, 1e-2), 8, false, line -> {}))
        .hasMessage("there are 30 labels to learn from, got 31");
  }

  @Test
  void theRingsEquationsCommuteWithItsSymmetryAndAreFound() {
    try (PointerScope scope = new PointerScope()) {
      Representation rho = Dynamics.representation();
      Tensor truth = Dynamics.truth();
      Tensor x = Dynamics.normal(new Random(1), 5);
      for (int g = 0; g < rho.finiteGroup().order(); g++) {
        Tensor moved = Equivariance.act(rho, rho.finiteGroup().element(g), x);
        Tensor after = Equivariance.act(rho, rho.finiteGroup().element(g), x.matmul(truth.t()));
        assertThat(moved.matmul(truth.t()).sub(after).abs().max().item().toDouble())
            .isLessThan(1e-14);
      }
      // Five samples suffice where ordinary least squares needs 24.
      Tensor found = Dynamics.fit(x, x.matmul(truth.t()));
      assertThat(found.sub(truth).abs().max().item().toDouble()).isLessThan(1e-10);
      Results results = new Dynamics(0.1).run(List.of(10, 100), 3, line -> {});
      assertThat(results.cells().get(0).mean()).isLessThan(results.cells().get(4).mean() / 2);
    }
  }

  /** Least squares among equivariant maps is least squares on all moved copies of the data. */
  @Test
  void theEquivariantFitIsThatOfFullyAugmentedData() {
    try (PointerScope scope = new PointerScope()) {
      Representation rho = Dynamics.representation();
      Tensor x = Dynamics.normal(new Random(1), 30);
      Tensor y = Dynamics.normal(new Random(2), 30);
      TensorVector manyX = new TensorVector();
      TensorVector manyY = new TensorVector();
      for (int g = 0; g < rho.finiteGroup().order(); g++) {
        manyX.push_back(Equivariance.act(rho, rho.finiteGroup().element(g), x));
        manyY.push_back(Equivariance.act(rho, rho.finiteGroup().element(g), y));
      }
      Representation none = Representation.parse("C1: 24 x trivial");
      Tensor augmented =
          EquivariantLeastSquares.between(none, none)
              .plus(torch.cat(manyX), torch.cat(manyY))
              .solve();
      assertThat(augmented.sub(Dynamics.fit(x, y)).abs().max().item().toDouble()).isLessThan(1e-10);
    }
  }

  @Test
  void resultsAreATableWithMeansAndDeviations() {
    Results results =
        new Results(
            "error",
            List.of(
                new Results.Row("b", 1000, 0, 1),
                new Results.Row("b", 1000, 1, 3),
                new Results.Row("a", 100, 0, 0.5)));
    assertThat(results.toMarkdown())
        .isEqualTo(
            """
            | samples | b | a |
            |---:|---:|---:|
            | 100 | | 0.500 |
            | 1,000 | 2.00 ± 1.41 | |
            """);
    assertThat(results.toCsv())
        .isEqualTo("model,samples,seed,error\nb,1000,0,1.0\nb,1000,1,3.0\na,100,0,0.5\n");
    assertThatThrownBy(() -> new Results("error", List.of())).hasMessage("there are no results");
    assertThatThrownBy(() -> new Contest(List.of(5), 1, 1, 1))
        .hasMessage("sizes must be at least 10 samples each, got [5]");
    assertThat(Tensors.shape(Dynamics.truth())).containsExactly(24, 24);
  }
}
