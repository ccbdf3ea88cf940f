package dev.noether.models;

import dev.noether.plain.PlainCopies;
import dev.noether.plain.PlainGraph;
import dev.noether.rep.Representation;
import dev.noether.spectral.CopiesInARow;
import dev.noether.torch.Buffers;
import dev.noether.torch.Dtype;
import dev.noether.torch.Tensors;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * What an invariant function is told of conditions: one number for every copy of an irrep, a
 * trivial one as it is, of others the length.
 *
 * <p>The Python package takes the length of trivial ones too, which loses their sign; weights that
 * were trained so need that rule.
 */
final class CopyInvariants implements Told {
  /** Below this squared length a copy counts as zero. */
  private static final double SMALLEST = 1e-30;

  private final Representation representation;
  private final CopiesInARow copies;
  private final List<Integer> trivial;
  private final long[] starts;
  private final Tensor isTrivial;
  private final Tensor places;
  private final Buffers buffers = new Buffers();
  private volatile boolean signed;

  CopyInvariants(Representation representation, boolean signed, Dtype dtype) {
    this.representation = representation;
    this.signed = signed;
    copies = new CopiesInARow(representation, dtype);
    buffers.addAll("", copies.buffers());
    List<Representation.Copy> all = representation.copies();
    trivial =
        IntStream.range(0, all.size()).filter(i -> all.get(i).irrep().isTrivial()).boxed().toList();
    starts = all.stream().mapToLong(Representation.Copy::start).toArray();
    places = buffers.add("starts", Tensors.ofIndices(starts));
    double[] mask = new double[starts.length];
    trivial.forEach(i -> mask[i] = 1);
    isTrivial =
        buffers.add(
            "trivial", Tensors.of(Dtype.FLOAT32, mask, mask.length).to(torch.ScalarType.Bool));
  }

  Buffers buffers() {
    return buffers;
  }

  /** How the conditions transform. */
  Representation representation() {
    return representation;
  }

  /** How many numbers there are. */
  int count() {
    return starts.length;
  }

  /** {@code Layer.registerMark} of the layer that these belong to. */
  interface Marks {
    void register(
        String name, Supplier<Tensor> value, BooleanSupplier isGiven, Consumer<Boolean> found);
  }

  /** A state dict without the mark is the Python package's, which knows no signs. */
  void registerRule(Marks marks) {
    marks.register(
        "signed_conditions",
        () -> Tensors.of(Dtype.FLOAT64, new double[] {1}, 1),
        this::isSigned,
        value -> signed = value);
  }

  boolean isSigned() {
    return signed;
  }

  private boolean allTrivial() {
    return trivial.size() == starts.length;
  }

  /** {@code [..., size]} to {@code [..., count]}. */
  @Override
  public Tensor apply(Tensor x) {
    Tensor features = copies.enter(x);
    if (signed && allTrivial()) {
      return features;
    }
    Tensor lengths =
        Tensors.inDtypeOf(
            features, copies.squares(features).clamp_min(new Scalar(SMALLEST)).sqrt());
    return signed && !trivial.isEmpty()
        ? torch.where(isTrivial, features.index_select(-1, places), lengths)
        : lengths;
  }

  @Override
  public <V> V plain(PlainGraph<V> network, V x) {
    PlainGraph<V> graph = network.at("invariants");
    PlainCopies<V> plain = new PlainCopies<>(graph, copies);
    V features = plain.enter(x);
    if (signed && allTrivial()) {
      return features;
    }
    V inside = graph.add(plain.squares(features), graph.number(SMALLEST));
    V lengths = graph.multiply(inside, graph.rsqrt(inside));
    if (!signed || trivial.isEmpty()) {
      return lengths;
    }
    V mask = graph.constant("trivial", isTrivial.to(copies.like().scalar_type()));
    V others = graph.constant("others", isTrivial.logical_not().to(copies.like().scalar_type()));
    return graph.add(
        graph.multiply(mask, graph.select(features, starts)), graph.multiply(others, lengths));
  }
}
