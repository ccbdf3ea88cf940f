package dev.noether.cli.selftest;

import static dev.noether.algebra.Checks.require;

import dev.noether.io.SafeTensors;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Reference cases by name: those that ship, or those of a folder. */
public final class CaseLibrary {
  private static final JsonMapper MAPPER = new JsonMapper();
  private static final String JSON = ".json";
  private static final String TENSORS = ".safetensors";

  /** Where the bytes of a file come from. */
  private interface Source {
    byte[] read(String file) throws IOException;
  }

  private final List<String> names;
  private final Source source;

  private CaseLibrary(List<String> names, Source source) {
    this.names = names;
    this.source = source;
  }

  /**
   * The cases that ship with Noether.
   *
   * @return the library
   * @throws IOException if a resource cannot be read
   */
  public static CaseLibrary bundled() throws IOException {
    String index = new String(resource("index.txt"), StandardCharsets.UTF_8);
    return new CaseLibrary(
        index.lines().filter(line -> !line.isBlank()).toList(), CaseLibrary::resource);
  }

  private static byte[] resource(String file) throws IOException {
    try (InputStream stream = CaseLibrary.class.getResourceAsStream("cases/" + file)) {
      if (stream == null) {
        throw new IOException("this build lacks its reference case " + file);
      }
      return stream.readAllBytes();
    }
  }

  /**
   * The cases of a folder and of the folders inside it, as {@code NAME.json} with {@code
   * NAME.safetensors}.
   *
   * @param folder the folder
   * @return the library
   * @throws IllegalArgumentException if there is no such folder or no case in it
   * @throws IOException if the folder cannot be read
   */
  public static CaseLibrary folder(Path folder) throws IOException {
    require(Files.isDirectory(folder), "--cases must be a folder that exists, got %s", folder);
    try (Stream<Path> files = Files.walk(folder, 2)) {
      List<String> names =
          files
              .map(file -> folder.relativize(file).toString())
              .filter(file -> file.endsWith(JSON))
              .map(file -> file.substring(0, file.length() - JSON.length()))
              .sorted()
              .toList();
      require(!names.isEmpty(), "no case in %s: it needs NAME.json with NAME.safetensors", folder);
      return new CaseLibrary(names, file -> Files.readAllBytes(folder.resolve(file)));
    }
  }

  /**
   * The names of the cases.
   *
   * @return the names, in order
   */
  public List<String> names() {
    return names;
  }

  /**
   * Reads a case.
   *
   * @param name its name
   * @return the case
   * @throws IOException if a file is missing or damaged; the message names it
   */
  ReferenceCase read(String name) throws IOException {
    try {
      JsonNode description = MAPPER.readTree(source.read(name + JSON));
      if (!description.path("kind").isString()) {
        throw new IOException(name + JSON + " is not a case: it has no 'kind'");
      }
      byte[] bytes = source.read(name + TENSORS);
      try (SafeTensors file = SafeTensors.of(bytes)) {
        return new ReferenceCase(name, description, file.tensors());
      } catch (IOException e) {
        throw new IOException(name + TENSORS + " is damaged: " + e.getMessage(), e);
      }
    } catch (JacksonException e) {
      throw new IOException(name + JSON + " is damaged: " + e.getOriginalMessage(), e);
    }
  }
}
