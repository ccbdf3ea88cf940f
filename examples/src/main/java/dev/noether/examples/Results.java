package dev.noether.examples;

import static dev.noether.algebra.Checks.require;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * The errors of models, each at several numbers of samples, or at other numbers, from several
 * seeds.
 *
 * @param measure what an error is, such as {@code mean squared error}
 * @param axis what the numbers are, such as {@code samples}
 * @param rows all of them
 */
public record Results(String measure, String axis, List<Row> rows) {
  private static final String SAMPLES = "samples";

  /**
   * One model that was trained once.
   *
   * @param model the name of the model
   * @param x the number of samples that it was trained on, or another number
   * @param seed what data, weights and order follow from
   * @param error on samples that it was not trained on
   */
  public record Row(String model, long x, long seed, double error) {}

  /**
   * Seeds of one model and one number of samples together.
   *
   * @param model the name of the model
   * @param x the number of samples that it was trained on, or another number
   * @param mean the mean of the errors
   * @param deviation their standard deviation, with one seed 0
   */
  public record Cell(String model, long x, double mean, double deviation) {}

  /**
   * Copies the rows.
   *
   * @param measure what an error is
   * @param axis what the numbers are
   * @param rows all of them, at least one
   * @throws IllegalArgumentException if there is none
   */
  public Results {
    require(!rows.isEmpty(), "there are no results");
    rows = List.copyOf(rows);
  }

  /**
   * Errors at numbers of samples.
   *
   * @param measure what an error is
   * @param rows all of them, at least one
   */
  public Results(String measure, List<Row> rows) {
    this(measure, SAMPLES, rows);
  }

  /**
   * Whether the numbers are of samples, which grow by factors.
   *
   * @return false for other numbers
   */
  public boolean isBySamples() {
    return axis.equals(SAMPLES);
  }

  /**
   * The rows by model and number of samples.
   *
   * @return models in the order of the rows, samples ascending
   */
  public List<Cell> cells() {
    Map<String, TreeMap<Long, List<Double>>> errors = new LinkedHashMap<>();
    for (Row row : rows) {
      errors
          .computeIfAbsent(row.model, m -> new TreeMap<>())
          .computeIfAbsent(row.x, n -> new ArrayList<>())
          .add(row.error);
    }
    List<Cell> cells = new ArrayList<>();
    errors.forEach(
        (model, bySamples) ->
            bySamples.forEach((samples, own) -> cells.add(cell(model, samples, own))));
    return cells;
  }

  private static Cell cell(String model, long samples, List<Double> errors) {
    double mean = errors.stream().mapToDouble(x -> x).average().orElseThrow();
    double squares = errors.stream().mapToDouble(x -> (x - mean) * (x - mean)).sum();
    double deviation = errors.size() < 2 ? 0 : Math.sqrt(squares / (errors.size() - 1));
    return new Cell(model, samples, mean, deviation);
  }

  /**
   * A table in Markdown: a line for each number of samples, a column for each model.
   *
   * @return the lines, each with its end
   */
  public String toMarkdown() {
    List<Cell> cells = cells();
    List<String> models = cells.stream().map(Cell::model).distinct().toList();
    StringBuilder text = new StringBuilder("| ").append(axis).append(" |");
    models.forEach(model -> text.append(' ').append(model).append(" |"));
    text.append("\n|---:|").append("---:|".repeat(models.size())).append('\n');
    for (long samples : cells.stream().mapToLong(Cell::x).distinct().sorted().toArray()) {
      text.append(String.format(Locale.ROOT, "| %,d |", samples));
      for (String model : models) {
        text.append(
            cells.stream()
                .filter(cell -> cell.model.equals(model) && cell.x == samples)
                .map(cell -> String.format(Locale.ROOT, " %s |", shown(cell)))
                .findFirst()
                .orElse(" |"));
      }
      text.append('\n');
    }
    return text.toString();
  }

  /** Three digits of the mean, and as many places of the deviation where there are seeds. */
  private static String shown(Cell cell) {
    int places = Math.max(0, 2 - (int) Math.floor(Math.log10(Math.max(cell.mean, 1e-9))));
    String number = "%." + places + "f";
    return cell.deviation > 0
        ? String.format(Locale.ROOT, number + " ± " + number, cell.mean, cell.deviation)
        : String.format(Locale.ROOT, number, cell.mean);
  }

  /**
   * All rows as CSV.
   *
   * @return the lines, each with its end
   */
  public String toCsv() {
    StringBuilder text = new StringBuilder("model,").append(axis).append(",seed,error\n");
    for (Row row : rows) {
      text.append(row.model).append(',').append(row.x).append(',').append(row.seed);
      text.append(',').append(row.error).append('\n');
    }
    return text.toString();
  }
}
