package dev.noether.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.noether.models.CondTransformerOptions;
import dev.noether.models.CondTransformerRegressor;
import dev.noether.models.EquivariantCondTransformerRegressor;
import dev.noether.nn.EquivariantLayer;
import dev.noether.nn.Layer;
import dev.noether.nn.TrainableSubjects;
import dev.noether.rep.Representation;
import dev.noether.torch.Dtype;
import dev.noether.torch.LibTorch;
import dev.noether.torch.Tensors;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.AdamW;
import org.bytedeco.pytorch.AdamWOptions;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What weight decay is for, and what it leaves alone. */
class ParameterGroupsTest {
  @BeforeAll
  static void load() {
    LibTorch.load();
  }

  private static double[] numbers(Collection<Tensor> tensors) {
    return tensors.stream()
        .flatMapToDouble(tensor -> Arrays.stream(Tensors.toArray(tensor)))
        .toArray();
  }

  @Test
  void biasesAndScalesDoNotDecay() {
    try (PointerScope scope = new PointerScope()) {
      EquivariantLayer model = Examples.deep(0);
      ParameterGroups groups = ParameterGroups.of(model);
      assertThat(groups.weights()).hasSize(2);
      assertThat(groups.biasesAndScales()).hasSize(model.namedParameters().size() - 2).isNotEmpty();
      AdamWOptions options = new AdamWOptions(0.1);
      options.weight_decay().put(0.5);
      AdamW optimizer = groups.adamW(options);
      double[] weight = Tensors.toArray(groups.weights().get(0));
      double[] others = numbers(groups.biasesAndScales());
      for (Tensor parameter : model.namedParameters().values()) {
        parameter.mutable_grad().put(parameter.detach().mul(new Scalar(0)));
      }
      optimizer.step();
      double[] decayed = Tensors.toArray(groups.weights().get(0));
      for (int i = 0; i < weight.length; i++) {
        assertThat(decayed[i]).isCloseTo(0.95 * weight[i], within(1e-12));
      }
      assertThat(numbers(groups.biasesAndScales())).isEqualTo(others);
    }
  }

  private static Set<String> decaying(Layer model) {
    List<Tensor> weights = ParameterGroups.of(model).weights();
    Set<String> names = new TreeSet<>();
    model
        .namedParameters()
        .forEach(
            (name, tensor) -> {
              if (weights.contains(tensor)) {
                names.add(name);
              }
            });
    return names;
  }

  /** The reference's function for this raises whatever the network. */
  @Test
  void defect26EveryModelHasAnOptimizer() {
    try (PointerScope scope = new PointerScope()) {
      Representation rho = Representation.parse("D3: regular + irrep(1,1)");
      for (TrainableSubjects.Trainable subject : TrainableSubjects.all(rho, Dtype.FLOAT32, 3)) {
        Layer model = subject.layer();
        ParameterGroups groups = ParameterGroups.of(model);
        int count = model.namedParameters().size();
        assertThat(groups.weights().size() + groups.biasesAndScales().size()).isEqualTo(count);
        assertThat(decaying(model))
            .as(subject.name())
            .noneMatch(name -> name.contains("bias") || name.contains("scale"))
            .noneMatch(name -> name.endsWith("pos_emb") || name.contains("norm"));
        groups.adamW(new AdamWOptions(1e-3)).step();
      }
    }
  }

  /** Of the plain networks those that have two axes or more, but tables; of others, as many. */
  @Test
  void defect26MatricesDecayAndPositionsDoNot() {
    try (PointerScope scope = new PointerScope()) {
      CondTransformerOptions options =
          CondTransformerOptions.horizons(4, 3).withLayers(2, 2).withEmbedding(12);
      CondTransformerRegressor plain = new CondTransformerRegressor(3, 6, 3, options);
      Set<String> matrices = new TreeSet<>();
      plain
          .namedParameters()
          .forEach(
              (name, tensor) -> {
                if (tensor.dim() == 2) {
                  matrices.add(name);
                }
              });
      assertThat(decaying(plain)).isEqualTo(matrices).contains("head.weight", "input_emb.weight");
      Representation rho = Representation.parse("C3: regular");
      Layer equivariant = new EquivariantCondTransformerRegressor(rho, rho, rho, options);
      assertThat(decaying(equivariant))
          .contains("head.weight_dof", "input_emb.weight_dof")
          .hasSameSizeAs(matrices)
          .noneMatch(name -> name.contains("norm") || name.endsWith("pos_emb"));
    }
  }
}
