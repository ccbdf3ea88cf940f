package dev.noether.rep;

import static dev.noether.algebra.Checks.require;

import dev.noether.algebra.Matrix;
import dev.noether.group.Element;
import dev.noether.group.FiniteGroup;
import dev.noether.group.Irrep;
import dev.noether.group.IrrepId;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * An orthogonal representation of a finite group: one orthogonal matrix rho(g) for every element,
 * with rho(g h) = rho(g) rho(h).
 *
 * <p>It is kept as what it is made of: a list of irreps and an orthogonal change of basis Q, so
 * that rho(g) = Q (irrep_1(g) + irrep_2(g) + ...) Q^T. Immutable and safe from every thread.
 * Identity is the matrices', never the name's: two representations that print alike may differ.
 *
 * <pre>{@code
 * FiniteGroup group = FiniteGroup.icosahedral();
 * Representation in = Representation.regular(group).times(2);
 * Representation out = Representation.parse("Icosahedral: 2 x regular + irrep(1)");
 * }</pre>
 */
public final class Representation {
  /** How far from orthogonal a change of basis may be, in its largest entry of P P^T - I. */
  static final double ORTHOGONALITY_TOLERANCE = 1e-6;

  private static final Pattern TERM =
      Pattern.compile("(?:(\\d{1,6})\\s*[x*]\\s*)?(regular|trivial|irrep\\(([-\\d,\\s]+)\\))");

  private final FiniteGroup group;
  private final List<Term> terms;
  private final List<Irrep> irreps;
  private final Matrix changeOfBasis;
  private final List<Representation> summands;

  private Representation(
      FiniteGroup group, List<Term> terms, List<Irrep> irreps, Matrix changeOfBasis) {
    this(group, terms, irreps, changeOfBasis, List.of());
  }

  private Representation(
      FiniteGroup group,
      List<Term> terms,
      List<Irrep> irreps,
      Matrix changeOfBasis,
      List<Representation> summands) {
    this.summands = List.copyOf(summands);
    this.group = group;
    this.terms = List.copyOf(terms);
    this.irreps = List.copyOf(irreps);
    this.changeOfBasis = changeOfBasis;
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
    List<Irrep> irreps = new ArrayList<>();
    int n = group.order();
    double[] basis = new double[n * n];
    int column = 0;
    for (Irrep irrep : group.irreps()) {
      int d = irrep.dimension();
      double scale = Math.sqrt((double) d / n);
      for (int copy = 0; copy < d / irrep.type().endomorphismDimension(); copy++) {
        irreps.add(irrep);
        for (int row = 0; row < d; row++, column++) {
          for (int g = 0; g < n; g++) {
            basis[g * n + column] = scale * irrep.entry(g, row, copy);
          }
        }
      }
    }
    return new Representation(
        group, List.of(new Term(1, new Term.Regular())), irreps, Matrix.of(n, n, basis));
  }

  /**
   * The trivial representation: every element acts as 1 on a line.
   *
   * @param group the group
   * @return the representation of size 1
   */
  public static Representation trivial(FiniteGroup group) {
    return new Representation(
        group,
        List.of(new Term(1, new Term.Trivial())),
        List.of(group.trivialIrrep()),
        Matrix.identity(1));
  }

  /**
   * One irrep as a representation.
   *
   * @param irrep the irrep
   * @return the representation of size {@code irrep.dimension()}
   */
  public static Representation irrep(Irrep irrep) {
    return new Representation(
        irrep.group(),
        List.of(new Term(1, new Term.Irreducible(irrep.id()))),
        List.of(irrep),
        Matrix.identity(irrep.dimension()));
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
    FiniteGroup group = summands.get(0).group;
    List<Term> terms = new ArrayList<>();
    for (Representation summand : summands) {
      require(
          summand.group.equals(group),
          "a direct sum needs representations of one group, got %s and %s",
          group,
          summand.group);
      summand.terms.forEach(term -> append(terms, term));
    }
    return new Representation(
        group,
        terms,
        summands.stream().flatMap(summand -> summand.irreps.stream()).toList(),
        Matrix.blockDiagonal(summands.stream().map(Representation::changeOfBasis).toList()),
        summands.stream().flatMap(summand -> summand.summands().stream()).toList());
  }

  private static void append(List<Term> terms, Term term) {
    Term last = terms.isEmpty() ? null : terms.get(terms.size() - 1);
    if (last != null && last.kind().equals(term.kind())) {
      terms.set(terms.size() - 1, new Term(last.multiplicity() + term.multiplicity(), term.kind()));
    } else {
      terms.add(term);
    }
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
    require(copies >= 1, "a multiplicity must be at least 1, got %d", copies);
    return directSum(Collections.nCopies(copies, this));
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
    String inside = terms.stream().map(Term::toString).collect(Collectors.joining(" + "));
    return new Representation(
        group, List.of(new Term(1, new Term.Rotated(inside))), irreps, basis.times(changeOfBasis));
  }

