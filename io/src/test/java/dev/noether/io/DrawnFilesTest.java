package dev.noether.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.noether.DrawnGroups;
import dev.noether.group.FiniteGroup;
import dev.noether.io.bytes.StoredType;
import dev.noether.io.pickle.PtBytes;
import dev.noether.io.pickle.PtFile;
import dev.noether.nn.EquivariantLayer;
import dev.noether.nn.EquivariantSequential;
import dev.noether.nn.activation.PointwiseNonlinearity;
import dev.noether.nn.linear.EquivariantLinear;
import dev.noether.plain.Activation;
import dev.noether.rep.Representation;
import dev.noether.torch.LibTorch;
import dev.noether.torch.Tensors;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.LongStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Files whose tensors, dtypes, groups and sizes a seed draws. */
class DrawnFilesTest {
  private static final List<String> UNKNOWN = List.of("F4", "X3", "F6_E2M3", "Q4_0", "U128");
  private static final List<String> OTHER_CALLS =
      List.of("_rebuild_qtensor", "_rebuild_sparse_tensor", "_rebuild_nested_tensor", "_rebuild_x");

  @TempDir private Path folder;

  @BeforeAll
  static void load() {
    LibTorch.load();
  }

  static LongStream seeds() {
    return DrawnGroups.seeds(700);
  }

  /** Numbers of any dtype but complex128, which safetensors lacks. */
  private static Tensor drawn(Random random) {
    List<StoredType> types = new ArrayList<>(Arrays.asList(StoredType.values()));
    types.remove(StoredType.C128);
    StoredType type = types.get(random.nextInt(types.size()));
    long[] shape = random.longs(random.nextInt(4), 1, 4).toArray();
    return torch.randint(0, 2, shape).to(type.scalarType());
  }

  private static byte[] bytes(Tensor tensor) {
    byte[] bytes = new byte[(int) (tensor.numel() * tensor.element_size())];
    tensor.contiguous().data_ptr().capacity(bytes.length).asByteBuffer().get(bytes);
    return bytes;
  }

  /** Tensors of drawn dtypes and shapes, and dtypes of the future at drawn places between them. */
  @ParameterizedTest
  @MethodSource("seeds")
  void unknownDtypesHideNoTensorOfASafetensorsFile(long seed) throws IOException {
    Random random = new Random(seed);
    Map<String, Tensor> readable = new LinkedHashMap<>();
    List<String> others = new ArrayList<>();
    StringBuilder header = new StringBuilder("{");
    StringBuilder data = new StringBuilder();
    try (PointerScope scope = new PointerScope()) {
      for (int i = 0; i < 2 + random.nextInt(12); i++) {
        String name = "t" + i;
        String dtype = UNKNOWN.get(random.nextInt(UNKNOWN.size()));
        String shape = "[7]";
        byte[] bytes = new byte[random.nextInt(20)];
        if (i == 0 || random.nextInt(3) > 0) {
          Tensor tensor = drawn(random);
          readable.put(name, tensor);
          shape = Arrays.toString(tensor.shape());
          dtype = StoredType.of(name, tensor).name();
          bytes = bytes(tensor);
        } else {
          others.add(name);
        }
        header.append(i == 0 ? "" : ",");
        header.append(entry(name, dtype, shape, data.length(), bytes.length));
        data.append(new String(bytes, StandardCharsets.ISO_8859_1));
      }
      String json = header.append("}").toString();
      try (SafeTensors file =
          SafeTensors.of(PtBytes.bytes(PtBytes.little((long) json.length()) + json + data))) {
        assertReads(file, readable, others);
      }
    }
  }

  private static String entry(String name, String dtype, String shape, int start, int bytes) {
    return "\"%s\":{\"dtype\":\"%s\",\"shape\":%s,\"data_offsets\":[%d,%d]}"
        .formatted(name, dtype, shape, start, start + bytes);
  }

  private static void assertReads(
      TensorFile file, Map<String, Tensor> readable, List<String> others) throws IOException {
    for (Map.Entry<String, Tensor> expected : readable.entrySet()) {
      Tensor tensor = file.tensor(expected.getKey());
      assertThat(Tensors.scalarType(tensor)).isEqualTo(Tensors.scalarType(expected.getValue()));
      assertThat(tensor.shape()).isEqualTo(expected.getValue().shape());
      assertThat(bytes(tensor)).isEqualTo(bytes(expected.getValue()));
    }
    assertThat(file.names()).containsAll(readable.keySet()).containsAll(others);
    for (String name : others) {
      assertThatThrownBy(() -> file.tensor(name))
          .isInstanceOf(UnreadableTensorException.class)
          .hasMessageContaining("'" + name + "'");
    }
  }

