package dev.noether.cli.selftest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.noether.hom.BasisExpansion;
import dev.noether.io.SafeTensors;
import dev.noether.nn.linear.DenseOptions;
import dev.noether.nn.linear.Linear;
import dev.noether.rep.Representation;
import dev.noether.torch.ComputeDevice;
import dev.noether.torch.Dtype;
import dev.noether.torch.LibTorch;
import dev.noether.torch.Tensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Derived buffers of a case are sums that the reference formed in float32, term after term. */
class DerivedSumsTest {
  private static final String NORMS = "parametrizations.weight.0.homo_basis.basis_norm_sq";
  private static final String ELEMENTS = "parametrizations.weight.0.homo_basis.basis_elements";

  @TempDir private Path folder;

  @BeforeAll
  static void load() {
    LibTorch.load();
  }

  /** Squared norms of basis elements, rounded after every addition. */
  private static Tensor sums(Tensor elements) {
    double[] entries = Tensors.toArray(elements);
    int count = (int) elements.size(0);
    float[] sums = new float[count];
    for (int i = 0; i < entries.length; i++) {
      float entry = (float) entries[i];
      sums[i / (entries.length / count)] += entry * entry;
    }
    return Tensors.of(sums, count);
  }

  private static String json(String group) {
    String regular =
        "{\"group\": \"%s\", \"terms\": [{\"rep\": \"regular\", \"multiplicity\": 1}]}";
    return ("{\"kind\": \"ConstrainedLinear\", \"config\": {\"bias\": true, \"basis_expansion\":"
            + " \"memory_heavy\"}, \"in_rep\": %1$s, \"out_rep\": %1$s}")
        .formatted(regular.formatted(group));
  }

  /** The answer of a case whose norms are these. */
  private List<String> run(String group, Tensor norms, Map<String, Tensor> state, Linear layer)
      throws IOException {
    Tensor x =
        Tensors.of(
            Dtype.FLOAT32,
            new Random(1).doubles(3L * layer.inFeatures(), -1, 1).toArray(),
            3,
            layer.inFeatures());
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    state.forEach((name, tensor) -> tensors.put("state." + name, tensor));
    tensors.put("state." + NORMS, norms);
    tensors.put("input.x", x);
    tensors.put("output.train", layer.forward(x));
    tensors.put("output.eval", layer.forward(x));
    SafeTensors.write(folder.resolve("sums.safetensors"), tensors, Map.of());
    Files.writeString(folder.resolve("sums.json"), json(group));
    List<String> lines = new ArrayList<>();
    new SelfTest(ComputeDevice.parse("cpu")).run(CaseLibrary.folder(folder), lines::add);
    return lines;
  }

  @ParameterizedTest
  @ValueSource(strings = {"D7", "D10", "D12", "Octahedral"})
  void theyAreTakenToTheAccuracyOfSuchSums(String group) throws IOException {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      Representation rho = Representation.parse(group + ": regular");
      Linear layer = new Linear(rho.size(), rho.size(), DenseOptions.defaults().withSeed(1));
      layer.impose(rho, rho, BasisExpansion.MEMORY_HEAVY);
      Map<String, Tensor> state = layer.stateDict();
      Tensor norms = sums(Objects.requireNonNull(state.get(ELEMENTS)));
      assertThat(run(group, norms, state, layer))
          .containsExactly("ConstrainedLinear              1 passed, 0 failed, 0 skipped");
      assertThat(run(group, norms.mul(new Scalar(1 + 3e-6)), state, layer))
          .containsExactly("ConstrainedLinear              1 passed, 0 failed, 0 skipped");
      assertThat(run(group, norms.mul(new Scalar(1 + 1e-4)), state, layer))
          .anyMatch(line -> line.startsWith("FAILED sums: ") && line.contains("basis_norm_sq"));
    }
  }
}
