package dev.noether.parallel;

import static dev.noether.algebra.Checks.require;

import dev.noether.nn.Layer;
import dev.noether.torch.Dtype;
import dev.noether.torch.JointBatch;
import dev.noether.torch.Scopes;
import dev.noether.torch.Tensors;
import dev.noether.train.Ranks;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorBase;
import org.bytedeco.pytorch.TensorTensorHook;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * Trains one model in all processes of a group, as one process would that takes whole batches.
 *
 * <pre>{@code
 * try (Communicator group = Communicator.fromEnvironment(CommunicatorOptions.defaults())) {
 *   Trainer.builder().epochs(50).batchSize(64).ranks(GradientSync.of(group)).build()
 *       .fit(model, Loss.meanSquaredError(), optimizer, training, validation);
 * }
 * }</pre>
 *
 * <p>Every rank has the whole data and computes its share of every batch. At the start all get the
 * weights of rank 0; in a step they exchange the gradients of free parameters (of an equivariant
 * layer its coefficients, not the dense weight), in flat pieces that are on their way while
 * backward goes on; batch norms and running statistics are those of the whole batch. The weights
 * are the same on all ranks, to the bit, and in every run of as many ranks. What layers draw, such
 * as dropout, and augmentations differ from rank to rank, and so from one process.
 */
public final class GradientSync implements Ranks {
  private static final int PIECE = 1 << 24;

  private final Communicator group;
  private final boolean packs;
  private final List<TensorTensorHook> hooks = new ArrayList<>();
  private final List<Path> received = new ArrayList<>();
  private @Nullable GradientBuckets buckets;

  private GradientSync(Communicator group, boolean packs) {
    this.group = group;
    this.packs = packs;
  }

  /**
   * For a trainer.
   *
   * @param group the processes, each of which does the same
   * @return what {@code Trainer.builder().ranks} takes
   */
  public static GradientSync of(Communicator group) {
    return new GradientSync(group, group.size() > 1);
  }

  /** One rank that does all that one of many does, and has nobody to exchange with. */
  static GradientSync ofNobody() {
    return new GradientSync(Communicator.alone(), true);
  }

  /**
   * What a step exchanges for the gradients of a model: each number of a trained parameter, and one
   * more per parameter, which tells whether it was used.
   *
   * @param model the model
   * @return bytes, each counted once; {@link Traffic#onWire} tells what a rank sends
   */
  public static long bytesPerStep(Layer model) {
    return model.namedParameters().values().stream()
        .filter(Tensor::requires_grad)
        .mapToLong(parameter -> (parameter.numel() + 1) * parameter.element_size())
        .sum();
  }

  @Override
  public int rank() {
    return group.rank();
  }

  @Override
  public int size() {
    return group.size();
  }

  @Override
  public void begin(Layer model, Map<String, Long> told) {
    if (packs) {
      requireOnCpu(model.namedParameters());
    }
    group.requireSame(told);
    if (packs) {
      buckets = new GradientBuckets(group, model.namedParameters().values());
    }
  }

  /** Gloo sums tensors on the CPU alone. */
  static void requireOnCpu(Map<String, Tensor> parameters) {
    parameters.forEach(
        (name, parameter) ->
            require(
                parameter.is_cpu(),
                "ranks train on the CPU, and '%s' is on %s: move the model to the CPU, or train it "
                    + "in one process; ranks do not exchange by NCCL yet",
                name,
                parameter.device().str().getString()));
  }

