package dev.noether.robot;

import static dev.noether.algebra.Checks.require;

import dev.noether.algebra.Matrix;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A tree of rigid bodies whose joints turn about axes or slide along them, and whose base stands
 * still. {@link #read} reads one from URDF, {@link RobotSymmetry} finds its symmetry.
 *
 * @param bodies parents before children, the base first
 */
public record Robot(List<Body> bodies) {
  /** Positions closer than this are one, in metres. */
  private static final double NEAR = 1e-3;

  /**
   * A body with the joint that carries it.
   *
   * @param joint the name of the joint; empty for the base and where it does not move
   * @param parent the number of the parent, -1 for the base
   * @param rotation from the frame of the body to that of the parent, at the angle 0
   * @param offset of the frame of the body in that of the parent
   * @param axis of unit length, in the frame of the body; zeros where it does not move
   * @param slides whether the joint slides along its axis; else it turns about it
   * @param mass in kilograms
   * @param centre of mass, in the frame of the body
   * @param inertia about the centre of mass, in the frame of the body, {@code [3, 3]}
   */
  public record Body(
      String joint,
      int parent,
      Matrix rotation,
      Matrix offset,
      Matrix axis,
      boolean slides,
      double mass,
      Matrix centre,
      Matrix inertia) {
    /**
     * Whether a joint moves it.
     *
     * @return false for the base and for what is fixed
     */
    public boolean moves() {
      return !joint.isEmpty();
    }
  }

  /**
   * Copies the list.
   *
   * @param bodies parents before children, the base first
   */
  public Robot {
    bodies = List.copyOf(bodies);
  }

  /**
   * Reads a robot from a file in URDF: links, joints and inertias; pictures and limits are left
   * out.
   *
   * @param file the file
   * @return the robot
   * @throws IllegalArgumentException if it is no URDF, has a loop, or a joint that neither turns
   *     nor slides; the message names it
   * @throws IOException if it cannot be read
   */
  public static Robot read(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      return read(String.valueOf(file.getFileName()), in);
    }
  }

  /**
   * Reads a robot in URDF.
   *
   * @param name what it is called in messages
   * @param in the text
   * @return the robot
   * @throws IllegalArgumentException as the other method
   * @throws IOException if it cannot be read
   */
  public static Robot read(String name, InputStream in) throws IOException {
    return Urdf.read(name, in);
  }

  /**
   * The bodies that joints move, in the order of a configuration.
   *
   * @return one for each joint that moves
   */
  public List<Body> joints() {
    return bodies.stream().filter(Body::moves).toList();
  }

  /** Where a body is and how it moves. */
  private record Motion(Matrix rotation, Matrix position, Matrix spin, Matrix velocity) {}

  /**
   * The momentum about the common centre of mass.
   *
   * @param q the angles, and lengths where joints slide
   * @param v their velocities
   * @return linear momentum, then angular momentum
   */
  public double[] momentum(double[] q, double[] v) {
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

  /**
   * The common centre of mass.
   *
   * @param q the angles, and lengths where joints slide
   * @return x, y, z in the frame of the base
   */
  public double[] centreOfMass(double[] q) {
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
    Matrix frame = parent.rotation.times(body.rotation);
    if (body.slides) {
      Matrix along = frame.times(body.axis);
      Matrix arm = parent.rotation.times(body.offset).plus(along.scale(angle));
      return new Motion(
          frame,
          parent.position.plus(arm),
          parent.spin,
          parent.velocity.plus(cross(parent.spin, arm)).plus(along.scale(speed)));
    }
    Matrix arm = parent.rotation.times(body.offset);
    Matrix rotation = frame.times(turn(body.axis, angle));
    return new Motion(
        rotation,
        parent.position.plus(arm),
        parent.spin.plus(rotation.times(body.axis).scale(speed)),
        parent.velocity.plus(cross(parent.spin, arm)));
  }

  /**
   * How a rotation or reflection of space moves the joints: found from where they are and how their
   * axes point in the configuration 0, parents with parents.
   *
   * <p>An angle turns the other way in a mirror: the axis of a joint that turns is a pseudovector.
   * So where a robot's left and right hips point their axes alike, the angles change sign, and
   * where they are mirror images of each other they do not; joints that slide are the other way
   * round.
   *
   * @param map an orthogonal matrix, about the origin of the base
   * @return the place of each joint's partner, counted from 1, negative where the number changes
   *     sign
   * @throws IllegalArgumentException if a joint has no partner; the message names it
   */
  public int[] images(Matrix map) {
    double[] zeros = new double[joints().size()];
    List<Motion> motions = motions(zeros, zeros);
    int[] number = numbers();
    int[] images = new int[zeros.length];
    boolean[] taken = new boolean[zeros.length];
    double sign = determinant(map) > 0 ? 1 : -1;
    for (int i = 0; i < bodies.size(); i++) {
      Body body = bodies.get(i);
      if (!body.moves()) {
        continue;
      }
      int own = number[i];
      Matrix place = map.times(motions.get(i).position);
      Matrix axis = map.times(axis(motions, i)).scale(body.slides ? 1 : sign);
      for (int j = 0; j < bodies.size() && images[own] == 0; j++) {
        Body other = bodies.get(j);
        if (other.moves() && !taken[number[j]] && other.slides == body.slides) {
          double along = dot(axis, axis(motions, j));
          if (motions.get(j).position.distance(place) < NEAR
              && Math.abs(along) > 1 - NEAR
              && isPartner(carrier(i), carrier(j), number, images)) {
            images[own] = along > 0 ? number[j] + 1 : -number[j] - 1;
            taken[number[j]] = true;
          }
        }
      }
      require(
          images[own] != 0,
          "joint '%s' has no partner on the other side: the robot has no symmetry of %s",
          body.joint,
          words(map));
    }
    return images;
  }

  /**
   * How much masses and inertias differ from those of their images: the largest difference of a
   * mass, of a centre of mass times its mass, or of an inertia, over the largest of these.
   *
   * @param map an orthogonal matrix under which every joint has a partner
   * @return 0 for a robot that is symmetric in its masses too
   * @throws IllegalArgumentException if a joint has no partner
   */
  public double massDefect(Matrix map) {
    int[] images = images(map);
    List<Lump> lumps = lumps();
    double worst = 0;
    double[] largest = new double[3];
    for (Lump lump : lumps) {
      largest[0] = Math.max(largest[0], lump.mass);
      largest[1] = Math.max(largest[1], largest(lump.moment));
      largest[2] = Math.max(largest[2], largest(lump.inertia));
    }
    for (int i = 0; i < lumps.size(); i++) {
      Lump own = lumps.get(i);
      Lump other = lumps.get(i == 0 ? 0 : Math.abs(images[i - 1]));
      double[] differences = {
        Math.abs(own.mass - other.mass),
        map.times(own.moment).distance(other.moment),
        map.times(own.inertia).timesTranspose(map).distance(other.inertia)
      };
      for (int k = 0; k < 3; k++) {
        worst = Math.max(worst, largest[k] == 0 ? 0 : differences[k] / largest[k]);
      }
    }
    return worst;
  }

  /**
   * The mass that moves as one: its moment and inertia about the origin, in the configuration 0.
   */
  private record Lump(double mass, Matrix moment, Matrix inertia) {}

  /** What the base carries, then what each joint does. */
  private List<Lump> lumps() {
    double[] zeros = new double[joints().size()];
    List<Motion> motions = motions(zeros, zeros);
    int[] number = numbers();
    List<Lump> lumps = new ArrayList<>();
    for (int i = 0; i <= zeros.length; i++) {
      lumps.add(new Lump(0, vector(0, 0, 0), Matrix.of(3, 3, new double[9])));
    }
    for (int i = 0; i < bodies.size(); i++) {
      Body body = bodies.get(i);
      int carrier = body.moves() ? i : carrier(i);
      int place = carrier < 0 ? 0 : number[carrier] + 1;
      Lump known = lumps.get(place);
      Matrix rotation = motions.get(i).rotation;
      Matrix centre = centre(motions.get(i), body);
      Matrix skew = skew(centre);
      Matrix inertia =
          rotation
              .times(body.inertia)
              .timesTranspose(rotation)
              .plus(skew.times(skew).scale(-body.mass));
      lumps.set(
          place,
          new Lump(
              known.mass + body.mass,
              known.moment.plus(centre.scale(body.mass)),
              known.inertia.plus(inertia)));
    }
    return lumps;
  }

  private static double largest(Matrix matrix) {
    return Arrays.stream(matrix.toArray()).map(Math::abs).max().orElse(0);
  }

  /** The places of the joints that move, by body; -1 for the others. */
  private int[] numbers() {
    int[] numbers = new int[bodies.size()];
    int next = 0;
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = bodies.get(i).moves() ? next++ : -1;
    }
    return numbers;
  }

  /** The body of the joint that carries one, -1 for the base. */
  private int carrier(int body) {
    int parent = bodies.get(body).parent;
    while (parent >= 0 && !bodies.get(parent).moves()) {
      parent = bodies.get(parent).parent;
    }
    return parent;
  }

  private static boolean isPartner(int one, int other, int[] number, int[] images) {
    return (one < 0 || other < 0)
        ? one < 0 && other < 0
        : Math.abs(images[number[one]]) == number[other] + 1;
  }

  private static double determinant(Matrix map) {
    return dot(column(map, 0), cross(column(map, 1), column(map, 2)));
  }

  private static Matrix column(Matrix map, int column) {
    return vector(map.get(0, column), map.get(1, column), map.get(2, column));
  }

  private static String words(Matrix map) {
    List<String> sides = List.of("front and back", "left and right", "top and bottom");
    for (int axis = 0; axis < 3; axis++) {
      double[] entries = Matrix.identity(3).toArray();
      entries[4 * axis] = -1;
      if (map.distance(Matrix.of(3, 3, entries)) < NEAR) {
        return sides.get(axis);
      }
    }
    return "the map of space " + map;
  }

  private Matrix axis(List<Motion> motions, int body) {
    return motions.get(body).rotation.times(bodies.get(body).axis);
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
        .plus(k.scale(StrictMath.sin(angle)))
        .plus(k.times(k).scale(1 - StrictMath.cos(angle)));
  }
}
