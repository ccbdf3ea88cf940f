package dev.noether.hom;

import dev.noether.group.Irrep;
import dev.noether.rep.Representation;
import dev.noether.rep.SignedPermutations;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The summands of a representation, equal ones told together: what they share is computed once.
 *
 * <p>Where each stands, and which copies of an irrep are its own.
 */
final class Summands {
  /**
   * Equal summands.
   *
   * @param representation one of them
   * @param places their places in the list
   * @param parts its subsummands, those of one type together
   */
  record Kind(
      Representation representation,
      List<Integer> places,
      Map<Subsummand.Type, List<Subsummand>> parts) {
    static Kind of(Representation representation, List<Integer> places) {
      Map<Subsummand.Type, List<Subsummand>> parts = new LinkedHashMap<>();
      for (Subsummand part : Subsummand.of(representation, SignedPermutations.of(representation))) {
        parts.computeIfAbsent(part.type(), type -> new ArrayList<>()).add(part);
      }
      return new Kind(representation, places, parts);
    }
  }

  /** The copies of an irrep that belong to one summand, counted through the representation. */
  record Copies(int first, int end) {
    int count() {
      return end - first;
    }
  }

  private final Representation representation;
  private final List<Kind> kinds;
  private final int[] kindOf;
  private final int[] starts;
  private final List<Map<Irrep, Copies>> copies = new ArrayList<>();

  Summands(Representation representation) {
    this.representation = representation;
    List<Representation> summands = representation.summands();
    Map<Representation, List<Integer>> places = new LinkedHashMap<>();
    for (int i = 0; i < summands.size(); i++) {
      places.computeIfAbsent(summands.get(i), summand -> new ArrayList<>()).add(i);
      copies.add(new HashMap<>());
    }
    starts = new int[summands.size()];
    for (Representation.Run run : representation.runs()) {
      for (int i = 0; i < run.count(); i++) {
        starts[run.place() + i] = run.start() + i * run.summand().size();
      }
    }
    for (Representation.Copy copy : representation.copies()) {
      copies
          .get(copy.summand())
          .merge(
              copy.irrep(),
              new Copies(copy.number(), copy.number() + 1),
              (known, more) -> new Copies(known.first, more.end));
    }
    kinds = places.entrySet().stream().map(e -> Kind.of(e.getKey(), e.getValue())).toList();
    kindOf = new int[summands.size()];
    for (int kind = 0; kind < kinds.size(); kind++) {
      for (int place : kinds.get(kind).places()) {
        kindOf[place] = kind;
      }
    }
  }

  Representation representation() {
    return representation;
  }

  List<Kind> kinds() {
    return kinds;
  }

  /** The numbers of the changes of basis, one for each kind. */
  long basisNumbers() {
    return kinds.stream()
        .mapToLong(k -> (long) k.representation.size() * k.representation.size())
        .sum();
  }

  int count() {
    return starts.length;
  }

  /** The kind of the summand at a place. */
  Kind kind(int place) {
    return kinds.get(kindOf[place]);
  }

  /** The first coordinate of the summand at a place. */
  int start(int place) {
    return starts[place];
  }

  /** The copies of an irrep in the summand at a place; none where it does not occur. */
  Copies copies(int place, Irrep irrep) {
    return copies.get(place).getOrDefault(irrep, new Copies(0, 0));
  }
}
