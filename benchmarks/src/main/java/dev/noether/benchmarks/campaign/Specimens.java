package dev.noether.benchmarks.campaign;

import dev.noether.group.FiniteGroup;
import dev.noether.group.Subgroup;
import dev.noether.kernel.FieldType;
import dev.noether.kernel.Space;
import dev.noether.models.SteerableCnn;
import dev.noether.nn.Layer;
import dev.noether.nn.LayerType;
import dev.noether.nn.Parametrization;
import dev.noether.nn.activation.FieldGate;
import dev.noether.nn.activation.FourierPointwise;
import dev.noether.nn.activation.SamplePoints;
import dev.noether.nn.conv.SteerableConv3d;
import dev.noether.nn.conv.SteerableConvTranspose3d;
import dev.noether.nn.conv.SteerableOptions;
import dev.noether.nn.distribution.EmaMoments;
import dev.noether.nn.distribution.EquivariantMultivariateNormal;
import dev.noether.nn.distribution.MultivariateNormal;
import dev.noether.nn.distribution.RunningStatistics;
import dev.noether.nn.frame.Canonicalization;
import dev.noether.nn.linear.Branches;
import dev.noether.nn.linear.CopyScales;
import dev.noether.nn.linear.EquivariantLinear;
import dev.noether.plain.Activation;
import dev.noether.rep.Representation;
import dev.noether.torch.Dtype;
import dev.noether.torch.Tensors;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * What cannot be guessed: layers whose settings belong together, such as the samples of a group and
 * their weights, and calls of layers that are no function from one tensor to one.
 */
final class Specimens {
  private static final Representation RHO = Representation.parse("C2: 2 x regular");
  private static final int BATCH = 6;

  private static final Map<LayerType<?>, Supplier<Layer>> LAYERS =
      Map.of(
          Branches.TYPE, () -> Branches.sum(linear(RHO), linear(RHO)),
          Canonicalization.TYPE, () -> new Canonicalization(RHO, RHO, linear(RHO)),
          FieldGate.TYPE, Specimens::gate,
          FourierPointwise.TYPE, Specimens::fourier,
          SteerableCnn.TYPE,
              () -> SteerableCnn.builder(Space.cyclic(2), 9).block(4, 3).block(4, 3).head(2, 4),
          SteerableConv3d.TYPE,
              () -> new SteerableConv3d(solid(), solid(), SteerableOptions.kernel(3)),
          SteerableConvTranspose3d.TYPE,
              () -> new SteerableConvTranspose3d(solid(), solid(), SteerableOptions.kernel(3)));

  private Specimens() {}

  /**
   * A layer that is made by hand.
   *
   * @param type its type
   * @return the layer; empty where the settings of the type can be guessed
   */
  static Optional<Layer> of(LayerType<?> type) {
    return Optional.ofNullable(LAYERS.get(type)).map(Supplier::get);
  }

  private static EquivariantLinear linear(Representation in) {
    return new EquivariantLinear(in, RHO);
  }

  private static FieldType solid() {
    Space space = Space.octahedral();
    return space.type(space.trivialField(), space.irrepField(1));
  }

  private static Layer gate() {
    Space space = Space.cyclic(4);
    FieldType type = FieldGate.withGates(space.type(space.irrepField(1)));
    return new FieldGate(type, List.of(0), true, OptionalLong.empty(), Dtype.FLOAT32);
  }

  private static Layer fourier() {
    Space space = Space.cyclic(4);
    FiniteGroup group = (FiniteGroup) space.group();
    Subgroup one = group.subgroupWhere(g -> g == group.identity());
    return FourierPointwise.onCosets(
        space, 1, one, group.irreps(), SamplePoints.cosets(one), Activation.RELU, Dtype.FLOAT32);
  }

  /**
   * How a layer is called that is no function from one tensor to one: all that it tells, in a row.
   *
   * @param layer any layer
   * @return the call; empty for other layers
   */
  static Optional<AnyLayer.Driven> driven(Layer layer) {
    if (layer instanceof Parametrization constraint) {
      return driven(layer, List.of(original(constraint)), (own, x) -> apply(own, x.get(0)));
    }
    if (layer instanceof RunningStatistics statistics) {
      Tensor x = torch.randn(BATCH, statistics.running().meanX().numel());
      Tensor y = torch.randn(BATCH, statistics.running().meanY().numel());
      return driven(layer, List.of(x, y), Specimens::moments);
    }
    if (layer instanceof EquivariantMultivariateNormal normal) {
      Tensor x = torch.randn(BATCH, normal.in().size());
      Tensor y = torch.randn(BATCH, normal.out().size());
      return driven(layer, List.of(x, y), Specimens::density);
    }
    if (layer instanceof CopyScales) {
      return driven(layer, List.of(), (own, x) -> spread((CopyScales) own));
    }
    return Optional.empty();
  }

  private static Optional<AnyLayer.Driven> driven(
      Layer layer, List<Tensor> inputs, AnyLayer.Call call) {
    return Optional.of(new AnyLayer.Driven(layer, inputs, call));
  }

  private static Tensor apply(Layer layer, Tensor original) {
    return ((Parametrization) layer).apply(original);
  }

  private static Tensor spread(CopyScales scales) {
    return scales.spread(scales.scales());
  }

  /** A matrix where it takes one, else a vector. */
  private static Tensor original(Parametrization constraint) {
    Tensor matrix = torch.randn(RHO.size(), RHO.size()).requires_grad_(true);
    try {
      constraint.apply(matrix);
      return matrix;
    } catch (RuntimeException e) {
      return torch.randn(RHO.size()).requires_grad_(true);
    }
  }

  private static Tensor moments(Layer layer, List<Tensor> batch) {
    EmaMoments all = ((RunningStatistics) layer).forward(batch.get(0), batch.get(1));
    return row(all.meanX(), all.meanY(), all.covXx(), all.covYy(), all.covXy());
  }

  private static Tensor density(Layer layer, List<Tensor> inputs) {
    MultivariateNormal normal = ((EquivariantMultivariateNormal) layer).forward(inputs.get(0));
    return row(normal.mean(), normal.covariance(), normal.entropy(), normal.logProb(inputs.get(1)));
  }

  private static Tensor row(Tensor... parts) {
    Tensor[] flat = Stream.of(parts).map(part -> part.reshape(-1)).toArray(Tensor[]::new);
    return Tensors.concatenate(0, flat);
  }
}