  /** Calls that no file of tensors needs, at drawn places of a dict, and what is written beside. */
  @ParameterizedTest
  @MethodSource("seeds")
  void unknownKindsHideNoTensorOfAPickle(long seed) throws IOException {
    Random random = new Random(seed);
    List<String> readable = new ArrayList<>();
    List<String> others = new ArrayList<>();
    StringBuilder pickle = new StringBuilder("}(");
    for (int i = 0; i < 2 + random.nextInt(12); i++) {
      String name = "t" + i;
      boolean plain = i == 0 || random.nextInt(3) > 0;
      (plain ? readable : others).add(name);
      String call = OTHER_CALLS.get(random.nextInt(OTHER_CALLS.size()));
      pickle.append(PtBytes.text(name));
      pickle.append(
          plain
              ? PtBytes.tensor(i % 2, PtBytes.tuple(3), PtBytes.tuple(1))
              : PtBytes.call(call, "N", PtBytes.whole(i)));
    }
    try (PointerScope scope = new PointerScope();
        PtFile file = PtFile.of(PtBytes.file(pickle + "u."))) {
      Map<String, Tensor> expected = new LinkedHashMap<>();
      for (String name : readable) {
        expected.put(name, file.tensor(name));
        assertThat(expected.get(name).numel()).isEqualTo(3);
      }
      assertReads(file, expected, others);
    }
  }

  /** What the formats write they read, bit for bit, whatever the dtypes. */
  @ParameterizedTest
  @MethodSource("seeds")
  void drawnStateDictsComeBackBitForBit(long seed) throws IOException {
    Random random = new Random(seed);
    try (PointerScope scope = new PointerScope()) {
      Map<String, Tensor> state = new LinkedHashMap<>();
      for (int i = 0; i < 1 + random.nextInt(12); i++) {
        state.put("t" + i, drawn(random));
      }
      for (TensorFormat format : List.of(TensorFormat.SAFETENSORS, TensorFormat.PYTORCH)) {
        Path file = folder.resolve(seed + format.endings().get(0));
        format.write(file, state, Map.of());
        try (TensorFile back = TensorFormat.open(file)) {
          assertReads(back, state, List.of());
        }
      }
    }
  }

  private static EquivariantSequential policy(FiniteGroup group, int width) {
    Representation regular = Representation.regular(group);
    List<EquivariantLayer> layers = new ArrayList<>();
    Representation before = regular;
    for (int copies : List.of(width, width, 1)) {
      Representation next = regular.times(copies);
      layers.add(new EquivariantLinear(before, next));
      layers.add(new PointwiseNonlinearity(next, Activation.ELU));
      before = next;
    }
    return new EquivariantSequential(layers);
  }

  /** Whatever the group, a wider policy's file grows by its trained numbers and no bases. */
  @ParameterizedTest
  @MethodSource("seeds")
  void aPolicysFileGrowsByItsTrainedNumbers(long seed) throws IOException {
    FiniteGroup group = DrawnGroups.few(seed).finiteGroup();
    Path file = folder.resolve("policy.safetensors");
    List<Long> sizes = new ArrayList<>();
    List<Long> trained = new ArrayList<>();
    try (PointerScope scope = new PointerScope()) {
      for (int width : new int[] {4, 8}) {
        EquivariantSequential policy = policy(group, width);
        Checkpoint.save(policy, file);
        sizes.add(Files.size(file));
        trained.add(
            policy.namedParameters().values().stream()
                .mapToLong(tensor -> tensor.numel() * tensor.element_size())
                .sum());
        PythonStatesTest.assertSame(policy.stateDict(), Checkpoint.load(file).stateDict());
      }
    }
    long headers = 200;
    assertThat(sizes.get(1) - sizes.get(0)).isLessThan(trained.get(1) - trained.get(0) + headers);
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "-3", "100001", "\"two\"", "1e9"})
  void aNumberOfCopiesThatNobodyWritesIsRefused(String copies) {
    String text =
        "{\"type\": \"EquivariantRmsNorm\", \"representations\": {\"in\": [{\"group\": \"C4\","
            + " \"irreps\": [\"0\"], \"basis\": \"b\", \"copies\": %s}]}}".formatted(copies);
    assertThatThrownBy(() -> Checkpoint.architecture(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("'copies' of a summand is from 1 to 100000 for all together, got");
  }
}
