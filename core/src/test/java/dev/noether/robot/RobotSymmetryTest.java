package dev.noether.robot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.noether.algebra.Matrix;
import dev.noether.rep.Representation;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class RobotSymmetryTest {
  private static Robot read(String text) {
    try {
      return Robot.read("a.urdf", new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static String joint(String name, String type, String from, String to, String rest) {
    return "<joint name='"
        + name
        + "' type='"
        + type
        + "'><parent link='"
        + from
        + "'/><child link='"
        + to
        + "'/>"
        + rest
        + "</joint>";
  }

  private static String links(String... names) {
    StringBuilder text = new StringBuilder();
    for (String name : names) {
      text.append("<link name='")
          .append(name)
          .append("'><inertial><mass value='1'/>")
          .append("<inertia ixx='1' iyy='1' izz='1'/></inertial></link>");
    }
    return text.toString();
  }

  private static String gripper(String left, String right) {
    return "<robot>"
        + links("base", "l", "r")
        + joint("l", left, "base", "l", "<origin xyz='0 0.1 0'/><axis xyz='0 1 0'/>")
        + joint("r", right, "base", "r", "<origin xyz='0 -0.1 0'/><axis xyz='0 1 0'/>")
        + "</robot>";
  }

  /** A mirror turns a length along its normal round, and an angle about it not. */
  @Test
  void slidingJointsMoveAsVectorsAndTurningOnesAsPseudovectors() {
    Representation left = Representation.parse("Cs: vectors");
    assertThat(left.size()).isEqualTo(3);
    Robot slides = read(gripper("prismatic", "prismatic"));
    Robot turns = read(gripper("revolute", "continuous"));
    Matrix mirror = Matrix.of(3, 3, 1, 0, 0, 0, -1, 0, 0, 0, 1);
    assertThat(slides.images(mirror)).containsExactly(-2, -1);
    assertThat(turns.images(mirror)).containsExactly(2, 1);
    double[] momentum = slides.momentum(new double[] {0.2, 0.1}, new double[] {3, -1});
    assertThat(momentum[1]).isCloseTo(2, within(1e-12));
  }

  @Test
  void theLargestGroupIsFound() {
    RobotSymmetry found = RobotSymmetry.of(read(gripper("prismatic", "prismatic")));
    // All that keeps the line through both: turns about it by eighths, the finest looked for, and
    // mirrors.
    assertThat(found.group().order()).isEqualTo(32);
    assertThat(found.massDefect()).isLessThan(1e-12);
    String arm =
        "<robot>"
            + links("a", "b")
            + joint("j", "revolute", "a", "b", "<origin xyz='0.1 0.2 0.3'/><axis xyz='1 2 3'/>")
            + "</robot>";
    RobotSymmetry none = RobotSymmetry.of(read(arm));
    assertThat(none.group().order()).isEqualTo(1);
    assertThat(none.joints().size()).isEqualTo(1);
  }

  @Test
  void massesAreTold() {
    String uneven =
        gripper("revolute", "revolute")
            .replaceFirst("(name='r'><inertial><mass value=)'1'", "$1'1.5'");
    RobotSymmetry found = RobotSymmetry.of(read(uneven), 1);
    assertThat(found.massDefect()).isBetween(0.3, 0.4);
  }

  @Test
  void loopsAndMissingPartnersNameTheJoint() {
    String twice =
        "<robot>"
            + links("a", "b", "c")
            + joint("j", "fixed", "a", "b", "")
            + joint("k", "fixed", "a", "c", "")
            + joint("m", "fixed", "c", "b", "")
            + "</robot>";
    assertThatThrownBy(() -> read(twice))
        .hasMessage(
            "a.urdf: joints 'j' and 'm' both carry 'b': a tree has no loops; cut one of them");
    String ring =
        "<robot>"
            + links("a", "b")
            + joint("j", "fixed", "a", "b", "")
            + joint("k", "fixed", "b", "a", "")
            + "</robot>";
    assertThatThrownBy(() -> read(ring))
        .hasMessage(
            "a.urdf: every link is carried by another, so that joint 'j' closes a loop: a tree has"
                + " one base");
    String aside =
        "<robot>"
            + links("base", "a", "b")
            + joint("j", "fixed", "a", "b", "")
            + joint("k", "fixed", "b", "a", "")
            + "</robot>";
    assertThatThrownBy(() -> read(aside))
        .hasMessage("a.urdf: links [a, b] do not hang on the base: joint 'k' closes a loop");
    Robot mixed = read(gripper("prismatic", "revolute"));
    assertThatThrownBy(() -> RobotSymmetry.of(mixed, Representation.parse("C2: 3 x irrep(1)")))
        .hasMessageStartingWith("joint 'l' has no partner on the other side: the robot has no");
    assertThatThrownBy(() -> RobotSymmetry.of(mixed, Representation.parse("C2: irrep(1)")))
        .hasMessageContaining("moves vectors (x, y, z) by matrices of size 3");
  }
}
