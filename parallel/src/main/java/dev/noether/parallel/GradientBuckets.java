package dev.noether.parallel;

import dev.noether.torch.Scopes;
import dev.noether.torch.Tensors;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorBase;
import org.bytedeco.pytorch.VoidTensorHook;
import org.jspecify.annotations.Nullable;

/**
 * Gradients in flat tensors, each of which is summed over the ranks as soon as it is full, while
 * backward computes the next. Behind the gradients stands for every parameter how many ranks have
 * one: what no rank used keeps none.
 */
final class GradientBuckets implements AutoCloseable {
  /** As PyTorch's: the first, which the last layers fill, is small and so on its way early. */
  private static final long FIRST = 1L << 20;

  private static final long MOST = 25L << 20;

  private final Communicator group;
  private final List<Bucket> buckets = new ArrayList<>();
  private boolean isArmed;
  private int sent;

  /** Buckets for parameters, of which the last get gradients first. */
  GradientBuckets(Communicator group, Iterable<Tensor> parameters) {
    this.group = group;
    Map<String, List<Tensor>> kinds = new LinkedHashMap<>();
    for (Tensor parameter : parameters) {
      if (parameter.requires_grad()) {
        String kind = Tensors.dtypeName(parameter) + Tensors.device(parameter);
        kinds.computeIfAbsent(kind, k -> new ArrayList<>()).add(0, parameter);
      }
    }
    kinds.values().forEach(this::deal);
  }

  private void deal(List<Tensor> parameters) {
    List<Tensor> own = new ArrayList<>();
    long bytes = 0;
    long most = FIRST;
    for (Tensor parameter : parameters) {
      if (!own.isEmpty() && bytes + parameter.nbytes() > most) {
        buckets.add(new Bucket(own));
        own.clear();
        bytes = 0;
        most = MOST;
      }
      own.add(parameter);
      bytes += parameter.nbytes();
    }
    if (!own.isEmpty()) {
      buckets.add(new Bucket(own));
    }
  }

  /** What one step exchanges. */
  long bytes() {
    return buckets.stream().mapToLong(bucket -> bucket.flat.nbytes()).sum();
  }

  /** The next backward completes the gradients. */
  void arm() {
    isArmed = true;
    sent = 0;
    buckets.forEach(Bucket::reset);
  }

  /** In the same order on all ranks, whatever the order in which their gradients come. */
  private void sendFull() {
    while (sent < buckets.size() && buckets.get(sent).missing == 0) {
      buckets.get(sent++).send();
    }
  }

  /** Sends what backward did not fill. */
  void sendRest() {
    isArmed = false;
    buckets.forEach(Bucket::fillRest);
    sendFull();
  }

  /** Gives every parameter its sum, once all have been sent. */
  void receive() {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      buckets.forEach(Bucket::receive);
    }
  }

  @Override
  public void close() {
    buckets.forEach(Bucket::close);
  }

  private final class Bucket implements AutoCloseable {
    private final List<Slot> slots = new ArrayList<>();
    private final Tensor flat;
    private int missing;
    private Pending pending = Pending.NOTHING;

    Bucket(List<Tensor> parameters) {
      long total = parameters.stream().mapToLong(Tensor::numel).sum() + parameters.size();
      flat = Scopes.keep(parameters.get(0).new_zeros(total));
      long start = 0;
      for (int i = 0; i < parameters.size(); i++) {
        Tensor parameter = parameters.get(i);
        Tensor flag = flat.narrow(0, total - parameters.size() + i, 1);
        slots.add(new Slot(this, parameter, flat.narrow(0, start, parameter.numel()), flag));
        start += parameter.numel();
      }
    }

    void reset() {
      missing = slots.size();
      slots.forEach(slot -> slot.isFull = false);
    }

    void fillRest() {
      slots.stream().filter(slot -> !slot.isFull).forEach(slot -> slot.take(null));
    }

    void send() {
      pending = group.allReduceLater(flat);
    }

    void receive() {
      pending.await();
      slots.forEach(Slot::give);
    }

    @Override
    public void close() {
      slots.forEach(Slot::close);
      flat.releaseReference();
    }
  }

  /** The place of a parameter's gradient. */
  private final class Slot implements AutoCloseable {
    private final Bucket bucket;
    private final Tensor parameter;
    private final Tensor values;
    private final Tensor flag;
    private final VoidTensorHook hook;
    private final int number;
    private boolean isFull;

    Slot(Bucket bucket, Tensor parameter, Tensor values, Tensor flag) {
      this.bucket = bucket;
      this.parameter = Scopes.keep(parameter);
      this.values = Scopes.keep(values.view(Tensors.shape(parameter)));
      this.flag = Scopes.keep(flag);
      this.hook =
          new VoidTensorHook() {
            @Override
            public void call(TensorBase gradient) {
              if (isArmed) {
                take(gradient);
                sendFull();
              }
            }
          };
      hook.retainReference();
      number = parameter.register_hook(hook);
    }

    /** What comes now, on top of what earlier batches of the step have left. */
    void take(@Nullable TensorBase gradient) {
      try (PointerScope scope = new PointerScope();
          NoGradGuard guard = new NoGradGuard()) {
        Tensor before = parameter.grad();
        boolean comes = gradient != null && gradient.defined();
        if (comes) {
          values.copy_(new Tensor(gradient));
          if (before.defined()) {
            values.add_(before);
          }
        } else if (before.defined()) {
          values.copy_(before);
        } else {
          values.zero_();
        }
        flag.fill_(new Scalar(comes || before.defined() ? 1.0 : 0.0));
      }
      isFull = true;
      bucket.missing--;
    }

    void give() {
      Tensor own = parameter.grad();
      if (own.defined()) {
        own.copy_(values);
      } else if (flag.item().toDouble() > 0) {
        parameter.mutable_grad().put(values.clone());
      }
    }

    @Override
    public void close() {
      parameter.remove_hook(number);
      hook.releaseReference();
      values.releaseReference();
      flag.releaseReference();
      parameter.releaseReference();
    }
  }
}
