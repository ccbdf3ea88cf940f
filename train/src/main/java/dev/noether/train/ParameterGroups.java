package dev.noether.train;

import dev.noether.nn.Layer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.AdamW;
import org.bytedeco.pytorch.AdamWOptions;
import org.bytedeco.pytorch.OptimizerParamGroup;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;

/**
 * The parameters of a model in two groups: weights of maps, which weight decay is for, and biases,
 * scales and tables of positions, which it would only pull from where they belong.
 *
 * <p>A layer of your own tells its weights by {@code registerParameter}, and what else it trains by
 * {@code registerWithoutDecay} or a name with {@code bias} or {@code scale}.
 *
 * @param weights weights of maps
 * @param biasesAndScales the others
 */
public record ParameterGroups(List<Tensor> weights, List<Tensor> biasesAndScales) {
  /**
   * Copies the lists.
   *
   * @param weights weights of maps
   * @param biasesAndScales the others
   */
  public ParameterGroups {
    weights = List.copyOf(weights);
    biasesAndScales = List.copyOf(biasesAndScales);
  }

  /**
   * The groups of a model.
   *
   * @param model the model
   * @return all its parameters
   */
  public static ParameterGroups of(Layer model) {
    Map<String, Tensor> weights = model.namedWeights();
    Map<String, Tensor> others = new LinkedHashMap<>(model.namedParameters());
    others.keySet().removeAll(weights.keySet());
    return new ParameterGroups(List.copyOf(weights.values()), List.copyOf(others.values()));
  }

  /**
   * AdamW that decays the weights alone.
   *
   * @param options its learning rate, decay and so on
   * @return a new optimizer; its second group, if there is anything in it, has no decay
   */
  public AdamW adamW(AdamWOptions options) {
    AdamW optimizer = new AdamW(vector(weights), options);
    if (!biasesAndScales.isEmpty()) {
      try (PointerScope scope = new PointerScope()) {
        // A group without options gets a copy of the optimizer's. One made with options crashes:
        // native and Java both believe that they own them.
        optimizer.add_param_group(new OptimizerParamGroup(vector(biasesAndScales)));
        Pointer own = optimizer.param_groups().get(1).options();
        new AdamWOptions(own).weight_decay().put(0);
      }
    }
    return optimizer;
  }

  private static TensorVector vector(List<Tensor> tensors) {
    return new TensorVector(tensors.toArray(Tensor[]::new));
  }
}
