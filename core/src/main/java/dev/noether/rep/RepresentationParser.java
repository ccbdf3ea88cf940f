package dev.noether.rep;

import static dev.noether.algebra.Checks.require;

import dev.noether.group.FiniteGroup;
import dev.noether.group.IrrepId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads the text form of representations by recursive descent; see {@link Representation#parse}.
 */
final class RepresentationParser {
  private static final Pattern COUNT = Pattern.compile("(\\d{1,6})\\s*[x*]\\s*");
  private static final Pattern DEGREE = Pattern.compile("\\s*(\\d{1,6})\\s*,");
  private static final Pattern IRREP = Pattern.compile("irrep\\(([-\\d,\\s]+)\\)");
  private static final Pattern PERMUTATION = Pattern.compile("permutation\\(([-\\d;\\s]+)\\)");
  private static final Pattern WORD = Pattern.compile("[A-Za-z]+");
  private static final Pattern CALL = Pattern.compile("([A-Za-z]+)\\(");

  private final String text;
  private final FiniteGroup group;
  private int position;
  private int term;

  private RepresentationParser(String text, FiniteGroup group, int position) {
    this.text = text;
    this.group = group;
    this.position = position;
  }

  static Representation parse(String text) {
    int colon = text.indexOf(':');
    require(
        colon > 0,
        "a representation reads 'GROUP: TERM + TERM', as 'Icosahedral: 2 x regular + irrep(1)', "
            + "got '%s'",
        text);
    FiniteGroup group = FiniteGroup.named(text.substring(0, colon));
    RepresentationParser parser = new RepresentationParser(text, group, colon + 1);
    Representation sum = parser.sum();
    if (parser.position < text.length()) {
      throw parser.unknown();
    }
    return sum;
  }

  private Representation sum() {
    List<Representation> summands = new ArrayList<>();
    do {
      summands.add(term());
    } while (accept('+'));
    return Representation.directSum(summands);
  }

  private Representation term() {
    skipSpaces();
    term = position;
    Matcher count = at(COUNT);
    int copies = 1;
    if (count.lookingAt()) {
      copies = Integer.parseInt(count.group(1));
      position = count.end();
    }
    Representation product = factor();
    while (accept('*')) {
      product = product.tensor(factor());
    }
    return product.times(copies);
  }

  /** A sum inside parentheses; errors behind it name the term around it. */
  private Representation nested() {
    int outer = term;
    Representation sum = sum();
    term = outer;
    return sum;
  }

  private Representation factor() {
    skipSpaces();
    if (accept('(')) {
      Representation inside = nested();
      expect(')');
      return inside;
    }
    if (peek('"')) {
      throw new IllegalArgumentException(
          "a quoted name stands for matrices, which no text can give: keep the representation "
              + "itself, got '"
              + text
              + "'");
    }
    Matcher irrep = at(IRREP);
    if (irrep.lookingAt()) {
      position = irrep.end();
      skipSpaces();
      return Representation.irrep(group.irrep(id(irrep.group(1))));
    }
    Matcher permutation = at(PERMUTATION);
    if (permutation.lookingAt()) {
      position = permutation.end();
      skipSpaces();
      return permutation(permutation.group(1));
    }
    Matcher call = at(CALL);
    if (call.lookingAt() && !call.group(1).equals("irrep")) {
      position = call.end();
      Representation result = call(call.group(1), call.end());
      expect(')');
      return result;
    }
    return word();
  }

  private Representation word() {
    Matcher word = at(WORD);
    String name = word.lookingAt() ? word.group() : "";
    Representation result =
        switch (name) {
          case "regular" -> Representation.regular(group);
          case "trivial" -> Representation.trivial(group);
          default -> throw unknown();
        };
    position = word.end();
    skipSpaces();
    return result;
  }

  private Representation call(String name, int start) {
    return switch (name) {
      case "sym" -> {
        int degree = degree();
        yield nested().symmetricPower(degree);
      }
      case "ext" -> {
        int degree = degree();
        yield nested().exteriorPower(degree);
      }
      case "quotient" -> Representation.quotient(group.subgroup(skipped(start)));
      case "induce" -> {
        Representation small = parse(skipped(start));
        yield small.induce(group.subgroup(small.group().name()));
      }
      case "restrict" -> {
        Representation whole = parse(skipped(start));
        yield whole.restrict(whole.group().subgroup(group.name()));
      }
      case "rotated" ->
          throw new IllegalArgumentException(
              "a change of basis is a matrix, not a text: parse '"
                  + group
                  + ": "
                  + inside(start)
                  + "' and call changeBasis on it");
      case "matrices" ->
          throw new IllegalArgumentException(
              "matrices are no text: bring them to Representation.of, got '" + text + "'");
      default ->
          throw new IllegalArgumentException(
              "unknown construction '"
                  + name
                  + "(...)' in '"
                  + text
                  + "': know irrep(id), sym(degree, sum), ext(degree, sum), permutation(size;"
                  + " images; ...), quotient(subgroup), induce(subgroup: sum), restrict(group:"
                  + " sum)");
    };
  }

  private int degree() {
    Matcher degree = at(DEGREE);
    require(
        degree.lookingAt(),
        "a power reads 'sym(2, SUM)' or 'ext(2, SUM)', got '%s'",
        text.substring(term));
    position = degree.end();
    return Integer.parseInt(degree.group(1));
  }

  private static IrrepId id(String numbers) {
    try {
      List<Integer> parts = new ArrayList<>();
      for (String number : numbers.split(",", -1)) {
        parts.add(Integer.parseInt(number.strip()));
      }
      return new IrrepId(parts);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "an irrep id is integers separated by commas, got '" + numbers + "'", e);
    }
  }

  private Representation permutation(String numbers) {
    try {
      String[] parts = numbers.split(";", -1);
      int size = Integer.parseInt(parts[0].strip());
      List<int[]> images = new ArrayList<>();
      for (String part : Arrays.asList(parts).subList(1, parts.length)) {
        images.add(Arrays.stream(part.strip().split("\\s+")).mapToInt(Integer::parseInt).toArray());
      }
      return PermutationParts.representation(SignedPermutations.ofImages(group, size, images));
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "a permutation reads 'permutation(3; 2 3 1; -1 3 2)': the size, then the images of each "
              + "generator, got '"
              + numbers
              + "'",
          e);
    }
  }

  /**
   * What stands between a parenthesis that opens before {@code start} and the one that closes it.
   */
  private String inside(int start) {
    int depth = 1;
    int end = start;
    while (end < text.length() && depth > 0) {
      depth += text.charAt(end) == '(' ? 1 : text.charAt(end) == ')' ? -1 : 0;
      end++;
    }
    return text.substring(start, depth == 0 ? end - 1 : end);
  }

  /** The same, and goes on behind it. */
  private String skipped(int start) {
    String inside = inside(start);
    position = start + inside.length();
    return inside.strip();
  }

  private Matcher at(Pattern pattern) {
    return pattern.matcher(text).region(position, text.length());
  }

  private void skipSpaces() {
    while (position < text.length() && Character.isWhitespace(text.charAt(position))) {
      position++;
    }
  }

  private boolean peek(char symbol) {
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

  private void expect(char symbol) {
    if (!accept(symbol)) {
      throw unknown();
    }
  }

  private IllegalArgumentException unknown() {
    int end = term;
    int depth = 0;
    while (end < text.length() && (depth > 0 || text.charAt(end) != '+')) {
      depth += text.charAt(end) == '(' ? 1 : text.charAt(end) == ')' ? -1 : 0;
      end++;
    }
    return new IllegalArgumentException(
        String.format(
            "unknown term '%s' in '%s': know regular, trivial, irrep(id), each after an optional "
                + "'2 x'",
            text.substring(term, end).strip(), text));
  }
}
