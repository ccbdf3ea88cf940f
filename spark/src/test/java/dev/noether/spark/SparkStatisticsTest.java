package dev.noether.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.noether.linalg.EquivariantLeastSquares;
import dev.noether.parallel.CommunicatorOptions;
import dev.noether.rep.Representation;
import dev.noether.stats.Covariance;
import dev.noether.stats.CrossCovariance;
import dev.noether.stats.EquivariantPca;
import dev.noether.stats.InvariantMean;
import dev.noether.stats.SymmetryStatistics;
import dev.noether.stats.SymmetryTest;
import dev.noether.torch.Dtype;
import dev.noether.torch.Tensors;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.apache.spark.SparkConf;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A cluster of two threads gives what one machine gives, without a network. */
class SparkStatisticsTest {
  private static final Representation X = Representation.parse("D4: regular + 2 x irrep(1,1)");
  private static final Representation Y = Representation.parse("D4: irrep(1,1) + irrep(0,0)");
  private static final int ROWS = 700;

  @TempDir private static Path folder = Path.of("");
  private static @Nullable SparkSession session;
  private static List<double[]> rows = List.of();

  @BeforeAll
  static void start() {
    SparkConf settings =
        new SparkConf()
            .setMaster("local[2, 2]") // a task may fail once
            .setAppName("test")
            .set("spark.ui.enabled", "false")
            .set("spark.driver.bindAddress", "127.0.0.1")
            .set("spark.driver.host", "127.0.0.1")
            .set("spark.local.dir", folder.toString())
            .set("spark.sql.warehouse.dir", folder.toString());
    session = SparkSession.builder().config(settings).getOrCreate();
    Random random = new Random(1);
    List<double[]> all = new ArrayList<>();
    for (int i = 0; i < ROWS; i++) {
      all.add(random.doubles(X.size() + (long) Y.size(), -1, 3).toArray());
    }
    rows = all;
  }

  @AfterAll
  static void stop() {
    session().stop();
  }

  private static SparkSession session() {
    return Objects.requireNonNull(session);
  }

  private static JavaSparkContext context() {
    return JavaSparkContext.fromSparkContext(session().sparkContext());
  }

  private static JavaRDD<double[]> both() {
    return context().parallelize(rows, 5);
  }

  private static JavaRDD<double[]> inputs() {
    int size = X.size();
    return both().map(row -> Arrays.copyOf(row, size));
  }

  private static Tensor tensor(int from, int to) {
    double[] numbers = rows.stream().flatMapToDouble(row -> Arrays.stream(row, from, to)).toArray();
    return Tensors.of(Dtype.FLOAT64, numbers, ROWS, to - from);
  }

  private static Tensor x() {
    return tensor(0, X.size());
  }

  private static Tensor y() {
    return tensor(X.size(), X.size() + Y.size());
  }

  private static void assertClose(Tensor actual, Tensor expected) {
    assertThat(Tensors.toArray(actual)).containsExactly(Tensors.toArray(expected), within(1e-10));
  }

  @Test
  void statisticsAreThoseOfOneMachine() {
    try (PointerScope scope = new PointerScope()) {
      Covariance covariance = SparkStatistics.covariance(inputs(), X);
      assertThat(covariance.count()).isEqualTo(ROWS);
      assertClose(covariance.covariance(), Covariance.of(X).plus(x()).covariance());
      assertClose(SparkStatistics.mean(inputs(), X).mean(), InvariantMean.of(X).plus(x()).mean());
      assertClose(
          SparkStatistics.crossCovariance(both(), X, Y).covariance(),
          CrossCovariance.between(X, Y).plus(x(), y()).covariance());
      EquivariantLeastSquares squares = SparkStatistics.leastSquares(both(), X, Y);
      assertClose(squares.solve(), EquivariantLeastSquares.between(X, Y).plus(x(), y()).solve());
      EquivariantPca own = SparkStatistics.components(inputs(), X);
      EquivariantPca one = EquivariantPca.of(Covariance.of(X).plus(x()));
      for (int i = 0; i < one.components().size(); i++) {
        assertThat(own.components().get(i).irrep()).isEqualTo(one.components().get(i).irrep());
        assertThat(own.components().get(i).variance())
            .isCloseTo(one.components().get(i).variance(), within(1e-10));
      }
    }
  }

