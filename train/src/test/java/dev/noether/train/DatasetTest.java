package dev.noether.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.noether.nn.Equivariance;
import dev.noether.rep.Representation;
import dev.noether.torch.Dtype;
import dev.noether.torch.Tensors;
import dev.noether.train.data.CsvData;
import dev.noether.train.data.NpyFile;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.stream.DoubleStream;
import java.util.stream.LongStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Samples, where they come from, and the orders and group elements that are drawn. */
class DatasetTest {
  private static final Map<String, List<String>> COLUMNS =
      Map.of("x", List.of("a", "b"), "y", List.of("c"));

  @TempDir private Path folder = Path.of("");

  private Path csv(String text) throws IOException {
    return Files.writeString(folder.resolve("data.csv"), text);
  }

  private void assertRefused(String text, String message) throws IOException {
    Path file = csv(text);
    assertThatThrownBy(() -> CsvData.read(file, Dtype.FLOAT32, COLUMNS))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(file + message);
  }

  @Test
  void columnsOfCsvAreReadByName() throws IOException {
    Dataset data =
        CsvData.read(
            csv("\uFEFFc,a,unused, b\n1,2,x,3\r\n\n-4e0, 5 ,y,\"6.5\"\n"), Dtype.FLOAT64, COLUMNS);
    assertThat(Tensors.toArray(data.tensor("x"))).containsExactly(2, 3, 5, 6.5);
    assertThat(Tensors.toArray(data.tensor("y"))).containsExactly(1, -4);
    assertThat(Tensors.shape(data.tensor("x"))).containsExactly(2, 2);
  }

  @Test
  void whatIsWrongWithCsvIsToldWithLineAndColumn() throws IOException {
    assertRefused("", " is empty: its first line must name the columns");
    assertRefused("a,b,c\n", " has names of columns and no sample");
    assertRefused("a,c\n1,2\n", " has no column 'b', only [a, c]");
    assertRefused("a,b,c,b\n1,2,3,4\n", " has two columns called 'b'");
    assertRefused(
        "a,b,c\n1,2,3\n4,5\n", ", line 3: it must have 3 fields as the first line has, got 2");
    assertRefused(
        "a,b,c\n1,2,3,4\n", ", line 2: it must have 3 fields as the first line has, got 4");
    for (String text : List.of("NaN", "three", "", "Infinity", "1e999")) {
      assertRefused(
          "a,b,c\n1,2,3\n1," + text + ",3\n",
          ", line 3, column 'b': it must be a finite number, got '" + text + "'");
    }
  }

  @Test
  void aColumnThatIsMissingIsLookedForInWhatNewcomersWrite() throws IOException {
    Map<String, String> hints =
        Map.of(
            "torque_1,Left Hip\n", " (did you mean 'Left Hip'?), only [torque_1, Left Hip]",
            "left_hip;torque\n", " (fields are separated by commas), only [left_hip;torque]",
            "1.5,-2\n", " (its first line must name the columns), only [1.5, -2]",
            "other,one\n", ", only [other, one]");
    for (Map.Entry<String, String> hint : hints.entrySet()) {
      Path file = csv(hint.getKey() + "1,2\n");
      assertThatThrownBy(() -> CsvData.read(file, Dtype.FLOAT32, Map.of("x", List.of("left_hip"))))
          .hasMessage(file + " has no column 'left_hip'" + hint.getValue());
    }
  }

  @Test
  void arraysOfNumpyAreRead() throws IOException {
    // numpy.save of numpy.arange(6).reshape(2, 3): float32, and int64 in Fortran's order.
    byte[] rows =
        Base64.getDecoder()
            .decode(
                "k05VTVBZAQB2AHsnZGVzY3InOiAnPGY0JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3"
                    + "NoYXBlJzogKDIsIDMpLCB9ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAg"
                    + "ICAgICAgICAgICAgICAgICAgICAgIAoAAAAAAACAPwAAAEAAAEBAAACAQAAAoEA=");
    byte[] columns =
        Base64.getDecoder()
            .decode(
                "k05VTVBZAQB2AHsnZGVzY3InOiAnPGk4JywgJ2ZvcnRyYW5fb3JkZXInOiBUcnVlLCAnc2"
                    + "hhcGUnOiAoMiwgMyksIH0gICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAg"
                    + "ICAgICAgICAgICAgICAgICAgICAgIAoAAAAAAAAAAAMAAAAAAAAAAQAAAAAAAAAEAAAAAA"
                    + "AAAAIAAAAAAAAABQAAAAAAAAA=");
    for (byte[] bytes : List.of(rows, columns)) {
      Tensor tensor = NpyFile.read(Files.write(folder.resolve("array.npy"), bytes));
      assertThat(Tensors.shape(tensor)).containsExactly(2, 3);
      assertThat(Tensors.toArray(tensor)).containsExactly(0, 1, 2, 3, 4, 5);
      assertThat(Tensors.dtypeName(tensor)).isEqualTo(bytes == rows ? "float32" : "int64");
    }
    Path torn = Files.write(folder.resolve("torn.npy"), Arrays.copyOf(rows, rows.length - 1));
    assertThatThrownBy(() -> NpyFile.read(torn))
        .isInstanceOf(EOFException.class)
        .hasMessage(torn + ": its numbers take 24 bytes, the file has 23 of them");
    rows[22] = 'c';
    Path complex = Files.write(folder.resolve("complex.npy"), rows);
    assertThatThrownBy(() -> NpyFile.read(complex))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(
            complex + " holds '<c4', which is not read: save it as one of [<f4,");
    Path text = Files.writeString(folder.resolve("text.npy"), "a,b,c and more text");
    assertThatThrownBy(() -> NpyFile.read(text))
        .hasMessage(text + " is no NPY file: it does not begin as numpy.save writes");
  }

