package dev.noether.io;

import static dev.noether.io.PythonStatesTest.assertSame;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.noether.Fixtures;
import dev.noether.PlainForms;
import dev.noether.algebra.Matrix;
import dev.noether.group.Element;
import dev.noether.group.FiniteGroup;
import dev.noether.group.GroupProducts;
import dev.noether.group.Groups;
import dev.noether.hom.BasisExpansion;
import dev.noether.io.pickle.PtFile;
import dev.noether.kernel.Space;
import dev.noether.nn.Architecture;
import dev.noether.nn.EquivariantLayer;
import dev.noether.nn.EquivariantSequential;
import dev.noether.nn.EveryLayerTest;
import dev.noether.nn.Layer;
import dev.noether.nn.LayerRegistry;
import dev.noether.nn.activation.GatedNonlinearity;
import dev.noether.nn.activation.NormNonlinearity;
import dev.noether.nn.activation.PointwiseNonlinearity;
import dev.noether.nn.attention.PositionEncoding;
import dev.noether.nn.distribution.EmaOptions;
import dev.noether.nn.distribution.EmaStatistics;
import dev.noether.nn.distribution.EquivariantEmaStatistics;
import dev.noether.nn.distribution.EquivariantMultivariateNormal;
import dev.noether.nn.distribution.HomEmaStatistics;
import dev.noether.nn.distribution.NormalCovariance;
import dev.noether.nn.frame.FrameAveraging;
import dev.noether.nn.frame.FrameOptions;
import dev.noether.nn.linear.EquivariantAffine;
import dev.noether.nn.linear.EquivariantFilm;
import dev.noether.nn.linear.EquivariantLinear;
import dev.noether.nn.linear.FieldLinear;
import dev.noether.nn.linear.FieldList;
import dev.noether.nn.linear.Linear;
import dev.noether.nn.linear.MapOptions;
import dev.noether.nn.norm.EquivariantLayerNorm;
import dev.noether.nn.pooling.NormMaxPooling;
import dev.noether.nn.pooling.Window;
import dev.noether.plain.Activation;
import dev.noether.plain.PlainLayer;
import dev.noether.rep.Representation;
import dev.noether.torch.Dtype;
import dev.noether.torch.LibTorch;
import dev.noether.torch.Tensors;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.assertj.core.api.Condition;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Adam;
import org.bytedeco.pytorch.AdamOptions;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Optimizer;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Layers in files. */
class CheckpointTest {
  private static final Representation RHO = Representation.parse("C3: regular");

  private static final String DAMAGED =
      "its texts and tensors do not have the hash that it tells: it is damaged, or was changed";

  @TempDir private Path folder;

  @BeforeAll
  static void load() {
    LibTorch.load();
  }

  private static List<Layer> layers(Dtype dtype) {
    Representation plain = Representation.parse("D3: regular + 2 x irrep(1,1) + trivial");
    Representation bent = Fixtures.rotated(Representation.parse("Q8: regular"));
    List<Layer> layers = new ArrayList<>();
    for (Representation rho : List.of(plain, bent, bent.plus(bent))) {
      EveryLayerTest.layers(rho, dtype).forEach(layer -> layers.add((Layer) layer));
    }
    MapOptions options = MapOptions.defaults().with(dtype);
    layers.add(new Linear(3, 4, Fixtures.dense(options.withoutBias())));
    for (BasisExpansion expansion :
        List.of(BasisExpansion.MEMORY_HEAVY, BasisExpansion.ISOTYPIC_EXPANSION)) {
      Linear imposed = new Linear(plain.size(), plain.size(), Fixtures.dense(options));
      imposed.impose(plain, plain, expansion);
      layers.add(imposed);
      layers.add(new EquivariantLinear(bent, bent, options.with(expansion)));
    }
    FieldList fields = new FieldList(List.of(plain, Representation.trivial(plain.group())));
    layers.add(new FieldLinear(fields, fields, options));
    layers.add(new EquivariantFilm(plain, Fixtures.affine(options)));
    layers.add(new EquivariantMultivariateNormal(plain, NormalCovariance.FULL, dtype));
    Space plane = Space.cyclic(4);
    layers.add(new NormMaxPooling(plane.type(plane.irrepField(1), 2), Window.of(2)));
    layers.add(new EmaStatistics(3, 4, EmaOptions.defaults().with(dtype)));
    layers.add(new EquivariantEmaStatistics(plain, plain, EmaOptions.defaults().with(dtype)));
    layers.add(new HomEmaStatistics(plain, plain, EmaOptions.defaults().with(dtype)));
    return layers;
  }

