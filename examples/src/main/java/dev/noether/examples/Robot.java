package dev.noether.examples;

import static dev.noether.algebra.Checks.require;

import dev.noether.algebra.Matrix;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A tree of rigid bodies that turn about axes, whose base stands still.
 *
 * @param bodies parents before children, the base first
 */
record Robot(List<Body> bodies) {
  /** Positions closer than this are one, in metres. */
  private static final double NEAR = 1e-3;

  /**
   * A body with the joint that carries it.
   *
   * @param joint the name of the joint; empty for the base and where it does not move
   * @param parent the number of the parent, -1 for the base
   * @param rotation from the frame of the body to that of the parent, at the angle 0
   * @param offset of the frame of the body in that of the parent
   * @param axis in the frame of the body; zeros where it does not move
   * @param mass in kilograms
   * @param centre of mass, in the frame of the body
   * @param inertia about the centre of mass, in the frame of the body, {@code [3, 3]}
   */
  record Body(
      String joint,
      int parent,
      Matrix rotation,
      Matrix offset,
      Matrix axis,
      double mass,
      Matrix centre,
      Matrix inertia) {
    boolean moves() {
      return !joint.isEmpty();
    }
  }

  /** The bodies that joints move, in the order of a configuration. */
  List<Body> joints() {
    return bodies.stream().filter(Body::moves).toList();
  }

  /** Where a body is and how it moves. */
  private record Motion(Matrix rotation, Matrix position, Matrix spin, Matrix velocity) {}

  /**
   * The momentum about the common centre of mass.
   *
   * @param q the angles
   * @param v their velocities
   * @return linear momentum, then angular momentum
   */
  double[] momentum(double[] q, double[] v) {
    List<Motion> motions = motions(q, v);
    Matrix common = centreOfMass(motions);
    Matrix linear = vector(0, 0, 0);
    Matrix angular = vector(0, 0, 0);
    for (int i = 0; i < bodies.size(); i++) {
      Body body = bodies.get(i);
      Motion motion = motions.get(i);
      Matrix swing = cross(motion.spin, motion.rotation.times(body.centre));
      Matrix own = motion.velocity.plus(swing).scale(body.mass);
      Matrix arm = centre(motion, body).plus(common.scale(-1));
      Matrix inertia = motion.rotation.times(body.inertia).timesTranspose(motion.rotation);
      linear = linear.plus(own);
      angular = angular.plus(cross(arm, own)).plus(inertia.times(motion.spin));
    }
    return joined(linear, angular);
  }

  /** The common centre of mass. */
  double[] centreOfMass(double[] q) {
    return centreOfMass(motions(q, new double[q.length])).toArray();
  }

  private Matrix centreOfMass(List<Motion> motions) {
    Matrix weighted = vector(0, 0, 0);
    double mass = 0;
    for (int i = 0; i < bodies.size(); i++) {
      Body body = bodies.get(i);
      weighted = weighted.plus(centre(motions.get(i), body).scale(body.mass));
      mass += body.mass;
    }
    return weighted.scale(1 / mass);
  }

  private static double[] joined(Matrix first, Matrix second) {
    return new double[] {
      first.get(0, 0), first.get(1, 0), first.get(2, 0),
      second.get(0, 0), second.get(1, 0), second.get(2, 0)
    };
  }

  private static Matrix centre(Motion motion, Body body) {
    return motion.position.plus(motion.rotation.times(body.centre));
  }

  private List<Motion> motions(double[] q, double[] v) {
    List<Motion> motions = new ArrayList<>();
    int joint = 0;
    for (Body body : bodies) {
      if (body.parent < 0) {
        Matrix zero = vector(0, 0, 0);
        motions.add(new Motion(Matrix.identity(3), zero, zero, zero));
      } else {
        double angle = body.moves() ? q[joint] : 0;
        double speed = body.moves() ? v[joint++] : 0;
        motions.add(carried(motions.get(body.parent), body, angle, speed));
      }
    }
    return motions;
  }

  private static Motion carried(Motion parent, Body body, double angle, double speed) {
    Matrix arm = parent.rotation.times(body.offset);
    Matrix rotation = parent.rotation.times(body.rotation).times(turn(body.axis, angle));
    return new Motion(
        rotation,
        parent.position.plus(arm),
        parent.spin.plus(rotation.times(body.axis).scale(speed)),
        parent.velocity.plus(cross(parent.spin, arm)));
  }

  /**
   * How a reflection of the robot moves its joints: found from where they are and how their axes
   * point at the angles 0.
   *
   * @param mirror the normal of the plane: 0 for front and back, 1 for left and right
   * @return the place of each joint's partner, counted from 1, negative where the angle changes
   *     sign
   * @throws IllegalArgumentException if a joint has no partner
   */
  int[] mirrored(int mirror) {
    double[] zeros = new double[joints().size()];
    List<Motion> motions = motions(zeros, zeros);
    int[] moving = IntStream.range(0, bodies.size()).filter(i -> bodies.get(i).moves()).toArray();
    int[] images = new int[moving.length];
    for (int i = 0; i < moving.length; i++) {
      Matrix place = reflected(motions.get(moving[i]).position, mirror);
      // A reflection turns axes as a pseudovector.
      Matrix axis = reflected(axis(motions, moving[i]), mirror).scale(-1);
      for (int j = 0; j < moving.length; j++) {
        double along = dot(axis, axis(motions, moving[j]));
        if (motions.get(moving[j]).position.distance(place) < NEAR && Math.abs(along) > 1 - NEAR) {
          images[i] = along > 0 ? j + 1 : -j - 1;
        }
      }
      require(
          images[i] != 0,
          "joint '%s' has no partner on the other side: the robot has no symmetry of %s",
          bodies.get(moving[i]).joint,
          mirror == 0 ? "front and back" : "left and right");
    }
    return images;
  }

  private Matrix axis(List<Motion> motions, int body) {
    return motions.get(body).rotation.times(bodies.get(body).axis);
  }

  private static Matrix reflected(Matrix vector, int mirror) {
    double[] values = vector.toArray();
    values[mirror] = -values[mirror];
    return vector(values);
  }

  static Matrix vector(double... values) {
    return Matrix.of(3, 1, values);
  }

  private static double dot(Matrix a, Matrix b) {
    return a.transpose().times(b).get(0, 0);
  }

  private static Matrix cross(Matrix a, Matrix b) {
    return skew(a).times(b);
  }

  private static Matrix skew(Matrix a) {
    double x = a.get(0, 0);
    double y = a.get(1, 0);
    double z = a.get(2, 0);
    return Matrix.of(3, 3, 0, -z, y, z, 0, -x, -y, x, 0);
  }

  /** Rodrigues' formula. */
  static Matrix turn(Matrix axis, double angle) {
    Matrix k = skew(axis);
    return Matrix.identity(3)
        .plus(k.scale(Math.sin(angle)))
        .plus(k.times(k).scale(1 - Math.cos(angle)));
  }
}
