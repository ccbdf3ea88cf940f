package dev.noether.nn.symmetry;

import dev.noether.group.FiniteGroup;
import dev.noether.group.Group;
import dev.noether.group.Subgroup;
import dev.noether.kernel.FieldType;
import dev.noether.kernel.Space;
import dev.noether.lie.FiniteEmbedding;
import dev.noether.rep.Representation;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** A smaller group inside a group: what becomes of representations. */
final class Smaller {
  private final Group group;
  private final Group small;
  private final UnaryOperator<Representation> branch;
  private final @Nullable Subgroup subgroup;
  private final @Nullable Space space;
  private final Map<Representation, Representation> known = new HashMap<>();

  private Smaller(
      Group group,
      Group small,
      UnaryOperator<Representation> branch,
      @Nullable Subgroup subgroup,
      @Nullable Space space) {
    this.group = group;
    this.small = small;
    this.branch = branch;
    this.subgroup = subgroup;
    this.space = space;
  }

  static Smaller of(Subgroup subgroup) {
    return new Smaller(
        subgroup.group(), subgroup.asGroup(), rho -> rho.branch(subgroup), subgroup, null);
  }

  static Smaller of(FiniteEmbedding embedding) {
    return new Smaller(
        embedding.into(), embedding.group(), rho -> rho.restrict(embedding), null, null);
  }

  /** Where the small group acts on the plane or on space as a part of a large one. */
  static Smaller of(Space whole, Space small) {
    return new Smaller(
        whole.group(),
        small.group(),
        rho -> FieldType.ofSummands(whole, rho).restrict(small).representation(),
        null,
        small);
  }

  /** The plane or space with the small group; empty where places stay. */
  Optional<Space> space() {
    return Optional.ofNullable(space);
  }

  /** The same fields under the small group; of another space nothing changes. */
  FieldType of(FieldType fields) {
    return space == null || !fields.space().group().equals(group) ? fields : fields.restrict(space);
  }

  /** The large group. */
  Group group() {
    return group;
  }

  /** The small one. */
  Group small() {
    return small;
  }

  /** The small group in the large one; empty where that is compact. */
  Optional<Subgroup> subgroup() {
    return Optional.ofNullable(subgroup);
  }

  /** The same matrices for the small group; of a group that is another one, nothing changes. */
  Representation of(Representation rho) {
    return rho.group().equals(group) ? known.computeIfAbsent(rho, branch) : rho;
  }

  /** Whether every copy of an irrep stays one. */
  boolean keepsCopies(Representation rho) {
    return of(rho).irreps().size() == rho.irreps().size();
  }

  /**
   * How the coordinates of a layer over the large group stand in those of the layer that is built
   * over the small one: place by place, where each comes from. They are the same, unless the layer
   * made hidden features of its own, copies of the regular representation of its group: a coset of
   * coordinates then is a copy.
   *
   * @return the places; empty where the two are no such representations
   */
  Optional<List<Integer>> order(Representation large, Representation built) {
    if (large.equals(built) || of(large).equals(built)) {
      return Optional.of(identity(large.size()));
    }
    if (subgroup == null || !isRegular(large) || !isRegular(built)) {
      return Optional.empty();
    }
    List<Integer> order = new ArrayList<>();
    FiniteGroup whole = subgroup.group();
    for (int copy = 0; copy < large.size() / whole.order(); copy++) {
      for (int representative : subgroup.rightCosetRepresentatives()) {
        for (int h = 0; h < subgroup.order(); h++) {
          int element = whole.multiply(subgroup.embed(h), representative);
          order.add(copy * whole.order() + element);
        }
      }
    }
    return large.size() == built.size() ? Optional.of(List.copyOf(order)) : Optional.empty();
  }

  private static boolean isRegular(Representation rho) {
    Representation regular = Representation.regular(rho.finiteGroup());
    return rho.runs().stream().allMatch(run -> run.summand().equals(regular));
  }

  static List<Integer> identity(int size) {
    return IntStream.range(0, size).boxed().toList();
  }
}