  @Override
  public void share(Map<String, Tensor> tensors) {
    if (size() == 1) {
      return;
    }
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      for (Tensor tensor : tensors.values()) {
        Tensor sent = tensor.detach().contiguous().clone();
        group.broadcast(sent);
        tensor.copy_(sent);
      }
    }
  }

  @Override
  public Path received(Path file) throws IOException {
    if (size() == 1) {
      return file;
    }
    long length = (long) ofFirst(rank() == 0 ? (double) Files.size(file) : 0);
    Path own = rank() == 0 ? file : Files.createTempFile("noether", ".safetensors");
    if (rank() != 0) {
      received.add(own);
    }
    try (FileChannel channel =
        FileChannel.open(own, rank() == 0 ? StandardOpenOption.READ : StandardOpenOption.WRITE)) {
      for (long start = 0; start < length; start += PIECE) {
        pass(channel, (int) Math.min(PIECE, length - start));
      }
    }
    return own;
  }

  private void pass(FileChannel channel, int length) throws IOException {
    byte[] bytes = new byte[length];
    if (rank() == 0) {
      ByteBuffer target = ByteBuffer.wrap(bytes);
      while (target.hasRemaining() && channel.read(target) >= 0) {}
    }
    try (PointerScope scope = new PointerScope()) {
      Tensor piece = torch.zeros(new long[] {length}, torch.dtype(ScalarType.Byte));
      BytePointer place = new BytePointer(piece.data_ptr());
      place.put(bytes, 0, length);
      group.broadcast(piece);
      place.get(bytes, 0, length);
    }
    if (rank() != 0) {
      ByteBuffer source = ByteBuffer.wrap(bytes);
      while (source.hasRemaining()) {
        channel.write(source);
      }
    }
  }

  @Override
  public void compute(Share share, boolean last, Runnable body) {
    GradientBuckets own = buckets;
    if (own == null) {
      body.run();
      return;
    }
    if (last) {
      own.arm();
    }
    Scalar weight = new Scalar(share.counted() > 0 ? 1.0 : 0.0);
    try (JointBatch joint =
        JointBatch.of(share.to() - share.from(), share.all(), held -> sum(held, weight))) {
      body.run();
    }
  }

  /** A sum whose gradient is the sum of all ranks' gradients. */
  private Tensor sum(Tensor held, Scalar weight) {
    Tensor total = held.detach().mul(weight);
    group.allReduce(total);
    if (!held.requires_grad()) {
      return total;
    }
    // Zero, and the way for the gradient: the value stays that of all ranks to the bit.
    Tensor joint = total.add(held.sub(held.detach()));
    TensorTensorHook hook =
        new TensorTensorHook() {
          @Override
          public TensorBase call(TensorBase gradient) {
            Tensor all = new Tensor(gradient).detach().clone();
            group.allReduce(all);
            return all.mul(weight);
          }
        };
    hook.retainReference();
    hooks.add(hook);
    joint.register_hook(hook);
    return joint;
  }

  @Override
  public Supplier<double[]> reduce(double... numbers) {
    GradientBuckets own = buckets;
    if (own == null) {
      return () -> numbers;
    }
    own.sendRest();
    Tensor sums = Scopes.keep(Tensors.of(Dtype.FLOAT64, numbers, numbers.length));
    Pending pending = group.allReduceLater(sums);
    own.receive();
    hooks.forEach(TensorTensorHook::releaseReference);
    hooks.clear();
    return () -> {
      pending.await();
      try {
        return Tensors.toArray(sums);
      } finally {
        sums.releaseReference();
      }
    };
  }

  @Override
  public double sum(double own) {
    return size() == 1 ? own : summed(own)[0];
  }

  private double[] summed(double... numbers) {
    try (PointerScope scope = new PointerScope()) {
      Tensor sums = Tensors.of(Dtype.FLOAT64, numbers, numbers.length);
      group.allReduce(sums);
      return Tensors.toArray(sums);
    }
  }

  @Override
  public boolean ofFirst(boolean own) {
    return size() == 1 ? own : ofFirst(own ? 1.0 : 0.0) > 0;
  }

  private double ofFirst(double own) {
    try (PointerScope scope = new PointerScope()) {
      Tensor number = Tensors.of(Dtype.FLOAT64, new double[] {own}, 1);
      group.broadcast(number);
      return number.item().toDouble();
    }
  }

  @Override
  public void end() {
    GradientBuckets own = buckets;
    if (own != null) {
      own.close();
      buckets = null;
    }
    for (Path file : received) {
      if (!file.toFile().delete()) {
        file.toFile().deleteOnExit();
      }
    }
    received.clear();
  }

  @Override
  public RuntimeException failed(RuntimeException reason) {
    try {
      return group.ends(reason);
    } finally {
      end();
    }
  }
}
