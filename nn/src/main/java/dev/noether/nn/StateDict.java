package dev.noether.nn;

import static dev.noether.algebra.Checks.require;

import dev.noether.torch.Scopes;
import dev.noether.torch.Tensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * The tensors of a layer and all below it by their names in its state dict: what a load copies, and
 * what it only compares.
 */
final class StateDict {
  /**
   * A name that a state dict may have or lack.
   *
   * @param value what stands under it
   * @param isGiven whether this layer's state dict has it now
   * @param found told after a load whether it was there; null where neither that nor its value
   *     matters
   */
  record Mark(Supplier<Tensor> value, BooleanSupplier isGiven, @Nullable Consumer<Boolean> found) {}

  private final Map<String, Tensor> own;
  private final Map<String, Supplier<Tensor>> fixed;
  private final Map<String, Mark> marks;
  private final Optional<Tensor> like;

  /**
   * The tensors of a layer.
   *
   * @param own what a load copies, by name
   * @param fixed what it only compares: the bases in which weights are coordinates
   * @param marks what a load may find or not
   * @param like a tensor of the layer's dtype and device
   */
  StateDict(
      Map<String, Tensor> own,
      Map<String, Supplier<Tensor>> fixed,
      Map<String, Mark> marks,
      Optional<Tensor> like) {
    this.own = own;
    this.fixed = fixed;
    this.marks = marks;
    this.like = like;
  }

  /** All of them, without gradient. */
  Map<String, Tensor> tensors() {
    Map<String, Tensor> all = new LinkedHashMap<>();
    own.forEach((name, tensor) -> all.put(name, tensor.detach()));
    fixed.forEach((name, value) -> all.put(name, Scopes.compute(() -> inKind(value.get()))));
    marks.forEach(
        (name, mark) -> {
          if (mark.isGiven().getAsBoolean()) {
            all.put(name, Scopes.compute(() -> inKind(mark.value().get())));
          }
        });
    return Collections.unmodifiableMap(all);
  }

  /** Those that do not follow from what the layer is. */
  StateDict trained() {
    return new StateDict(own, Map.of(), Map.of(), like);
  }

  /** The tensor on the device of the layer, and numbers in its dtype. */
  private Tensor inKind(Tensor tensor) {
    return like.map(
            kind ->
                tensor.to(
                    kind.device(), (tensor.is_floating_point() ? kind : tensor).scalar_type()))
        .orElse(tensor);
  }

  /** Compares names, and refuses shapes and bases that are not the layer's. */
  LoadReport compare(Map<String, Tensor> given) {
    Set<String> missing = new TreeSet<>(own.keySet());
    missing.addAll(fixed.keySet());
    Set<String> unexpected = new TreeSet<>(given.keySet());
    unexpected.removeAll(missing);
    unexpected.removeAll(marks.keySet());
    missing.removeAll(given.keySet());
    own.forEach((name, tensor) -> requireShape(name, tensor, given.get(name)));
    fixed.forEach((name, value) -> requireEqual(name, value, given.get(name)));
    marks.forEach(
        (name, mark) -> {
          if (mark.found() != null) {
            requireEqual(name, mark.value(), given.get(name));
          }
        });
    requireOneValueEach(given);
    return new LoadReport(new ArrayList<>(missing), new ArrayList<>(unexpected));
  }

  /** A tensor of several names would else take the value that happens to come last. */
  private void requireOneValueEach(Map<String, Tensor> given) {
    IdentityHashMap<Tensor, String> first = new IdentityHashMap<>();
    own.forEach(
        (name, tensor) -> {
          Tensor value = given.get(name);
          if (value == null) {
            return;
          }
          String other = first.putIfAbsent(tensor, name);
          Tensor known = other == null ? null : given.get(other);
          require(
              known == null || isSame(known, value),
              "'%s' and '%s' are one tensor of the layer, but differ; the layer is unchanged",
              other,
              name);
        });
  }

