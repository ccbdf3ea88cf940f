package dev.noether.plain;

import static dev.noether.algebra.Checks.require;

import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.bytedeco.pytorch.Tensor;

/**
 * A layer of several inputs, some of which may be left out, that can be called by their names, as
 * Python calls with keywords. For code that does not know the layer: checks, tools, files of cases.
 */
public interface NamedInputs {
  /**
   * The inputs that a call must give.
   *
   * @return their names
   */
  List<String> requiredInputs();

  /**
   * The inputs that a call may give besides.
   *
   * @return their names; none unless a layer says so
   */
  default List<String> optionalInputs() {
    return List.of();
  }

  /**
   * Applies the layer to inputs whose names are right.
   *
   * @param inputs tensors by name
   * @return the output
   */
  Tensor applyNamed(Map<String, Tensor> inputs);

  /**
   * Applies the layer.
   *
   * @param inputs tensors by name
   * @return the output
   * @throws IllegalArgumentException if a name is missing or unknown, or a tensor does not fit
   */
  default Tensor forward(Map<String, Tensor> inputs) {
    for (String name : requiredInputs()) {
      require(inputs.containsKey(name), "%s needs the input '%s'", this, name);
    }
    for (String name : inputs.keySet()) {
      require(
          requiredInputs().contains(name) || optionalInputs().contains(name),
          "%s has no input '%s'; it has %s and may have %s",
          this,
          name,
          new TreeSet<>(requiredInputs()),
          new TreeSet<>(optionalInputs()));
    }
    return applyNamed(inputs);
  }
}
