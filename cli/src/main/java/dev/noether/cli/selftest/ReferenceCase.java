package dev.noether.cli.selftest;

import dev.noether.algebra.Matrix;
import dev.noether.group.FiniteGroup;
import dev.noether.group.IrrepId;
import dev.noether.rep.Representation;
import dev.noether.torch.Dtype;
import dev.noether.torch.Tensors;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import tools.jackson.databind.JsonNode;

/**
 * One case: what the reference built, and the tensors that it computed.
 *
 * @param name the name of its files
 * @param description the JSON
 * @param tensors the tensors by name
 */
record ReferenceCase(String name, JsonNode description, Map<String, Tensor> tensors) {
  String kind() {
    return description.path("kind").asString();
  }

  /** A tensor that the case must have. */
  Tensor tensor(String key) throws IOException {
    Tensor tensor = tensors.get(key);
    if (tensor == null) {
      throw new IOException(name + " is damaged: it has no tensor '" + key + "'");
    }
    return tensor;
  }

  /** A part of the description that the case must have. */
  JsonNode part(String key) throws IOException {
    JsonNode part = description.get(key);
    if (part == null) {
      throw new IOException(name + " is damaged: it has no '" + key + "'");
    }
    return part;
  }

  /** An entry of {@code config} that is true unless the case says otherwise. */
  boolean flag(String key) {
    return description.path("config").path(key).asBoolean(true);
  }

  /** The tensors whose name starts with a prefix, without it. */
  Map<String, Tensor> under(String prefix) {
    Map<String, Tensor> found = new LinkedHashMap<>();
    tensors.forEach(
        (key, tensor) -> {
          if (key.startsWith(prefix)) {
            found.put(key.substring(prefix.length()), tensor);
          }
        });
    return found;
  }

  /** The dtype of a layer whose numbers these are. */
  Dtype dtype(String key) throws IOException {
    return Tensors.scalarType(tensor(key)) == ScalarType.Double ? Dtype.FLOAT64 : Dtype.FLOAT32;
  }

  /** The representation that a part of the description spells out. */
  Representation representation(String key) throws IOException {
    JsonNode spec = part(key);
    FiniteGroup group = FiniteGroup.named(spec.path("group").asString());
    List<Representation> summands = new ArrayList<>();
    for (JsonNode term : spec.path("terms")) {
      summands.add(term(group, term).times(term.path("multiplicity").asInt()));
    }
    Representation sum = Representation.directSum(summands);
    JsonNode basis = spec.get("change_of_basis");
    return basis == null ? sum : sum.changeBasis(matrix(tensor(basis.asString())));
  }

  private Representation term(FiniteGroup group, JsonNode term) throws IOException {
    return switch (term.path("rep").asString()) {
      case "regular" -> Representation.regular(group);
      case "trivial" -> Representation.trivial(group);
      case "irrep" -> Representation.irrep(group.irrep(id(term.path("id"))));
      default -> throw new IOException(name + " is damaged: unknown term " + term);
    };
  }

  static IrrepId id(JsonNode numbers) {
    List<Integer> id = new ArrayList<>();
    numbers.forEach(number -> id.add(number.asInt()));
    return new IrrepId(id);
  }

  static Matrix matrix(Tensor tensor) {
    long[] shape = Tensors.shape(tensor);
    return Matrix.of((int) shape[0], (int) shape[1], Tensors.toArray(tensor));
  }
}