  @Test
  void aTaskThatIsTriedAgainChangesNothing() {
    JavaRDD<double[]> once =
        inputs()
            .mapPartitionsWithIndex(
                (partition, own) -> partition == 3 ? new FailsOnce(own) : own, true);
    try (PointerScope scope = new PointerScope()) {
      Covariance covariance = SparkStatistics.covariance(once, X);
      assertThat(covariance.count()).isEqualTo(ROWS);
      assertClose(covariance.covariance(), Covariance.of(X).plus(x()).covariance());
    }
  }

  /** In the middle of its rows, the first time that they are read. */
  private static final class FailsOnce implements Iterator<double[]> {
    private final Iterator<double[]> own;
    private int read;

    FailsOnce(Iterator<double[]> own) {
      this.own = own;
    }

    @Override
    public boolean hasNext() {
      return own.hasNext();
    }

    @Override
    public double[] next() {
      if (++read > 50 && TaskContext.get().attemptNumber() == 0) {
        throw new IllegalStateException("the machine of this task is gone");
      }
      return own.next();
    }
  }

  @Test
  void theSymmetryTestMovesEverySampleAsOneMachineDoes() {
    try (PointerScope scope = new PointerScope()) {
      SymmetryTest.Result own = SparkStatistics.symmetryTest(inputs(), X, 39, 7);
      SymmetryTest.Result one = SymmetryStatistics.of(X, 39, 7).plus(x()).result();
      assertThat(own.statistic()).isCloseTo(one.statistic(), within(1e-10));
      assertThat(own.symmetric()).isCloseTo(one.symmetric(), within(1e-10));
      assertThat(own.pValue()).isEqualTo(one.pValue());
    }
  }

  @Test
  void columnsOfNumbersAndOfListsAreFeatures() {
    StructType schema =
        new StructType()
            .add("list", DataTypes.createArrayType(DataTypes.DoubleType))
            .add("number", DataTypes.FloatType)
            .add("text", DataTypes.StringType);
    var table =
        session()
            .createDataFrame(
                List.of(
                    RowFactory.create(List.of(1.0, 2.0), 3f, "a"),
                    RowFactory.create(List.of(4.0, 5.0), 6f, "b")),
                schema);
    assertThat(SparkRows.of(table, "number", "list").collect())
        .containsExactly(new double[] {3, 1, 2}, new double[] {6, 4, 5});
    Representation three = Representation.parse("C3: regular");
    assertThat(SparkStatistics.mean(SparkRows.of(table, "list", "number"), three).count())
        .isEqualTo(2);
    assertThatThrownBy(() -> SparkRows.of(table, "x"))
        .hasMessage("there is no column 'x'; there are [list, number, text]");
    assertThatThrownBy(() -> SparkRows.of(table))
        .hasMessage("which columns are the features? There are [list, number, text]");
    assertThatThrownBy(() -> SparkStatistics.mean(SparkRows.of(table, "text", "list"), three))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageMatching(
            "row 0 of partition \\d has in column 'text' [ab], not a number or a list of them");
  }

  @Test
  void aRowOfTheWrongWidthIsNamedWithItsPartition() {
    JavaRDD<double[]> some =
        context()
            .parallelize(List.of(new double[3], new double[3], new double[3], new double[2]), 2);
    Representation three = Representation.parse("C3: regular");
    assertThatThrownBy(() -> SparkStatistics.covariance(some, three))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("row 1 of partition 1 has 2 numbers, and the representations take 3");
    JavaRDD<double[]> infinite = context().parallelize(List.of(new double[] {1, Double.NaN, 2}), 1);
    assertThatThrownBy(() -> SparkStatistics.covariance(infinite, three))
        .hasMessage(
            "row 0 of partition 0 has NaN: numbers must be finite; drop or repair such samples");
  }

  @Test
  void noRowsAreStatisticsOfNoSamples() {
    JavaRDD<double[]> none = context().parallelize(List.of(), 3);
    assertThat(SparkStatistics.covariance(none, X).count()).isZero();
  }

  private static final CommunicatorOptions OPTIONS = CommunicatorOptions.defaults();

  @Test
  void trainingThatCannotBeginIsRefused() {
    assertThatThrownBy(
            () -> SparkTraining.run(context(), 0, both(), 1, OPTIONS, (ranks, data) -> 0))
        .hasMessage("training needs at least 1 rank, got 0");
    assertThatThrownBy(
            () -> SparkTraining.run(context(), 2, both(), 40, OPTIONS, (ranks, data) -> 0))
        .hasMessage("rows have 15 numbers, so 1 to 14 may be inputs, got 40");
  }
}