  private static EquivariantLinear linear() {
    return new EquivariantLinear(RHO, RHO);
  }

  @Test
  void everyLayerComesBackBitForBit() throws IOException {
    Path file = folder.resolve("layer.safetensors");
    for (Dtype dtype : Dtype.values()) {
      for (Layer layer : layers(dtype)) {
        try (PointerScope scope = new PointerScope()) {
          Checkpoint.save(layer, file);
          Layer loaded = Checkpoint.load(file);
          assertThat(loaded).hasSameClassAs(layer);
          assertSame(layer.stateDict(), loaded.stateDict());
          if (layer instanceof EquivariantLayer one) {
            EquivariantLayer two = (EquivariantLayer) loaded;
            assertThat(two.in()).isEqualTo(one.in());
            assertThat(two.out()).isEqualTo(one.out());
            if (one instanceof EquivariantAffine) {
              continue; // a FiLM layer takes more than one input
            }
            Tensor x = EveryLayerTest.input(one, dtype, 2);
            layer.eval();
            loaded.eval();
            assertThat(one.forward(x).equal(two.forward(x))).as("%s", layer).isTrue();
          }
        }
      }
    }
  }

  private static List<Layer> models() {
    List<Layer> models = new ArrayList<>(PlainForms.ofModels(Dtype.FLOAT32));
    models.addAll(PlainForms.unets(Dtype.FLOAT64));
    for (PositionEncoding.Kind kind : PositionEncoding.Kind.values()) {
      models.addAll(PlainForms.ofSequences(kind, Dtype.FLOAT32));
    }
    Map<Class<?>, Layer> ofFields = new LinkedHashMap<>();
    PlainForms.ofFields(Dtype.FLOAT32).forEach(l -> ofFields.putIfAbsent(l.getClass(), l));
    models.addAll(ofFields.values());
    return models;
  }

  /** All that is registered is saved and loaded somewhere here, or is a part of what is. */
  @Test
  void noLayerIsLeftOut() {
    List<Layer> all = models();
    all.addAll(layers(Dtype.FLOAT32));
    Set<String> left = new TreeSet<>();
    LayerRegistry.standard().types().forEach(type -> left.add(type.layer().getSimpleName()));
    all.forEach(
        layer ->
            layer.namedLayers().values().forEach(p -> left.remove(p.getClass().getSimpleName())));
    assertThat(left).containsExactly("CopyTanh"); // of another jar, with a test of its own
  }

  /** Limits are numbers, too, and tell nothing of sizes. */
  @Test
  void limitsOfAnySizeComeBack() throws IOException {
    try (PointerScope scope = new PointerScope()) {
      Path file = folder.resolve("limits.safetensors");
      Linear inner = new Linear(RHO.size(), RHO.size());
      FrameOptions options = FrameOptions.defaults().withMaxElements(1_000_000_000);
      Checkpoint.save(new FrameAveraging(RHO, RHO, inner, options), file);
      FrameAveraging loaded = Checkpoint.load(file, FrameAveraging.class);
      assertThat(LayerRegistry.standard().describe(loaded).orElseThrow().settings())
          .containsEntry("max_elements", "1000000000");
    }
  }

