package dev.noether.robot;

import static dev.noether.algebra.Checks.require;
import static dev.noether.algebra.Checks.requirePresent;

import dev.noether.algebra.Matrix;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import javax.xml.XMLConstants;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.jspecify.annotations.Nullable;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.SAXException;

/** Reads the links and joints of a robot in URDF; pictures and limits are left out. */
final class Urdf {
  private final String file;
  private final Map<String, Element> links = new LinkedHashMap<>();
  private final Map<String, Element> jointOf = new LinkedHashMap<>();
  private final List<Robot.Body> bodies = new ArrayList<>();
  private final Set<String> placed = new HashSet<>();

  private Urdf(String file) {
    this.file = file;
  }

  /**
   * Reads a robot.
   *
   * @param file its name in messages
   * @param in the text
   * @return the robot
   * @throws IllegalArgumentException if it is no URDF, is no tree, or has joints of other types
   * @throws IOException if it cannot be read
   */
  static Robot read(String file, InputStream in) throws IOException {
    try {
      DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
      factory.setFeature(XMLConstants.FEATURE_SECURE_PROCESSING, true);
      factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
      var builder = factory.newDocumentBuilder();
      builder.setErrorHandler(null);
      return new Urdf(file).robot(builder.parse(in).getDocumentElement());
    } catch (SAXException e) {
      throw new IllegalArgumentException(file + " is no URDF: " + e.getMessage(), e);
    } catch (ParserConfigurationException e) {
      throw new IllegalStateException("every Java reads XML", e);
    }
  }

  private Robot robot(Element root) {
    require(root.getTagName().equals("robot"), "%s is no URDF: it has no <robot>", file);
    for (Element link : children(root, "link")) {
      links.put(link.getAttribute("name"), link);
    }
    for (Element joint : children(root, "joint")) {
      String child = only(joint, "child").getAttribute("link");
      Element other = jointOf.put(child, joint);
      require(
          other == null,
          "%s: joints '%s' and '%s' both carry '%s': a tree has no loops; cut one of them",
          file,
          other == null ? "" : other.getAttribute("name"),
          joint.getAttribute("name"),
          child);
    }
    List<String> roots = links.keySet().stream().filter(n -> !jointOf.containsKey(n)).toList();
    require(
        !roots.isEmpty() || links.isEmpty(),
        "%s: every link is carried by another, so that joint '%s' closes a loop: a tree has one base",
        file,
        jointOf.isEmpty() ? "" : jointOf.values().iterator().next().getAttribute("name"));
    require(roots.size() == 1, "%s: a tree has one base, got %s", file, roots);
    add(roots.get(0), -1);
    links.keySet().removeAll(placed);
    require(
        links.isEmpty(),
        "%s: links %s do not hang on the base: joint '%s' closes a loop",
        file,
        links.keySet(),
        links.isEmpty()
            ? ""
            : requirePresent(jointOf.get(links.keySet().iterator().next()), "no joint")
                .getAttribute("name"));
    return new Robot(bodies);
  }

  private void add(String name, int parent) {
    Element link = requirePresent(links.get(name), "%s: no link '%s'", file, name);
    bodies.add(body(link, jointOf.get(name), parent));
    placed.add(name);
    int own = bodies.size() - 1;
    for (Map.Entry<String, Element> e : jointOf.entrySet()) {
      if (only(e.getValue(), "parent").getAttribute("link").equals(name)) {
        add(e.getKey(), own);
      }
    }
  }

  private Robot.Body body(Element link, @Nullable Element joint, int parent) {
    Optional<Element> inertial = children(link, "inertial").stream().findFirst();
    Matrix inertia = Matrix.of(3, 3, new double[9]);
    double mass = 0;
    Matrix centre = Robot.vector(0, 0, 0);
    if (inertial.isPresent()) {
      Element own = inertial.get();
      mass = number(only(own, "mass"), "value");
      centre = origin(own, "xyz");
      Matrix turned = rotation(own);
      inertia = turned.times(inertia(only(own, "inertia"))).timesTranspose(turned);
    }
    if (joint == null) {
      return new Robot.Body(
          "",
          parent,
          Matrix.identity(3),
          centre.scale(0),
          centre.scale(0),
          false,
          mass,
          centre,
          inertia);
    }
    return new Robot.Body(
        moves(joint) ? joint.getAttribute("name") : "",
        parent,
        rotation(joint),
        origin(joint, "xyz"),
        moves(joint) ? axis(joint) : centre.scale(0),
        joint.getAttribute("type").equals("prismatic"),
        mass,
        centre,
        inertia);
  }

  private boolean moves(Element joint) {
    String type = joint.getAttribute("type");
    require(
        List.of("revolute", "continuous", "prismatic", "fixed").contains(type),
        "%s: joint '%s' is %s; joints that turn or slide and fixed ones are read",
        file,
        joint.getAttribute("name"),
        type);
    return !type.equals("fixed");
  }

  private Matrix axis(Element joint) {
    double[] own =
        children(joint, "axis").stream()
            .findFirst()
            .map(axis -> numbers(axis, "xyz"))
            .orElse(new double[] {1, 0, 0});
    double length = Math.sqrt(IntStream.range(0, 3).mapToDouble(i -> own[i] * own[i]).sum());
    require(length > 0, "%s: joint '%s' has no axis", file, joint.getAttribute("name"));
    return Robot.vector(own).scale(1 / length);
  }

  private static Matrix inertia(Element own) {
    double xy = number(own, "ixy");
    double xz = number(own, "ixz");
    double yz = number(own, "iyz");
    return Matrix.of(
        3, 3, number(own, "ixx"), xy, xz, xy, number(own, "iyy"), yz, xz, yz, number(own, "izz"));
  }

  private static Matrix origin(Element of, String attribute) {
    return children(of, "origin").stream()
        .findFirst()
        .filter(origin -> origin.hasAttribute(attribute))
        .map(origin -> Robot.vector(numbers(origin, attribute)))
        .orElseGet(() -> Robot.vector(0, 0, 0));
  }

  /** About the fixed axes x, y, z in turn. */
  private static Matrix rotation(Element of) {
    double[] angles = origin(of, "rpy").toArray();
    return Robot.turn(Robot.vector(0, 0, 1), angles[2])
        .times(Robot.turn(Robot.vector(0, 1, 0), angles[1]))
        .times(Robot.turn(Robot.vector(1, 0, 0), angles[0]));
  }

  private Element only(Element of, String tag) {
    List<Element> found = children(of, tag);
    require(
        found.size() == 1,
        "%s: <%s> '%s' needs one <%s>, got %d",
        file,
        of.getTagName(),
        of.getAttribute("name"),
        tag,
        found.size());
    return found.get(0);
  }

  private static List<Element> children(Element of, String tag) {
    List<Element> found = new ArrayList<>();
    NodeList all = of.getChildNodes();
    for (int i = 0; i < all.getLength(); i++) {
      if (all.item(i) instanceof Element element && element.getTagName().equals(tag)) {
        found.add(element);
      }
    }
    return found;
  }

  private static double number(Element of, String attribute) {
    return of.hasAttribute(attribute) ? Double.parseDouble(of.getAttribute(attribute)) : 0;
  }

  private static double[] numbers(Element of, String attribute) {
    String[] words = of.getAttribute(attribute).strip().split("\\s+", -1);
    require(
        words.length == 3,
        "'%s' must be three numbers, got '%s'",
        attribute,
        of.getAttribute(attribute));
    return IntStream.range(0, 3).mapToDouble(i -> Double.parseDouble(words[i])).toArray();
  }
}
