package dev.noether.cli;

import static dev.noether.cli.CommandLineTest.run;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** From a file of data to a model, its predictions and its curves, by commands alone. */
class TrainingCommandsTest {
  private static final Path SHIPPED = Path.of("..", "examples", "config");

  @TempDir private Path folder = Path.of("");

  private String path(String name) {
    return folder.resolve(name).toString();
  }

  private static String shipped(String name) {
    return SHIPPED.resolve(name).toString();
  }

  private static void assertRefused(String message, String... arguments) {
    CommandLineTest.Outcome outcome = run(arguments);
    assertThat(outcome.err()).contains(message);
    assertThat(outcome.status()).isEqualTo(2);
    assertThat(outcome.err().strip().lines()).hasSize(1);
  }

  @Test
  void theShippedConfigurationTrainsResumesEvaluatesPredictsAndIsDrawn() throws IOException {
    String config = shipped("feet.json");
    String run = path("run");
    CommandLineTest.Outcome first = run("train", config, "--run", run, "--epochs", "1");
    assertThat(first.status()).as(first.err()).isZero();
    assertThat(first.out()).startsWith(path("run/model.safetensors") + ": 1 epochs, loss 0.");
    assertRefused(
        run + " holds a run already: go on with it with --resume, or choose another folder",
        "train",
        config,
        "--run",
        run);
    CommandLineTest.Outcome resumed =
        run("train", config, "--run", run, "--epochs", "2", "--resume");
    assertThat(resumed.status()).as(resumed.err()).isZero();
    run("train", config, "--run", path("whole"), "--epochs", "2");
    for (String file : List.of("log.csv", "model.safetensors", "best.safetensors")) {
      assertThat(folder.resolve("run").resolve(file))
          .hasSameBinaryContentAs(folder.resolve("whole").resolve(file));
    }
    CommandLineTest.Outcome evaluated = run("evaluate", run);
    assertThat(evaluated.out())
        .matches("mse 0\\.\\d+ on 400 samples\\Requivariant to .*e-0[678], relative .*\\R");
    CommandLineTest.Outcome predicted =
        run("predict", run, shipped("feet.csv"), path("predicted.csv"));
    assertThat(predicted.out()).isEqualTo(path("predicted.csv") + ": 400 predictions\n");
    assertThat(Files.readAllLines(folder.resolve("predicted.csv")))
        .hasSize(401)
        .startsWith("force_0,force_1,force_2,force_3");
    assertThat(run("predict", run, shipped("feet.csv"), path("predicted.npy")).status()).isZero();
    assertThat(folder.resolve("predicted.npy")).hasSize(128 + 400 * 4 * 4);
    assertThat(run("plot", run, path("curves.png")).status()).isZero();
    byte[] png = Files.readAllBytes(folder.resolve("curves.png"));
    assertThat(new String(png, 1, 3, StandardCharsets.US_ASCII)).isEqualTo("PNG");
    assertThat(run("plot", run).out()).isEqualTo(path("run/curves.svg") + ": 2 epochs\n");
    assertThat(Files.readString(folder.resolve("run/curves.svg")).contains("<svg")).isTrue();
    assertRefused(
        "began with another 'seed', 1 instead of 2: resume it with the same",
        "train",
        config,
        "--run",
        run,
        "--resume",
        "--set",
        "seed=2");
  }

  @Test
  void optionsAloneDescribeAModel() throws IOException {
    CommandLineTest.Outcome outcome =
        run(
            "train",
            "--data",
            shipped("feet.csv"),
            "--x",
            "angle_0,angle_1,angle_2,angle_3",
            "--y",
            "force_0,force_1,force_2,force_3",
            "--in",
            "C4: regular",
            "--out",
            "C4: regular",
            "--hidden",
            "8",
            "--epochs",
            "1",
            "--set",
            "augment=true",
            "--set",
            "go_on_without_files=true",
            "--threads",
            "1",
            "--run",
            path("run"));
    assertThat(outcome.status()).as(outcome.err()).isZero();
    assertThat(Files.readString(folder.resolve("run/config.json"))).contains("EquivariantMlp");
    CommandLineTest.Outcome other =
        run("evaluate", path("run/model.safetensors"), shipped("feet.csv"), "--loss", "l1");
    assertThat(other.out()).startsWith("l1 0.");
    CommandLineTest.Outcome huber =
        run("evaluate", path("run/model.safetensors"), shipped("feet.csv"), "--loss", "huber");
    assertThat(huber.out()).startsWith("huber 0.");
  }

