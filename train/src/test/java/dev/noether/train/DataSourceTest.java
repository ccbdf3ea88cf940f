package dev.noether.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.noether.nn.EquivariantLayer;
import dev.noether.torch.Dtype;
import dev.noether.torch.Tensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.SGD;
import org.bytedeco.pytorch.SGDOptions;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;

/** Where samples come from, and by which thread, changes nothing; how they are cut into batches. */
class DataSourceTest {
  private static DataSource computed(long size) {
    return DataSource.computed(
        size,
        number -> Map.of("x", Examples.random(number, 8), "y", Examples.random(number + 1000, 4)));
  }

  private static double[] trained(DataSource data, int batchSize, int prefetch) {
    try (PointerScope scope = new PointerScope()) {
      EquivariantLayer model = Examples.deep(0);
      Trainer.builder()
          .epochs(2)
          .batchSize(batchSize)
          .prefetch(prefetch)
          .augment(Augmentation.byGroup(Map.of("x", Examples.IN, "y", Examples.OUT)))
          .build()
          .fit(
              model,
              Loss.meanSquaredError(),
              new SGD(model.parameters(), new SGDOptions(0.1)),
              data,
              computed(3));
      return model.trainedState().values().stream()
          .flatMapToDouble(tensor -> Arrays.stream(Tensors.toArray(tensor)))
          .toArray();
    }
  }

  @Test
  void batchesThatAnotherThreadMakesAheadGiveTheSameBytes() {
    double[] plain = trained(computed(23), 4, 0);
    for (int ahead : new int[] {1, 3, 100}) {
      assertThat(trained(computed(23), 4, ahead)).isEqualTo(plain);
    }
    try (PointerScope scope = new PointerScope()) {
      Map<String, Tensor> all = computed(23).range(0, 23);
      Dataset inMemory =
          Dataset.of(Objects.requireNonNull(all.get("x")), Objects.requireNonNull(all.get("y")));
      assertThat(trained(inMemory, 4, 0)).isEqualTo(plain);
      assertThat(trained(inMemory, 4, 2)).isEqualTo(plain);
    }
  }

  @Test
  void whatGoesWrongInTheOtherThreadEndsTheRun() {
    DataSource broken =
        DataSource.computed(
            20,
            number -> {
              if (number == 13) {
                throw new IllegalStateException("sample 13 cannot be computed");
              }
              return Map.of("x", Examples.random(1, 8), "y", Examples.random(2, 4));
            });
    for (int ahead : new int[] {0, 2}) {
      assertThatThrownBy(() -> trained(broken, 4, ahead))
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("sample 13 cannot be computed");
    }
    assertThatThrownBy(() -> Trainer.builder().prefetch(-1))
        .hasMessage("prefetch must be at least 0, got -1");
    assertThatThrownBy(() -> DataSource.computed(0, number -> Map.of()))
        .hasMessage("a data source needs at least 1 sample, got 0");
  }

  private static List<Long> sizes(int samples, int batchSize) {
    List<Long> sizes = new ArrayList<>();
    try (PointerScope scope = new PointerScope()) {
      EquivariantLayer model = Examples.linear(0);
      Loss<EquivariantLayer> counting =
          (layer, batch) -> {
            sizes.add(Objects.requireNonNull(batch.get("x")).size(0));
            return Loss.meanSquaredError().of(layer, batch);
          };
      Trainer.builder()
          .epochs(1)
          .batchSize(batchSize)
          .build()
          .fit(
              model,
              counting,
              new SGD(model.parameters(), new SGDOptions(0.1)),
              Examples.data(samples, 1));
    }
    return sizes;
  }

  @Test
  void aRestOfOneSampleJoinsTheBatchBeforeIt() {
    assertThat(sizes(12, 4)).containsExactly(4L, 4L, 4L);
    assertThat(sizes(13, 4)).containsExactly(4L, 4L, 5L);
    assertThat(sizes(14, 4)).containsExactly(4L, 4L, 4L, 2L);
    assertThat(sizes(4, 4)).containsExactly(4L);
    assertThat(sizes(5, 4)).containsExactly(5L);
    assertThat(sizes(3, 1)).containsExactly(1L, 1L, 1L);
    // A batch norm would refuse a batch of one at the end of the first epoch.
    assertThat(trained(computed(9), 4, 0)).isNotEmpty();
  }

  @Test
  void aDataSetIsConvertedByName() {
    try (PointerScope scope = new PointerScope()) {
      Dataset data = Examples.data(4, 1);
      assertThat(Tensors.dtypeName(data.to(Dtype.FLOAT32).tensor("y"))).isEqualTo("float32");
      Dataset one = data.to(Dtype.FLOAT32, "x");
      assertThat(Tensors.dtypeName(one.tensor("x"))).isEqualTo("float32");
      assertThat(Tensors.dtypeName(one.tensor("y"))).isEqualTo("float64");
      assertThatThrownBy(() -> data.to(Dtype.FLOAT32, "z"))
          .hasMessage("the data have no 'z', only [x, y]");
    }
  }
}
