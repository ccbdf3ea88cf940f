package dev.noether.kernel;

import static dev.noether.algebra.Checks.require;

import dev.noether.group.CompactElement;
import dev.noether.group.CompactGroup;
import dev.noether.group.FiniteGroup;
import dev.noether.group.Group;
import dev.noether.group.Orthogonal2;
import dev.noether.group.Orthogonal3;
import dev.noether.lie.FiniteEmbedding;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.stream.Collectors;

/** How a group acts on a space, as text that reads back beside the group. */
final class SpaceText {
  private static final String ROTATIONS = "rotations";
  private static final String REFLECTIONS = "reflections";
  private static final String FLIP = "flip";
  private static final String WHOLE = "whole";
  private static final String STANDARD = "standard";
  private static final String IMAGES = "images";

  private SpaceText() {}

  static String write(Space space) {
    FiniteEmbedding embedding = space.embedding();
    if (embedding == null) {
      return WHOLE + " " + space.axis();
    }
    return switch (space.family()) {
      case CYCLIC -> ROTATIONS;
      case DIHEDRAL -> REFLECTIONS + " " + space.axis();
      case FLIP -> FLIP + " " + space.axis();
      default ->
          embedding.isStandard()
              ? STANDARD + " " + embedding.into()
              : IMAGES + " " + embedding.into() + " " + numbers(embedding);
    };
  }

  private static String numbers(FiniteEmbedding embedding) {
    return embedding.images().stream().map(SpaceText::numbers).collect(Collectors.joining(" "));
  }

  private static String numbers(CompactElement image) {
    if (image instanceof Orthogonal2 planar) {
      return planar.angle() + " " + planar.reflected();
    }
    Orthogonal3 o = (Orthogonal3) image;
    return o.w() + " " + o.x() + " " + o.y() + " " + o.z() + " " + o.inverted();
  }

  static Space read(Group group, String text) {
    String[] words = text.strip().split(" ", -1);
    try {
      return read(group, words);
    } catch (IndexOutOfBoundsException | NoSuchElementException | NumberFormatException e) {
      throw new IllegalArgumentException(
          "no action of " + group + " on the plane or on space reads '" + text + "'", e);
    }
  }

  private static Space read(Group group, String[] words) {
    if (group instanceof CompactGroup compact) {
      require(words[0].equals(WHOLE), "%s acts as 'whole', got '%s'", group, words[0]);
      return whole(compact, Double.parseDouble(words[1]));
    }
    FiniteGroup finite = (FiniteGroup) group;
    return switch (words[0]) {
      case ROTATIONS -> same(group, Space.cyclic(finite.order()));
      case REFLECTIONS ->
          same(group, Space.dihedral(finite.order() / 2, Double.parseDouble(words[1])));
      case FLIP -> same(group, Space.flip(Double.parseDouble(words[1])));
      case STANDARD -> Space.of(FiniteEmbedding.standard(finite, compact(words[1])));
      case IMAGES -> Space.of(embedding(finite, words));
      default -> throw new NumberFormatException(words[0]);
    };
  }

  private static Space same(Group group, Space space) {
    require(space.group().equals(group), "%s is not the group of %s", group, space);
    return space;
  }

  private static Space whole(CompactGroup group, double axis) {
    if (group.equals(CompactGroup.O2)) {
      return Space.o2(axis);
    }
    return group.equals(CompactGroup.SO2)
        ? Space.so2()
        : group.hasImproperElements() ? Space.o3() : Space.so3();
  }

  private static CompactGroup compact(String name) {
    return CompactGroup.named(name).orElseThrow(() -> new NumberFormatException(name));
  }

  private static FiniteEmbedding embedding(FiniteGroup group, String[] words) {
    CompactGroup into = compact(words[1]);
    Iterator<String> rest = Arrays.asList(words).subList(2, words.length).iterator();
    List<CompactElement> images = new ArrayList<>();
    for (int g = 0; g < group.order(); g++) {
      images.add(
          into.spaceDimension() == 2
              ? new Orthogonal2(number(rest), Boolean.parseBoolean(rest.next()))
              : new Orthogonal3(
                  number(rest),
                  number(rest),
                  number(rest),
                  number(rest),
                  Boolean.parseBoolean(rest.next())));
    }
    return new FiniteEmbedding(group, into, images);
  }

  private static double number(Iterator<String> words) {
    return Double.parseDouble(words.next());
  }
}
