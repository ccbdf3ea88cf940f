package dev.noether.cli.selftest;

import dev.noether.torch.ComputeDevice;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.bytedeco.javacpp.PointerScope;

/**
 * Runs reference cases, a line for every family.
 *
 * @param device where layers run
 */
public record SelfTest(ComputeDevice device) {
  /** Compares one kind of case. */
  interface Check {
    void run(ReferenceCase reference, ComputeDevice device, Comparison comparison)
        throws IOException;
  }

  /**
   * How a run ended.
   *
   * @param passed cases that agree
   * @param failed cases that differ
   * @param skipped cases of a kind that Noether does not know
   */
  public record Summary(int passed, int failed, int skipped) {
    /**
     * Both together.
     *
     * @param other another run
     * @return the sums
     */
    public Summary plus(Summary other) {
      return new Summary(passed + other.passed, failed + other.failed, skipped + other.skipped);
    }

    /** The closing line. */
    @Override
    public String toString() {
      return passed + " passed, " + failed + " failed, " + skipped + " skipped";
    }
  }

  private static Optional<Check> check(String kind) {
    return switch (kind) {
      case "group" -> Optional.of(GroupTheoryChecks::group);
      case "isotypic" -> Optional.of(GroupTheoryChecks::isotypic);
      case "hom" -> Optional.of(GroupTheoryChecks::hom);
      case "statistics" -> Optional.of(StatisticsChecks::statistics);
      case "EquivariantEmaStatisticsHom" -> Optional.of(StatisticsChecks::runningInHom);
      case "HomCoefficients" -> Optional.of(StatisticsChecks::homCoefficients);
      case "lstsq" -> Optional.of(StatisticsChecks::leastSquares);
      case "SteerableBasis2d", "SteerableBasis3d" -> Optional.of(SteerableChecks::basis);
      case "ClebschGordan" -> Optional.of(SteerableChecks::clebschGordan);
      case "Restriction" -> Optional.of(SteerableChecks::restriction);
      case "Network" -> Optional.of(NetworkChecks::network);
      default ->
          SteerableLayerChecks.of(kind)
              .or(() -> FieldLayerChecks.of(kind))
              .or(() -> LayerChecks.of(kind));
    };
  }

  /**
   * Runs all cases of a library.
   *
   * @param library the cases
   * @param report is told of every failure, and of every family when it is done
   * @return the counts
   * @throws IOException if a case cannot be read
   */
  public Summary run(CaseLibrary library, Consumer<String> report) throws IOException {
    Map<String, Summary> families = new LinkedHashMap<>();
    for (String name : library.names()) {
      try (PointerScope scope = new PointerScope()) {
        ReferenceCase reference = library.read(name);
        families.merge(reference.kind(), run(reference, report), Summary::plus);
      }
    }
    families.forEach(
        (kind, summary) -> report.accept(String.format(Locale.ROOT, "%-30s %s", kind, summary)));
    return families.values().stream().reduce(new Summary(0, 0, 0), Summary::plus);
  }

  /**
   * Runs cases of its own: the laws that the reference's kinds of cases obey, on groups that its
   * cases do not have.
   *
   * @param seed where the draws begin
   * @param count how many groups
   * @param report is told of every failure, and of every law when it is done
   * @return the counts
   */
  public Summary runDrawn(long seed, int count, Consumer<String> report) {
    Summary all = new Summary(0, 0, 0);
    for (Map.Entry<String, LawChecks.Law> law : LawChecks.all().entrySet()) {
      Summary own = new Summary(0, 0, 0);
      for (long draw = seed; draw < seed + count; draw++) {
        try (PointerScope scope = new PointerScope()) {
          own = own.plus(judged(law.getKey(), law.getValue(), DrawnSubject.of(draw), report));
        }
      }
      report.accept(String.format(Locale.ROOT, "%-30s %s", "law of " + law.getKey(), own));
      all = all.plus(own);
    }
    return all;
  }

  private Summary judged(
      String name, LawChecks.Law law, DrawnSubject subject, Consumer<String> report) {
    Comparison comparison = new Comparison();
    List<String> failures;
    try {
      law.check(subject, device, comparison);
      failures = comparison.failures();
    } catch (IllegalArgumentException | IllegalStateException e) {
      failures = List.of(String.valueOf(e.getMessage()));
    }
    failures.forEach(
        failure ->
            report.accept(
                String.format(
                    Locale.ROOT,
                    "FAILED law of %s, seed %d, %s and %s: %s",
                    name,
                    subject.seed(),
                    subject.in(),
                    subject.out(),
                    failure)));
    return failures.isEmpty() ? new Summary(1, 0, 0) : new Summary(0, 1, 0);
  }

  private Summary run(ReferenceCase reference, Consumer<String> report) throws IOException {
    Optional<Check> check = check(reference.kind());
    if (check.isEmpty()) {
      return new Summary(0, 0, 1);
    }
    List<String> failures = failures(check.get(), reference);
    failures.forEach(failure -> report.accept("FAILED " + reference.name() + ": " + failure));
    return failures.isEmpty() ? new Summary(1, 0, 0) : new Summary(0, 1, 0);
  }

  /** What differs; an exception out of the library counts as a difference. */
  private List<String> failures(Check check, ReferenceCase reference) throws IOException {
    Comparison comparison = new Comparison();
    try {
      check.run(reference, device, comparison);
      return comparison.failures();
    } catch (IllegalArgumentException | IllegalStateException e) {
      return List.of(String.valueOf(e.getMessage()));
    }
  }
}