  @Test
  void plainModelsAndClassesTrainToo() throws IOException {
    StringBuilder text = new StringBuilder("a,b,label\n");
    for (int i = 0; i < 60; i++) {
      text.append(i % 3 == 0 ? 1 : 0).append(',').append(i % 3 == 1 ? 1 : 0);
      text.append(',').append(i % 3).append('\n');
    }
    Files.writeString(folder.resolve("classes.csv"), text);
    Files.writeString(
        folder.resolve("classes.json"),
        """
        {"model": {"type": "Mlp", "settings": {"in_dim": 2, "out_dim": 3, "hidden_units": [16]}},
         "data": {"file": "classes.csv", "x": ["a", "b"], "y": "label"},
         "loss": "cross_entropy", "optimizer": {"type": "adam", "learning_rate": 0.05},
         "schedule": {"type": "one_cycle", "steps": 60}, "epochs": 30, "batch_size": 16}
        """);
    CommandLineTest.Outcome outcome = run("train", path("classes.json"), "--run", path("run"));
    assertThat(outcome.status()).as(outcome.err()).isZero();
    assertThat(run("evaluate", path("run")).out()).contains("accuracy 100.00 %");
    assertRefused(
        "the model has 2 outputs, so classes are whole numbers from 0 to 1",
        "train",
        path("classes.json"),
        "--set",
        "model.settings.out_dim=2",
        "--run",
        path("other"));
    assertRefused(
        "'augment' moves samples by the group of the model's in and out; Mlp(",
        "train",
        path("classes.json"),
        "--set",
        "augment=true",
        "--run",
        path("other"));
    assertThat(folder.resolve("other")).doesNotExist();
  }

  private void assertConfigRefused(String message, String... settings) {
    String[] arguments = new String[4 + 2 * settings.length];
    arguments[0] = "train";
    arguments[1] = shipped("feet.json");
    arguments[2] = "--run";
    arguments[3] = path("run");
    for (int i = 0; i < settings.length; i++) {
      arguments[4 + 2 * i] = "--set";
      arguments[5 + 2 * i] = settings[i];
    }
    assertRefused(message, arguments);
    assertThat(folder.resolve("run")).doesNotExist();
  }

  @Test
  void whatAConfigurationSaysWronglyIsToldBeforeAnythingIsDone() throws IOException {
    assertConfigRefused(
        "feet.json has an unknown key 'epoch', did you mean 'epochs'; known are ", "epoch=3");
    assertConfigRefused("'optimizer' has an unknown key 'momentum'", "optimizer.momentum=0.9");
    assertConfigRefused(
        "'type' must be one of adamw, adam, sgd, got 'adan', did you mean 'adam'",
        "optimizer.type=adan");
    assertConfigRefused("'epochs' must be a whole number, got \"many\"", "epochs=many");
    assertConfigRefused(
        "'go_on_without_files' must be true or false, got 1", "go_on_without_files=1");
    assertRefused("--threads must be from 1 to 1024, got 0", "train", "--threads", "0");
    assertConfigRefused("'clip_norm' must be a number, got true", "clip_norm=true");
    assertConfigRefused("'learning_rate' must be positive, got -1.0", "optimizer.learning_rate=-1");
    assertConfigRefused(
        "'schedule': 'steps' must be at least 1, got -5",
        "schedule={\"type\": \"cosine\", \"steps\": -5}");
    assertConfigRefused("'schedule' needs 'steps', a whole number", "schedule={\"type\":\"step\"}");
    assertConfigRefused(
        "has no column 'angle_9' (did you mean 'angle_0'?), only [", "data.x=[\"angle_9\"]");
    assertConfigRefused(
        "the model's in.size() is 12 (C4: 3 x regular), so 'x' must have as many features",
        "data.x=[\"angle_0\"]");
    assertConfigRefused("nowhere.csv: no such file or folder", "data.file=nowhere.csv");
    assertConfigRefused("data are read from .csv, .npy, .npz and .safetensors", "data.file=a.xls");
    assertConfigRefused(
        "'validation' must be at least 0 and below 1, got 1.5", "data.validation=1.5");
    assertConfigRefused(
        "'batch_size' is 999, and the training data have only 320 samples: choose a smaller one",
        "batch_size=999");
    assertConfigRefused("feet.json needs to know how long: 'epochs' or", "epochs=null");
    assertConfigRefused("unknown layer 'EquivarantMlp'", "model.type=EquivarantMlp");
    Path torn = Files.writeString(folder.resolve("torn.json"), "{\n\"epochs\": }");
    assertRefused(torn + ", line 2: it is no JSON: ", "train", torn.toString());
    assertRefused("the configuration needs a 'model': an object, or --in and --out", "train");
    assertRefused("--set needs KEY=VALUE, got 'epochs'", "train", "--set", "epochs");
    assertRefused(
        "--out says how data transform, as '--out \"C4: 3 x regular\"', got 'runs/one'; "
            + "the folder of a run is --run",
        "train",
        shipped("feet.json"),
        "--out",
        "runs/one");
    assertRefused(
        "holds no run to resume: leave out --resume",
        "train",
        shipped("feet.json"),
        "--run",
        path("run"),
        "--resume");
  }

