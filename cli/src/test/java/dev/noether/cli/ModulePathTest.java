package dev.noether.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.lang.model.SourceVersion;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Our jars are modules with names of their own, and a program made of modules takes them. */
class ModulePathTest {
  private static final Pattern MODULE = Pattern.compile("<module>(.*)</module>");
  private static final Pattern NAME = Pattern.compile("<module.name>(.*)</module.name>");

  /** What is on the class path for tests alone stays away. */
  private static final Pattern OURS =
      Pattern.compile(
          ".*(/noether-[^/]*|/org/(bytedeco|ejml|jspecify|tribuo)/.*|/tools/jackson/.*|jackson-annot.*"
              + "|commons-.*|protobuf.*|fastcsv.*)\\.jar");

  @TempDir private Path folder = Path.of("");

  private static List<String> all(Pattern pattern, Path pom) throws IOException {
    Matcher matcher = pattern.matcher(Files.readString(pom));
    return matcher.results().map(result -> result.group(1)).toList();
  }

  private static void collect(Path module, List<String> names) throws IOException {
    Path pom = module.resolve("pom.xml");
    for (String child : new LinkedHashSet<>(all(MODULE, pom))) {
      collect(module.resolve(child), names);
    }
    boolean hasJar = !Files.readString(pom).contains("<packaging>pom</packaging>");
    List<String> own = all(NAME, pom);
    assertThat(own).as("<module.name> in %s", pom).hasSize(hasJar ? 1 : 0);
    names.addAll(own);
  }

  @Test
  void everyJarHasAModuleNameOfItsOwn() throws IOException {
    List<String> names = new ArrayList<>();
    collect(Path.of(".."), names);
    assertThat(names)
        .contains("dev.noether.core", "dev.noether.nn", "dev.noether.io")
        .allMatch(SourceVersion::isName)
        .allMatch(name -> name.startsWith("dev.noether."));
    assertThat(names.stream().distinct()).hasSameSizeAs(names);
  }

  @Test
  void aProgramOfModulesRuns() throws Exception {
    List<String> jars =
        Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
            .filter(entry -> OURS.matcher(entry.replace('\\', '/')).matches())
            .toList();
    assumeTrue(
        jars.stream()
            .anyMatch(jar -> Path.of(jar).getFileName().toString().startsWith("noether-nn")),
        "the modules are folders here: ./mvnw verify makes jars of them first");
    Files.writeString(
        folder.resolve("module-info.java"),
        """
        module consumer {
          requires dev.noether.core;
          requires dev.noether.nn;
          requires dev.noether.io;
          requires dev.noether.onnx;
          requires org.bytedeco.pytorch;
        }
        """);
    Files.writeString(
        folder.resolve("Main.java"),
        """
        package consumer;

        import dev.noether.io.*;
        import dev.noether.io.onnx.*;
        import dev.noether.nn.linear.*;
        import dev.noether.rep.*;
        import dev.noether.torch.*;
        import java.nio.file.*;
        import org.bytedeco.pytorch.*;

        public class Main {
          public static void main(String[] files) throws Exception {
            Representation rho = Representation.parse("C4: regular");
            EquivariantLinear layer = new EquivariantLinear(rho, rho);
            Tensor y = layer.forward(Tensors.of(Dtype.FLOAT32, new double[8], 2, 4));
            Checkpoint.save(layer, Path.of(files[0]));
            OnnxFile.write(layer, Path.of(files[1]));
            System.out.println(
                Checkpoint.load(Path.of(files[0])) + " " + FileContents.of(Path.of(files[1])).title()
                    + " " + y.size(1) + " " + EquivariantLinear.class.getModule());
          }
        }
        """);
    String path = String.join(File.pathSeparator, jars);
    Path classes = folder.resolve("classes");
    ByteArrayOutputStream errors = new ByteArrayOutputStream();
    int status =
        ToolProvider.getSystemJavaCompiler()
            .run(
                null,
                errors,
                errors,
                "-p",
                path,
                "-d",
                classes.toString(),
                folder.resolve("module-info.java").toString(),
                folder.resolve("Main.java").toString());
    assertThat(status).as(errors.toString(UTF_8)).isZero();
    Process program =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-p",
                path + File.pathSeparator + classes,
                "--add-modules",
                "ALL-MODULE-PATH",
                "-m",
                "consumer/consumer.Main",
                folder.resolve("layer.safetensors").toString(),
                folder.resolve("layer.onnx").toString())
            .redirectErrorStream(true)
            .start();
    String output = new String(program.getInputStream().readAllBytes(), UTF_8);
    assertThat(program.waitFor()).as(output).isZero();
    assertThat(output)
        .contains("EquivariantLinear(C4: regular -> C4: regular) ONNX 4 module dev.noether.nn");
  }
}
