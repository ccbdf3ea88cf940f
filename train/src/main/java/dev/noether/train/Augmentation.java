package dev.noether.train;

import static dev.noether.algebra.Checks.require;

import dev.noether.group.FiniteGroup;
import dev.noether.nn.Equivariance;
import dev.noether.rep.Representation;
import dev.noether.torch.Tensors;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** What happens to a batch before the model sees it in training. */
@FunctionalInterface
public interface Augmentation {
  /**
   * Changes a batch.
   *
   * @param batch tensors by name, {@code [samples, ...]} each
   * @param random where to draw from, so that the same run draws the same
   * @return new tensors by name; those given stay as they are
   */
  Map<String, Tensor> apply(Map<String, Tensor> batch, Random random);

  /**
   * Moves every sample by an element of a group, drawn uniformly: what to compare an equivariant
   * model with.
   *
   * @param representations how each tensor transforms, by its name, features last; the tensors that
   *     are not named stay as they are
   * @return the augmentation
   * @throws IllegalArgumentException if there is no representation or the groups differ
   */
  static Augmentation byGroup(Map<String, Representation> representations) {
    Map<String, Representation> own = new LinkedHashMap<>(representations);
    require(!own.isEmpty(), "an augmentation needs the representation of a tensor, got none");
    FiniteGroup group = own.values().iterator().next().finiteGroup();
    own.forEach(
        (name, representation) ->
            require(
                representation.group().equals(group),
                "all representations must be of one group, got %s and %s for '%s'",
                group,
                representation,
                name));
    return (batch, random) -> moved(own, group, batch, random);
  }

  private static Map<String, Tensor> moved(
      Map<String, Representation> representations,
      FiniteGroup group,
      Map<String, Tensor> batch,
      Random random) {
    long count = batch.values().iterator().next().size(0);
    Map<Integer, List<Long>> samplesOf = new TreeMap<>();
    for (long sample = 0; sample < count; sample++) {
      int element = random.nextInt(group.order());
      samplesOf.computeIfAbsent(element, e -> new ArrayList<>()).add(sample);
    }
    Map<String, Tensor> changed = new LinkedHashMap<>(batch);
    representations.forEach(
        (name, representation) ->
            changed.computeIfPresent(
                name, (n, tensor) -> moved(n, representation, tensor, samplesOf)));
    return changed;
  }

  private static Tensor moved(
      String name,
      Representation representation,
      Tensor tensor,
      Map<Integer, List<Long>> samplesOf) {
    require(
        tensor.size(-1) == representation.size(),
        "'%s' must have %d features on its last axis (%s), got %d",
        name,
        representation.size(),
        representation,
        tensor.size(-1));
    Tensor result = tensor.clone();
    samplesOf.forEach(
        (element, samples) -> {
          Tensor places =
              Tensors.of(samples.stream().mapToLong(Long::longValue).toArray(), samples.size())
                  .to(tensor.device(), ScalarType.Long);
          Tensor own = tensor.index_select(0, places);
          result.index_copy_(
              0,
              places,
              Equivariance.act(representation, representation.finiteGroup().element(element), own));
        });
    return result;
  }
}
