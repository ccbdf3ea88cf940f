package dev.noether.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** A model's file is read with care, and computes what it says. */
class ModelTest {
  /** y = relu(x W^T + b), 2 features to 3. */
  private static final String GRAPH =
      "{'inputs':[{'name':'input','axes':['batch',''],'size':2,'representation':''}],"
          + "'outputs':[{'name':'output','axes':['batch',''],'size':3,'representation':''}],"
          + "'results':[2],'values':3,'nodes':["
          + "{'op':'linear','in':[0],'out':1,'weight':'w','bias':'b'},"
          + "{'op':'relu','in':[1],'out':2}]}";

  private static final float[] NUMBERS = {1, 2, 3, 4, 5, 6, 0, -1, -100};

  private static final String TABLE =
      TensorStore.line("w", new int[] {3, 2}, 24) + TensorStore.line("b", new int[] {3}, 36);

  private static byte[] data() {
    ByteBuffer bytes = ByteBuffer.allocate(4 * NUMBERS.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(NUMBERS);
    return bytes.array();
  }

  private static byte[] file(String graph, String version) {
    String text = graph.replace('\'', '"');
    String header =
        "{'__metadata__':{'format':'noether.runtime','version':'" + version + "','graph':'";
    String json =
        header.replace('\'', '"')
            + text.replace("\"", "\\\"")
            + ("','sha256':'" + TensorStore.hash(text, TABLE, data()) + "'},").replace('\'', '"')
            + "'w':{'dtype':'F32','shape':[3,2],'data_offsets':[0,24]},".replace('\'', '"')
            + "'b':{'dtype':'F32','shape':[3],'data_offsets':[24,36]}}".replace('\'', '"');
    byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(8 + bytes.length + 36)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(bytes.length)
        .put(bytes)
        .put(data())
        .array();
  }

  private static Model load(byte[] bytes) throws IOException {
    return Model.load(new ByteArrayInputStream(bytes));
  }

  @Test
  void aModelComputesWhatItsGraphSays() throws IOException {
    Model model = load(file(GRAPH, "1"));
    float[] out = new float[6];
    model.run(new float[] {1, 1, -1, 0}, out);
    assertThat(out).containsExactly(3, 6, 0, 0, 0, 0);
    assertThat(model.inputs().get(0).size()).isEqualTo(2);
    assertThat(model.multiplyAdds()).isEqualTo(6);
    assertThat(model.bytesRead()).isEqualTo(36);
    assertThat(model.check()).isNaN();
    assertThat(model).asString().contains("6 multiply-adds");
  }

  @Test
  void numbersThatAreNonePassThrough() throws IOException {
    float[] out = new float[3];
    load(file(GRAPH, "1")).run(new float[] {Float.NaN, 0}, out);
    assertThat(out).containsExactly(Float.NaN, Float.NaN, Float.NaN);
  }

  @Test
  void wrongLengthsAreToldWithTheRightOnes() throws IOException {
    Model model = load(file(GRAPH, "1"));
    assertThatThrownBy(() -> model.run(new float[3], new float[3]))
        .hasMessage("input 'input' takes 2 features a sample, axes [batch, ], got an array of 3");
    assertThatThrownBy(() -> model.run(new float[2], new float[2]))
        .hasMessage("output 'output' has 3 numbers, shape [1, 3], got an array of 2");
    assertThatThrownBy(() -> model.session().run(1, 1, new float[2], new float[2]))
        .hasMessageContaining("the model takes 1 inputs");
  }

  @Test
  void anotherVersionAndAnUnknownOperationAreNamed() {
    assertThatThrownBy(() -> load(file(GRAPH, "7")))
        .isInstanceOf(ModelFileException.class)
        .hasMessage("the model is of version 7, and this runtime reads 1: export it again");
    assertThatThrownBy(() -> load(file(GRAPH.replace("relu", "fft"), "1")))
        .hasMessage("this runtime has no operation 'fft': take a newer one");
    assertThatThrownBy(() -> load(new byte[3])).isInstanceOf(ModelFileException.class);
    assertThatThrownBy(() -> load(file(GRAPH.replace("'out':2", "'out':1"), "1")))
        .isInstanceOf(ModelFileException.class);
    assertThatThrownBy(() -> load(file(GRAPH.replace("'size':2", "'size':3"), "1")))
        .hasMessageContaining("a linear map takes 2 features");
  }

  @Test
  void whatNobodyWroteIsDamage() {
    String whole = new String(file(GRAPH, "1"), StandardCharsets.ISO_8859_1);
    String other = whole.replace("\"version\":\"1\"", "\"versioN\":\"1\"");
    assertThat(other).isNotEqualTo(whole);
    assertThatThrownBy(() -> load(other.getBytes(StandardCharsets.ISO_8859_1)))
        .isInstanceOf(ModelFileException.class);
    String more = whole.replace("\"dtype\":", "\"dtypE\":");
    assertThat(more).isNotEqualTo(whole);
    assertThatThrownBy(() -> load(more.getBytes(StandardCharsets.ISO_8859_1)))
        .isInstanceOf(ModelFileException.class)
        .hasMessageContaining("dtypE");
  }

  @Test
  void theHashCoversWhereTensorsStand() {
    String whole = new String(file(GRAPH, "1"), StandardCharsets.ISO_8859_1);
    String other = whole.replace("\"shape\":[3,2]", "\"shape\":[2,3]");
    assertThat(other).isNotEqualTo(whole);
    assertThatThrownBy(() -> load(other.getBytes(StandardCharsets.ISO_8859_1)))
        .hasMessage(
            "the model is damaged: its numbers or its graph are not those that were written");
  }

  @Test
  void noDamagedFileIsEverAModel() {
    byte[] whole = file(GRAPH, "1");
    SplittableRandom random = new SplittableRandom(1);
    for (int i = 0; i < 20_000; i++) {
      byte[] damaged = whole.clone();
      int place = random.nextInt(damaged.length);
      damaged[place] ^= (byte) (1 + random.nextInt(255));
      if (random.nextInt(4) == 0) {
        damaged = java.util.Arrays.copyOf(damaged, place);
      }
      byte[] bytes = damaged;
      try {
        Model model = load(bytes);
        float[] out = new float[3];
        model.run(new float[] {1, 1}, out); // a name or a blank was changed
        assertThat(out).containsExactly(3, 6, 0);
      } catch (IOException e) {
        assertThat(e).isInstanceOf(ModelFileException.class);
      }
    }
  }

  @Test
  void sessionsOfManyThreadsAgreeAndOneIsNotShared() throws Exception {
    Model model = load(file(GRAPH, "1"));
    ExecutorService threads = Executors.newFixedThreadPool(16);
    try {
      java.util.List<Future<float[]>> results = new java.util.ArrayList<>();
      for (int i = 0; i < 64; i++) {
        results.add(
            threads.submit(
                () -> {
                  float[] out = new float[3];
                  model.run(new float[] {0.1f, 0.7f}, out);
                  return out;
                }));
      }
      for (Future<float[]> result : results) {
        assertThat(result.get()).isEqualTo(results.get(0).get());
      }
    } finally {
      threads.shutdown();
    }
  }

  @Test
  void aModelLargerThanTheMemoryIsToldBeforeItIsRead() {
    String whole = new String(file(GRAPH, "1"), StandardCharsets.ISO_8859_1);
    String large = whole.replace("[24,36]", "[24,2147483640]");
    byte[] bytes = large.getBytes(StandardCharsets.ISO_8859_1);
    ByteBuffer.wrap(bytes)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(
            large.length()
                - whole.length()
                + ByteBuffer.wrap(file(GRAPH, "1")).order(ByteOrder.LITTLE_ENDIAN).getLong());
    assertThatThrownBy(() -> load(bytes))
        .isInstanceOf(ModelFileException.class)
        .hasMessageMatching(
            "the model has 2147483640 bytes of numbers, more than this JVM has memory for .*"
                + "raise -Xmx");
  }

  @Test
  void aSessionThatTwoThreadsUseAtOnceRefusesOne() throws Exception {
    Session session = load(file(GRAPH, "1")).session();
    float[] in = new float[2 * 4096];
    AtomicReference<IllegalStateException> refused = new AtomicReference<>();
    Runnable calls =
        () -> {
          float[] out = new float[3 * 4096];
          while (refused.get() == null) {
            try {
              session.run(in, out);
            } catch (IllegalStateException e) {
              refused.set(e);
            }
          }
        };
    Thread other = new Thread(calls);
    other.start();
    calls.run();
    other.join();
    assertThat(refused.get())
        .hasMessage(
            "this session is in use by another thread: take model.session() for each thread");
  }
}
