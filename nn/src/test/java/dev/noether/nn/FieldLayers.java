package dev.noether.nn;

import dev.noether.Fixtures;
import dev.noether.group.CompactGroup;
import dev.noether.group.FiniteGroup;
import dev.noether.group.Groups;
import dev.noether.group.Irrep;
import dev.noether.kernel.Field;
import dev.noether.kernel.FieldType;
import dev.noether.kernel.Space;
import dev.noether.lie.FiniteEmbedding;
import dev.noether.nn.activation.FieldDropout;
import dev.noether.nn.activation.FieldGate;
import dev.noether.nn.activation.FieldNormNonlinearity;
import dev.noether.nn.activation.FourierPointwise;
import dev.noether.nn.activation.SamplePoints;
import dev.noether.nn.linear.Branches;
import dev.noether.nn.linear.Disentangle;
import dev.noether.nn.linear.Restricted;
import dev.noether.nn.norm.BatchStatisticsOptions;
import dev.noether.nn.norm.FieldNorm;
import dev.noether.nn.norm.InnerBatchNorm;
import dev.noether.nn.pooling.AveragePooling;
import dev.noether.nn.pooling.GaussianPooling;
import dev.noether.nn.pooling.GlobalPooling;
import dev.noether.nn.pooling.GroupPooling;
import dev.noether.nn.pooling.Mask;
import dev.noether.nn.pooling.MaxPooling;
import dev.noether.nn.pooling.NormMaxPooling;
import dev.noether.nn.pooling.NormPooling;
import dev.noether.nn.pooling.Upsampling;
import dev.noether.nn.pooling.Window;
import dev.noether.plain.Activation;
import dev.noether.rep.Representation;
import dev.noether.rep.SignedPermutations;
import dev.noether.torch.Dtype;
import dev.noether.torch.Tensors;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.IntStream;

/** The layers around steerable convolutions, wherever they are admitted. */
public final class FieldLayers {
  private FieldLayers() {}

  /** In the plane, or in space, or nowhere, where the group of a representation acts. */
  static List<EquivariantLayer> of(Representation rho, Dtype dtype) {
    FiniteGroup group = rho.finiteGroup();
    List<EquivariantLayer> layers = new ArrayList<>();
    FieldSubjects.planar(group)
        .ifPresent(space -> layers.addAll(of(FieldType.ofSummands(space, rho), dtype)));
    if (group.equals(Groups.icosahedral())) {
      // Grids in space are large: one field of each kind.
      layers.addAll(
          of(
              FieldType.of(
                  Space.icosahedral(),
                  Representation.trivial(group),
                  Representation.irrep(group.irrep(1))),
              dtype));
    }
    return layers;
  }

  /** On fields of one type. */
  public static List<EquivariantLayer> of(FieldType type, Dtype dtype) {
    List<EquivariantLayer> layers = onAllFields(type, dtype);
    if (isPermuted(type)) {
      Window window = Window.of(3).withStride(2);
      layers.add(new GroupPooling(type));
      layers.add(new MaxPooling(type, window.withPadding(1)));
      layers.add(MaxPooling.antialiased(type, window, 0.4, dtype));
      layers.add(new GlobalPooling(type, GlobalPooling.Statistic.MAX));
    }
    if (type.space().group() instanceof FiniteGroup group && type.space().dimension() == 2) {
      List<Irrep> irreps = new ArrayList<>(group.irreps());
      layers.add(
          FourierPointwise.onGroup(
              type.space(), 2, irreps, SamplePoints.all(group), Activation.ELU, dtype));
    }
    layers.forEach(FieldLayers::moveParameters);
    return layers;
  }

  private static List<EquivariantLayer> onAllFields(FieldType type, Dtype dtype) {
    BatchStatisticsOptions batch = BatchStatisticsOptions.defaults().with(dtype);
    FieldType gated = FieldGate.withGates(type);
    List<Integer> gates = IntStream.range(0, type.fields().size()).boxed().toList();
    int side = type.space().dimension() == 2 ? 5 : 3;
    Window window = Window.of(3).withStride(2);
    Space smaller = smaller(type.space());
    List<EquivariantLayer> layers = new ArrayList<>();
    layers.add(new InnerBatchNorm(type, batch));
    layers.add(new InnerBatchNorm(type, batch.withoutAffine().withoutRunningStatistics()));
    layers.add(new FieldNorm(named(type), 1e-5, true, dtype));
    for (FieldNormNonlinearity.Function function : FieldNormNonlinearity.Function.values()) {
      boolean bias = function != FieldNormNonlinearity.Function.SQUASH;
      layers.add(new FieldNormNonlinearity(type, function, bias, dtype));
    }
    layers.add(new FieldGate(gated, gates, true, OptionalLong.of(1), dtype));
    layers.add(new FieldGate(gated, gates, false, OptionalLong.of(1), dtype));
    layers.add(new FieldDropout(type, 0.5));
    layers.add(new NormPooling(type));
    layers.add(new AveragePooling(type, window));
    layers.add(new GaussianPooling(type, 0.4, 2, GaussianPooling.usualPadding(0.4), dtype));
    layers.add(new NormMaxPooling(type, window.withPadding(1)));
    layers.add(new GlobalPooling(type));
    layers.add(new Upsampling(type, 2));
    layers.add(new Upsampling(type, 2, Upsampling.Mode.LINEAR, true));
    layers.add(new Upsampling(type, 2, Upsampling.Mode.NEAREST, false));
    layers.add(new Mask(type, side, 10, 1.5, dtype));
    layers.add(Branches.sum(new NormPooling(type), new NormPooling(type)));
    layers.add(Branches.concatenate(new AveragePooling(type, window), pooled(type, window)));
    layers.add(Branches.split(new InnerBatchNorm(type, batch), new NormPooling(type)));
    layers.add(new Restricted(new InnerBatchNorm(type, batch), smaller));
    layers.add(new Disentangle(named(type.restrict(smaller)), dtype));
    return layers;
  }

  private static EquivariantLayer pooled(FieldType type, Window window) {
    return new EquivariantSequential(
        List.of(
            new NormPooling(type),
            new AveragePooling(new NormPooling(type).outFields().orElseThrow(), window)));
  }

  /** Rotated fields may bear one name and differ. */
  private static FieldType named(FieldType type) {
    List<Field> fields =
        IntStream.range(0, type.fields().size())
            .mapToObj(i -> type.fields().get(i).named("field" + i))
            .toList();
    return new FieldType(type.space(), fields);
  }

  static Space smaller(Space space) {
    if (space.dimension() == 3) {
      return Space.of(
          FiniteEmbedding.standard(
              Groups.cyclic(2),
              space.group() instanceof CompactGroup own ? own : CompactGroup.SO3));
    }
    return space.group() instanceof FiniteGroup group && group.name().startsWith("D")
        ? Space.cyclic(group.order() / 2)
        : Space.trivialPlane();
  }

  static boolean isPermuted(FieldType type) {
    return type.space().group() instanceof FiniteGroup
        && SignedPermutations.of(type.representation())
            .filter(SignedPermutations::isUnsigned)
            .isPresent();
  }

  private static void moveParameters(EquivariantLayer layer) {
    layer
        .namedParameters()
        .values()
        .forEach(
            p ->
                p.set_data(
                    p.detach()
                        .add(
                            Fixtures.random(Dtype.FLOAT64, Tensors.shape(p)).to(p.scalar_type()))));
  }
}
