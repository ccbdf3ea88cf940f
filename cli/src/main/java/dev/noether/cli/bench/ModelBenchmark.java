package dev.noether.cli.bench;

import dev.noether.Noether;
import dev.noether.nn.Layer;
import dev.noether.nn.MemoryFootprint;
import dev.noether.torch.ComputeDevice;
import dev.noether.torch.LibTorch;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.AdamW;
import org.bytedeco.pytorch.AdamWOptions;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * Every model beside its plain twin: a step of training (forward, backward, AdamW) and a forward in
 * evaluation, turn by turn, so that whatever else the machine does falls on both. On one thread
 * processor time is counted.
 *
 * @param device where the models run
 * @param iterations timed iterations of each model; 0 for as many as fit into two seconds, at least
 *     21
 */
public record ModelBenchmark(ComputeDevice device, int iterations) {
  private static final double BUDGET_MS = 2000;
  private static final int LEAST = 21;

  /**
   * The figures of one model.
   *
   * @param model its name
   * @param size group, widths and batch, to read
   * @param trainMs median step of training, milliseconds
   * @param plainTrainMs the same of the plain twin
   * @param evalMs median forward in evaluation, without gradients, milliseconds
   * @param plainEvalMs the same of the plain twin
   * @param parameters numbers that train
   * @param plainParameters the same of the plain twin
   * @param bufferBytes bytes that do not train, of all that training and evaluation have made
   * @param floorMs a plain step of training and LibTorch's calls that lay out weights and biases,
   *     and those of norms and modulation instead of the plain ones
   * @param floorEvalMs a plain forward and LibTorch's calls of norms and modulation instead of the
   *     plain ones
   */
  public record Row(
      String model,
      String size,
      double trainMs,
      double plainTrainMs,
      double evalMs,
      double plainEvalMs,
      long parameters,
      long plainParameters,
      long bufferBytes,
      double floorMs,
      double floorEvalMs) {}

  /**
   * Everything that a run found.
   *
   * @param device where it ran
   * @param threads LibTorch's threads
   * @param rows the models
   */
  public record Result(String device, int threads, List<Row> rows) {}

  /**
   * Times all models.
   *
   * @param onProgress is told of every model when its turn comes
   * @return all figures
   */
  public Result run(Consumer<String> onProgress) {
    Noether.seed(0);
    List<Row> rows = new ArrayList<>();
    List<ModelPair.Maker> makers = ModelPair.all();
    for (ModelPair.Maker maker : makers) {
      try (PointerScope scope = new PointerScope()) {
        ModelPair pair = maker.make(device);
        onProgress.accept(
            "bench: "
                + (rows.size() + 1)
                + " of "
                + makers.size()
                + ", "
                + pair.model()
                + " "
                + pair.size());
        rows.add(row(pair));
      }
    }
    return new Result(device.toString(), LibTorch.threads(), List.copyOf(rows));
  }

  private Row row(ModelPair pair) {
    Turns turns = new Turns(device, iterations, LEAST, BUDGET_MS);
    double[] training =
        turns.medians(
            new Training(pair.symmetric()),
            new Training(pair.plain()),
            WeightCalls.of(pair.symmetric()),
            WeightCalls.replaced(pair.plain()));
    double[] evaluation =
        turns.medians(
            new Evaluation(pair.symmetric()),
            new Evaluation(pair.plain()),
            WeightCalls.of(pair.symmetric()),
            WeightCalls.replaced(pair.plain()));
    return new Row(
        pair.model(),
        pair.size(),
        training[0],
        training[1],
        evaluation[0],
        evaluation[1],
        count(pair.symmetric().layer()),
        count(pair.plain().layer()),
        MemoryFootprint.of(pair.symmetric().layer()).nonTrainableBytes(),
        training[1] + training[2] - training[3],
        evaluation[1] + evaluation[2] - evaluation[3]);
  }

  private static long count(Layer layer) {
    return layer.namedParameters().values().stream().mapToLong(Tensor::numel).sum();
  }

  /** A step of training. */
  private static final class Training implements Turns.Step {
    private final ModelPair.Trial trial;
    private final AdamW optimizer;

    Training(ModelPair.Trial trial) {
      this.trial = trial;
      trial.layer().train();
      optimizer = new AdamW(trial.layer().parameters(), new AdamWOptions(1e-6));
    }

    @Override
    public void run() {
      try (PointerScope scope = new PointerScope()) {
        optimizer.zero_grad();
        trial.forward().get().pow(new Scalar(2)).mean().backward();
        optimizer.step();
      }
    }
  }

  /** A forward in evaluation. */
  private static final class Evaluation implements Turns.Step {
    private final ModelPair.Trial trial;

    Evaluation(ModelPair.Trial trial) {
      this.trial = trial;
      trial.layer().eval();
      trial.layer().zeroGrad(); // as a model that was loaded
    }

    @Override
    public void run() {
      try (PointerScope scope = new PointerScope();
          NoGradGuard guard = new NoGradGuard()) {
        Tensor unused = trial.forward().get();
      }
    }
  }
}
