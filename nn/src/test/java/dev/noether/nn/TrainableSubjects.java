package dev.noether.nn;

import dev.noether.nn.EveryLayerTest.Subject;
import dev.noether.rep.Representation;
import dev.noether.torch.Dtype;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.bytedeco.pytorch.Tensor;

/** The subjects of the laws as models to train, for modules after this one. */
public final class TrainableSubjects {
  private TrainableSubjects() {}

  /**
   * A layer, what it takes, and how.
   *
   * @param name tells it apart
   * @param layer in evaluation mode
   * @param inputs an example, whose first axis counts samples
   * @param function applies it
   */
  public record Trainable(
      String name, Layer layer, List<Tensor> inputs, Function<List<Tensor>, Tensor> function) {}

  /** Every layer that takes batches and has parameters. */
  public static List<Trainable> all(Representation rho, Dtype dtype, int samples) {
    List<Subject> subjects = new ArrayList<>(EveryLayerTest.subjects(rho, dtype, samples));
    subjects.addAll(PlainSubjects.all(dtype, samples));
    List<Trainable> all = new ArrayList<>();
    for (Subject subject : subjects) {
      List<Tensor> inputs = subject.inputs().get();
      if (inputs.stream().allMatch(x -> x.dim() > 1 && x.size(0) == samples)
          && !subject.layer().namedParameters().isEmpty()
          && takesFewer(subject, inputs)) {
        String name = all.size() + " " + subject.name();
        all.add(new Trainable(name, subject.layer(), inputs, subject.function()));
      }
    }
    return all;
  }

  /** A mask may be one for each sample of the example. */
  private static boolean takesFewer(Subject subject, List<Tensor> inputs) {
    try {
      return subject.function().apply(inputs.stream().map(x -> x.narrow(0, 0, 2)).toList()).size(0)
          == 2;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }
}