  @Test
  void aSplitDealsEverySampleOnce() {
    Dataset data = Examples.data(20, 1);
    Dataset.Split split = data.split(0.25, 3);
    assertThat(split.training().size()).isEqualTo(15);
    assertThat(split.validation().size()).isEqualTo(5);
    double[] all =
        DoubleStream.concat(
                Arrays.stream(Tensors.toArray(split.training().tensor("x"))),
                Arrays.stream(Tensors.toArray(split.validation().tensor("x"))))
            .sorted()
            .toArray();
    double[] before = Tensors.toArray(data.tensor("x"));
    Arrays.sort(before);
    assertThat(all).isEqualTo(before);
    assertThat(Tensors.toArray(data.split(0.25, 3).validation().tensor("y")))
        .isEqualTo(Tensors.toArray(split.validation().tensor("y")));
    assertThatThrownBy(() -> data.split(0.01, 3))
        .hasMessage(
            "a split needs samples in both parts: validation must be a fraction between 0 and 1, "
                + "got 0.01 of 20 samples");
  }

  @Test
  void anOrderIsAPermutationOfSeedAndEpoch() {
    long[] order = Draws.order(100, 1, 1);
    assertThat(Arrays.stream(order).sorted().toArray())
        .isEqualTo(LongStream.range(0, 100).toArray());
    assertThat(Draws.order(100, 1, 1)).isEqualTo(order);
    assertThat(Draws.order(100, 1, 2)).isNotEqualTo(order);
    assertThat(Draws.order(100, 2, 1)).isNotEqualTo(order);
    // A file that was written once must resume for ever.
    assertThat(Draws.order(8, 0, 0)).containsExactly(6, 3, 4, 5, 2, 7, 0, 1);
  }

  @Test
  void dataSetsThatAreNoneAreRefused() {
    Tensor three = Examples.random(1, 3, 2);
    Tensor four = Examples.random(1, 4, 2);
    assertThatThrownBy(() -> Dataset.of(three, four))
        .hasMessage("all tensors must have as many samples as the first, 3, 'y' has 4");
    assertThatThrownBy(() -> new Dataset(Map.of()))
        .hasMessage("a data set needs at least one tensor, got none");
    assertThatThrownBy(() -> Dataset.of(three, three).tensor("z"))
        .hasMessage("the data have no 'z', only [x, y]");
  }

  @Test
  void augmentationMovesInputAndTargetOfASampleByOneElement() {
    try (PointerScope scope = new PointerScope()) {
      Representation rho = Examples.OUT;
      Tensor x = Examples.random(1, 40, rho.size());
      Augmentation augmentation = Augmentation.byGroup(Map.of("x", rho, "y", rho));
      Map<String, Tensor> batch = Map.of("x", x, "y", x, "z", x);
      Map<String, Tensor> moved = augmentation.apply(batch, new Random(1));
      Tensor found = Objects.requireNonNull(moved.get("x"));
      assertThat(Tensors.toArray(Objects.requireNonNull(moved.get("y"))))
          .isEqualTo(Tensors.toArray(found));
      assertThat(moved.get("z")).isSameAs(x);
      Set<Integer> elements = new HashSet<>();
      for (int sample = 0; sample < 40; sample++) {
        for (int g = 0; g < rho.finiteGroup().order(); g++) {
          Tensor expected =
              Equivariance.act(rho, rho.finiteGroup().element(g), x.narrow(0, sample, 1));
          if (expected.equal(found.narrow(0, sample, 1))) {
            elements.add(g);
            break;
          }
          assertThat(g).as("sample %d", sample).isLessThan(rho.finiteGroup().order() - 1);
        }
      }
      assertThat(elements).hasSize(rho.finiteGroup().order());
    }
  }
}
