package dev.noether.rep;

import static dev.noether.algebra.Checks.require;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * One summand of a direct sum, as text shows it: {@code 2 x regular}, {@code irrep(1) * irrep(2)}.
 *
 * @param multiplicity how many copies, at least 1
 * @param text what is copied
 * @param isProduct whether the text is a product of factors
 */
record Term(int multiplicity, String text, boolean isProduct) {
  Term {
    require(multiplicity >= 1, "a multiplicity must be at least 1, got %d", multiplicity);
  }

  /** A single term that is no product. */
  static List<Term> of(String text) {
    return List.of(new Term(1, text, false));
  }

  /** The terms of the copies of a sum. */
  static List<Term> times(int copies, List<Term> sum) {
    require(copies >= 1, "a multiplicity must be at least 1, got %d", copies);
    if (copies == 1) {
      return sum;
    }
    Term first = sum.get(0);
    return sum.size() == 1
        ? List.of(new Term(copies * first.multiplicity, first.text, first.isProduct))
        : List.of(new Term(copies, "(" + text(sum) + ")", false));
  }

  /** The terms of a tensor product. */
  static List<Term> product(List<Term> left, List<Term> right) {
    boolean inner = right.size() == 1 && right.get(0).isProduct;
    String second = inner ? "(" + text(right) + ")" : factor(right);
    return List.of(new Term(1, factor(left) + " * " + second, true));
  }

  private static String factor(List<Term> sum) {
    boolean alone = sum.size() == 1 && sum.get(0).multiplicity == 1;
    return alone ? sum.get(0).text : "(" + text(sum) + ")";
  }

  /** The terms one after another, equal neighbours counted together. */
  static List<Term> concatenate(List<List<Term>> sums) {
    List<Term> all = new ArrayList<>();
    for (List<Term> sum : sums) {
      for (Term term : sum) {
        Term last = all.isEmpty() ? null : all.get(all.size() - 1);
        if (last != null && last.text.equals(term.text)) {
          int count = last.multiplicity + term.multiplicity;
          all.set(all.size() - 1, new Term(count, term.text, term.isProduct));
        } else {
          all.add(term);
        }
      }
    }
    return List.copyOf(all);
  }

  /** The sum as text. */
  static String text(List<Term> sum) {
    return sum.stream().map(Term::toString).collect(Collectors.joining(" + "));
  }

  @Override
  public String toString() {
    return multiplicity == 1 ? text : multiplicity + " x " + text;
  }
}
