package dev.noether.cli.training;

import static dev.noether.algebra.Checks.require;

import dev.noether.io.AtomicFiles;
import dev.noether.train.Checkpoints;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a run leaves behind.
 *
 * @param folder the folder
 */
record RunFolder(Path folder) {
  static final JsonMapper MAPPER =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(SerializationFeature.INDENT_OUTPUT)
          .build();

  Path config() {
    return folder.resolve("config.json");
  }

  Path log() {
    return folder.resolve("log.csv");
  }

  Path events() {
    return folder.resolve("events");
  }

  Path model() {
    return folder.resolve("model.safetensors");
  }

  static JsonNode json(Path file) throws IOException {
    try {
      return MAPPER.readTree(Files.readString(file));
    } catch (JacksonException e) {
      String problem = String.valueOf(e.getOriginalMessage());
      throw new IllegalArgumentException(
          file
              + ", line "
              + e.getLocation().getLineNr()
              + ": it is no JSON: "
              + problem.lines().findFirst().orElse(""),
          e);
    }
  }

  /** A new run gets the folder to itself: it is refused before anything is written there. */
  void requireNew() throws IOException {
    require(
        !Files.exists(folder) || Files.isDirectory(folder),
        "%s is a file, where the folder of the run should be: choose another with --run",
        folder);
    require(
        !Files.exists(config()),
        "%s holds a run already: go on with it with --resume, or choose another folder with --run",
        folder);
    for (Path file : List.of(log(), events(), model())) {
      require(
          !Files.exists(file) && Checkpoints.latest(folder).isEmpty(),
          "%s holds files of another run, which would be lost: choose another folder with --run",
          folder);
    }
  }

  /** A resumed run is told what the first was told, but for how long. */
  void requireSame(JsonNode tree) throws IOException {
    require(Files.exists(config()), "%s holds no run to resume: leave out --resume", folder);
    JsonNode before = withoutFile(json(config()));
    JsonNode now = withoutFile(tree);
    Set<String> keys = new LinkedHashSet<>(before.propertyNames());
    keys.addAll(now.propertyNames());
    keys.removeAll(TrainingConfig.FREE);
    for (String key : keys) {
      require(
          before.path(key).equals(now.path(key)),
          "%s began with another '%s', %s instead of %s: resume it with the same, or begin another",
          folder,
          key,
          shown(before.path(key)),
          shown(now.path(key)));
    }
  }

  /** Data may have moved; whether they are the same ones, their numbers tell. */
  private static JsonNode withoutFile(JsonNode tree) {
    JsonNode copy = tree.deepCopy();
    if (copy.get("data") instanceof ObjectNode data) {
      data.remove("file");
    }
    return copy;
  }

  private static String shown(JsonNode value) {
    return value.isMissingNode() ? "none" : value.toString();
  }

  /** Remembers what a run was told. */
  void write(JsonNode tree) throws IOException {
    Files.createDirectories(folder);
    byte[] bytes = (MAPPER.writeValueAsString(tree) + "\n").getBytes(StandardCharsets.UTF_8);
    AtomicFiles.write(config(), channel -> channel.write(ByteBuffer.wrap(bytes)));
  }
}
