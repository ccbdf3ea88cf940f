package dev.noether.rep;

import static dev.noether.algebra.Checks.require;

import dev.noether.algebra.EqualRun;
import dev.noether.algebra.Matrix;
import dev.noether.algebra.Sizes;
import dev.noether.group.CompactGroup;
import dev.noether.group.Element;
import dev.noether.group.FiniteElement;
import dev.noether.group.FiniteGroup;
import dev.noether.group.Group;
import dev.noether.group.Groups;
import dev.noether.group.Irrep;
import dev.noether.group.IrrepId;
import dev.noether.group.Subgroup;
import dev.noether.lie.FiniteEmbedding;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * An orthogonal representation of a finite or a compact group: one orthogonal matrix rho(g) for
 * every element, with rho(g h) = rho(g) rho(h).
 *
 * <p>It is kept as what it is made of: a list of irreps and an orthogonal change of basis Q, so
 * that rho(g) = Q (irrep_1(g) + irrep_2(g) + ...) Q^T. Immutable and safe from every thread.
 * Identity is the matrices', never the name's: two representations that print alike may differ.
 *
 * <pre>{@code
 * FiniteGroup group = Groups.icosahedral();
 * Representation in = Representation.regular(group).times(2);
 * Representation out = Representation.parse("Icosahedral: 2 x regular + irrep(1) * irrep(2)");
 * Representation scalarsAndVectors = Representation.parse("SO(3): 4 x irrep(0) + 2 x irrep(1)");
 * }</pre>
 *
 * <p>What needs the list of all elements (regular, permutation, quotient and induced
 * representations, powers) takes a finite group; see {@link #finiteGroup()}.
 */
public final class Representation {
  /** How far from orthogonal a change of basis may be, in its largest entry of P P^T - I. */
  static final double ORTHOGONALITY_TOLERANCE = 1e-6;

  private final Group group;
  private final List<Term> terms;
  private final List<Part> parts;
  private final List<Irrep> irreps;
  private final int size;
  private volatile @Nullable Matrix changeOfBasis;
  private volatile @Nullable List<Copy> copies;
  private volatile @Nullable List<Run> runs;

  /**
   * One copy of an irrep in a representation.
   *
   * @param irrep the irrep
   * @param number how many copies of it stand before this one
   * @param start its first coordinate in the basis of the irreps, a column of Q
   * @param summand the place of the summand that it belongs to
   */
  public record Copy(Irrep irrep, int number, int start, int summand) {
    /**
     * Where the next copy begins.
     *
     * @return {@code start + irrep.dimension()}
     */
    public int end() {
      return start + irrep.dimension();
    }

    /**
     * Copies one after the other, as those of one summand.
     *
     * @param irreps what each is a copy of, first to last
     * @return where they stand
     */
    public static List<Copy> inARow(List<? extends Irrep> irreps) {
      return of(List.of(irreps));
    }

    private static List<Copy> of(List<? extends List<? extends Irrep>> summands) {
      List<Copy> copies = new ArrayList<>();
      Map<Irrep, Integer> counts = new HashMap<>();
      int start = 0;
      for (int summand = 0; summand < summands.size(); summand++) {
        for (Irrep irrep : summands.get(summand)) {
          int number = counts.merge(irrep, 1, Integer::sum) - 1;
          copies.add(new Copy(irrep, number, start, summand));
          start += irrep.dimension();
        }
      }
      return List.copyOf(copies);
    }
  }

  /**
   * Equal summands that stand next to each other.
   *
   * @param summand what each of them is
   * @param count how many they are
   * @param place the place of the first among the summands
   * @param start the first coordinate
   */
  public record Run(Representation summand, int count, int place, int start) {
    /**
     * The number of coordinates.
     *
     * @return {@code count * summand.size()}
     */
    public int size() {
      return count * summand.size();
    }

    /**
     * Where the next run begins.
     *
     * @return {@code start + size()}
     */
    public int end() {
      return start + size();
    }
  }

  Representation(Group group, List<Term> terms, List<Part> parts) {
    this.group = group;
    this.terms = List.copyOf(terms);
    this.parts = List.copyOf(parts);
    this.size = Sizes.total("a sum", parts.stream().mapToLong(Part::size).sum());
    this.irreps = parts.stream().flatMap(part -> part.irreps().stream()).toList();
  }

  /** One summand by itself. */
  private Representation(Group group, Part part) {
    this(
        group,
        Term.of(part.irreps().size() == 1 ? part.irreps().get(0).toString() : "summand"),
        List.of(part));
  }

  /**
   * The regular representation: functions on the group, rho(g) e_h = e_gh.
   *
   * <p>The change of basis is the Fourier transform of the group: row g holds the first d_k / S_k
   * rows of irrep_k(g)^T scaled by sqrt(d_k / |G|), irrep after irrep.
   *
   * @param group the group
   * @return the representation of size {@code group.order()}
   */
  public static Representation regular(FiniteGroup group) {
    return new Representation(group, Term.of("regular"), List.of(PermutationParts.regular(group)));
  }

  /**
   * Functions on a compact group up to a frequency: every irrep as often as its dimension over the
   * dimension of its endomorphisms (Peter and Weyl).
   *
   * @param group the group
   * @param highest the highest frequency or degree, at least 0
   * @return the band-limited regular representation
   * @throws IllegalArgumentException if the frequency is negative
   */
  public static Representation regular(CompactGroup group, int highest) {
    return CompactConstructions.regular(group, highest);
  }

  /**
   * Functions on the circle or the sphere up to a frequency: every frequency once, in space with
   * the sign (-1)^l of a spherical harmonic under inversion.
   *
   * @param group the group
   * @param highest the highest frequency or degree, at least 0
   * @return the representation on band-limited functions
   * @throws IllegalArgumentException if the frequency is negative
   */
  public static Representation harmonics(CompactGroup group, int highest) {
    return CompactConstructions.harmonics(group, highest);
  }

  /**
   * The trivial representation: every element acts as 1 on a line.
   *
   * @param group the group
   * @return the representation of size 1
   */
  public static Representation trivial(Group group) {
    return new Representation(group, Term.of("trivial"), List.of(Part.of(group.trivialIrrep())));
  }

  /**
   * One irrep as a representation.
   *
   * @param irrep the irrep
   * @return the representation of size {@code irrep.dimension()}
   */
  public static Representation irrep(Irrep irrep) {
    return new Representation(irrep.group(), Term.of(irrep.toString()), List.of(Part.of(irrep)));
  }

  /**
   * The permutation representation of an action on a list of points: rho(g) e_p = e_{g p}.
   *
   * @param <P> the type of a point; its {@code equals} tells points apart
   * @param group the group
   * @param points the points, at least one, each once
   * @param action the image of a point under an element
   * @return the representation of size {@code points.size()}
   * @throws IllegalArgumentException if the points are not closed under the action, or if it is no
   *     action: (g h) p must be g (h p)
   */
  public static <P> Representation permutation(
      FiniteGroup group, List<P> points, BiFunction<FiniteElement, P, P> action) {
    return PermutationParts.representation(SignedPermutations.ofAction(group, points, action));
  }

  /**
   * The representation by signed permutations of the coordinates.
   *
   * @param group the group
   * @param images for each of {@code group.generators()}, where it takes each coordinate, counted
   *     from 1: {@code {2, -1}} takes e_1 to e_2 and e_2 to -e_1; at least one generator
   * @return the representation of size {@code images.get(0).length}
   * @throws IllegalArgumentException if an array is no signed permutation, or if they do not
   *     multiply as the group's generators do
   */
  public static Representation signedPermutation(FiniteGroup group, List<int[]> images) {
    require(
        !images.isEmpty(),
        "signed permutations need one array for each generator of %s, got none",
        group);
    return PermutationParts.representation(
        SignedPermutations.ofImages(group, images.get(0).length, images));
  }

  /**
   * The representation by orthogonal matrices that a user brings, decomposed. They may be rounded
   * to float32 or to 7 digits and more: the nearest orthogonal representation in the given basis is
   * taken. For matrices that are not orthogonal, and for the residual, see {@link
   * Decomposition#of}.
   *
   * @param group the group
   * @param matrices the orthogonal matrices of all elements in their order, or of the generators in
   *     theirs
   * @return the representation; it prints as {@code matrices(size)}
   * @throws IllegalArgumentException if the matrices are not orthogonal to 1e-6 or no
   *     representation of the group
   */
  public static Representation of(FiniteGroup group, List<Matrix> matrices) {
    return of(group, matrices, Decomposition.TOLERANCE);
  }

  /**
   * The representation by orthogonal matrices that are rounded.
   *
   * @param group the group
   * @param matrices the orthogonal matrices of all elements in their order, or of the generators in
   *     theirs
   * @param tolerance how far an entry may be from the exact one: 1e-6 for float32, 1e-3 for 3
   *     digits; at most 1e-2
   * @return the nearest orthogonal representation, in the given basis
   * @throws IllegalArgumentException if the tolerance is out of range, or the matrices are not
   *     orthogonal up to it or no representation of the group
   */
  public static Representation of(FiniteGroup group, List<Matrix> matrices, double tolerance) {
    Decomposition decomposition = Decomposition.of(group, matrices, tolerance);
    require(
        decomposition.isOrthogonal(),
        "the matrices must be orthogonal; Decomposition.of makes them so and gives the change of "
            + "basis");
    return decomposition.representation();
  }

  /**
   * The direct sum: the summands act side by side, each on its own coordinates.
   *
   * @param summands the representations, of one group, at least one
   * @return the sum, of the summed size
   * @throws IllegalArgumentException if there is no summand or the groups differ
   */
  public static Representation directSum(List<Representation> summands) {
    require(!summands.isEmpty(), "a direct sum needs at least one representation");
    Group group = summands.get(0).group;
    for (Representation summand : summands) {
      require(
          summand.group.equals(group),
          "a direct sum needs representations of one group, got %s and %s",
          group,
          summand.group);
    }
    return new Representation(
        group,
        Term.concatenate(summands.stream().map(Representation::terms).toList()),
        summands.stream().flatMap(summand -> summand.parts.stream()).toList());
  }

  /**
   * The direct sum with another representation.
   *
   * @param other a representation of the same group
   * @return this one, then the other
   * @throws IllegalArgumentException if the groups differ
   */
  public Representation plus(Representation other) {
    return directSum(List.of(this, other));
  }

  /**
   * The direct sum of copies of this representation.
   *
   * @param copies how many, at least 1
   * @return the sum, of {@code copies * size()} coordinates
   * @throws IllegalArgumentException if {@code copies} is below 1
   */
  public Representation times(int copies) {
    Sizes.total(copies + " copies", (long) size * copies);
    List<Term> sum = Term.times(copies, terms);
    List<Part> copied = Collections.nCopies(copies, parts).stream().flatMap(List::stream).toList();
    return new Representation(group, sum, copied);
  }

  /**
   * The tensor product: rho(g) = this(g) (x) other(g), the Kronecker product.
   *
   * @param other a representation of the same group
   * @return the product, of {@code size() * other.size()} coordinates, the second factor's fastest
   * @throws IllegalArgumentException if the groups differ
   */
  public Representation tensor(Representation other) {
    require(
        other.group.equals(group),
        "a tensor product needs representations of one group, got %s and %s",
        group,
        other.group);
    return new Representation(
        group, Term.product(terms, other.terms), List.of(TensorProducts.product(this, other)));
  }

  /**
   * The symmetric power: the action on symmetric tensors of a degree.
   *
   * <p>The coordinates belong to the monomials x_i1 x_i2 ... with i1 at most i2 and so on, in
   * lexicographic order, scaled to be orthonormal as tensors.
   *
   * @param degree the number of factors, from 1 to 4096
   * @return the power, of (size + degree - 1 choose degree) coordinates
   * @throws IllegalArgumentException if the degree is out of its range or the power has more than
   *     4096 coordinates
   */
  public Representation symmetricPower(int degree) {
    return TensorPowers.symmetric(this, degree);
  }

  /**
   * The exterior power: the action on antisymmetric tensors of a degree.
   *
   * <p>The coordinates belong to e_i1 ^ e_i2 ^ ... with i1 below i2 and so on, in lexicographic
   * order.
   *
   * @param degree the number of factors, from 1 to {@code size()}
   * @return the power, of (size choose degree) coordinates
   * @throws IllegalArgumentException if the degree is out of its range or the power has more than
   *     4096 coordinates
   */
  public Representation exteriorPower(int degree) {
    return TensorPowers.exterior(this, degree);
  }

  /** {@return the dual rho(g^-1)^T, which for orthogonal matrices is this representation} */
  public Representation dual() {
    return this;
  }

  /**
   * The same action in another orthonormal basis: rho'(g) = P rho(g) P^T.
   *
   * @param basis the orthogonal matrix P, {@code [size, size]}
   * @return the representation in the new basis
   * @throws IllegalArgumentException if P has another size or is not orthogonal to 1e-6
   */
  public Representation changeBasis(Matrix basis) {
    require(
        basis.rows() == size() && basis.columns() == size(),
        "a change of basis of %s must be [%d, %d], got [%d, %d]",
        this,
        size(),
        size(),
        basis.rows(),
        basis.columns());
    double defect = basis.orthogonalityDefect();
    require(
        defect <= ORTHOGONALITY_TOLERANCE,
        "a change of basis must be orthogonal: P P^T may differ from I by %.0e, got %.3g; "
            + "orthonormalize its columns (QR) first",
        ORTHOGONALITY_TOLERANCE,
        defect);
    Part rotated = new Part(group, irreps, basis.times(changeOfBasis()), null);
    return new Representation(
        group, Term.of("rotated(" + Term.text(terms) + ")"), List.of(rotated));
  }

  /**
   * The restriction: the same matrices, for the elements of a subgroup alone.
   *
   * @param subgroup a subgroup of this representation's group
   * @return the representation of {@code subgroup.asGroup()}, decomposed into its irreps
   * @throws IllegalArgumentException if the subgroup is of another group
   */
  public Representation restrict(Subgroup subgroup) {
    return SubgroupConstructions.restrict(this, subgroup);
  }

  /**
   * The restriction that keeps copies of irreps apart: the same matrices for the elements of a
   * subgroup, where every copy of an irrep falls apart in the same way (the group's branching
   * rules), and every summand stays a summand.
   *
   * <p>{@link #restrict(Subgroup)} splits the matrices as a whole, so that a copy there may lie in
   * several copies here. Here the coordinates of a copy in the basis of the irreps are those of the
   * smaller irreps that it falls into: what commutes with the large group has coefficients that
   * stand again among those of the small one.
   *
   * @param subgroup a subgroup of this representation's group
   * @return the representation of {@code subgroup.asGroup()}
   * @throws IllegalArgumentException if the subgroup is of another group
   */
  public Representation branch(Subgroup subgroup) {
    return SubgroupConstructions.branch(this, subgroup);
  }

  /**
   * The restriction of a representation of a compact group to a finite group inside it: the same
   * matrices, decomposed.
   *
   * @param subgroup a finite group inside this one
   * @return a representation of the finite group with rho(h) = at(image of h); its text reads back
   *     where the embedding is {@linkplain FiniteEmbedding#standard standard}
   * @throws IllegalArgumentException if the finite group lies in another group
   */
  public Representation restrict(FiniteEmbedding subgroup) {
    return CompactConstructions.restrict(this, subgroup);
  }

  /**
   * The induced representation of the whole group, of size {@code size() * subgroup.index()}: one
   * block for each left coset. By Frobenius reciprocity it holds an irrep as often as the irrep's
   * restriction holds this representation, counted by the dimensions of the Hom spaces.
   *
   * @param subgroup the subgroup whose {@code asGroup()} this is a representation of
   * @return the representation of {@code subgroup.group()}, decomposed into its irreps
   * @throws IllegalArgumentException if this is a representation of another group
   */
  public Representation induce(Subgroup subgroup) {
    return SubgroupConstructions.induce(this, subgroup);
  }

  /**
   * The quotient representation: functions on the left cosets of a subgroup, which the group
   * permutes.
   *
   * @param subgroup the subgroup
   * @return the representation of size {@code subgroup.index()}
   */
  public static Representation quotient(Subgroup subgroup) {
    return SubgroupConstructions.quotient(subgroup);
  }

  /**
   * A representation of one factor of a direct product as one of the product: the other factors do
   * nothing. So points under S5 times vectors under O_h are
   *
   * <pre>{@code
   * FiniteGroup group = Groups.symmetric(5).times(Groups.fullOctahedral());
   * Representation points = Representation.ofFactor(group, 0, fivePoints);
   * Representation vectors =
   *     Representation.ofFactor(group, 1, Representation.vectors(Groups.fullOctahedral()));
   * Representation both = points.tensor(vectors);
   * }</pre>
   *
   * @param product a group built as a direct product
   * @param index the place of the factor in {@link FiniteGroup#factors()}, from 0
   * @param rho a representation of that factor
   * @return the representation of the product, of the same size and basis
   * @throws IllegalArgumentException if the group is not built as a product, there is no such
   *     factor, or the representation is of another group
   */
  public static Representation ofFactor(FiniteGroup product, int index, Representation rho) {
    return FactorConstructions.of(product, index, rho);
  }

  /**
   * How a group of rotations and reflections moves vectors (x, y, z) of space; for SO(2) and O(2)
   * vectors (x, y) of the plane.
   *
   * <p>A finite group lies in space as {@link Groups#place} says. The irreps of space act on (y, z,
   * x) instead: {@code restrict(O(3): irrep(1,1))} is this representation in that order.
   *
   * @param group a compact group, or a point group, as C3v, D6h, Td, Icosahedral
   * @return the representation of size 3, of the plane 2
   * @throws IllegalArgumentException if the group has no place in space by its name
   */
  public static Representation vectors(Group group) {
    if (group instanceof CompactGroup compact) {
      return CompactConstructions.vectors(compact);
    }
    FiniteGroup finite = (FiniteGroup) group;
    FiniteEmbedding space = FiniteEmbedding.standard(finite, CompactGroup.O3);
    List<Integer> some =
        finite.generators().isEmpty() ? List.of(finite.identity()) : finite.generators();
    return of(finite, some.stream().map(g -> space.images().get(g).matrix()).toList())
        .withTerms(Term.of("vectors"));
  }

  /** The same under another text. */
  Representation withTerms(List<Term> text) {
    return new Representation(group, text, parts);
  }

  /**
   * The same representation under a name of the user's own, which text shows in quotes.
   *
   * @param name the name, without quotes in it
   * @return the representation; {@link #parse} cannot read it back
   * @throws IllegalArgumentException if the name is blank or holds a quote
   */
  public Representation named(String name) {
    require(
        !name.isBlank() && name.indexOf('"') < 0,
        "a name must not be blank or hold a quote, got '%s'",
        name);
    return new Representation(group, Term.of('"' + name + '"'), parts);
  }

  /**
   * Reads a representation from its text, as {@link #toString} prints it: the group, a colon, and a
   * sum.
   *
   * <pre>
   * sum     = term, { "+", term } ;
   * term    = [ count, "x" ], product ;
   * product = factor, { "*", factor } ;
   * factor  = "trivial" | "vectors" | "irrep(", id, ")" | "(", sum, ")"
   *         | "regular" | "regular(", highest, ")" | "harmonics(", highest, ")"
   *         | "sym(", degree, ",", sum, ")" | "ext(", degree, ",", sum, ")"
   *         | "permutation(", size, { ";", images }, ")"
   *         | "quotient(", subgroup, ")" | "induce(", subgroup, ":", sum, ")"
   *         | "restrict(", group, [ ",", subgroup ], ":", sum, ")"
   *         | "factor(", group, [ ",", place ], ":", sum, ")" ;
   * </pre>
   *
   * <p>{@code *} is the tensor product. The images of a permutation stand for each generator: the
   * place, from 1, where each coordinate goes, negative where its sign changes. A subgroup is given
   * by its name, as {@link FiniteGroup#subgroup(String)} finds it, or by the numbers of elements
   * that generate it: {@code <3, 7>}. The group of a restriction may also be compact: {@code
   * Octahedral: restrict(SO(3): irrep(2))}, with the place in it that {@link
   * FiniteEmbedding#standard} says. {@code factor} is {@link #ofFactor}: {@code S5 x Oh: factor(S5:
   * quotient(S4)) * factor(Oh: vectors)}; where factors are equal, the place of one counts from 0:
   * {@code C2 x C2: factor(C2, 1: irrep(1))}.
   *
   * @param text such as {@code "Icosahedral: 2 x regular + irrep(1)"} or {@code "D4: irrep(1,1)"}
   * @return the representation
   * @throws IllegalArgumentException if the text, the group or an irrep is unknown; the message
   *     says what is
   */
  public static Representation parse(String text) {
    return RepresentationParser.parse(text);
  }

  /**
   * Reads a sum for a group that is at hand, such as one built from generators, which no name
   * gives.
   *
   * @param group the group
   * @param sum what {@link #toString} prints behind the colon
   * @return the representation
   * @throws IllegalArgumentException if the text or an irrep is unknown; the message says what is
   */
  public static Representation parse(Group group, String sum) {
    return RepresentationParser.parse(group, sum);
  }

  /**
   * An orthogonal matrix that turns this representation into another: T rho(g) = other(g) T.
   *
   * @param other a representation of the same group
   * @return T, {@code [size, size]}; empty where the two are not equivalent
   * @throws IllegalArgumentException if the groups differ
   */
  public Optional<Matrix> intertwinerTo(Representation other) {
    require(
        other.group.equals(group),
        "an intertwiner needs representations of one group, got %s and %s",
        group,
        other.group);
    if (!multiplicities().equals(other.multiplicities())) {
      return Optional.empty();
    }
    Matrix mine = IsotypicDecomposition.of(this).changeOfBasis();
    return Optional.of(IsotypicDecomposition.of(other).changeOfBasis().timesTranspose(mine));
  }

  /**
   * Whether another representation is this one in another basis.
   *
   * @param other a representation of the same group
   * @return true where the two hold the same irreps equally often
   * @throws IllegalArgumentException if the groups differ
   */
  public boolean isEquivalentTo(Representation other) {
    return intertwinerTo(other).isPresent();
  }

  /** {@return the group that acts} */
  public Group group() {
    return group;
  }

  /**
   * The group that acts, for what needs the list of its elements.
   *
   * @return the group
   * @throws IllegalArgumentException if it is compact and not finite; the message says how to pass
   *     to a finite group inside it
   */
  public FiniteGroup finiteGroup() {
    if (group instanceof FiniteGroup finite) {
      return finite;
    }
    throw new IllegalArgumentException(
        String.format(
            Locale.ROOT,
            "this needs a finite group, whose elements can be listed, and %s is not one: restrict"
                + " the representation to a finite group inside it, as '%s: restrict(%s)'",
            group,
            group == CompactGroup.SO2 || group == CompactGroup.O2 ? "C8" : "Octahedral",
            this));
  }

  /** {@return the dimension of the vectors it acts on} */
  public int size() {
    return size;
  }

  /**
   * {@return the irreps it is made of, each as often as it occurs, in the order of the columns of
   * Q}
   */
  public List<Irrep> irreps() {
    return irreps;
  }

  /**
   * The representations that this one is the direct sum of, as it was built; each acts on
   * coordinates of its own.
   *
   * @return the summands in order, equal ones the same instance where they were built so; this
   *     representation alone where it was not built as a sum
   */
  public List<Representation> summands() {
    if (parts.size() == 1) {
      return List.of(this);
    }
    IdentityHashMap<Part, Representation> known = new IdentityHashMap<>();
    return parts.stream()
        .map(part -> known.computeIfAbsent(part, p -> new Representation(group, p)))
        .toList();
  }

  /** {@return where the copies of irreps stand: the list of {@link #irreps()} with places} */
  public List<Copy> copies() {
    List<Copy> known = copies;
    if (known == null) {
      known = Copy.of(parts.stream().map(Part::irreps).toList());
      copies = known;
    }
    return known;
  }

  /**
   * The copies of one irrep.
   *
   * @param irrep an irrep of the group
   * @return its copies in their order; none where it does not occur
   */
  public List<Copy> copies(Irrep irrep) {
    return copies().stream().filter(copy -> copy.irrep().equals(irrep)).toList();
  }

  /**
   * The summands with equal neighbours taken together, and where they stand.
   *
   * @return the runs in order; together they are {@link #summands()}
   */
  public List<Run> runs() {
    List<Run> known = runs;
    if (known == null) {
      List<Run> found = new ArrayList<>();
      int start = 0;
      for (EqualRun<Representation> run : EqualRun.of(summands())) {
        found.add(new Run(run.value(), run.count(), run.first(), start));
        start += run.count() * run.value().size();
      }
      known = List.copyOf(found);
      runs = known;
    }
    return known;
  }

  /** {@return how often each irrep occurs, by ascending id; only irreps that do} */
  public Map<IrrepId, Integer> multiplicities() {
    Map<IrrepId, Integer> counts = new TreeMap<>();
    irreps.forEach(irrep -> counts.merge(irrep.id(), 1, Integer::sum));
    return Collections.unmodifiableMap(counts);
  }

  /**
   * {@return the orthogonal Q, {@code [size, size]}, with rho(g) = Q (irrep_1(g) + irrep_2(g) +
   * ...) Q^T}
   */
  public Matrix changeOfBasis() {
    Matrix known = changeOfBasis;
    if (known == null) {
      known =
          parts.size() == 1
              ? parts.get(0).basis()
              : Matrix.blockDiagonal(parts.stream().map(Part::basis).toList());
      changeOfBasis = known;
    }
    return known;
  }

  /**
   * The matrix of an element. Equal summands are computed once.
   *
   * @param element an element of the group
   * @return rho(element), orthogonal, {@code [size, size]}
   * @throws IllegalArgumentException if the element is of another group
   */
  public Matrix at(Element element) {
    group.requireElement(element);
    IdentityHashMap<Part, Matrix> blocks = new IdentityHashMap<>();
    List<Matrix> diagonal =
        parts.stream().map(part -> blocks.computeIfAbsent(part, p -> p.at(element))).toList();
    return diagonal.size() == 1 ? diagonal.get(0) : Matrix.blockDiagonal(diagonal);
  }

  /**
   * The character: the trace of rho(element), read off the irreps.
   *
   * @param element an element of the group
   * @return the trace
   * @throws IllegalArgumentException if the element is of another group
   */
  public double character(Element element) {
    group.requireElement(element);
    return irreps.stream().mapToDouble(irrep -> irrep.character(element)).sum();
  }

  /** Two representations are equal when their matrices are: same group, irreps and Q. */
  @Override
  public boolean equals(Object object) {
    return this == object
        || (object instanceof Representation other
            && group.equals(other.group)
            && irreps.equals(other.irreps)
            && Part.haveEqualBases(parts, other.parts));
  }

  @Override
  public int hashCode() {
    return 31 * group.hashCode() + irreps.hashCode();
  }

  List<Term> terms() {
    return terms;
  }

  List<Part> parts() {
    return parts;
  }

  /**
   * The representation as text: {@code Icosahedral: 2 x regular + irrep(1)}. {@link #parse} reads
   * it back, unless matrices were given; these print as {@code rotated(...)}, {@code
   * matrices(size)} or a quoted name.
   */
  @Override
  public String toString() {
    return group + ": " + Term.text(terms);
  }
}
