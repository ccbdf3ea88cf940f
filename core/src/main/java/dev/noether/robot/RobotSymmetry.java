package dev.noether.robot;

import static dev.noether.algebra.Checks.require;

import dev.noether.algebra.Matrix;
import dev.noether.group.FiniteGroup;
import dev.noether.group.Groups;
import dev.noether.group.Subgroup;
import dev.noether.rep.Representation;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * The symmetry of a robot: the rotations and reflections of space, about the origin of its base,
 * that send every joint to a joint, and what they do to its numbers.
 *
 * <pre>{@code
 * RobotSymmetry symmetry = RobotSymmetry.of(Robot.read(Path.of("robot.urdf")));
 * Representation state = symmetry.joints().times(2).plus(symmetry.vectors()); // q, dq, a velocity
 * }</pre>
 *
 * <p>The configuration 0 must be a symmetric one. Masses count up to a tolerance, because those of
 * real robots are equal on both sides only nearly; {@link #massDefect} tells how nearly.
 *
 * @param group the group
 * @param joints how it moves angles, and lengths where joints slide: a permutation with signs, the
 *     same for velocities and torques
 * @param vectors how it moves vectors (x, y, z), as velocities and forces
 * @param pseudovectors how it moves angular velocities, torques and angular momenta
 * @param massDefect how much masses and inertias differ from those of their images, as {@link
 *     Robot#massDefect} says, at most over the group
 */
public record RobotSymmetry(
    FiniteGroup group,
    Representation joints,
    Representation vectors,
    Representation pseudovectors,
    double massDefect) {
  /** Rotations by 360 / n degrees that are looked for about each axis. */
  private static final List<Integer> TURNS = List.of(3, 5, 6, 7, 8);

  /** How far masses and inertias may be from the symmetry, as a share of the largest. */
  private static final double MASS_TOLERANCE = 0.05;

  /**
   * Finds the symmetry, with masses and inertias that agree to 5 percent of the largest.
   *
   * @param robot the robot
   * @return the largest group that was found; C1 where there is no symmetry
   * @throws IllegalArgumentException if no joint moves
   */
  public static RobotSymmetry of(Robot robot) {
    return of(robot, MASS_TOLERANCE);
  }

  /**
   * Finds the symmetry among the symmetries of the cube, and of prisms with 3, 5, 6, 7 and 8 sides
   * about each axis of the base; {@link #of(Robot, Representation)} takes any group.
   *
   * @param robot the robot
   * @param massTolerance the largest {@link Robot#massDefect} that counts as symmetric; infinity
   *     where the joints alone count
   * @return the largest group that was found; C1 where there is no symmetry
   * @throws IllegalArgumentException if no joint moves, or the tolerance is negative
   */
  public static RobotSymmetry of(Robot robot, double massTolerance) {
    require(!robot.joints().isEmpty(), "the robot has no joint that turns or slides");
    require(massTolerance >= 0, "a tolerance is at least 0, got %s", massTolerance);
    List<Representation> wholes = new ArrayList<>();
    wholes.add(Representation.vectors(Groups.fullOctahedral()));
    for (int n : TURNS) {
      Representation upright = Representation.vectors(Groups.dnh(n));
      wholes.add(upright);
      wholes.add(upright.changeBasis(Matrix.of(3, 3, 0, 0, 1, 1, 0, 0, 0, 1, 0)));
      wholes.add(upright.changeBasis(Matrix.of(3, 3, 0, 1, 0, 0, 0, 1, 1, 0, 0)));
    }
    Subgroup best = null;
    Representation place = wholes.get(0);
    for (Representation whole : wholes) {
      FiniteGroup group = whole.finiteGroup();
      Subgroup found =
          group.subgroupWhere(g -> holds(robot, whole.at(group.element(g)), massTolerance));
      if (best == null || found.order() > best.order()) {
        best = found;
        place = whole;
      }
    }
    return of(robot, Optional.ofNullable(best).map(place::restrict).orElse(place));
  }

  private static boolean holds(Robot robot, Matrix map, double massTolerance) {
    try {
      return robot.massDefect(map) <= massTolerance;
    } catch (IllegalArgumentException noPartner) {
      return false;
    }
  }

  /**
   * The symmetry under a group that one knows.
   *
   * @param robot the robot
   * @param vectors how the group moves vectors (x, y, z) of the base, as {@code
   *     Representation.parse("C3v: vectors")}
   * @return the symmetry
   * @throws IllegalArgumentException if the representation is none of vectors, or a joint has no
   *     partner; the message names it
   */
  public static RobotSymmetry of(Robot robot, Representation vectors) {
    require(
        vectors.size() == 3,
        "a group moves vectors (x, y, z) by matrices of size 3, got %s of size %d",
        vectors,
        vectors.size());
    FiniteGroup group = vectors.finiteGroup();
    int count = robot.joints().size();
    if (group.generators().isEmpty()) {
      Representation one = Representation.trivial(group);
      return new RobotSymmetry(group, one.times(count), one.times(3), one.times(3), 0);
    }
    List<Matrix> maps = group.generators().stream().map(g -> vectors.at(group.element(g))).toList();
    Representation joints =
        Representation.signedPermutation(group, maps.stream().map(robot::images).toList());
    List<Matrix> turned = maps.stream().map(map -> map.scale(Math.signum(volume(map)))).toList();
    double defect =
        IntStream.range(0, group.order())
            .mapToDouble(g -> robot.massDefect(vectors.at(group.element(g))))
            .max()
            .orElse(0);
    return new RobotSymmetry(group, joints, vectors, Representation.of(group, turned), defect);
  }

  private static double volume(Matrix m) {
    return m.get(0, 0) * (m.get(1, 1) * m.get(2, 2) - m.get(1, 2) * m.get(2, 1))
        - m.get(0, 1) * (m.get(1, 0) * m.get(2, 2) - m.get(1, 2) * m.get(2, 0))
        + m.get(0, 2) * (m.get(1, 0) * m.get(2, 1) - m.get(1, 1) * m.get(2, 0));
  }
}
