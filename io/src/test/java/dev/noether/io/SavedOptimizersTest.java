package dev.noether.io;

import static dev.noether.Fixtures.random;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.noether.nn.EquivariantLayer;
import dev.noether.nn.EquivariantSequential;
import dev.noether.nn.activation.NormNonlinearity;
import dev.noether.nn.linear.EquivariantLinear;
import dev.noether.plain.Activation;
import dev.noether.rep.Representation;
import dev.noether.torch.Dtype;
import dev.noether.torch.LibTorch;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Adagrad;
import org.bytedeco.pytorch.AdagradOptions;
import org.bytedeco.pytorch.Adam;
import org.bytedeco.pytorch.AdamOptions;
import org.bytedeco.pytorch.AdamW;
import org.bytedeco.pytorch.AdamWOptions;
import org.bytedeco.pytorch.LBFGS;
import org.bytedeco.pytorch.LBFGSOptions;
import org.bytedeco.pytorch.LossClosure;
import org.bytedeco.pytorch.Optimizer;
import org.bytedeco.pytorch.RMSprop;
import org.bytedeco.pytorch.RMSpropOptions;
import org.bytedeco.pytorch.SGD;
import org.bytedeco.pytorch.SGDOptions;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A run with any of LibTorch's optimizers goes on after a resume as if it had never stopped. */
class SavedOptimizersTest {
  private static final Representation RHO = Representation.parse("C4: 2 x regular");

  @TempDir private Path folder;

  @BeforeAll
  static void load() {
    LibTorch.load();
  }

  private record Kind(String name, Function<TensorVector, Optimizer> make) {
    @Override
    public String toString() {
      return name;
    }
  }

  private static LBFGS lbfgs(TensorVector parameters, int iterations, int history) {
    LBFGSOptions options = new LBFGSOptions(0.1);
    options.max_iter().put(iterations);
    options.history_size().put(history);
    return new LBFGS(parameters, options);
  }

  static Stream<Kind> kinds() {
    SGDOptions momentum = new SGDOptions(0.01);
    momentum.momentum().put(0.9);
    AdamWOptions amsgrad = new AdamWOptions(0.01);
    amsgrad.amsgrad().put(true);
    RMSpropOptions centered = new RMSpropOptions(0.01);
    centered.centered().put(true);
    centered.momentum().put(0.5);
    return Stream.of(
        new Kind("SGD", p -> new SGD(p, new SGDOptions(0.01))),
        new Kind("SGD with momentum", p -> new SGD(p, momentum)),
        new Kind("Adam", p -> new Adam(p, new AdamOptions(0.01))),
        new Kind("AdamW with amsgrad", p -> new AdamW(p, amsgrad)),
        new Kind("RMSprop", p -> new RMSprop(p, centered)),
        new Kind("Adagrad", p -> new Adagrad(p, new AdagradOptions(0.01))),
        new Kind("L-BFGS", p -> lbfgs(p, 6, 4)));
  }

  private static EquivariantSequential model() {
    return EquivariantSequential.of(
        new EquivariantLinear(RHO, RHO),
        new NormNonlinearity(RHO, Activation.SILU),
        new EquivariantLinear(RHO, RHO));
  }

  /** One closure at a time: JavaCPP has room for few of a kind. */
  private static void train(EquivariantLayer model, Optimizer optimizer, int steps) {
    try (PointerScope scope = new PointerScope()) {
      Tensor x = random(Dtype.FLOAT32, 6, RHO.size());
      try (LossClosure closure =
          new LossClosure() {
            @Override
            public Tensor call() {
              optimizer.zero_grad();
              Tensor loss = model.forward(x).sub(x.sin()).pow(new Scalar(2)).mean();
              loss.backward();
              return loss;
            }
          }) {
        for (int i = 0; i < steps; i++) {
          optimizer.step(closure);
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void aResumedRunGoesOnBitForBit(Kind kind) throws Exception {
    Path file = folder.resolve("run.safetensors");
    EquivariantLayer model = model();
    Optimizer optimizer = kind.make.apply(model.parameters());
    train(model, optimizer, 3);
    Checkpoint.saveRun(model, optimizer, Map.of(), file);
    train(model, optimizer, 3);
    EquivariantLayer other = model();
    Optimizer again = kind.make.apply(other.parameters());
    Checkpoint.resume(other, again, file);
    train(other, again, 3);
    try (PointerScope scope = new PointerScope()) {
      Map<String, Tensor> expected = model.trainedState();
      other
          .trainedState()
          .forEach((name, tensor) -> assertThat(tensor.equal(expected.get(name))).isTrue());
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void equalStatesAreEqualBytes(Kind kind) throws Exception {
    Path file = folder.resolve("run.safetensors");
    EquivariantLayer model = model();
    Optimizer optimizer = kind.make.apply(model.parameters());
    train(model, optimizer, 3);
    Checkpoint.saveRun(model, optimizer, Map.of(), file);
    byte[] before = Files.readAllBytes(file);
    EquivariantLayer other = model();
    Optimizer again = kind.make.apply(other.parameters());
    train(other, again, 1);
    Checkpoint.resume(other, again, file);
    Checkpoint.saveRun(other, again, Map.of(), file);
    assertThat(Files.readAllBytes(file)).isEqualTo(before);
  }

  @Test
  void anLbfgsThatLibTorchCannotWriteIsRefusedWithWhatHelps() throws Exception {
    Path file = folder.resolve("run.safetensors");
    EquivariantLayer model = model();
    LBFGS optimizer = lbfgs(model.parameters(), 6, 100);
    Checkpoint.saveRun(model, optimizer, Map.of(), file);
    byte[] before = Files.readAllBytes(file);
    train(model, optimizer, 1);
    assertThatThrownBy(() -> Checkpoint.saveRun(model, optimizer, Map.of(), file))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "LibTorch saves L-BFGS only before its first step and once its history is full, and "
                + "history_size = 100 updates have not been made yet: make the optimizer with a "
                + "history_size below max_iter = 6, which one step fills, or save later");
    assertThat(Files.readAllBytes(file)).isEqualTo(before);
  }
}