  /**
   * Reads a representation from its text, as {@link #toString} prints it: the group, a colon, and
   * terms {@code regular}, {@code trivial} or {@code irrep(id)} joined by {@code +}, each with an
   * optional multiplicity {@code 2 x}.
   *
   * @param text such as {@code "Icosahedral: 2 x regular + irrep(1)"} or {@code "D4: irrep(1,1)"}
   * @return the representation
   * @throws IllegalArgumentException if the text, the group or an irrep is unknown; the message
   *     says what is
   */
  public static Representation parse(String text) {
    int colon = text.indexOf(':');
    require(
        colon > 0,
        "a representation reads 'GROUP: TERM + TERM', as 'Icosahedral: 2 x regular + irrep(1)', "
            + "got '%s'",
        text);
    FiniteGroup group = FiniteGroup.named(text.substring(0, colon));
    List<Representation> summands = new ArrayList<>();
    for (String part : text.substring(colon + 1).split("\\+", -1)) {
      Matcher matcher = TERM.matcher(part.strip());
      require(
          matcher.matches(),
          "unknown term '%s' in '%s': know regular, trivial, irrep(id), each after an optional "
              + "'2 x'",
          part.strip(),
          text);
      summands.add(kind(matcher).of(group).times(multiplicity(matcher)));
    }
    return directSum(summands);
  }

  private static int multiplicity(Matcher term) {
    return term.group(1) == null ? 1 : Integer.parseInt(term.group(1));
  }

  private static Term.Kind kind(Matcher term) {
    if (term.group(2).equals("regular")) {
      return new Term.Regular();
    }
    if (term.group(2).equals("trivial")) {
      return new Term.Trivial();
    }
    try {
      List<Integer> numbers = new ArrayList<>();
      for (String number : term.group(3).split(",", -1)) {
        numbers.add(Integer.parseInt(number.strip()));
      }
      return new Term.Irreducible(new IrrepId(numbers));
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "an irrep id is integers separated by commas, got '" + term.group(3) + "'", e);
    }
  }

  /**
   * The group that acts.
   *
   * @return the group
   */
  public FiniteGroup group() {
    return group;
  }

  /**
   * The dimension of the vectors it acts on.
   *
   * @return the number of coordinates
   */
  public int size() {
    return changeOfBasis.rows();
  }

  /**
   * The irreps it is made of, each as often as it occurs, in the order of the columns of Q.
   *
   * @return the irreps
   */
  public List<Irrep> irreps() {
    return irreps;
  }

  /**
   * The representations that this one is the direct sum of, as it was built; each acts on
   * coordinates of its own.
   *
   * @return the summands in order; this representation alone where it was not built as a sum
   */
  public List<Representation> summands() {
    return summands.isEmpty() ? List.of(this) : summands;
  }

  /**
   * How often each irrep occurs.
   *
   * @return the multiplicities, by ascending id; only irreps that occur
   */
  public Map<IrrepId, Integer> multiplicities() {
    Map<IrrepId, Integer> counts = new TreeMap<>();
    irreps.forEach(irrep -> counts.merge(irrep.id(), 1, Integer::sum));
    return Collections.unmodifiableMap(counts);
  }

  /**
   * The orthogonal matrix Q with rho(g) = Q (irrep_1(g) + irrep_2(g) + ...) Q^T.
   *
   * @return Q, {@code [size, size]}
   */
  public Matrix changeOfBasis() {
    return changeOfBasis;
  }

  /**
   * The matrix of an element.
   *
   * @param element an element of the group
   * @return rho(element), orthogonal, {@code [size, size]}
   * @throws IllegalArgumentException if the element is of another group
   */
  public Matrix at(Element element) {
    require(
        element.group().equals(group),
        "the element must be of %s, got one of %s",
        group,
        element.group());
    int g = element.index();
    int size = size();
    double[] basis = changeOfBasis.toArray();
    double[] turned = new double[size * size];
    int start = 0;
    for (Irrep irrep : irreps) {
      int d = irrep.dimension();
      for (int row = 0; row < size; row++) {
        int offset = row * size + start;
        for (int i = 0; i < d; i++) {
          double sum = 0;
          for (int j = 0; j < d; j++) {
            sum += basis[offset + j] * irrep.entry(g, j, i);
          }
          turned[offset + i] = sum;
        }
      }
      start += d;
    }
    return Matrix.of(size, size, turned).timesTranspose(changeOfBasis);
  }

  /**
   * The character: the trace of rho(element), read off the irreps.
   *
   * @param element an element of the group
   * @return the trace
   */
  public double character(Element element) {
    return irreps.stream().mapToDouble(irrep -> irrep.character(element.index())).sum();
  }

  /** Two representations are equal when their matrices are: same group, irreps and Q. */
  @Override
  public boolean equals(Object object) {
    return this == object
        || (object instanceof Representation other
            && group.equals(other.group)
            && irreps.equals(other.irreps)
            && changeOfBasis.equals(other.changeOfBasis));
  }

  @Override
  public int hashCode() {
    return 31 * group.hashCode() + changeOfBasis.hashCode();
  }

  /**
   * The representation as text: {@code Icosahedral: 2 x regular + irrep(1)}. {@link #parse} reads
   * it back, unless a change of basis was given as a matrix; that prints as {@code rotated(...)}.
   */
  @Override
  public String toString() {
    return terms.stream().map(Term::toString).collect(Collectors.joining(" + ", group + ": ", ""));
  }
}