  private static boolean isSame(Tensor one, Tensor other) {
    try (PointerScope scope = new PointerScope()) {
      return one.data_ptr().address() == other.data_ptr().address()
          || torch.allclose(one, other.to(one.device(), one.scalar_type()), 0, 0, true);
    }
  }

  private static void requireShape(String name, Tensor own, @Nullable Tensor given) {
    if (given != null) {
      long[] expected = Tensors.shape(own);
      long[] actual = Tensors.shape(given);
      require(
          Arrays.equals(expected, actual),
          "'%s' must have shape %s, got %s; the layer is unchanged",
          name,
          Arrays.toString(expected),
          Arrays.toString(actual));
    }
  }

  /** Weights are coordinates in a basis: another basis would make another map of them. */
  private static void requireEqual(String name, Supplier<Tensor> own, @Nullable Tensor given) {
    if (given == null) {
      return;
    }
    double distance = distance(name, own, given);
    require(
        distance <= rounding(given),
        "'%s' differs from this layer's by %.1e: the weights are coordinates in another basis; "
            + "convert them through the dense map with BasisConversion or ./noether convert; the "
            + "layer is unchanged",
        name,
        distance);
  }

  /** The largest difference of entries, relative to entries above one. */
  private static double distance(String name, Supplier<Tensor> own, Tensor given) {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      Tensor expected = own.get();
      requireShape(name, expected, given);
      if (expected.numel() == 0) {
        return 0;
      }
      Tensor wide = expected.to(ScalarType.Double);
      double largest = wide.abs().max().item().toDouble();
      Tensor actual = given.to(wide.device(), ScalarType.Double);
      return wide.sub(actual).abs().max().item().toDouble() / Math.max(1, largest);
    }
  }

  /** The names of the bases that differ by more than roundings. */
  Set<String> otherBases(Map<String, Tensor> given) {
    Set<String> others = new TreeSet<>();
    fixed.forEach(
        (name, basis) -> {
          Tensor stored = given.get(name);
          if (stored == null) {
            return;
          }
          boolean sameShape =
              Arrays.equals(
                  Tensors.shape(Scopes.compute(() -> basis.get().alias())), Tensors.shape(stored));
          if (!sameShape || !(distance(name, basis, stored) <= rounding(stored))) {
            others.add(name);
          }
        });
    return others;
  }

  /**
   * How far the entries of a basis may be from the layer's own: some roundings of the dtype that
   * the state dict has. Double is no exception, since many a model was float32 once.
   */
  private static double rounding(Tensor given) {
    return switch (Tensors.scalarType(given)) {
      case Half -> 1e-3;
      case BFloat16 -> 1e-2;
      default -> 1e-5;
    };
  }

  /**
   * Converts everything first, so that what can fail fails before the layer changes. What needs no
   * conversion is copied once, straight into place, unless it shares memory with the layer.
   */
  void copy(Map<String, Tensor> given) {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      List<Runnable> writes = new ArrayList<>();
      Set<Long> memory = new HashSet<>();
      own.values().forEach(tensor -> memory.add(tensor.storage().data().address()));
      own.forEach(
          (name, tensor) -> {
            Tensor value = given.get(name);
            if (value != null) {
              Tensor converted = value.to(tensor.device(), tensor.scalar_type());
              boolean shared = memory.contains(converted.storage().data().address());
              Tensor written = shared ? converted.clone() : converted;
              writes.add(() -> tensor.copy_(written));
            }
          });
      writes.forEach(Runnable::run);
    }
  }

  /**
   * Tells who asked which marks a state dict had.
   *
   * @param whole whether it is a whole one, so that what it lacks means something
   */
  void tell(Map<String, Tensor> given, boolean whole) {
    marks.forEach(
        (name, mark) -> {
          boolean isThere = given.containsKey(name);
          if (mark.found() != null && (isThere || whole)) {
            mark.found().accept(isThere);
          }
        });
  }
}
