package dev.noether.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.noether.hom.BasisExpansion;
import dev.noether.io.pickle.PtFile;
import dev.noether.nn.EquivariantLayer;
import dev.noether.nn.EquivariantSequential;
import dev.noether.nn.Layer;
import dev.noether.nn.LayerRegistry;
import dev.noether.nn.attention.AttentionMasks;
import dev.noether.nn.attention.EquivariantMultiheadAttention;
import dev.noether.nn.distribution.EquivariantMultivariateNormal;
import dev.noether.nn.distribution.MultivariateNormal;
import dev.noether.nn.linear.EquivariantFilm;
import dev.noether.nn.linear.EquivariantLinear;
import dev.noether.nn.linear.Linear;
import dev.noether.nn.linear.MapOptions;
import dev.noether.nn.pooling.IrrepSubspaceNormPooling;
import dev.noether.rep.Representation;
import dev.noether.torch.Dtype;
import dev.noether.torch.LibTorch;
import dev.noether.torch.Tensors;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** State dicts that symm_learning 0.4.5 made; see {@code tools/python_states.py}. */
class PythonStatesTest {
  @TempDir private Path folder;

  @BeforeAll
  static void load() {
    LibTorch.load();
  }

  /** A state dict, inputs and outputs of a layer in Python. */
  private record Case(String architecture, Map<String, Tensor> tensors) {
    Map<String, Tensor> part(String prefix) {
      Map<String, Tensor> part = new LinkedHashMap<>();
      tensors.forEach(
          (name, tensor) -> {
            if (name.startsWith(prefix)) {
              part.put(name.substring(prefix.length()), tensor);
            }
          });
      return part;
    }

    Tensor tensor(String name) {
      return Objects.requireNonNull(tensors.get(name), name);
    }

    Layer layer() {
      return LayerRegistry.standard().build(Checkpoint.architecture(architecture));
    }
  }

