package dev.noether.rep;

import static dev.noether.algebra.Checks.require;

import dev.noether.algebra.Limits;
import dev.noether.group.CompactGroup;
import dev.noether.group.CompactIrrep;
import dev.noether.group.FiniteGroup;
import dev.noether.group.Group;
import dev.noether.group.Irrep;
import dev.noether.group.IrrepId;
import dev.noether.group.Subgroup;
import dev.noether.lie.FiniteEmbedding;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Reads the text form of representations; see {@link Representation#parse}. */
final class RepresentationParser implements SumReader.Grammar<Representation> {
  private static final Pattern DEGREE = Pattern.compile("\\s*(\\d{1,6})\\s*,");
  private static final Pattern IRREP = Pattern.compile("irrep\\(([-\\d,\\s]+)\\)");
  private static final Pattern PERMUTATION = Pattern.compile("permutation\\(([^()]*)\\)");
  private static final Pattern WORD = Pattern.compile("[A-Za-z]+");
  private static final Pattern CALL = Pattern.compile("([A-Za-z]+)\\(");
  private static final Pattern GENERATORS = Pattern.compile("<([\\d,\\s]*)>");
  private static final Pattern ALONG = Pattern.compile("(.*?),\\s*(<[\\d,\\s]*>)\\s*:(.*)");

  private static final Pattern FACTOR = Pattern.compile("(.+?)(?:,\\s*(\\d{1,6}))?");

  private static final Pattern FUNCTIONS =
      Pattern.compile("(regular|harmonics)\\(([-\\d,\\s]+)\\)");
  private static final String FINITE_FACTORS =
      "regular, trivial, vectors, irrep(id), sym(degree, sum), ext(degree, sum), "
          + "permutation(size; images; ...), quotient(subgroup), induce(subgroup: sum), "
          + "restrict(group: sum), factor(group: sum)";

  /** What a number in a basis counts for: it takes memory. */
  private static final double BASIS_WORK = 64;

  private final Group group;

  /** How often each number of the images of the points is met while they are split into irreps. */
  private static final double ORBIT_WORK = 4;

  private final TextBudget budget;

  private RepresentationParser(Group group, TextBudget budget) {
    this.group = group;
    this.budget = budget;
  }

  static Representation parse(String text) {
    return TextBudget.within(text, budget -> parse(text, budget));
  }

  static Representation parse(Group group, String sum) {
    return TextBudget.within(sum, budget -> parse(group, sum, budget));
  }

  private static Representation parse(String text, TextBudget budget) {
    int colon = text.indexOf(':');
    require(
        colon > 0,
        "a representation reads 'GROUP: TERM + TERM', as 'Icosahedral: 2 x regular + irrep(1)', "
            + "got '%s'",
        Limits.shown(text));
    Group group = Group.named(text.substring(0, colon));
    return new SumReader<>(new RepresentationParser(group, budget), text, colon + 1).readAll();
  }

  private static Representation parse(Group group, String sum, TextBudget budget) {
    return new SumReader<>(new RepresentationParser(group, budget), sum, 0).readAll();
  }

  @Override
  public Representation directSum(List<Representation> summands) {
    budget.require(
        summands.stream().mapToDouble(Representation::size).sum(),
        summands.stream().mapToDouble(summand -> summand.irreps().size()).sum());
    return Representation.directSum(summands);
  }

  @Override
  public Representation times(Representation sum, int copies) {
    budget.require((double) copies * sum.size(), (double) copies * sum.irreps().size());
    return sum.times(copies);
  }

  /** The size of the whole product is known before any part of it is computed. */
  @Override
  public Representation product(List<Representation> factors) {
    double size = 1;
    for (Representation factor : factors) {
      size *= factor.size();
    }
    budget.requireProduct(size);
    return factors.stream().reduce(this::tensor).orElseThrow();
  }

  private Representation tensor(Representation left, Representation right) {
    double size = (double) left.size() * right.size();
    double pair = largest(left) * largest(right);
    budget.multiply();
    budget.require(size, size);
    budget.spend(size * size * pair / 4 + splitting() * pair * pair);
    return left.tensor(right);
  }

  /** How often each number of a tensor product of irreps is met while it is split. */
  private double splitting() {
    return group instanceof FiniteGroup finite ? finite.order() : BASIS_WORK;
  }

  private static double largest(Representation rho) {
    return rho.irreps().stream().mapToInt(Irrep::dimension).max().orElse(1);
  }

  @Override
  public String factors() {
    return group instanceof CompactGroup
        ? "trivial, vectors, irrep(id), regular(L), harmonics(L), with L the highest frequency"
        : FINITE_FACTORS;
  }

  @Override
  public Representation factor(SumReader<Representation> reader) {
    if (reader.peek('"')) {
      throw new IllegalArgumentException(
          "a quoted name stands for matrices, which no text can give: keep the representation "
              + "itself, got '"
              + Limits.shown(reader.text())
              + "'");
    }
    Matcher irrep = reader.at(IRREP);
    if (irrep.lookingAt()) {
      reader.goTo(irrep.end());
      return irrep(numbers(irrep.group(1)));
    }
    return group instanceof FiniteGroup finite
        ? factor(finite, reader)
        : factor((CompactGroup) group, reader);
  }

  private Representation irrep(int... numbers) {
    if (group instanceof CompactGroup) {
      budget.requireFrequency(numbers[numbers.length - 1]);
    }
    Irrep irrep = group.irrep(new IrrepId(Arrays.stream(numbers).boxed().toList()));
    if (group instanceof CompactGroup) {
      budget.spend(BASIS_WORK * square(irrep.dimension()));
    }
    return Representation.irrep(irrep);
  }

  private static double square(double dimension) {
    return dimension * dimension;
  }

  /** Functions up to a frequency, and what has no numbers. */
  private Representation factor(CompactGroup compact, SumReader<Representation> reader) {
    Matcher functions = reader.at(FUNCTIONS);
    if (!functions.lookingAt()) {
      return word(reader);
    }
    reader.goTo(functions.end());
    int[] numbers = numbers(functions.group(2));
    require(
        numbers.length == 1,
        "%s has one number, the highest frequency, got %s",
        functions.group(1),
        functions.group());
    budget.requireFrequency(numbers[0]);
    List<CompactIrrep> irreps = compact.irreps(Math.max(0, numbers[0]));
    double squares = irreps.stream().mapToDouble(irrep -> square(irrep.dimension())).sum();
    budget.spend(BASIS_WORK * squares);
    if (functions.group(1).equals("regular")) {
      budget.require(squares, squares);
    }
    return functions.group(1).equals("regular")
        ? Representation.regular(compact, numbers[0])
        : Representation.harmonics(compact, numbers[0]);
  }

  private Representation factor(FiniteGroup finite, SumReader<Representation> reader) {
    Matcher permutation = reader.at(PERMUTATION);
    if (permutation.lookingAt()) {
      reader.goTo(permutation.end());
      return permutation(finite, permutation.group(1));
    }
    Matcher call = reader.at(CALL);
    if (call.lookingAt() && !call.group(1).equals("irrep")) {
      reader.goTo(call.end());
      Representation result = call(finite, call.group(1), reader);
      reader.expect(')');
      return result;
    }
    return word(reader);
  }

  private Representation word(SumReader<Representation> reader) {
    Matcher word = reader.at(WORD);
    String name = word.lookingAt() ? word.group() : "";
    Representation result =
        switch (name) {
          case "regular" -> regular(reader);
          case "trivial" -> Representation.trivial(group);
          case "vectors" -> Representation.vectors(group);
          default -> throw reader.unknown();
        };
    reader.goTo(word.end());
    return result;
  }

  private Representation regular(SumReader<Representation> reader) {
    if (group instanceof FiniteGroup finite) {
      // Its Fourier transform, and as many numbers again in the irreps.
      budget.spend(BASIS_WORK * square(finite.order()));
      return Representation.regular(finite);
    }
    throw reader.unknown();
  }

  private Representation call(FiniteGroup finite, String name, SumReader<Representation> reader) {
    return switch (name) {
      case "sym" -> {
        int degree = degree(reader);
        Representation base = reader.sum();
        budget.spend(TensorPowers.work(finite, base.size(), degree, true));
        yield base.symmetricPower(degree);
      }
      case "ext" -> {
        int degree = degree(reader);
        Representation base = reader.sum();
        budget.spend(TensorPowers.work(finite, base.size(), degree, false));
        yield base.exteriorPower(degree);
      }
      case "quotient" -> {
        Subgroup subgroup = subgroup(finite, reader.takeInside());
        budget.spend(ORBIT_WORK * Decomposer.orbitWork(finite, subgroup.index()));
        yield Representation.quotient(subgroup);
      }
      case "induce" -> induced(finite, reader.takeInside());
      case "restrict" -> restricted(finite, reader.takeInside());
      case "factor" -> ofFactor(finite, reader.takeInside());
      case "rotated" ->
          throw new IllegalArgumentException(
              "a change of basis is a matrix, not a text: parse '"
                  + group
                  + ": "
                  + Limits.shown(reader.inside())
                  + "' and call changeBasis on it");
      case "matrices" ->
          throw new IllegalArgumentException(
              "matrices are no text: bring them to Representation.of, got '"
                  + Limits.shown(reader.text())
                  + "'");
      default ->
          throw new IllegalArgumentException(
              "unknown construction '"
                  + Limits.shown(name)
                  + "(...)' in '"
                  + Limits.shown(reader.text())
                  + SumReader.nearest(name, factors())
                      .map(own -> "'; did you mean '" + own + "(...)'? Known are ")
                      .orElse("': know ")
                  + factors());
    };
  }

  private Representation induced(FiniteGroup group, String inside) {
    int colon = inside.indexOf(':');
    require(
        colon >= 0,
        "an induced representation reads 'induce(SUBGROUP: SUM)', got 'induce(%s)'",
        Limits.shown(inside));
    String name = inside.substring(0, colon).strip();
    if (name.startsWith("<")) {
      Subgroup subgroup = subgroup(group, name);
      return induced(parse(subgroup.asGroup(), inside.substring(colon + 1), budget), subgroup);
    }
    Representation small = parse(inside, budget);
    return induced(small, named(group, small.finiteGroup().name()));
  }

  private Representation induced(Representation small, Subgroup subgroup) {
    double size = (double) small.size() * subgroup.index();
    budget.require(size, size);
    budget.spend(StrictMath.pow(size, 3));
    return small.induce(subgroup);
  }

  private Representation restricted(FiniteGroup group, String inside) {
    Optional<CompactGroup> compact = CompactGroup.named(inside.split(":", 2)[0]);
    if (compact.isPresent()) {
      Representation whole = parse(inside, budget);
      for (Part part : whole.parts()) {
        part.irreps().forEach(irrep -> spendOnSplitting(irrep, group));
        budget.spend(part.irreps().size() == 1 ? 0 : StrictMath.pow(part.size(), 3));
      }
      return whole.restrict(FiniteEmbedding.standard(group, compact.get()));
    }
    Matcher along = ALONG.matcher(inside);
    if (!along.matches()) {
      Representation whole = parse(inside, budget);
      return restricted(whole, named(whole.finiteGroup(), group.name()));
    }
    FiniteGroup whole = FiniteGroup.named(along.group(1));
    Subgroup subgroup = subgroup(whole, along.group(2));
    require(
        subgroup.asGroup().equals(group),
        "%s of %s is %s, so a restriction to it cannot be a representation of %s",
        along.group(2),
        whole,
        subgroup.asGroup(),
        group);
    return restricted(parse(whole, along.group(3), budget), subgroup);
  }

  private void spendOnSplitting(Irrep irrep, FiniteGroup finite) {
    budget.spend(StrictMath.pow(irrep.dimension(), 3) * (1 + finite.generators().size()));
  }

  private Representation restricted(Representation whole, Subgroup subgroup) {
    budget.spend(StrictMath.pow(whole.size(), 3));
    return whole.restrict(subgroup);
  }

  private static Subgroup named(FiniteGroup group, String name) {
    require(
        group.order() <= Limits.LISTED_SUBGROUPS,
        "a text names subgroups of groups of at most %d elements, got %s of %s: give the numbers of "
            + "elements that generate it, as <3, 7>",
        Limits.LISTED_SUBGROUPS,
        Limits.shown(name),
        group);
    return group.subgroup(name);
  }

  private Representation ofFactor(FiniteGroup group, String inside) {
    int colon = inside.indexOf(':');
    Matcher parts = FACTOR.matcher(inside.substring(0, Math.max(0, colon)).strip());
    require(
        parts.matches(),
        "a representation of a factor reads 'factor(GROUP: SUM)', got 'factor(%s)'",
        Limits.shown(inside));
    List<FiniteGroup> factors = group.factors();
    int[] same = places(factors, parts.group(1).strip());
    int[] places =
        same.length > 0 ? same : places(factors, FiniteGroup.named(parts.group(1)).name());
    require(
        places.length > 0,
        "%s has the direct factors %s, got factor(%s)",
        group,
        factors.stream().map(FiniteGroup::name).collect(Collectors.joining(", ")),
        Limits.shown(inside));
    require(
        parts.group(2) != null || places.length == 1,
        "%s is a factor of %s in several places, counted from 0; give one, as in 'factor(%s, %d: "
            + "...)'",
        Limits.shown(parts.group(1)),
        group,
        Limits.shown(parts.group(1)),
        places[0]);
    int index = parts.group(2) == null ? places[0] : Integer.parseInt(parts.group(2));
    require(
        Arrays.stream(places).anyMatch(place -> place == index),
        "%s is a factor of %s in the places %s, got %d",
        Limits.shown(parts.group(1)),
        group,
        Arrays.toString(places),
        index);
    return Representation.ofFactor(
        group, index, parse(factors.get(index), inside.substring(colon + 1), budget));
  }

  private static int[] places(List<FiniteGroup> factors, String name) {
    return IntStream.range(0, factors.size())
        .filter(i -> factors.get(i).name().equalsIgnoreCase(name))
        .toArray();
  }

  /** A subgroup by its name, or by the numbers of elements that generate it. */
  private static Subgroup subgroup(FiniteGroup group, String text) {
    Matcher generators = GENERATORS.matcher(text);
    if (!generators.matches()) {
      return named(group, text);
    }
    String numbers = generators.group(1).strip();
    return group.subgroupGeneratedBy(numbers.isEmpty() ? new int[0] : numbers(numbers));
  }

  private static int degree(SumReader<Representation> reader) {
    Matcher degree = reader.at(DEGREE);
    require(
        degree.lookingAt(),
        "a power reads 'sym(2, SUM)' or 'ext(2, SUM)', got '%s'",
        reader.rest());
    reader.goTo(degree.end());
    return Integer.parseInt(degree.group(1));
  }

  private static int[] numbers(String numbers) {
    try {
      return Arrays.stream(numbers.split(",", -1))
          .map(String::strip)
          .mapToInt(Integer::parseInt)
          .toArray();
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "ids are integers separated by commas, got '" + Limits.shown(numbers) + "'", e);
    }
  }

  private static Representation permutation(FiniteGroup group, String numbers) {
    try {
      String[] parts = numbers.split(";", -1);
      int size = Integer.parseInt(parts[0].strip());
      require(
          parts.length == 1 + group.generators().size(),
          "%s has %d generator%s, got the images of %d in 'permutation(%s)'",
          group,
          group.generators().size(),
          group.generators().size() == 1 ? "" : "s",
          parts.length - 1,
          Limits.shown(numbers));
      List<int[]> images = new ArrayList<>();
      for (String part : Arrays.asList(parts).subList(1, parts.length)) {
        images.add(
            Arrays.stream(part.strip().split("[\\s,]+")).mapToInt(Integer::parseInt).toArray());
      }
      return PermutationParts.representation(SignedPermutations.ofImages(group, size, images));
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "a permutation reads 'permutation(3; 2 3 1; -1 3 2)': the size, then the images of each "
              + "generator, got '"
              + Limits.shown(numbers)
              + "'",
          e);
    }
  }
}