  @Test
  void aFolderThatHoldsOtherThingsIsRefusedAsItIs() throws IOException {
    for (String name : List.of("log.csv", "events", "step-000000000001.safetensors")) {
      Path used = Files.createDirectories(folder.resolve("with-" + name));
      Files.createFile(used.resolve(name));
      assertRefused(
          used + " holds files of another run, which would be lost: choose another folder",
          "train",
          shipped("feet.json"),
          "--run",
          used.toString());
      try (Stream<Path> files = Files.list(used)) {
        assertThat(files).hasSize(1);
      }
    }
    Path file = Files.createFile(folder.resolve("file"));
    assertRefused(
        file + " is a file, where the folder of the run should be",
        "train",
        shipped("feet.json"),
        "--run",
        file.toString());
    assertRefused(
        file.resolve("run") + ": ",
        "train",
        shipped("feet.json"),
        "--run",
        file.resolve("run").toString());
  }

  /**
   * A likelihood goes below zero, an exact fit is zero, a run that diverges ends with no number.
   */
  @Test
  void curvesOfAnyLossesAreDrawn() throws IOException {
    for (String last : List.of("0.1", "0", "-2", "NaN", "Infinity")) {
      Path log = folder.resolve("log" + last + ".csv");
      Files.writeString(log, "epoch,steps,loss,validation\n1,10,0.5,0.4\n2,20," + last + ",0.3\n");
      CommandLineTest.Outcome drawn = run("plot", log.toString(), path(last + ".svg"));
      assertThat(drawn.out()).isEqualTo(path(last + ".svg") + ": 2 epochs\n");
    }
  }

  @Test
  void whatIsNoRunIsTold() throws IOException {
    assertRefused("holds no model.safetensors: its run has not ended", "evaluate", path(""));
    assertRefused("holds no log.csv: is it the folder of a run?", "plot", path(""));
    Path log = Files.writeString(folder.resolve("log.csv"), "epoch,steps,loss\n1,2,x\n");
    assertRefused(
        log + ", line 2: it must have a number in 'loss', got 'x'", "plot", log.toString());
    assertRefused(
        "pictures are written to .svg or .png", "plot", log.toString(), path("curves.gif"));
    assertRefused(
        "predictions are written to .csv, .npy or .safetensors",
        "predict",
        "a",
        "b",
        path("c.txt"));
    assertRefused(
        "the examples are quadruped, digits, rotations, dynamics, inertia, got 'robot'",
        "example",
        "robot");
    assertRefused("digits needs --data DIR, the folder with digits.csv.gz", "example", "digits");
  }

  @Test
  void anExampleIsATableAndAPicture() {
    CommandLineTest.Outcome outcome =
        run(
            "example",
            "dynamics",
            "--samples",
            "10,30",
            "--seeds",
            "2",
            "--plot",
            path("d.svg"),
            "--csv",
            path("d.csv"));
    assertThat(outcome.out()).startsWith("| samples | equivariant | projected | plain |\n");
    assertThat(folder.resolve("d.svg")).isNotEmptyFile();
    assertThat(folder.resolve("d.csv")).content().startsWith("model,samples,seed,error\n");
  }
}
