package dev.noether.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.noether.io.Checkpoint;
import dev.noether.models.EquivariantMlp;
import dev.noether.models.MlpOptions;
import dev.noether.rep.Representation;
import dev.noether.runtime.Model;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A checkpoint becomes a model that runs in plain Java. */
class RunCommandTest {
  @TempDir private Path folder = Path.of("");
  private String checkpoint = "";
  private String model = "";

  @BeforeEach
  void export() throws IOException {
    checkpoint = folder.resolve("policy.safetensors").toString();
    model = folder.resolve("policy.noether").toString();
    Representation rho = Representation.parse("C2: 2 x regular");
    Checkpoint.save(new EquivariantMlp(rho, rho, MlpOptions.hidden(16)), Path.of(checkpoint));
    assertThat(CommandLineTest.run("export", checkpoint, model).out()).contains(".noether: ");
  }

  private String write(String name, String text) throws IOException {
    Path file = folder.resolve(name);
    Files.writeString(file, text);
    return file.toString();
  }

  @Test
  void rowsOfACsvFileBecomeRows() throws IOException {
    String in = write("in.csv", "a,b,c,d\n1,2,3,4\n0.5,-1,0,1e-3\n");
    Path out = folder.resolve("out.csv");
    assertThat(CommandLineTest.run("run", model, in, out.toString()).out()).contains("2 rows");
    List<String> lines = Files.readAllLines(out);
    float[] wanted = new float[4];
    Model.load(Path.of(model)).run(new float[] {1, 2, 3, 4}, wanted);
    assertThat(lines).hasSize(2);
    assertThat(lines.get(0).split(",")).hasSize(4).startsWith(Float.toString(wanted[0]));
  }

  @Test
  void weightsOfOneByteStayEquivariant() throws IOException {
    Path small = folder.resolve("small.noether");
    assertThat(CommandLineTest.run("export", "--int8", checkpoint, small.toString()).out())
        .contains("small.noether: ");
    assertThat(Model.load(small).check()).isLessThan(1e-5);
    Path graph = folder.resolve("small.onnx");
    assertThat(CommandLineTest.run("export", "--int8", checkpoint, graph.toString()).status())
        .isZero();
    String dense = folder.resolve("dense.pt").toString();
    assertThat(CommandLineTest.run("export", "--int8", checkpoint, dense).err())
        .contains("--int8 is for *.onnx and *.noether");
  }

  @Test
  void whatDoesNotFitIsToldWithItsPlace() throws IOException {
    String out = folder.resolve("out.csv").toString();
    String shorter = write("short.csv", "1,2,3,4\n1,2\n");
    assertThat(CommandLineTest.run("run", model, shorter, out).err())
        .endsWith("short.csv, line 2: the model takes 4 numbers, got 2\n");
    String text = write("text.csv", "1,2,3,4\n1,x,3,4\n");
    assertThat(CommandLineTest.run("run", model, text, out).err())
        .endsWith("text.csv, line 2, column 2: 'x' is no number\n");
    assertThat(CommandLineTest.run("run", checkpoint, text, out).err())
        .endsWith("no model of this runtime: make one with noether export\n");
    assertThat(CommandLineTest.run("run", model, text, text).err()).contains("would be lost");
    assertThat(folder.resolve("out.csv")).doesNotExist();
  }

  /** The class path has the runtime's classes and nothing else. */
  @Test
  void theJdkAndOneJarAreAllThatAProgramNeeds() throws Exception {
    Path program = folder.resolve("Policy.java");
    Files.writeString(
        program,
        """
        import dev.noether.runtime.Model;
        import java.nio.file.Path;

        public class Policy {
          public static void main(String[] arguments) throws Exception {
            Model model = Model.load(Path.of(arguments[0]));
            float[] out = new float[4];
            model.run(new float[] {1, 2, 3, 4}, out);
            System.out.println(model.check() < 1e-5 ? "symmetric" : "broken");
          }
        }
        """);
    Path classes = Path.of(Model.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    Path output = folder.resolve("output.txt");
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                classes.toString(),
                program.toString(),
                model)
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    assertThat(process.waitFor(2, TimeUnit.MINUTES)).isTrue();
    assertThat(Files.readString(output)).isEqualTo("symmetric" + System.lineSeparator());
  }
}