  @Test
  void everyModelComesBackBitForBit() throws IOException {
    Path file = folder.resolve("model.safetensors");
    for (Layer model : models()) {
      try (PointerScope scope = new PointerScope();
          NoGradGuard guard = new NoGradGuard()) {
        Checkpoint.save(model, file);
        Layer loaded = Checkpoint.load(file);
        assertThat(loaded).hasSameClassAs(model);
        assertSame(model.stateDict(), loaded.stateDict());
        loaded.eval();
        Map<String, Tensor> inputs = PlainForms.inputs((PlainLayer) model, model.dtype(), 2);
        Tensor y = PlainForms.apply(loaded, inputs);
        assertThat(PlainForms.apply(model, inputs).equal(y)).as("%s", model).isTrue();
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "SO(3): 4 x irrep(0) + 2 x irrep(1) + irrep(2)",
        "O(2): irrep(0,0) + irrep(1,0) + 2 x irrep(1,1) + irrep(1,3)"
      })
  void aNetworkOverACompactGroupComesBackBitForBit(String text) throws IOException {
    Representation rho = Representation.parse(text);
    GatedNonlinearity gated = new GatedNonlinearity(rho, Dtype.FLOAT64);
    MapOptions options = MapOptions.defaults().with(Dtype.FLOAT64);
    EquivariantSequential network =
        EquivariantSequential.of(
            new EquivariantLinear(rho, gated.in(), options),
            gated,
            new EquivariantLayerNorm(rho, Fixtures.norm(options)));
    try (PointerScope scope = new PointerScope()) {
      Path file = folder.resolve("network.safetensors");
      Checkpoint.save(network, file);
      EquivariantLayer loaded = (EquivariantLayer) Checkpoint.load(file);
      assertThat(loaded.in()).isEqualTo(rho);
      Tensor x = Fixtures.random(Dtype.FLOAT64, 16, rho.size());
      loaded.eval();
      network.eval();
      assertThat(loaded.forward(x).equal(network.forward(x))).isTrue();
    }
  }

  @Test
  void aLayerOfAKnownTypeNeedsNoCast() throws IOException {
    try (PointerScope scope = new PointerScope()) {
      Path file = folder.resolve("layer.safetensors");
      Checkpoint.save(linear(), file);
      EquivariantLinear layer = Checkpoint.load(file, EquivariantLinear.class);
      assertThat(layer.in()).isEqualTo(linear().in());
      assertThatThrownBy(() -> Checkpoint.load(file, Linear.class))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(file + " holds a layer of type EquivariantLinear, not Linear");
    }
  }

  @Test
  void otherTensorsGoAlong() throws IOException {
    try (PointerScope scope = new PointerScope()) {
      Path file = folder.resolve("run.safetensors");
      EquivariantLinear layer = linear();
      Tensor moment = Tensors.of(Dtype.FLOAT64, new double[] {1, 2, 3}, 3);
      Checkpoint.save(layer, Map.of("moment", moment), file);
      assertThat(Tensors.toArray(Objects.requireNonNull(Checkpoint.extra(file).get("moment"))))
          .containsExactly(1, 2, 3);
      assertSame(layer.stateDict(), Checkpoint.load(file).stateDict());
      EquivariantLinear other = linear();
      Checkpoint.loadInto(other, file);
      assertSame(layer.stateDict(), other.stateDict());
    }
  }

  private static void train(EquivariantLinear layer, Optimizer optimizer, int steps) {
    for (int i = 0; i < steps; i++) {
      try (PointerScope scope = new PointerScope()) {
        double[] values = new Random(i).doubles(12, -1, 1).toArray();
        optimizer.zero_grad();
        layer.forward(Tensors.of(Dtype.FLOAT32, values, 4, 3)).sin().sum().backward();
        optimizer.step();
      }
    }
  }

  @Test
  void aResumedRunGoesOnBitForBit() throws IOException {
    try (PointerScope scope = new PointerScope()) {
      Path file = folder.resolve("run.safetensors");
      EquivariantLinear layer = linear();
      Optimizer adam = new Adam(layer.parameters(), new AdamOptions(0.1));
      train(layer, adam, 3);
      Checkpoint.saveRun(layer, adam, Map.of("step", Tensors.of(new long[] {3}, 1)), file);
      train(layer, adam, 4);
      EquivariantLinear other = linear();
      Optimizer again = new Adam(other.parameters(), new AdamOptions(0.1));
      Map<String, Tensor> extra = Checkpoint.resume(other, again, file);
      assertThat(Tensors.toArray(Objects.requireNonNull(extra.get("step")))).containsExactly(3);
      train(other, again, 4);
      assertSame(layer.stateDict(), other.stateDict());
      Checkpoint.save(layer, file);
      assertThatThrownBy(() -> Checkpoint.resume(other, again, file))
          .hasMessageEndingWith("holds no optimizer: read it with load or loadInto");
    }
  }

  @Test
  void damageAndForeignFilesAreToldAndLeaveTheLayerAsItWas() throws IOException {
    try (PointerScope scope = new PointerScope()) {
      Path file = folder.resolve("layer.safetensors");
      EquivariantLinear layer = linear();
      Checkpoint.save(layer, file);
      byte[] bytes = Files.readAllBytes(file);
      bytes[bytes.length - 1] ^= 1;
      Files.write(file, bytes);
      EquivariantLinear other = linear();
      double[] before = Tensors.toArray(other.coefficients());
      assertThatThrownBy(() -> Checkpoint.loadInto(other, file))
          .isInstanceOf(DamagedFileException.class)
          .hasMessage(file + ": " + DAMAGED);
      assertThat(Tensors.toArray(other.coefficients())).isEqualTo(before);
      SafeTensors.write(file, layer.stateDict(), Map.of());
      Checkpoint.loadInto(other, file);
      assertThatThrownBy(() -> Checkpoint.load(file))
          .isInstanceOf(DamagedFileException.class)
          .hasMessage(
              file
                  + ": the file holds tensors but no architecture: build the layer and use loadInto");
      for (String architecture :
          List.of(
              "{",
              "{}",
              "{\"type\":\"Runtime\"}",
              "{\"type\":\"InvariantBias\",\"settings\":{\"dtype\":\"FLOAT32\"}}",
              "{\"type\":\"InvariantBias\",\"settings\":{\"dtype\":\"x\"},"
                  + "\"representations\":{\"in\":\"C3: regular\"}}",
              "{\"type\":\"InvariantBias\",\"settings\":{\"dtype\":\"FLOAT32\"},"
                  + "\"representations\":{\"in\":{\"group\":\"C3\",\"irreps\":[\"0\"],"
                  + "\"basis\":\"b\"}}}")) {
        SafeTensors.write(
            file,
            layer.stateDict(),
            Map.of("noether.format", "1", "noether.architecture", architecture));
        assertThatThrownBy(() -> Checkpoint.load(file)).isInstanceOf(DamagedFileException.class);
      }
      SafeTensors.write(
          file, layer.stateDict(), Map.of("noether.format", "9", "noether.architecture", "{}"));
      assertThatThrownBy(() -> Checkpoint.load(file))
          .hasMessage(file + ": the checkpoint has format 9, this version reads 1 and 2");
    }
  }

  @Test
  void whatCannotBeDescribedIsRefusedBeforeAnythingIsWritten() {
    Path file = folder.resolve("own.safetensors");
    Layer own = new Layer() {};
    assertThatThrownBy(() -> Checkpoint.save(own, file))
        .hasMessageContaining("a layer of your own");
    assertThat(LayerRegistry.standard().describe(EquivariantSequential.of(linear()))).isPresent();
    assertThat(file).doesNotExist();
  }

  /** From permutations, from matrices, by products with them, with labels, as subgroups. */
  private static List<FiniteGroup> ownGroups() {
    FiniteGroup mine =
        FiniteGroup.fromPermutations(
            "MyGroup", List.of(new int[] {1, 2, 0, 3}, new int[] {1, 0, 2, 3}));
    FiniteGroup trigonal =
        FiniteGroup.fromMatrices(
            "32",
            List.of(
                Matrix.of(3, 3, 0, -1, 0, 1, -1, 0, 0, 0, 1),
                Matrix.of(3, 3, 0, -1, 0, -1, 0, 0, 0, 0, -1)));
    return List.of(
        mine,
        trigonal,
        GroupProducts.direct(mine, Groups.cyclic(2)),
        GroupProducts.wreath(Groups.cyclic(2).withLabels(List.of("+", "-")), trigonal),
        Groups.cyclic(2).withLabels(List.of("rest", "mirror")),
        FiniteGroup.fromPermutations("S3", List.of(new int[] {0, 2, 1}, new int[] {1, 2, 0})));
  }

  @Test
  void groupsOfOnesOwnComeBackElementByElement() throws IOException {
    Path file = folder.resolve("own.safetensors");
    for (FiniteGroup group : ownGroups()) {
      try (PointerScope scope = new PointerScope()) {
        Representation last = Representation.irrep(group.irreps().get(group.irreps().size() - 1));
        Representation rho = group.order() > 100 ? last : Representation.regular(group).plus(last);
        EquivariantLinear layer = new EquivariantLinear(rho, rho);
        Checkpoint.save(EquivariantSequential.of(layer, new EquivariantLinear(rho, rho)), file);
        EquivariantSequential loaded = (EquivariantSequential) Checkpoint.load(file);
        FiniteGroup back = loaded.in().finiteGroup();
        assertThat(back).isEqualTo(group);
        assertThat(back.elements().stream().map(Element::toString))
            .isEqualTo(group.elements().stream().map(Element::toString).toList());
        assertThat(back.fingerprint()).isEqualTo(group.fingerprint());
        assertThat(loaded.in()).isEqualTo(rho);
        assertThat(FileContents.of(file).layers().get(0).layers().get(0).representations())
            .hasValueSatisfying(
                new Condition<>(text -> text.contains(group.name() + ": "), group.name()));
      }
    }
  }

  private static void rewrite(Path file, String text, String before, String after)
      throws IOException {
    try (PointerScope scope = new PointerScope();
        SafeTensors old = SafeTensors.open(file)) {
      Map<String, String> texts = new LinkedHashMap<>(old.metadata());
      texts.compute(text, (name, value) -> Objects.requireNonNull(value).replace(before, after));
      SafeTensors.write(file, old.tensors(), texts);
    }
  }

  @Test
  void theHeaderTellsTheBasisOfEveryRepresentationAndAnotherOneIsRefused() throws IOException {
    try (PointerScope scope = new PointerScope()) {
      Path file = folder.resolve("layer.safetensors");
      EquivariantSequential model =
          EquivariantSequential.of(
              linear(), new NormNonlinearity(RHO, Activation.SIGMOID, Dtype.FLOAT32));
      Checkpoint.save(model, file);
      try (SafeTensors saved = SafeTensors.open(file)) {
        assertThat(saved.metadata().get("noether.bases"))
            .matches("\\{\"0.in\":\"(\\p{XDigit}{64})\",\"0.out\":\"\\1\",\"1.in\":\"\\1\"}");
      }
      rewrite(file, "noether.bases", "\"1.in\":\"", "\"1.in\":\"x");
      assertThatThrownBy(() -> Checkpoint.load(file)).hasMessage(file + ": " + DAMAGED);
      Architecture architecture = LayerRegistry.standard().describe(model).orElseThrow();
      Map<String, String> bases = new LinkedHashMap<>(BasisHashes.of(architecture).hashes());
      bases.put("1.in", "x");
      CheckpointFile.write(
          architecture, model.trainedState(), Map.of(), new BasisHashes(bases), file);
      String message =
          "the basis of the representation '1.in' is not the one that the weights were saved in, "
              + "so they would be other maps: write the state dict, which holds its bases, with "
              + "the version of Noether that wrote the file (./noether convert MODEL OUT.pt), and "
              + "convert that";
      assertThatThrownBy(() -> Checkpoint.load(file))
          .isInstanceOf(DamagedFileException.class)
          .hasMessage(file + ": " + message);
      EquivariantSequential other =
          EquivariantSequential.of(
              linear(), new NormNonlinearity(RHO, Activation.SIGMOID, Dtype.FLOAT32));
      assertThatThrownBy(() -> Checkpoint.loadInto(other, file))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(file + ": " + message + "; the layer is unchanged");
      assertThatThrownBy(() -> Checkpoint.convertInto(other, file))
          .isInstanceOf(DamagedFileException.class)
          .hasMessage(file + ": " + message);
      bases.remove("1.in");
      CheckpointFile.write(
          architecture, model.trainedState(), Map.of(), new BasisHashes(bases), file);
      assertThatThrownBy(() -> Checkpoint.load(file))
          .isInstanceOf(DamagedFileException.class)
          .hasMessage(
              file
                  + ": it tells the bases of the representations [0.in, 0.out], and has the "
                  + "representations [0.in, 0.out, 1.in]");
    }
  }

  @Test
  void weightsInAnotherBasisAreRefusedOrConvertedAsTheCallerSays() throws IOException {
    try (PointerScope scope = new PointerScope()) {
      Path file = folder.resolve("layer.safetensors");
      Representation rho = Representation.parse("D3: 2 x regular");
      MapOptions options = MapOptions.defaults().with(Dtype.FLOAT64).withoutBias();
      EquivariantLinear heavy =
          new EquivariantLinear(rho, rho, options.with(BasisExpansion.MEMORY_HEAVY));
      EquivariantLinear iso =
          new EquivariantLinear(rho, rho, options.with(BasisExpansion.ISOTYPIC_EXPANSION));
      Checkpoint.save(heavy, file);
      Map<String, Tensor> before = new LinkedHashMap<>();
      iso.stateDict().forEach((name, tensor) -> before.put(name, tensor.clone()));
      assertThatThrownBy(() -> Checkpoint.loadInto(iso, file))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("the layer is unchanged");
      assertSame(before, iso.stateDict());
      Checkpoint.convertInto(iso, file);
      Tensor x = Tensors.of(Dtype.FLOAT64, new Random(1).doubles(24).toArray(), 2, 12);
      double[] expected = Tensors.toArray(heavy.forward(x));
      assertThat(Tensors.toArray(iso.forward(x))).containsExactly(expected, within(1e-12));
    }
  }

  @Test
  void aChangedArchitectureIsDamage() throws IOException {
    Path file = folder.resolve("layer.safetensors");
    Checkpoint.save(new NormNonlinearity(RHO, Activation.SIGMOID, Dtype.FLOAT32), file);
    rewrite(file, "noether.architecture", "SIGMOID", "TANH");
    assertThatThrownBy(() -> Checkpoint.load(file)).hasMessage(file + ": " + DAMAGED);
  }

  @Test
  void filesOfPyTorchAreLoadedToo() throws IOException {
    try (PointerScope scope = new PointerScope()) {
      Path file = folder.resolve("layer.pt");
      EquivariantLinear layer = linear();
      PtFile.write(file, layer.stateDict());
      EquivariantLinear other = linear();
      Checkpoint.loadInto(other, file);
      assertSame(layer.stateDict(), other.stateDict());
    }
  }

  @Test
  void aResumeThatFailsLeavesLayerAndOptimizerAsTheyWere() throws IOException {
    try (PointerScope scope = new PointerScope()) {
      Path file = folder.resolve("run.safetensors");
      EquivariantLinear layer = linear();
      Optimizer adam = new Adam(layer.parameters(), new AdamOptions(0.1));
      train(layer, adam, 3);
      Tensor nonsense = Tensors.of(new long[] {1, 2, 3}, 3).to(ScalarType.Byte);
      Checkpoint.save(linear(), Map.of("noether.optimizer", nonsense), file);
      Path good = folder.resolve("good.safetensors");
      Checkpoint.saveRun(layer, adam, Map.of(), good);
      assertThatThrownBy(() -> Checkpoint.resume(layer, adam, file))
          .isInstanceOf(DamagedFileException.class)
          .hasMessage(file + ": the optimizer's state does not fit this optimizer");
      train(layer, adam, 2);
      EquivariantLinear other = linear();
      Optimizer again = new Adam(other.parameters(), new AdamOptions(0.1));
      Checkpoint.resume(other, again, good);
      train(other, again, 2);
      assertSame(layer.stateDict(), other.stateDict());
    }
  }

  @Test
  void aPolicysFileIsLittleMoreThanItsTrainedNumbers() throws IOException {
    try (PointerScope scope = new PointerScope()) {
      Path file = folder.resolve("policy.safetensors");
      Representation regular = Representation.parse("C2 x C2: regular");
      List<EquivariantLayer> layers = new ArrayList<>();
      Representation before = regular.times(12);
      for (int copies : List.of(32, 32, 32, 3)) {
        Representation next = regular.times(copies);
        layers.add(new EquivariantLinear(before, next));
        layers.add(new PointwiseNonlinearity(next, Activation.ELU));
        before = next;
      }
      EquivariantSequential policy = new EquivariantSequential(layers);
      Checkpoint.save(policy, file);
      long trained =
          policy.namedParameters().values().stream()
              .mapToLong(tensor -> tensor.numel() * tensor.element_size())
              .sum();
      assertThat(Files.size(file)).isLessThan(trained * 13 / 10);
      assertSame(policy.stateDict(), Checkpoint.load(file).stateDict());
    }
  }

  /** What a text may not ask for stands in the file by its numbers. */
  @Test
  void aRepresentationWhoseTextIsTooMuchComesBack() throws IOException {
    Path file = folder.resolve("layer.safetensors");
    Representation rho = Representation.parse("C3: irrep(1) + trivial");
    for (int depth = 0; depth < 101; depth++) {
      rho = rho.exteriorPower(1);
    }
    String text = rho.toString();
    assertThatThrownBy(() -> Representation.parse(text)).hasMessageContaining("at most 100 deep");
    EquivariantLinear layer = new EquivariantLinear(rho, rho);
    Checkpoint.save(layer, file);
    Layer back = Checkpoint.load(file);
    assertSame(layer.stateDict(), back.stateDict());
    assertThat(((EquivariantLinear) back).in().changeOfBasis()).isEqualTo(rho.changeOfBasis());
  }

  @Test
  void basesOfOnesOwnStandInTheFileOnce() throws IOException {
    try (PointerScope scope = new PointerScope()) {
      Path file = folder.resolve("layer.safetensors");
      Representation bent = Fixtures.rotated(Representation.parse("Q8: regular"));
      EquivariantSequential model =
          EquivariantSequential.of(
              new EquivariantLinear(bent, bent), new EquivariantLinear(bent, bent));
      Checkpoint.save(model, file);
      try (SafeTensors saved = SafeTensors.open(file)) {
        assertThat(saved.names()).filteredOn(name -> name.startsWith("noether.basis.")).hasSize(1);
        assertThat(saved.names()).filteredOn(name -> name.contains("homo_basis")).isEmpty();
      }
      assertSame(model.stateDict(), Checkpoint.load(file).stateDict());
    }
  }

  /** The coefficients of one expansion mean another map in the other one. */
  @Test
  void aLayerOfAnotherExpansionIsNeverGivenTheCoefficientsAsTheyAre() throws IOException {
    try (PointerScope scope = new PointerScope()) {
      Path file = folder.resolve("layer.safetensors");
      Representation rho = Representation.parse("C5: 2 x regular");
      MapOptions options = MapOptions.defaults().withoutBias();
      for (BasisExpansion from : BasisExpansion.values()) {
        EquivariantLinear layer = new EquivariantLinear(rho, rho, options.with(from));
        Checkpoint.save(layer, file);
        for (BasisExpansion to : BasisExpansion.values()) {
          EquivariantLinear other = new EquivariantLinear(rho, rho, options.with(to).withSeed(9));
          double[] before = Tensors.toArray(other.coefficients());
          if (from == to) {
            Checkpoint.loadInto(other, file);
            assertSame(layer.stateDict(), other.stateDict());
          } else {
            assertThatThrownBy(() -> Checkpoint.loadInto(other, file))
                .isInstanceOf(IllegalArgumentException.class);
            assertThat(Tensors.toArray(other.coefficients())).isEqualTo(before);
          }
        }
      }
    }
  }

  @Test
  void aFileOfOneDtypeLoadsIntoALayerOfTheOther() throws IOException {
    try (PointerScope scope = new PointerScope()) {
      Path file = folder.resolve("layer.safetensors");
      EquivariantLinear layer = linear();
      Checkpoint.save(layer, file);
      EquivariantLinear wide = linear();
      wide.to(Dtype.FLOAT64);
      Checkpoint.loadInto(wide, file);
      assertThat(Tensors.toArray(wide.coefficients()))
          .isEqualTo(Tensors.toArray(layer.coefficients()));
    }
  }

  /** Every byte of header and data, changed in each of its bits by turns. */
  @Test
  void noChangedByteIsEverLoaded() throws IOException {
    try (PointerScope scope = new PointerScope()) {
      Path file = folder.resolve("layer.safetensors");
      EquivariantLinear layer = linear();
      Checkpoint.save(layer, Map.of("step", Tensors.of(new long[] {3}, 1)), file);
      byte[] whole = Files.readAllBytes(file);
      Map<String, Tensor> state = layer.stateDict();
      for (int i = 0; i < whole.length; i++) {
        byte[] changed = whole.clone();
        changed[i] ^= (byte) (1 << i % 8);
        Files.write(file, changed);
        try (PointerScope inner = new PointerScope()) {
          EquivariantLinear other = linear();
          Checkpoint.loadInto(other, file);
          assertThat(changed[i]).as("byte %d: only padding may change", i).isEqualTo((byte) '\t');
          assertSame(state, other.stateDict());
        } catch (DamagedFileException e) {
          assertThat(e.getMessage()).startsWith(file.toString());
        } catch (IllegalArgumentException e) {
          assertThat(e.getMessage()).contains("does not fit");
        }
      }
    }
  }

  @Test
  void aCheckpointWithoutAHashOrAnyOtherOfItsTextsIsDamaged() throws IOException {
    try (PointerScope scope = new PointerScope()) {
      Path file = folder.resolve("layer.safetensors");
      for (String text : List.of("format", "architecture", "bases", "hash")) {
        Checkpoint.save(linear(), file);
        Map<String, String> texts;
        Map<String, Tensor> tensors;
        try (SafeTensors saved = SafeTensors.open(file)) {
          texts = new LinkedHashMap<>(saved.metadata());
          tensors = saved.tensors();
        }
        texts.remove("noether." + text);
        SafeTensors.write(file, tensors, texts);
        String message =
            ": a checkpoint has a text 'noether." + text + "', this one lacks it: it is damaged";
        assertThatThrownBy(() -> Checkpoint.load(file))
            .isInstanceOf(DamagedFileException.class)
            .hasMessage(file + message);
        assertThatThrownBy(() -> Checkpoint.loadInto(linear(), file))
            .isInstanceOf(DamagedFileException.class)
            .hasMessage(file + message);
      }
    }
  }

  private static Architecture sized(String type, String... settings) {
    Map<String, String> all = new LinkedHashMap<>();
    for (int i = 0; i < settings.length; i += 2) {
      all.put(settings[i], settings[i + 1]);
    }
    Map<String, Representation> representations =
        type.endsWith("1d") ? Map.of("in", RHO, "out", RHO) : Map.of();
    return new Architecture(type, representations, all, List.of());
  }

  @Test
  void sizesThatTheFileCannotShowForAreRefusedBeforeAnythingIsBuilt() throws IOException {
    Path file = folder.resolve("large.safetensors");
    String most = "2147483647";
    Architecture column = sized("Linear", "in_features", "2000000000", "out_features", "1");
    for (Architecture architecture :
        List.of(
            sized("Linear", "in_features", most, "out_features", most),
            sized("Linear", "in_features", "4096", "out_features", "4097"),
            sized("Linear", "in_features", "1e9", "out_features", "1"),
            sized("EquivariantConv1d", "kernel_size", "1000000000"),
            sized("EmaStatistics", "size_x", "1000000", "size_y", "1000000"),
            new Architecture("EquivariantSequential", Map.of(), Map.of(), List.of(column)))) {
      CheckpointFile.write(architecture, Map.of(), Map.of(), BasisHashes.of(architecture), file);
      assertThatThrownBy(() -> Checkpoint.load(file))
          .isInstanceOf(DamagedFileException.class)
          .hasMessageStartingWith(file + ": it does not hold a layer: '")
          .hasMessageEndingWith(", and the file holds 0 numbers in all");
    }
  }

  /** A save beside it replaces the file while it is read: what is read is still one save's. */
  @Test
  void aResumeTakesOneSaveWhateverElseIsSavedMeanwhile() throws Exception {
    try (PointerScope scope = new PointerScope()) {
      Path file = folder.resolve("run.safetensors");
      EquivariantLinear layer = linear();
      Optimizer adam = new Adam(layer.parameters(), new AdamOptions(0.1));
      train(layer, adam, 1);
      Runnable save = () -> saveCounted(layer, adam, file);
      save.run();
      Thread saver = new Thread(() -> IntStream.range(0, 60).forEach(i -> save.run()));
      EquivariantLinear other = linear();
      Optimizer again = new Adam(other.parameters(), new AdamOptions(0.1));
      saver.start();
      while (saver.isAlive()) {
        try (PointerScope inner = new PointerScope()) {
          Map<String, Tensor> extra = Checkpoint.resume(other, again, file);
          double told = Tensors.toArray(Objects.requireNonNull(extra.get("weight")))[0];
          assertThat(Tensors.toArray(other.coefficients())[0]).isEqualTo(told);
        }
      }
      saver.join();
    }
  }

  /** Changes the first weight, and tells it in the file. */
  private static void saveCounted(EquivariantLinear layer, Optimizer optimizer, Path file) {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      layer.coefficients().add_(new Scalar(1.0));
      Tensor first = layer.coefficients().detach().narrow(0, 0, 1).clone();
      Checkpoint.saveRun(layer, optimizer, Map.of("weight", first), file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void aLayersOwnTensorsCanBeExchanged() {
    try (PointerScope scope = new PointerScope()) {
      EquivariantSequential model = EquivariantSequential.of(linear(), linear());
      Map<String, Tensor> state = model.stateDict();
      Map<String, Tensor> copies = new LinkedHashMap<>();
      state.forEach((name, tensor) -> copies.put(name, tensor.clone()));
      Map<String, Tensor> exchanged = new LinkedHashMap<>(state);
      exchanged.put("0.weight_dof", Objects.requireNonNull(state.get("1.weight_dof")));
      exchanged.put("1.weight_dof", Objects.requireNonNull(state.get("0.weight_dof")));
      model.load(exchanged);
      copies.put(
          "0.weight_dof",
          Objects.requireNonNull(
              copies.put("1.weight_dof", Objects.requireNonNull(copies.get("0.weight_dof")))));
      assertSame(copies, model.stateDict());
    }
  }
}
