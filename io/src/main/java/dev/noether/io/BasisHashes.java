package dev.noether.io;

import dev.noether.algebra.Matrix;
import dev.noether.group.Element;
import dev.noether.group.FiniteGroup;
import dev.noether.group.Group;
import dev.noether.group.Irrep;
import dev.noether.nn.Architecture;
import dev.noether.rep.Representation;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Fingerprints of the bases that weights are coordinates in: of every representation of a layer,
 * its change of basis and the matrices of its irreps.
 *
 * <p>Entries are rounded to {@code 1e-6}, because processors may differ in the last bits.
 *
 * @param hashes fingerprints by the place of the representation, as {@code 0.in}
 */
record BasisHashes(Map<String, String> hashes) {
  private static final JsonMapper MAPPER = new JsonMapper();
  private static final double GRID = 1e6;

  static BasisHashes of(Architecture architecture) {
    Map<String, String> hashes = new LinkedHashMap<>();
    collect("", architecture, hashes, new HashMap<>());
    return new BasisHashes(hashes);
  }

  private static void collect(
      String path,
      Architecture layer,
      Map<String, String> hashes,
      Map<Representation, String> known) {
    layer
        .representations()
        .forEach(
            (role, rho) -> hashes.put(path + role, known.computeIfAbsent(rho, BasisHashes::hash)));
    parts(path, layer).forEach((place, part) -> collect(place, part, hashes, known));
  }

  /** Where the representations of a layer are, as {@code 0.in}. */
  static Set<String> places(Architecture architecture) {
    Set<String> places = new LinkedHashSet<>();
    collect("", architecture, places);
    return places;
  }

  private static void collect(String path, Architecture layer, Set<String> places) {
    layer.representations().keySet().forEach(role -> places.add(path + role));
    parts(path, layer).forEach((place, part) -> collect(place, part, places));
  }

  /** Layers inside a layer and the maps of its parameters, by what their places begin with. */
  private static Map<String, Architecture> parts(String path, Architecture layer) {
    Map<String, Architecture> parts = new LinkedHashMap<>();
    for (int i = 0; i < layer.layers().size(); i++) {
      parts.put(path + i + ".", layer.layers().get(i));
    }
    layer.parametrizations().forEach((name, map) -> parts.put(path + name + ":", map));
    return parts;
  }

  /** Reads the text that {@link #toString} gives. */
  static BasisHashes read(String json) throws DamagedFileException {
    try {
      Map<String, String> hashes = new LinkedHashMap<>();
      for (Map.Entry<String, JsonNode> e : MAPPER.readTree(json).properties()) {
        hashes.put(e.getKey(), e.getValue().asString(""));
      }
      return new BasisHashes(hashes);
    } catch (JacksonException e) {
      throw new DamagedFileException("the hashes of the bases are no JSON", e);
    }
  }

  /** The first representation that both know and of which they think otherwise. */
  Optional<String> firstOther(BasisHashes told) {
    return hashes.entrySet().stream()
        .filter(e -> !told.hashes.getOrDefault(e.getKey(), e.getValue()).equals(e.getValue()))
        .map(Map.Entry::getKey)
        .findFirst();
  }

  private static String hash(Representation rho) {
    MessageDigest digest = sha256();
    Set<Irrep> seen = new HashSet<>();
    for (Irrep irrep : rho.irreps()) {
      digest.update((irrep.id() + ";").getBytes(StandardCharsets.UTF_8));
      if (seen.add(irrep)) {
        elements(rho.group()).forEach(g -> update(digest, irrep.at(g)));
      }
    }
    update(digest, rho.changeOfBasis());
    return HexFormat.of().formatHex(digest.digest());
  }

  /** All elements of a finite group; a few of a compact one, which tell its irreps apart. */
  private static List<? extends Element> elements(Group group) {
    return group instanceof FiniteGroup finite ? finite.elements() : group.sample(4, 0);
  }

  private static void update(MessageDigest digest, Matrix matrix) {
    double[] values = matrix.toArray();
    ByteBuffer bytes = ByteBuffer.allocate(values.length * Integer.BYTES);
    for (double value : values) {
      bytes.putInt((int) Math.rint(value * GRID));
    }
    digest.update(bytes.flip());
  }

  static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  /** JSON. */
  @Override
  public String toString() {
    return MAPPER.writeValueAsString(hashes);
  }
}
