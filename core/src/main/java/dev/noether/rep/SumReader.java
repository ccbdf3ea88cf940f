package dev.noether.rep;

import static dev.noether.algebra.Checks.require;

import dev.noether.algebra.Limits;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads sums of products by recursive descent: {@code 2 x irrep(1) * irrep(2) + (trivial +
 * regular)}. What the factors are, a {@link Grammar} says.
 */
final class SumReader<R> {
  private static final Pattern COUNT = Pattern.compile("(\\d+)\\s*[x*]\\s*");

  /** The factors of one kind of representation, and how they are put together. */
  interface Grammar<R> {
    R directSum(List<R> summands);

    R times(R sum, int copies);

    R tensor(R left, R right);

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
    R product = factor();
    while (accept('*')) {
      product = grammar.tensor(product, factor());
    }
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
    return new IllegalArgumentException(
        String.format(
            Locale.ROOT,
            "unknown term '%s' in '%s': know %s, each after an optional '2 x'",
            Limits.shown(text.substring(term, end).strip()),
            Limits.shown(text),
            grammar.factors()));
  }
}
