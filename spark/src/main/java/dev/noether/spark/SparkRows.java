package dev.noether.spark;

import static dev.noether.algebra.Checks.require;

import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.function.Supplier;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.jspecify.annotations.Nullable;

/** Rows of a table as the numbers that {@link SparkStatistics} takes. */
public final class SparkRows {
  private SparkRows() {}

  /**
   * Takes columns of a table side by side.
   *
   * @param table the table
   * @param columns columns of numbers or of arrays of numbers, in the order of the features
   * @return the features of every row
   * @throws IllegalArgumentException if there is no such column, or none is named
   */
  public static JavaRDD<double[]> of(Dataset<Row> table, String... columns) {
    List<String> present = Arrays.asList(table.columns());
    require(columns.length > 0, "which columns are the features? There are %s", present);
    for (String column : columns) {
      require(present.contains(column), "there is no column '%s'; there are %s", column, present);
    }
    String[] names = columns.clone();
    int[] places = Arrays.stream(names).mapToInt(present::indexOf).toArray();
    return table
        .javaRDD()
        .mapPartitionsWithIndex((partition, rows) -> numbers(rows, partition, names, places), true);
  }

  private static Iterator<double[]> numbers(
      Iterator<Row> rows, int partition, String[] names, int[] places) {
    return new Iterator<>() {
      private long number;

      @Override
      public boolean hasNext() {
        return rows.hasNext();
      }

      @Override
      public double[] next() {
        Row row = rows.next();
        double[][] parts = new double[places.length][];
        for (int i = 0; i < parts.length; i++) {
          String column = names[i];
          parts[i] = numbers(row.get(places[i]), () -> where(number, partition, column));
        }
        number++;
        return parts.length == 1
            ? parts[0]
            : Arrays.stream(parts).flatMapToDouble(Arrays::stream).toArray();
      }
    };
  }

  private static String where(long row, int partition, String column) {
    return "row " + row + " of partition " + partition + " has in column '" + column + "' ";
  }

  private static double[] numbers(@Nullable Object value, Supplier<String> where) {
    if (value instanceof Number number) {
      return new double[] {number.doubleValue()};
    }
    if (value instanceof scala.collection.Seq<?> sequence) {
      double[] numbers = new double[sequence.length()];
      for (int i = 0; i < numbers.length; i++) {
        Object entry = sequence.apply(i);
        if (!(entry instanceof Number number)) {
          throw new BadRowException(where.get() + "a list with " + entry + ", not of numbers");
        }
        numbers[i] = number.doubleValue();
      }
      return numbers;
    }
    throw new BadRowException(
        where.get() + (value == null ? "nothing" : value) + ", not a number or a list of them");
  }
}
