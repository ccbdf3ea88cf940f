package dev.noether.cli.bench;

import dev.noether.group.FiniteGroup;
import dev.noether.nn.MemoryFootprint;
import dev.noether.rep.Representation;
import dev.noether.torch.ComputeDevice;
import dev.noether.torch.LibTorch;
import dev.noether.torch.Scopes;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * The mission's program: checks of the projections, then the time and memory of every layer.
 *
 * <p>The layers take turns in short stretches, so that what else the machine does falls on all of
 * them alike and their ratios mean something.
 *
 * @param group the symmetry
 * @param copies copies of the regular representation in the input; the output has twice as many
 * @param batch samples in a batch
 * @param iterations timed iterations of each layer
 * @param warmup iterations before the clock starts
 * @param device where the layers run
 */
public record Benchmark(
    FiniteGroup group, int copies, int batch, int iterations, int warmup, ComputeDevice device) {
  private static final int ROUNDS = 10;

  /**
   * The figures of one layer.
   *
   * @param layer its name
   * @param forwardEvalMs forward in evaluation mode, without gradients, milliseconds
   * @param forwardMs forward in training mode, milliseconds
   * @param backwardMs backward, milliseconds
   * @param totalMs mean forward and mean backward together, milliseconds
   * @param trainableBytes bytes of the parameters
   * @param nonTrainableBytes bytes of the buffers
   * @param deviceAllocatedBytes bytes that the layer holds on the GPU
   * @param devicePeakBytes the most bytes held on the GPU while the layer moved there
   */
  public record Row(
      String layer,
      Spread forwardEvalMs,
      Spread forwardMs,
      Spread backwardMs,
      double totalMs,
      long trainableBytes,
      long nonTrainableBytes,
      long deviceAllocatedBytes,
      long devicePeakBytes) {}

  /**
   * Everything that a run found.
   *
   * @param device where it ran
   * @param threads LibTorch's threads
   * @param group the name of the group
   * @param copies copies of the regular representation in the input
   * @param batch samples in a batch
   * @param iterations timed iterations of each layer
   * @param checks the checks of the projections
   * @param rows the layers
   */
  public record Result(
      String device,
      int threads,
      String group,
      int copies,
      int batch,
      int iterations,
      List<ProjectionCheck> checks,
      List<Row> rows) {
    /**
     * Whether every check passed.
     *
     * @return true if none failed
     */
    public boolean passed() {
      return checks.stream().allMatch(ProjectionCheck::passed);
    }
  }

  /**
   * Runs the checks and the table.
   *
   * @param onCheck is told of every check when it is done
   * @param onProgress is told how far the timing is, now and then
   * @return all figures
   */
  public Result run(Consumer<ProjectionCheck> onCheck, Consumer<String> onProgress) {
    Representation regular = Representation.regular(group);
    int size = copies * regular.size();
    List<ProjectionCheck> checks = ProjectionCheck.all(regular, copies, onCheck);
    List<Contestant> contestants = Contestant.all(regular, copies);
    List<MemoryFootprint.OnDevice> onDevice = new ArrayList<>();
    for (Contestant contestant : contestants) {
      onDevice.add(MemoryFootprint.onDevice(contestant.layer(), device));
    }
    try (PointerScope scope = new PointerScope()) {
      Tensor input =
          Scopes.compute(
              () -> torch.randn(batch, size).to(device.toTorch(), torch.ScalarType.Float));
      List<Timing> timings = time(contestants, input, onProgress);
      List<Row> rows = new ArrayList<>();
      for (int i = 0; i < contestants.size(); i++) {
        rows.add(row(contestants.get(i), timings.get(i), onDevice.get(i)));
      }
      return new Result(
          device.toString(),
          LibTorch.threads(),
          group.name(),
          copies,
          batch,
          iterations,
          checks,
          List.copyOf(rows));
    }
  }

  private List<Timing> time(
      List<Contestant> contestants, Tensor input, Consumer<String> onProgress) {
    List<Timing> timings = new ArrayList<>();
    for (Contestant contestant : contestants) {
      timings.add(new Timing(contestant, input, device));
    }
    onProgress.accept("bench: warming up");
    timings.forEach(timing -> timing.warmUp(warmup));
    long start = System.nanoTime();
    int rounds = Math.min(ROUNDS, iterations);
    for (int round = 0; round < rounds; round++) {
      int stretch = (round + 1) * iterations / rounds - round * iterations / rounds;
      timings.forEach(timing -> timing.run(stretch));
      long left = (System.nanoTime() - start) * (rounds - 1 - round) / (round + 1) / 1_000_000_000;
      onProgress.accept(
          "bench: round "
              + (round + 1)
              + " of "
              + rounds
              + (left > 0 ? ", about " + left + " s left" : ""));
    }
    return timings;
  }

  private static Row row(Contestant contestant, Timing timing, MemoryFootprint.OnDevice onDevice) {
    Spread forward = timing.forward();
    Spread backward = timing.backward();
    MemoryFootprint memory = MemoryFootprint.of(contestant.layer());
    return new Row(
        contestant.name(),
        timing.forwardEval(),
        forward,
        backward,
        forward.mean() + backward.mean(),
        memory.trainableBytes(),
        memory.nonTrainableBytes(),
        onDevice.allocatedBytes(),
        onDevice.peakBytes());
  }
}
