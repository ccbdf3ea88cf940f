package dev.noether.nn.linear;

import static dev.noether.algebra.Checks.require;
import static dev.noether.algebra.Checks.requirePresent;

import dev.noether.kernel.Field;
import dev.noether.kernel.FieldType;
import dev.noether.nn.EquivariantLayer;
import dev.noether.nn.LayerType;
import dev.noether.plain.Axes;
import dev.noether.plain.PlainGraph;
import dev.noether.plain.PlainLayer;
import dev.noether.rep.Representation;
import dev.noether.torch.Tensors;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Layers side by side: all on the same input, their outputs summed or one after the other, or each
 * on its own part of the input, as escnn's {@code MultipleModule}.
 *
 * <p>A sum is the residual block whose shortcut is a layer too; parts are how a network treats
 * regular and irreps' fields differently. Branches are named {@code 0}, {@code 1} and so on in the
 * state dict; the axes are those of the first branch that is not of features alone.
 */
public final class Branches extends EquivariantLayer implements PlainLayer {
  /** How branches are merged. */
  public enum Merge {
    /** f_1(x) + f_2(x) + ... */
    SUM,
    /** (f_1(x), f_2(x), ...). */
    CONCATENATE,
    /** (f_1(x_1), f_2(x_2), ...), where the input is (x_1, x_2, ...). */
    SPLIT;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** How an architecture describes it. */
  public static final LayerType<Branches> TYPE =
      LayerType.independentOfBases(Branches.class)
          .setting("merge", layer -> layer.merge)
          .layers(layer -> layer.branches)
          .builds(s -> new Branches(s.constant(Merge.class, "merge"), s.equivariantLayers()));

  private final Merge merge;
  private final List<EquivariantLayer> branches;

  private Branches(Merge merge, List<EquivariantLayer> branches) {
    super(
        joined(branches, true, merge == Merge.SPLIT),
        joined(branches, false, merge != Merge.SUM),
        axes(branches),
        fields(branches, true, merge == Merge.SPLIT),
        fields(branches, false, merge != Merge.SUM));
    this.merge = merge;
    this.branches = List.copyOf(branches);
    for (int i = 0; i < branches.size(); i++) {
      registerChild(Integer.toString(i), branches.get(i));
    }
  }

  /**
   * The sum of the outputs.
   *
   * @param branches layers from one representation to one other
   * @return the layer
   * @throws IllegalArgumentException if there is none, or inputs or outputs differ
   */
  public static Branches sum(EquivariantLayer... branches) {
    return new Branches(Merge.SUM, List.of(branches));
  }

  /**
   * The outputs one after the other.
   *
   * @param branches layers of one input
   * @return the layer
   * @throws IllegalArgumentException if there is none, or inputs differ
   */
  public static Branches concatenate(EquivariantLayer... branches) {
    return new Branches(Merge.CONCATENATE, List.of(branches));
  }

  /**
   * Each layer on its own part of the input.
   *
   * @param branches layers in the order of the parts
   * @return the layer
   * @throws IllegalArgumentException if there is none, or the groups or spaces differ
   */
  public static Branches split(EquivariantLayer... branches) {
    return new Branches(Merge.SPLIT, List.of(branches));
  }

  private static Representation joined(
      List<EquivariantLayer> branches, boolean first, boolean sideBySide) {
    require(!branches.isEmpty(), "branches are at least one layer, got none");
    List<Representation> all =
        branches.stream().map(branch -> first ? branch.in() : branch.out()).toList();
    if (sideBySide) {
      return Representation.directSum(all);
    }
    for (int i = 1; i < all.size(); i++) {
      require(
          all.get(i).equals(all.get(0)),
          "%s of the branches must transform alike, got %s of branch 0 and %s of branch %d",
          first ? "inputs" : "outputs",
          all.get(0),
          all.get(i),
          i);
    }
    return all.get(0);
  }

  private static Axes axes(List<EquivariantLayer> branches) {
    List<Axes> all =
        branches.stream().map(EquivariantLayer::axes).filter(a -> a != Axes.FEATURES).toList();
    for (Axes own : all) {
      require(
          own == all.get(0),
          "branches must have the same axes, got %s and %s",
          all.get(0).names(),
          own.names());
    }
    return all.isEmpty() ? Axes.FEATURES : all.get(0);
  }

  /** Branches that see features alone do as well over any space. */
  private static @Nullable FieldType fields(
      List<EquivariantLayer> branches, boolean first, boolean sideBySide) {
    Optional<FieldType> any =
        branches.stream()
            .flatMap(
                branch -> Stream.concat(branch.inFields().stream(), branch.outFields().stream()))
            .findFirst();
    if (any.isEmpty()) {
      return null;
    }
    List<Field> all = new ArrayList<>();
    for (EquivariantLayer branch : branches) {
      FieldType own =
          (first ? branch.inFields() : branch.outFields())
              .orElseGet(
                  () ->
                      FieldType.ofSummands(any.get().space(), first ? branch.in() : branch.out()));
      any.get().requireSameSpace(own);
      if (sideBySide || all.isEmpty()) {
        all.addAll(own.fields());
      }
    }
    return new FieldType(any.get().space(), all);
  }

  /**
   * The layers.
   *
   * @return in their order
   */
  public List<EquivariantLayer> branches() {
    return branches;
  }

  @Override
  protected Tensor compute(Tensor input) {
    List<Tensor> inputs =
        merge == Merge.SPLIT
            ? Tensors.split(
                input,
                axes().featureAxis(),
                branches.stream().mapToLong(branch -> branch.in().size()).toArray())
            : Collections.nCopies(branches.size(), input);
    List<Tensor> outputs = new ArrayList<>();
    for (int i = 0; i < branches.size(); i++) {
      EquivariantLayer branch = branches.get(i);
      outputs.add(
          branch.axes().to(axes(), branch.forward(axes().to(branch.axes(), inputs.get(i)))));
    }
    return merge == Merge.SUM
        ? outputs.stream().reduce(Tensor::add).orElseThrow()
        : Tensors.join(axes().featureAxis(), outputs);
  }

  @Override
  public <V> V plain(PlainGraph<V> graph, V x) {
    V last = axes().to(Axes.FEATURES, graph, x);
    V merged = null;
    long start = 0;
    for (int i = 0; i < branches.size(); i++) {
      EquivariantLayer branch = branches.get(i);
      require(branch instanceof PlainLayer, "%s has no plain form: implement PlainLayer", branch);
      V own = merge == Merge.SPLIT ? graph.narrow(last, start, branch.in().size()) : last;
      start += branch.in().size();
      V placed = Axes.FEATURES.to(branch.axes(), graph, own);
      V result = ((PlainLayer) branch).plain(graph.at(Integer.toString(i)), placed);
      V sorted = branch.axes().to(Axes.FEATURES, graph, result);
      merged =
          merged == null
              ? sorted
              : merge == Merge.SUM ? graph.add(merged, sorted) : graph.concatenate(merged, sorted);
    }
    V whole = requirePresent(merged, "branches are at least one layer, got none");
    return Axes.FEATURES.to(axes(), graph, whole);
  }

  @Override
  public String toString() {
    return "Branches(" + merge + ", " + branches + ")";
  }
}
