package dev.noether.cli.bench;

import dev.noether.torch.ComputeDevice;
import java.util.stream.DoubleStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.SGD;
import org.bytedeco.pytorch.SGDOptions;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * The timed loop of one layer: zero_grad, forward, loss = mean(y^2), backward, SGD step; forward
 * and backward are timed apart, the rest is not.
 */
final class Timing {
  private static final double LEARNING_RATE = 1e-5;

  private final Contestant contestant;
  private final Tensor input;
  private final SGD optimizer;
  private final Clock forwardClock;
  private final Clock backwardClock;
  private final DoubleStream.Builder forwardEval = DoubleStream.builder();
  private final DoubleStream.Builder forward = DoubleStream.builder();
  private final DoubleStream.Builder backward = DoubleStream.builder();

  Timing(Contestant contestant, Tensor input, ComputeDevice device) {
    this.contestant = contestant;
    this.input = input;
    this.forwardClock = Clock.of(device);
    this.backwardClock = Clock.of(device);
    this.optimizer = new SGD(contestant.layer().parameters(), new SGDOptions(LEARNING_RATE));
  }

  void warmUp(int iterations) {
    evaluate(iterations, DoubleStream.builder());
    train(iterations, DoubleStream.builder(), DoubleStream.builder());
  }

  void run(int iterations) {
    evaluate(iterations, forwardEval);
    train(iterations, forward, backward);
  }

  private void evaluate(int iterations, DoubleStream.Builder times) {
    contestant.layer().eval();
    try (NoGradGuard guard = new NoGradGuard()) {
      for (int i = 0; i < iterations; i++) {
        try (PointerScope scope = new PointerScope()) {
          forwardClock.start();
          Tensor unused = contestant.forward().apply(input);
          forwardClock.stop();
          times.add(forwardClock.milliseconds());
        }
      }
    }
  }

  private void train(
      int iterations, DoubleStream.Builder forwardTimes, DoubleStream.Builder backwardTimes) {
    contestant.layer().train();
    for (int i = 0; i < iterations; i++) {
      try (PointerScope scope = new PointerScope()) {
        optimizer.zero_grad();
        forwardClock.start();
        Tensor output = contestant.forward().apply(input);
        forwardClock.stop();
        Tensor loss = output.pow(new Scalar(2)).mean();
        backwardClock.start();
        loss.backward();
        backwardClock.stop();
        optimizer.step();
        forwardTimes.add(forwardClock.milliseconds());
        backwardTimes.add(backwardClock.milliseconds());
      }
    }
  }

  Spread forwardEval() {
    return Spread.of(forwardEval.build().toArray());
  }

  Spread forward() {
    return Spread.of(forward.build().toArray());
  }

  Spread backward() {
    return Spread.of(backward.build().toArray());
  }
}
