package dev.noether.io;

import static dev.noether.io.PythonStatesTest.assertSame;
import static org.assertj.core.api.Assertions.assertThat;

import dev.noether.DrawnGroups;
import dev.noether.Fixtures;
import dev.noether.group.Element;
import dev.noether.group.FiniteGroup;
import dev.noether.nn.EquivariantSequential;
import dev.noether.nn.activation.NormNonlinearity;
import dev.noether.nn.linear.EquivariantLinear;
import dev.noether.nn.linear.MapOptions;
import dev.noether.nn.norm.EquivariantRmsNorm;
import dev.noether.plain.Activation;
import dev.noether.rep.Representation;
import dev.noether.torch.Dtype;
import dev.noether.torch.LibTorch;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.LongStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Adam;
import org.bytedeco.pytorch.AdamOptions;
import org.bytedeco.pytorch.Optimizer;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Groups of one's own in checkpoints and runs: built in any way, of any size, with any labels. */
class OwnGroupsTest {
  @TempDir private Path folder;

  @BeforeAll
  static void load() {
    LibTorch.load();
  }

  static LongStream seeds() {
    return LongStream.range(300, 330);
  }

  /** A chain over a drawn sum, in a basis of its own for every second seed, in a drawn dtype. */
  private static EquivariantSequential model(FiniteGroup group, long seed) {
    Random random = new Random(seed);
    Dtype dtype = Fixtures.WIDE.get(random.nextInt(2));
    Representation sum = DrawnGroups.sum(group, 1 + random.nextInt(10), seed);
    Representation hidden =
        DrawnGroups.sum(group, random.nextInt(10), seed + 1)
            .plus(Representation.irrep(sum.irreps().get(0)));
    Representation in = random.nextBoolean() ? Fixtures.rotated(sum) : sum;
    MapOptions options = MapOptions.defaults().with(dtype).withSeed(seed);
    return EquivariantSequential.of(
        new EquivariantLinear(in, hidden, options),
        new EquivariantRmsNorm(hidden, 1e-6, dtype),
        new NormNonlinearity(hidden, Activation.SILU, dtype),
        new EquivariantLinear(hidden, in, options));
  }

  private static void assertSameGroup(FiniteGroup back, FiniteGroup group) {
    assertThat(back).isEqualTo(group);
    assertThat(back.name()).isEqualTo(group.name());
    assertThat(back.fingerprint()).isEqualTo(group.fingerprint());
    assertThat(back.elements().stream().map(Element::toString))
        .isEqualTo(group.elements().stream().map(Element::toString).toList());
  }

  private static void train(EquivariantSequential model, Optimizer optimizer, int steps) {
    Dtype dtype = model.dtype();
    for (int i = 0; i < steps; i++) {
      try (PointerScope scope = new PointerScope()) {
        optimizer.zero_grad();
        model.forward(Fixtures.random(dtype, 4, model.in().size())).sin().sum().backward();
        optimizer.step();
      }
    }
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void aCheckpointHoldsTheGroup(long seed) throws IOException {
    Path file = folder.resolve("model.safetensors");
    FiniteGroup group = DrawnGroups.of(seed);
    try (PointerScope scope = new PointerScope()) {
      EquivariantSequential model = model(group, seed);
      Checkpoint.save(model, file);
      EquivariantSequential back = Checkpoint.load(file, EquivariantSequential.class);
      assertSameGroup(back.in().finiteGroup(), group);
      assertThat(List.of(back.in(), back.out())).isEqualTo(List.of(model.in(), model.out()));
      assertSame(model.stateDict(), back.stateDict());
    }
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void aRunOverTheGroupResumes(long seed) throws IOException {
    Path file = folder.resolve("run.safetensors");
    FiniteGroup group = DrawnGroups.of(seed);
    try (PointerScope scope = new PointerScope()) {
      EquivariantSequential model = model(group, seed);
      Optimizer adam = new Adam(model.parameters(), new AdamOptions(0.1));
      train(model, adam, 2);
      Checkpoint.saveRun(model, adam, Map.of(), file);
      EquivariantSequential other = Checkpoint.load(file, EquivariantSequential.class);
      Optimizer again = new Adam(other.parameters(), new AdamOptions(0.1));
      Checkpoint.resume(other, again, file);
      train(model, adam, 2);
      train(other, again, 2);
      assertSame(model.stateDict(), other.stateDict());
    }
  }
}
