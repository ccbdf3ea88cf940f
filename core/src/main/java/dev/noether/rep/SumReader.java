package dev.noether.rep;

import static dev.noether.algebra.Checks.require;

import dev.noether.algebra.Limits;
import dev.noether.algebra.Spelling;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Reads sums of products by recursive descent: {@code 2 x irrep(1) * irrep(2) + (trivial +
 * regular)}. What the factors are, a {@link Grammar} says.
 */
final class SumReader<R> {
  /** What a text perhaps means that is none: 2 regular, and 2x1o for two odd vectors. */
  private static final Pattern COUNTED =
      Pattern.compile("(?:(\\d{1,6})\\s*(?:[x*]\\s*)?)?([A-Za-z]{1,20})(.{0,40})");

  private static final Pattern E3NN = Pattern.compile("(?:(\\d{1,6})\\s*x?\\s*)?(\\d{1,3})([eo])");

  /** A name in the list of factors. */
  private static final Pattern FACTOR = Pattern.compile("(?:^|, )([a-z]+)");

  private static final Pattern COUNT = Pattern.compile("(\\d+)\\s*[x*]\\s*");

  /** The factors of one kind of representation, and how they are put together. */
  interface Grammar<R> {
    R directSum(List<R> summands);

    R times(R sum, int copies);

    /** The tensor product of two factors or more. */
    R product(List<R> factors);

    /** Reads a factor that does not begin with a parenthesis. */
    R factor(SumReader<R> reader);

    /** The factors there are, for the message about an unknown one. */
    String factors();
  }

  private final Grammar<R> grammar;
  private final String text;
  private int position;
  private int term;

  /** Reads the text from a place on; messages show all of it. */
  SumReader(Grammar<R> grammar, String text, int position) {
    this.grammar = grammar;
    this.text = text;
    this.position = position;
    this.term = position;
  }

  /** The sum that the rest of the text is. */
  R readAll() {
    R sum = sum();
    if (position < text.length()) {
      throw unknown();
    }
    return sum;
  }

  /** A sum inside parentheses; errors behind it name the term around it. */
  R sum() {
    int outer = term;
    List<R> summands = new ArrayList<>();
    do {
      summands.add(term());
    } while (accept('+'));
    term = outer;
    return grammar.directSum(summands);
  }

  private R term() {
    skipSpaces();
    term = position;
    Matcher count = at(COUNT);
    int copies = 1;
    if (count.lookingAt()) {
      require(
          count.group(1).length() <= Limits.DIGITS,
          "a multiplicity must be below 10^%d, got %s",
          Limits.DIGITS,
          Limits.shown(count.group(1)));
      copies = Integer.parseInt(count.group(1));
      position = count.end();
    }
    List<R> factors = new ArrayList<>(List.of(factor()));
    while (accept('*')) {
      Limits.requireAtMost(TextBudget.PRODUCTS, factors.size(), Limits.FACTORS, text);
      factors.add(factor());
    }
    R product = factors.size() == 1 ? factors.get(0) : grammar.product(factors);
    return copies == 1 ? product : grammar.times(product, copies);
  }

  private R factor() {
    skipSpaces();
    if (accept('(')) {
      R inside = sum();
      expect(')');
      return inside;
    }
    R factor = grammar.factor(this);
    skipSpaces();
    return factor;
  }

  String text() {
    return text;
  }

  int position() {
    return position;
  }

  /** The text of the term that is being read, to its end. */
  String rest() {
    return Limits.shown(text.substring(term));
  }

  /** Goes on behind what a matcher found. */
  void goTo(int place) {
    position = place;
  }

  Matcher at(Pattern pattern) {
    return pattern.matcher(text).region(position, text.length());
  }

  private void skipSpaces() {
    while (position < text.length() && Character.isWhitespace(text.charAt(position))) {
      position++;
    }
  }

  boolean peek(char symbol) {
    return position < text.length() && text.charAt(position) == symbol;
  }

  private boolean accept(char symbol) {
    skipSpaces();
    boolean found = peek(symbol);
    if (found) {
      position++;
      skipSpaces();
    }
    return found;
  }

  void expect(char symbol) {
    if (!accept(symbol)) {
      throw unknown();
    }
  }

  /** What stands between a parenthesis that opens before the place and the one that closes it. */
  String inside() {
    int depth = 1;
    int end = position;
    while (end < text.length() && depth > 0) {
      depth += text.charAt(end) == '(' ? 1 : text.charAt(end) == ')' ? -1 : 0;
      end++;
    }
    return text.substring(position, depth == 0 ? end - 1 : end);
  }

  /** The same, and goes on behind it. */
  String takeInside() {
    String inside = inside();
    position += inside.length();
    return inside.strip();
  }

  IllegalArgumentException unknown() {
    int end = term;
    int depth = 0;
    if (end == text.length()) {
      return new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "a term is missing at the end of '%s': know %s",
              Limits.shown(text),
              grammar.factors()));
    }
    while (end < text.length() && (depth > 0 || text.charAt(end) != '+')) {
      depth += text.charAt(end) == '(' ? 1 : text.charAt(end) == ')' ? -1 : 0;
      end++;
    }
    String unknown = text.substring(term, end).strip();
    if (unknown.isEmpty()) {
      return new IllegalArgumentException(
          "a term is missing before a + in '" + Limits.shown(text) + "'");
    }
    return new IllegalArgumentException(
        String.format(
            Locale.ROOT,
            "unknown term '%s' in '%s'%s %s, each after an optional '2 x'",
            Limits.shown(unknown),
            Limits.shown(text),
            meant(unknown).map(own -> "; did you mean '" + own + "'? Known are").orElse(": know"),
            grammar.factors()));
  }

  /** What was perhaps meant: a factor of this grammar, or an irrep as e3nn writes it. */
  private Optional<String> meant(String unknown) {
    Matcher e3nn = E3NN.matcher(unknown);
    if (e3nn.matches()) {
      return irrep(e3nn.group(3).equals("e"), e3nn.group(2))
          .map(irrep -> counted(e3nn.group(1), irrep));
    }
    Matcher counted = COUNTED.matcher(unknown);
    if (!counted.matches()) {
      return Optional.empty();
    }
    return nearest(counted.group(2), grammar.factors())
        .map(name -> counted(counted.group(1), name + counted.group(3)))
        .filter(own -> !own.equals(unknown));
  }

  /** The name in a list of factors that is nearest to one which is not there. */
  static Optional<String> nearest(String name, String factors) {
    Stream<String> known = FACTOR.matcher(factors).results().map(found -> found.group(1));
    return Spelling.nearest(name, known);
  }

  private static String counted(@Nullable String count, String factor) {
    return count == null ? factor : count + " x " + factor;
  }

  private Optional<String> irrep(boolean even, String degree) {
    if (text.startsWith("SO(3)")) {
      return Optional.of("irrep(" + degree + ")");
    }
    return text.startsWith("O(3)")
        ? Optional.of("irrep(" + (even ? 0 : 1) + "," + degree + ")")
        : Optional.empty();
  }
}