  static Path resources() {
    try {
      return Path.of(Objects.requireNonNull(PythonStatesTest.class.getResource("python")).toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Case read(String name) throws IOException {
    try (SafeTensors file = SafeTensors.open(resources().resolve(name + ".safetensors"))) {
      return new Case(Objects.requireNonNull(file.metadata().get("architecture")), file.tensors());
    }
  }

  static Stream<String> names() throws IOException {
    try (Stream<Path> files = Files.list(resources())) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(".safetensors"))
          .map(name -> name.replace(".safetensors", ""))
          .sorted()
          .toList()
          .stream();
    }
  }

  static Stream<String> inNoethersBases() throws IOException {
    return names().filter(name -> !name.endsWith("-turned"));
  }

  static Stream<String> inOtherBases() throws IOException {
    return names()
        .filter(name -> name.endsWith("-turned"))
        .filter(name -> !name.startsWith("affine") && !name.startsWith("isotypic"));
  }

  private static double distance(Tensor one, Tensor two) {
    assertThat(Tensors.shape(one)).isEqualTo(Tensors.shape(two));
    double largest = Math.max(1, two.abs().max().item().toDouble());
    return one.sub(two).abs().max().item().toDouble() / largest;
  }

  private static void assertSameOutputs(Case data, Layer layer) {
    layer.eval();
    Map<String, Tensor> outputs = data.part("output.");
    if (outputs.isEmpty()) {
      return; // running statistics give none
    }
    Tensor x = data.tensor("input.x");
    if (layer instanceof EquivariantMultivariateNormal normal) {
      MultivariateNormal found = normal.forward(x);
      assertThat(distance(found.mean(), data.tensor("output.mean"))).isLessThan(1e-6);
      assertThat(distance(found.covariance().diagonal(0, -2, -1), data.tensor("output.variance")))
          .isLessThan(1e-6);
      return;
    }
    Tensor found;
    if (layer instanceof Linear linear) {
      found = linear.forward(x);
    } else if (layer instanceof EquivariantMultiheadAttention attention) {
      found = attention.forward(x, x, x, AttentionMasks.none());
    } else if (layer instanceof EquivariantFilm film) {
      found = film.forward(x, data.tensor("input.scale"), data.tensor("input.bias"));
    } else {
      found = ((EquivariantLayer) layer).forward(x);
    }
    assertThat(distance(found, data.tensor("output.y"))).isLessThan(1e-6);
  }

  static void assertSame(Map<String, Tensor> found, Map<String, Tensor> expected) {
    assertThat(found.keySet()).containsExactlyInAnyOrderElementsOf(expected.keySet());
    expected.forEach(
        (name, tensor) -> {
          Tensor other = Objects.requireNonNull(found.get(name));
          assertThat(Tensors.scalarType(other)).as(name).isEqualTo(Tensors.scalarType(tensor));
          assertThat(other.equal(tensor)).as(name).isTrue();
        });
  }

  @ParameterizedTest
  @MethodSource("inNoethersBases")
  void stateDictsLoadByNameAndGiveTheSameOutputs(String name) throws IOException {
    try (PointerScope scope = new PointerScope()) {
      Case data = read(name);
      Layer layer = data.layer();
      layer.load(data.part("state."));
      assertSameOutputs(data, layer);
    }
  }

  @ParameterizedTest
  @MethodSource("inNoethersBases")
  void throughACheckpointEveryTrainedTensorKeepsItsBits(String name) throws IOException {
    try (PointerScope scope = new PointerScope()) {
      Case data = read(name);
      Layer layer = data.layer();
      Path file = folder.resolve("layer.safetensors");
      Map<String, Tensor> converted = BasisConversion.convert(data.part("state."), layer);
      Checkpoint.save(LayerRegistry.standard().describe(layer).orElseThrow(), converted, file);
      try (TensorFile written = TensorFormat.open(file)) {
        Map<String, Tensor> state = new LinkedHashMap<>(data.part("state."));
        Map<String, Tensor> found = new LinkedHashMap<>(Checkpoint.state(written));
        assertThat(found.keySet()).isEqualTo(state.keySet());
        assertThat(layer.otherBases(found)).isEmpty();
        Set<String> trained = layer.trainedState().keySet();
        assertThat(written.names()).isEqualTo(trained);
        state.keySet().retainAll(trained);
        found.keySet().retainAll(trained);
        assertSame(found, state);
      }
      assertSameOutputs(data, Checkpoint.load(file));
    }
  }

  @ParameterizedTest
  @MethodSource("names")
  void filesOfPyTorchHoldTheSameBits(String name) throws IOException {
    try (PointerScope scope = new PointerScope();
        TensorFile file = TensorFormat.open(resources().resolve(name + ".pt"))) {
      Map<String, Tensor> state = read(name).part("state.");
      assertSame(file.tensors(), state);
      Path copy = folder.resolve("copy.pt");
      PtFile.write(copy, state);
      try (TensorFile again = TensorFormat.open(copy)) {
        assertSame(again.tensors(), state);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("inOtherBases")
  void whereBasesDifferTheDenseMapsStayTheSame(String name) throws IOException {
    try (PointerScope scope = new PointerScope()) {
      Case data = read(name);
      Layer layer = data.layer();
      assertThatThrownBy(() -> layer.load(data.part("state.")))
          .as("a load by name")
          .hasMessageContaining("BasisConversion");
      Checkpoint.convertInto(layer, resources().resolve(name + ".pt"));
      assertSameOutputs(data, layer);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"linear-c4-iso", "linear-c4-heavy", "linear-c4-iso-turned"})
  void halfPrecisionIsReadWithItsRounding(String name) throws IOException {
    try (PointerScope scope = new PointerScope()) {
      Case data = read(name);
      for (ScalarType type : List.of(ScalarType.Half, ScalarType.BFloat16)) {
        Map<String, Tensor> state = data.part("state.");
        state.replaceAll((key, t) -> t.is_floating_point() ? t.to(type) : t);
        EquivariantLinear layer = (EquivariantLinear) data.layer();
        layer.load(BasisConversion.convert(state, layer));
        double error = distance(layer.forward(data.tensor("input.x")), data.tensor("output.y"));
        assertThat(error).isLessThan(type == ScalarType.Half ? 3e-3 : 3e-2);
      }
    }
  }

  @Test
  void basesOfOtherLayersThanLinearOnesAreComparedToo() throws IOException {
    try (PointerScope scope = new PointerScope()) {
      for (String name : List.of("affine", "isotypic")) {
        Layer layer = read(name).layer();
        Map<String, Tensor> before = new LinkedHashMap<>();
        layer.stateDict().forEach((key, tensor) -> before.put(key, tensor.clone()));
        assertThatThrownBy(() -> layer.load(read(name + "-turned").part("state.")))
            .hasMessageMatching("'(Q|Qin2iso)' differs from this layer's by .*");
        assertSame(layer.stateDict(), before);
      }
    }
  }

  @Test
  void eitherExpansionIsConvertedIntoTheOther() throws IOException {
    try (PointerScope scope = new PointerScope()) {
      for (String kind : List.of("linear-c4", "linear-d3", "constrained", "conv")) {
        for (String from : List.of("iso", "heavy")) {
          Case data = read(kind + "-" + from);
          Case other = read(kind + "-" + (from.equals("iso") ? "heavy" : "iso"));
          Layer layer = other.layer();
          layer.load(BasisConversion.convert(data.part("state."), layer));
          assertSameOutputs(data, layer);
        }
      }
      Case data = read("linear-c4-heavy");
      EquivariantLinear like = (EquivariantLinear) data.layer();
      EquivariantLinear layer =
          new EquivariantLinear(
              like.in(), like.out(), MapOptions.defaults().with(BasisExpansion.PER_SUMMAND));
      layer.load(BasisConversion.convert(data.part("state."), layer));
      assertSameOutputs(data, layer);
    }
  }

  @Test
  void whatIsNoMapIsRefusedWhereItsBasisDiffers() throws IOException {
    try (PointerScope scope = new PointerScope()) {
      Case affine = read("affine-turned");
      assertThatThrownBy(() -> BasisConversion.convert(affine.part("state."), affine.layer()))
          .hasMessageStartingWith(
              "'scale_dof' scales copies of irreps that 'Q' splits otherwise than this layer");
      Case isotypic = read("isotypic-turned");
      assertThatThrownBy(() -> BasisConversion.convert(isotypic.part("state."), isotypic.layer()))
          .hasMessageStartingWith("'Qin2iso' is another basis than this layer's");
    }
  }

  @Test
  void layersBetweenOtherRepresentationsAreRefused() throws IOException {
    try (PointerScope scope = new PointerScope()) {
      Case data = read("linear-c4-heavy");
      Representation in = Representation.parse("C4: irrep(1) + 2 x regular");
      Representation out = Representation.parse("C4: regular + trivial");
      EquivariantLinear layer = new EquivariantLinear(in, out);
      assertThatThrownBy(() -> BasisConversion.convert(data.part("state."), layer))
          .hasMessageStartingWith(
              "'weight_dof' means a map that is not equivariant between this layer's"
                  + " representations");
      Case iso = read("linear-c4-iso");
      assertThatThrownBy(() -> BasisConversion.convert(iso.part("state."), layer))
          .hasMessageContaining("is of a layer between other representations");
      Map<String, Tensor> without = iso.part("state.");
      without.remove("homo_basis.Q_out");
      assertThatThrownBy(() -> BasisConversion.convert(without, layer))
          .hasMessageStartingWith("the state dict lacks 'homo_basis.Q_out'");
    }
  }

  @Test
  void layersThatDoNotTellTheirBasisAreRefusedWhereOthersDiffer() throws IOException {
    try (PointerScope scope = new PointerScope()) {
      Case data = read("linear-d3-iso-turned");
      Representation out = Representation.parse("D3: 2 x irrep(1,1)");
      Representation in = Representation.parse("D3: regular + irrep(1,1)");
      Layer chain =
          EquivariantSequential.of(
              new EquivariantLinear(in, out), new IrrepSubspaceNormPooling(out, Dtype.FLOAT32));
      Map<String, Tensor> state = new LinkedHashMap<>();
      data.part("state.").forEach((name, tensor) -> state.put("0." + name, tensor));
      assertThatThrownBy(() -> BasisConversion.convert(state, chain))
          .hasMessageStartingWith("layer '1' (IrrepSubspaceNormPooling(D3: 2 x irrep(1,1)))");
    }
  }

  private static void assertRefused(String name, String key, Tensor value, String message)
      throws IOException {
    Case data = read(name);
    Map<String, Tensor> state = data.part("state.");
    assertThat(state.put(key, value)).as(key).isNotNull();
    Layer layer = data.layer();
    assertThatThrownBy(() -> layer.load(BasisConversion.convert(state, layer)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message);
  }

  @Test
  void damagedBasesAreToldByName() throws IOException {
    try (PointerScope scope = new PointerScope()) {
      Tensor small = Tensors.of(Dtype.FLOAT32, new double[] {1, 2}, 2);
      assertRefused("linear-c4-iso", "homo_basis.Q_out", small, "'homo_basis.Q_out' must have");
      assertRefused("linear-c4-iso", "weight_dof", small, "'weight_dof' must have shape");
      assertRefused("linear-c4-iso-turned", "weight_dof", small, "must have 12 numbers");
      assertRefused("linear-c4-iso", "bias_module.Qout", small, "must have shape [5, 5]");
      assertRefused(
          "linear-c4-heavy", "homo_basis.basis_elements", small, "must have shape [12, 5, 10]");
      assertRefused("affine", "Q", small, "'Q' must be square with a column for each of the 8");
      assertRefused("affine", "irrep_indices", small, "'Q' must be square");
      assertRefused("layer-norm", "Q", small, "'Q' must be square");
      assertRefused(
          "constrained-iso", "parametrizations.bias.0.inv_projector", small, "shape [8, 8]");
      Tensor zeros = Tensors.of(Dtype.FLOAT32, new double[64], 8, 8);
      assertRefused("affine-film", "Q", zeros, "'Q' splits the features into other copies");
      assertRefused("layer-norm", "Q", zeros, "'Q' splits the features into other copies");
      assertRefused(
          "constrained-iso",
          "parametrizations.bias.0.inv_projector",
          zeros,
          "is not the projector");
      Tensor nan = Tensors.of(Dtype.FLOAT32, new double[25], 5, 5).div(new Scalar(0.0));
      assertRefused("linear-c4-iso", "homo_basis.Q_out", nan, "homo_basis.Q_out");
    }
  }
}
