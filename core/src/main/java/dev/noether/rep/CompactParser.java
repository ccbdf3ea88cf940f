package dev.noether.rep;

import static dev.noether.algebra.Checks.require;

import dev.noether.group.CompactGroup;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads the text form of representations of a compact group; see {@link
 * CompactRepresentation#parse}.
 */
final class CompactParser implements SumReader.Grammar<CompactRepresentation> {
  private static final Pattern FACTOR =
      Pattern.compile("(irrep|regular|harmonics)\\(([-\\d,\\s]+)\\)");

  private final CompactGroup group;

  private CompactParser(CompactGroup group) {
    this.group = group;
  }

  static CompactRepresentation parse(String text) {
    int colon = text.indexOf(':');
    Optional<CompactGroup> named = CompactGroup.named(text.split(":", 2)[0]);
    require(
        colon > 0 && named.isPresent(),
        "a representation of a compact group reads 'SO(3): 2 x irrep(1)', with SO(2), O(2), SO(3) "
            + "or O(3), got '%s'",
        text);
    return new SumReader<>(new CompactParser(named.get()), text, colon + 1).readAll();
  }

  @Override
  public CompactRepresentation directSum(List<CompactRepresentation> summands) {
    return new CompactRepresentation(
        group, summands.stream().flatMap(summand -> summand.irreps().stream()).toList());
  }

  @Override
  public CompactRepresentation times(CompactRepresentation sum, int copies) {
    return sum.times(copies);
  }

  @Override
  public CompactRepresentation tensor(CompactRepresentation left, CompactRepresentation right) {
    return left.tensor(right);
  }

  @Override
  public String factors() {
    return "irrep(...), regular(L), harmonics(L), with L the highest frequency";
  }

  @Override
  public CompactRepresentation factor(SumReader<CompactRepresentation> reader) {
    Matcher factor = reader.at(FACTOR);
    if (!factor.lookingAt()) {
      throw reader.unknown();
    }
    reader.goTo(factor.end());
    int[] numbers = RepresentationParser.numbers(factor.group(2));
    if (factor.group(1).equals("irrep")) {
      return CompactRepresentation.of(group.irrep(numbers));
    }
    require(
        numbers.length == 1,
        "%s has one number, the highest frequency, got %s",
        factor.group(1),
        factor.group());
    return factor.group(1).equals("regular")
        ? CompactRepresentation.regular(group, numbers[0])
        : CompactRepresentation.harmonics(group, numbers[0]);
  }
}
