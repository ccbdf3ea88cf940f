package dev.noether.rep;

import static dev.noether.algebra.Checks.require;

import dev.noether.algebra.TextBounds;
import dev.noether.lie.CompactGroup;
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
  private final TextBudget budget;

  private CompactParser(CompactGroup group, TextBudget budget) {
    this.group = group;
    this.budget = budget;
  }

  static CompactRepresentation parse(String text) {
    return TextBudget.within(text, budget -> parse(text, budget));
  }

  static CompactRepresentation parse(String text, TextBudget budget) {
    int colon = text.indexOf(':');
    Optional<CompactGroup> named = CompactGroup.named(text.split(":", 2)[0]);
    require(
        colon > 0 && named.isPresent(),
        "a representation of a compact group reads 'SO(3): 2 x irrep(1)', with SO(2), O(2), SO(3) "
            + "or O(3), got '%s'",
        TextBounds.shown(text));
    return new SumReader<>(new CompactParser(named.get(), budget), text, colon + 1).readAll();
  }

  @Override
  public CompactRepresentation directSum(List<CompactRepresentation> summands) {
    budget.require(
        summands.stream().mapToDouble(CompactRepresentation::size).sum(),
        summands.stream().mapToDouble(summand -> summand.irreps().size()).sum());
    return new CompactRepresentation(
        group, summands.stream().flatMap(summand -> summand.irreps().stream()).toList());
  }

  @Override
  public CompactRepresentation times(CompactRepresentation sum, int copies) {
    budget.require((double) copies * sum.size(), (double) copies * sum.irreps().size());
    return sum.times(copies);
  }

  @Override
  public CompactRepresentation tensor(CompactRepresentation left, CompactRepresentation right) {
    double size = (double) left.size() * right.size();
    budget.multiply();
    budget.require(size, Math.min(size, 3.0 * left.irreps().size() * right.size()));
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
    budget.requireFrequency(numbers[numbers.length - 1]);
    if (factor.group(1).equals("irrep")) {
      return CompactRepresentation.of(group.irrep(numbers));
    }
    require(
        numbers.length == 1,
        "%s has one number, the highest frequency, got %s",
        factor.group(1),
        factor.group());
    if (factor.group(1).equals("regular")) {
      double size =
          group.irreps(Math.max(0, numbers[0])).stream()
              .mapToDouble(irrep -> (double) irrep.dimension() * irrep.dimension())
              .sum();
      budget.require(size, size);
    }
    return factor.group(1).equals("regular")
        ? CompactRepresentation.regular(group, numbers[0])
        : CompactRepresentation.harmonics(group, numbers[0]);
  }
}
