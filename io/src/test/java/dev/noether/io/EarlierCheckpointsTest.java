package dev.noether.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.noether.nn.EquivariantSequential;
import dev.noether.torch.LibTorch;
import dev.noether.torch.Tensors;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Checkpoints that were written before bases were left out of them, when layers were listed in one
 * class: each holds an input of its chain and the output in evaluation mode.
 */
class EarlierCheckpointsTest {
  @BeforeAll
  static void load() {
    LibTorch.load();
  }

  private static Path file(String name) throws URISyntaxException {
    String resource = "checkpoints/" + name + ".safetensors";
    return Path.of(
        Objects.requireNonNull(EarlierCheckpointsTest.class.getResource(resource)).toURI());
  }

  private static double[] numbers(Map<String, Tensor> extra, String name) {
    return Tensors.toArray(Objects.requireNonNull(extra.get(name)));
  }

  @ParameterizedTest
  @CsvSource({"chain, 1e-5", "attention, 1e-12", "convolution, 1e-12"})
  void theySayWhatTheySaid(String name, double tolerance) throws IOException, URISyntaxException {
    try (PointerScope scope = new PointerScope()) {
      EquivariantSequential chain = (EquivariantSequential) Checkpoint.load(file(name));
      chain.eval();
      Map<String, Tensor> extra = Checkpoint.extra(file(name));
      Tensor output = chain.forward(Objects.requireNonNull(extra.get("input")));
      assertThat(Tensors.toArray(output))
          .containsExactly(numbers(extra, "output"), within(tolerance));
    }
  }

  @ParameterizedTest
  @CsvSource({"chain", "attention", "convolution"})
  void theirStateIsTakenBitForBit(String name) throws IOException, URISyntaxException {
    try (PointerScope scope = new PointerScope();
        TensorFile open = TensorFormat.open(file(name))) {
      Map<String, Tensor> state = Checkpoint.load(file(name)).stateDict();
      assertThat(state.keySet()).isNotEmpty().isSubsetOf(open.names());
      for (Map.Entry<String, Tensor> e : state.entrySet()) {
        assertThat(e.getValue().equal(open.tensor(e.getKey()))).as(e.getKey()).isTrue();
      }
    }
  }
}
