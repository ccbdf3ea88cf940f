package dev.noether.cli.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.noether.nn.Layer;
import dev.noether.torch.ComputeDevice;
import dev.noether.torch.LibTorch;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;

/** The models that are timed are those that the Python package was timed with. */
class ModelPairTest {
  private static long numbers(Layer layer) {
    return layer.namedParameters().values().stream().mapToLong(Tensor::numel).sum();
  }

  /** As many numbers train as in the Python package's, and in its plain networks. */
  @Test
  void theyHaveAsManyParametersAsTheReferences() {
    LibTorch.load();
    Map<String, List<Long>> found = new LinkedHashMap<>();
    for (ModelPair.Maker maker : ModelPair.all()) {
      try (PointerScope scope = new PointerScope()) {
        ModelPair pair = maker.make(ComputeDevice.CPU);
        found.put(
            pair.model() + " " + pair.size(),
            List.of(numbers(pair.symmetric().layer()), numbers(pair.plain().layer())));
      }
    }
    Map<String, List<Long>> expected = new LinkedHashMap<>();
    expected.put("EquivariantMlp C4, 8-64-64-8, 256", List.of(1_314L, 5_256L));
    expected.put("EquivariantMlp D4, 16-256-256-16, 256", List.of(9_282L, 74_256L));
    expected.put("EquivariantMlp Icosahedral, 120-240-240-120, 256", List.of(1_930L, 115_800L));
    expected.put("EquivariantMlp Icosahedral, 120-600-600-120, 256", List.of(8_422L, 505_320L));
    String encoder = "EquivariantTransformerEncoderLayer ";
    expected.put(encoder + "C4, D 32, ff 128, 4 heads", List.of(5_568L, 12_704L));
    expected.put(encoder + "D4, D 64, ff 256, 4 heads", List.of(17_232L, 49_984L));
    expected.put(encoder + "Icosahedral, D 120, ff 480, 2 heads", List.of(45_796L, 174_360L));
    expected.put(encoder + "Icosahedral, D 240, ff 960, 4 heads", List.of(182_312L, 694_320L));
    String policy = "EquivariantCondTransformerRegressor ";
    String rest = ", 2 layers, 32 x (16, 8)";
    expected.put(policy + "C4, D 32" + rest, List.of(21_073L, 43_652L));
    expected.put(policy + "D4, D 64" + rest, List.of(66_553L, 169_992L));
    expected.put(policy + "Icosahedral, D 120" + rest, List.of(184_587L, 606_300L));
    String signal = "EquivariantTimeCnn ";
    expected.put(signal + "C4, [32, 64], horizon 16, head 128, 64", List.of(10_009L, 40_036L));
    expected.put(signal + "D4, [64, 128], horizon 16, head 128, 64", List.of(11_625L, 93_000L));
    expected.put(
        signal + "Icosahedral, [60, 120], horizon 16, head 180, 64", List.of(2_167L, 130_020L));
    expected.put("EquivariantConditionalUnet1d C4, [32], 32 x 16", List.of(11_289L, 31_956L));
    assertThat(found).containsAllEntriesOf(expected);
  }

  /** What programs read from the JSON of {@code bench --models}. */
  @Test
  void rowsHaveTheirFigures() {
    assertThat(
            Arrays.stream(ModelBenchmark.Row.class.getRecordComponents())
                .map(RecordComponent::getName))
        .startsWith(
            "model",
            "size",
            "trainMs",
            "plainTrainMs",
            "evalMs",
            "plainEvalMs",
            "parameters",
            "plainParameters",
            "bufferBytes");
  }
}
