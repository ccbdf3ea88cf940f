package dev.noether.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.noether.algebra.Matrix;
import dev.noether.group.FiniteGroup;
import dev.noether.rep.Representation;
import dev.noether.robot.Robot;
import dev.noether.robot.RobotSymmetry;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Three robots of the project's own, and the symmetry that is found in each. */
class RobotsTest {
  private static Robot read(String name) {
    try (InputStream in = Objects.requireNonNull(Quadruped.class.getResourceAsStream(name))) {
      return Robot.read(name, in);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /** The momentum of moved joints is the moved momentum, for every element. */
  @ParameterizedTest
  @CsvSource({"biped.urdf,C2,13", "quadruped.urdf,V4,12", "hand.urdf,C3,9"})
  void theSymmetryIsFoundAndTheMomentumCommutes(String name, String group, int joints) {
    Robot robot = read(name);
    RobotSymmetry symmetry = RobotSymmetry.of(robot);
    FiniteGroup found = symmetry.group();
    assertThat(found.name()).isEqualTo(group);
    assertThat(symmetry.joints().size()).isEqualTo(joints);
    assertThat(symmetry.massDefect()).isLessThan(1e-9);
    Representation momentum = symmetry.vectors().plus(symmetry.pseudovectors());
    double[] q = new Random(1).doubles(joints, -1, 1).toArray();
    double[] v = new Random(2).doubles(joints, -1, 1).toArray();
    double[] expected = robot.momentum(q, v);
    for (int g = 0; g < found.order(); g++) {
      Matrix move = symmetry.joints().at(found.element(g));
      double[] moved = robot.momentum(times(move, q), times(move, v));
      double[] turned = times(momentum.at(found.element(g)), expected);
      for (int k = 0; k < 6; k++) {
        assertThat(moved[k]).isCloseTo(turned[k], within(1e-9));
      }
    }
  }

  private static double[] times(Matrix matrix, double[] x) {
    return matrix.times(Matrix.of(x.length, 1, x)).toArray();
  }

  /** The biped's joints have a mirror of front and back too, its feet and masses have not. */
  @Test
  void massesTellWhatJointsDoNot() {
    RobotSymmetry joints = RobotSymmetry.of(read("biped.urdf"), Double.POSITIVE_INFINITY);
    assertThat(joints.group().order()).isEqualTo(4);
    assertThat(joints.massDefect()).isGreaterThan(0.05);
  }

  /** Axes that point alike on both sides change sign in the mirror, mirrored axes do not. */
  @Test
  void signsFollowTheAxes() {
    Robot robot = read("biped.urdf");
    List<String> names = robot.joints().stream().map(Robot.Body::joint).toList();
    int[] images = robot.images(Quadruped.mirror(1));
    assertThat(images[names.indexOf("left_hip_roll")])
        .isEqualTo(-names.indexOf("right_hip_roll") - 1);
    assertThat(images[names.indexOf("left_knee")]).isEqualTo(names.indexOf("right_knee") + 1);
    assertThat(images[names.indexOf("left_elbow_twist")])
        .isEqualTo(names.indexOf("right_elbow_twist") + 1);
    assertThat(images[names.indexOf("torso_yaw")]).isEqualTo(-names.indexOf("torso_yaw") - 1);
  }
}
