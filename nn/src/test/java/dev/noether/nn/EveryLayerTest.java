package dev.noether.nn;

import static dev.noether.Fixtures.distance;
import static dev.noether.Fixtures.random;
import static dev.noether.Fixtures.rotated;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.noether.Fixtures;
import dev.noether.group.Irrep;
import dev.noether.hom.BasisExpansion;
import dev.noether.models.CondTransformerLayers;
import dev.noether.models.CondTransformerOptions;
import dev.noether.models.ConditionalTransformer;
import dev.noether.models.EquivariantCondTransformer;
import dev.noether.models.EquivariantCondTransformerRegressor;
import dev.noether.models.EquivariantConditionalUnet1d;
import dev.noether.models.EquivariantMlp;
import dev.noether.models.EquivariantTimeCnn;
import dev.noether.models.EquivariantTransformerDecoder;
import dev.noether.models.EquivariantTransformerDecoderLayer;
import dev.noether.models.EquivariantTransformerEncoder;
import dev.noether.models.EquivariantTransformerEncoderLayer;
import dev.noether.models.GatedMlp;
import dev.noether.models.InvariantMlp;
import dev.noether.models.MlpOptions;
import dev.noether.models.SteerableCnn;
import dev.noether.models.TimeCnnOptions;
import dev.noether.models.TransformerLayerOptions;
import dev.noether.models.UnetConditions;
import dev.noether.models.UnetOptions;
import dev.noether.nn.activation.EquivariantDropout;
import dev.noether.nn.activation.FourierNonlinearity;
import dev.noether.nn.activation.GatedNonlinearity;
import dev.noether.nn.activation.NormNonlinearity;
import dev.noether.nn.activation.PointwiseDropout;
import dev.noether.nn.activation.PointwiseNonlinearity;
import dev.noether.nn.attention.AttentionMasks;
import dev.noether.nn.attention.AttentionOptions;
import dev.noether.nn.attention.EquivariantAdditivePositionalAttention;
import dev.noether.nn.attention.EquivariantMultiheadAttention;
import dev.noether.nn.attention.EquivariantRelativePositionalAttention;
import dev.noether.nn.attention.EquivariantRotaryPositionalAttention;
import dev.noether.nn.attention.PositionEncoding;
import dev.noether.nn.bilinear.EquivariantTensorProduct;
import dev.noether.nn.bilinear.EquivariantTensorSquare;
import dev.noether.nn.bilinear.Pairing;
import dev.noether.nn.bilinear.TensorProductOptions;
import dev.noether.nn.conv.EquivariantConv1d;
import dev.noether.nn.conv.EquivariantConvTranspose1d;
import dev.noether.nn.distribution.EmaStatistics;
import dev.noether.nn.distribution.EquivariantEmaStatistics;
import dev.noether.nn.distribution.EquivariantMultivariateNormal;
import dev.noether.nn.distribution.HomEmaStatistics;
import dev.noether.nn.distribution.NormalCovariance;
import dev.noether.nn.frame.Canonicalization;
import dev.noether.nn.frame.FrameAveraging;
import dev.noether.nn.frame.FrameOptions;
import dev.noether.nn.linear.AffineOptions;
import dev.noether.nn.linear.ChangeToIsotypicBasis;
import dev.noether.nn.linear.EquivariantAffine;
import dev.noether.nn.linear.EquivariantFilm;
import dev.noether.nn.linear.EquivariantLinear;
import dev.noether.nn.linear.FieldLinear;
import dev.noether.nn.linear.FieldList;
import dev.noether.nn.linear.InvariantBias;
import dev.noether.nn.linear.Linear;
import dev.noether.nn.linear.MapOptions;
import dev.noether.nn.norm.BatchStatisticsOptions;
import dev.noether.nn.norm.EquivariantBatchNorm1d;
import dev.noether.nn.norm.EquivariantLayerNorm;
import dev.noether.nn.norm.EquivariantRmsNorm;
import dev.noether.nn.pooling.InvariantPooling;
import dev.noether.nn.pooling.IrrepSubspaceNormPooling;
import dev.noether.nn.symmetry.RelaxedLinear;
import dev.noether.plain.Activation;
import dev.noether.plain.Axes;
import dev.noether.plain.ConvolutionOptions;
import dev.noether.rep.Representation;
import dev.noether.rep.SignedPermutations;
import dev.noether.torch.Dtype;
import dev.noether.torch.LibTorch;
import dev.noether.torch.Tensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import other.jar.CopyTanh;

/** What holds for every layer, wherever it is admitted. */
public class EveryLayerTest {
  @BeforeAll
  static void load() {
    LibTorch.load();
  }

  /** All layers on a representation, with parameters away from their first values. */
  public static List<EquivariantLayer> layers(Representation rho, Dtype dtype) {
    MapOptions options = MapOptions.defaults().with(dtype).withSeed(1);
    List<EquivariantLayer> layers = new ArrayList<>();
    layers.add(new EquivariantLinear(rho, rho, options));
    layers.add(new EquivariantAffine(rho, Fixtures.affine(options)));
    layers.add(new InvariantBias(rho, dtype));
    layers.add(new EquivariantRmsNorm(rho, 1e-6, dtype));
    layers.add(new EquivariantLayerNorm(rho, Fixtures.norm(options)));
    layers.add(new EquivariantLayerNorm(rho, Fixtures.norm(options.withoutBias())));
    layers.add(new EquivariantBatchNorm1d(rho, BatchStatisticsOptions.defaults().with(dtype)));
    layers.add(
        new EquivariantBatchNorm1d(
            rho,
            BatchStatisticsOptions.defaults()
                .withoutRunningStatistics()
                .withoutAffine()
                .with(dtype)));
    layers.add(new IrrepSubspaceNormPooling(rho, dtype));
    layers.add(new InvariantPooling(rho, dtype));
    layers.add(new ChangeToIsotypicBasis(rho, dtype));
    layers.add(new ChangeToIsotypicBasis(rho, dtype).inverse());
    layers.add(new NormNonlinearity(rho, Activation.SILU, dtype));
    layers.add(new GatedNonlinearity(rho, dtype));
    layers.add(new FourierNonlinearity(rho, Activation.GELU, dtype));
    layers.add(new EquivariantDropout(rho, 0.5, dtype));
    layers.add(
        new EquivariantConv1d(
            rho, rho, ConvolutionOptions.kernel(3).withPadding(1).withDilation(2), options));
    layers.add(
        new EquivariantConvTranspose1d(
            rho,
            rho,
            ConvolutionOptions.kernel(4).withStride(2).withPadding(1).withOutputPadding(1),
            options));
    layers.add(new EquivariantMultiheadAttention(rho, AttentionOptions.heads(1).with(options)));
    layers.add(new EquivariantTransformerEncoderLayer(rho, transformer(options)));
    if (SignedPermutations.of(rho).filter(SignedPermutations::isUnsigned).isPresent()) {
      layers.add(new PointwiseNonlinearity(rho, Activation.ELU));
    }
    MlpOptions hidden = MlpOptions.hidden(3, 2);
    layers.add(
        new EquivariantMlp(rho, rho, hidden.with(Activation.TANH, Activation.SILU), options));
    layers.add(
        new InvariantMlp(
            rho, 2, hidden.with(Activation.ELU).withBatchNorm().withDropout(0.25), options));
    layers.add(
        EquivariantSequential.of(
            new EquivariantLinear(rho, rho, options),
            new FourierNonlinearity(rho, Activation.TANH, dtype),
            new EquivariantAffine(rho, Fixtures.affine(options))));
    for (EquivariantLayer layer : layers) {
      Map<String, Tensor> parameters = ((Layer) layer).namedParameters();
      parameters
          .values()
          .forEach(
              p ->
                  p.set_data(
                      p.detach().add(random(Dtype.FLOAT64, Tensors.shape(p)).to(p.scalar_type()))));
    }
    return layers;
  }

  private static TransformerLayerOptions transformer(MapOptions options) {
    return TransformerLayerOptions.equivariant(1)
        .withFeedForward(2) // rounded up to one copy of the regular representation
        .with(Activation.GELU)
        .with(options);
  }

  public static Tensor input(EquivariantLayer layer, Dtype dtype, int samples) {
    int size = layer.in().size();
    if (layer.axes().gridDimension() > 0) {
      return layer.axes() == Axes.PLANE
          ? random(dtype, samples, size, 5, 5)
          : random(dtype, samples, size, 3, 3, 3);
    }
    return layer.axes() != Axes.CHANNELS
        ? random(dtype, samples, 3, size)
        : random(dtype, samples, size, 9);
  }

  /** A layer as a function of all its inputs, which come anew for each call. */
  record Subject(
      String name,
      Layer layer,
      List<Representation> in,
      Representation out,
      Axes axes,
      Supplier<List<Tensor>> inputs,
      Function<List<Tensor>, Tensor> function) {
    /** Dropout draws the same numbers at every call. */
    Tensor apply(List<Tensor> tensors) {
      torch.manual_seed(1);
      return function.apply(tensors);
    }

    EquivariantFunction claim() {
      List<Tensor> examples = inputs.get();
      List<EquivariantFunction.Input> all = new ArrayList<>();
      for (int i = 0; i < in.size(); i++) {
        all.add(
            new EquivariantFunction.Input(
                in.get(i), axes, examples.get(i), fields(EquivariantLayer::inFields)));
      }
      return new EquivariantFunction(
          all, out, axes, fields(EquivariantLayer::outFields), this::apply);
    }

    private Optional<dev.noether.kernel.FieldType> fields(
        Function<EquivariantLayer, Optional<dev.noether.kernel.FieldType>> end) {
      return layer instanceof EquivariantLayer own ? end.apply(own) : Optional.empty();
    }

    @Override
    public String toString() {
      return name;
    }
  }

  private static Subject subject(EquivariantLayer layer, Dtype dtype, int samples) {
    return new Subject(
        layer.toString(),
        (Layer) layer,
        List.of(layer.in()),
        layer.out(),
        layer.axes(),
        () -> List.of(input(layer, dtype, samples)),
        inputs -> layer.forward(inputs.get(0)));
  }

  /** Every layer, those of several inputs too. */
  static List<Subject> subjects(Representation rho, Dtype dtype, int samples) {
    List<Subject> all = new ArrayList<>();
    layers(rho, dtype).forEach(layer -> all.add(subject(layer, dtype, samples)));
    MapOptions options = MapOptions.defaults().with(dtype).withSeed(1);
    Representation one = Representation.trivial(rho.group());

    Linear constrained = new Linear(rho.size(), rho.size(), Fixtures.dense(options));
    constrained.impose(rho, rho, BasisExpansion.ISOTYPIC_EXPANSION);
    all.add(
        new Subject(
            "constrained linear",
            constrained,
            List.of(rho),
            rho,
            Axes.FEATURES,
            () -> List.of(random(dtype, samples, 3, rho.size())),
            x -> constrained.forward(x.get(0))));

    EquivariantFilm film = new EquivariantFilm(rho, Fixtures.affine(options));
    all.add(
        new Subject(
            "FiLM",
            film,
            List.of(rho, one.times(film.scaleCount()), one.times(film.biasCount())),
            rho,
            Axes.FEATURES,
            () ->
                List.of(
                    random(dtype, samples, 3, rho.size()),
                    random(dtype, samples, 3, film.scaleCount()),
                    random(dtype, samples, 3, film.biasCount())),
            x -> film.forward(x.get(0), x.get(1), x.get(2))));

    for (NormalCovariance covariance : NormalCovariance.values()) {
      EquivariantMultivariateNormal normal =
          new EquivariantMultivariateNormal(rho, covariance, dtype);
      all.add(
          new Subject(
              normal + ", log-density",
              normal,
              List.of(normal.in(), rho),
              one,
              Axes.FEATURES,
              () ->
                  List.of(
                      random(dtype, samples, 3, normal.in().size()),
                      random(dtype, samples, 3, rho.size())),
              x -> normal.forward(x.get(0)).logProb(x.get(1)).unsqueeze(-1)));
    }
    Representation head = largestIrrep(rho).plus(one);
    all.addAll(attention(rotated(head).times(2), options, samples));
    all.addAll(attention(head.times(2), options, samples));
    EquivariantTimeCnn cnn =
        new EquivariantTimeCnn(
            rho,
            rho,
            TimeCnnOptions.channels(5, 2)
                .with(Activation.TANH)
                .normalized()
                .withLastFrame()
                .withHead(2),
            options);
    all.add(
        new Subject(
            "encoder of signals",
            cnn,
            List.of(rho),
            rho,
            Axes.FEATURES,
            () -> List.of(random(dtype, samples, 5, rho.size())),
            x -> cnn.forward(x.get(0).transpose(1, 2))));
    all.addAll(positions(rho, options, samples));
    all.add(decoder(rho, options, samples));
    all.addAll(stacks(rho, options, samples));
    all.addAll(conditional(rho, options, samples));
    if (rho.finiteGroup().order() <= 8) { // the remainder, zero at first, knows all elements
      all.add(
          subject(
              new RelaxedLinear(
                  rho,
                  rho,
                  rho.finiteGroup().irreps().stream().filter(i -> !i.isTrivial()).toList(),
                  options),
              dtype,
              samples));
    }
    Residual residual = new Residual(new EquivariantLinear(rho, rho, options));
    all.add(subject(residual, dtype, samples));
    all.add(subject(new CopyTanh(rho, 0.5, dtype), dtype, samples));
    all.add(
        subject(
            new FrameAveraging(
                rho,
                one.times(2),
                new EquivariantLinear(
                    Representation.parse("C1: " + rho.size() + " x trivial"),
                    Representation.parse("C1: 2 x trivial"),
                    options),
                FrameOptions.defaults()),
            dtype,
            samples));
    EquivariantLinear turned =
        new EquivariantLinear(
            Representation.parse("C1: " + rho.size() + " x trivial"),
            Representation.parse("C1: 3 x trivial"),
            options);
    all.add(subject(new Canonicalization(rho, one.times(3), turned), dtype, samples));
    all.addAll(products(rho, options, samples));
    all.add(unet(rho, options, samples));
    FieldList fields = new FieldList(rho.summands());
    all.add(subject(new FieldLinear(fields, fields, options), dtype, samples));
    FieldLayers.of(rho, dtype).forEach(layer -> all.add(subject(layer, dtype, samples)));
    FieldSubjects.layers(rho, dtype).forEach(layer -> all.add(subject(layer, dtype, samples)));
    return all;
  }

  /** Of one level, with all conditions; features last. */
  private static Subject unet(Representation rho, MapOptions options, int samples) {
    Dtype dtype = options.dtype();
    Representation seen = rho.plus(Representation.trivial(rho.group()).times(2));
    EquivariantConditionalUnet1d network =
        new EquivariantConditionalUnet1d(
            rho,
            seen,
            rho,
            UnetOptions.equivariant(2 * rho.size()).withStepDim(2).with(Activation.TANH),
            options);
    return new Subject(
        "U-Net",
        network,
        List.of(rho, seen, rho),
        rho,
        Axes.FEATURES,
        () ->
            List.of(
                random(dtype, samples, 4, rho.size()),
                random(dtype, samples, seen.size()),
                random(dtype, samples, 4, rho.size()).sin()),
        x ->
            network
                .forward(
                    x.get(0).transpose(1, 2),
                    0.5,
                    new UnetConditions(x.get(1), x.get(2).transpose(1, 2)))
                .transpose(1, 2));
  }

  /** The largest irrep times the representation, and its square. */
  private static List<Subject> products(Representation rho, MapOptions options, int samples) {
    Dtype dtype = options.dtype();
    Representation head = largestIrrep(rho).times(2);
    TensorProductOptions bilinear =
        TensorProductOptions.defaults().with(options).with(Pairing.ALIGNED);
    EquivariantTensorProduct product = new EquivariantTensorProduct(rho, head, head, bilinear);
    return List.of(
        new Subject(
            "tensor product",
            product,
            List.of(rho, head),
            head,
            Axes.FEATURES,
            () ->
                List.of(
                    random(dtype, samples, 3, rho.size()), random(dtype, samples, 3, head.size())),
            x -> product.forward(x.get(0), x.get(1))),
        subject(new EquivariantTensorSquare(rho, rho, bilinear), dtype, samples),
        subject(new GatedMlp(rho, rho, List.of(head), bilinear), dtype, samples));
  }

  /** Of largest dimension; the quaternionic one of Q8. */
  private static Representation largestIrrep(Representation rho) {
    return Representation.irrep(
        Collections.max(rho.irreps(), Comparator.comparingInt(Irrep::dimension)));
  }

  /** Two heads, from queries to other keys and values, through every kind of mask. */
  private static List<Subject> attention(Representation rho, MapOptions options, int samples) {
    Dtype dtype = options.dtype();
    int size = rho.size();
    Tensor padding = torch.zeros(samples, 4).to(torch.ScalarType.Bool);
    padding.select(1, 3).fill_(new Scalar(1.0));
    Tensor added = random(Dtype.FLOAT64, 2L * samples, 3, 4);
    Function<Tensor, AttentionMasks> masks =
        query ->
            AttentionMasks.causal()
                .withKeyPadding(padding)
                .withAttention(added.to(query.scalar_type()));
    AttentionOptions heads = AttentionOptions.heads(2).with(options).withDropout(0.25);
    EquivariantMultiheadAttention batchFirst = new EquivariantMultiheadAttention(rho, heads);
    EquivariantMultiheadAttention timeFirst =
        new EquivariantMultiheadAttention(rho, heads.timeFirst());
    return List.of(
        new Subject(
            "attention with masks",
            batchFirst,
            List.of(rho, rho, rho),
            rho,
            Axes.FEATURES,
            () ->
                List.of(
                    random(dtype, samples, 3, size),
                    random(dtype, samples, 4, size),
                    random(dtype, samples, 4, size).sin()),
            x -> batchFirst.forward(x.get(0), x.get(1), x.get(2), masks.apply(x.get(0)))),
        new Subject(
            "weights of attention",
            batchFirst,
            List.of(rho, rho),
            Representation.trivial(rho.group()).times(4),
            Axes.FEATURES,
            () -> List.of(random(dtype, samples, 3, size), random(dtype, samples, 4, size)),
            x -> batchFirst.weights(x.get(0), x.get(1), masks.apply(x.get(0)))),
        new Subject(
            "attention, time first",
            timeFirst,
            List.of(rho),
            rho,
            Axes.FEATURES,
            () -> List.of(random(dtype, 3, samples, size)),
            x -> timeFirst.forward(x.get(0))));
  }

  /** Attention that knows positions, of pairs of copies, which may turn into each other. */
  private static List<Subject> positions(Representation rho, MapOptions options, int samples) {
    AttentionOptions one = AttentionOptions.heads(1).with(options);
    List<Subject> all = new ArrayList<>();
    for (EquivariantLayer layer :
        List.of(
            new EquivariantAdditivePositionalAttention(rho, 3, one.timeFirst()),
            new EquivariantRelativePositionalAttention(rho, 1, one),
            new EquivariantRotaryPositionalAttention(pairs(rho), 100, one))) {
      all.add(subject(layer, options.dtype(), layer.axes() == Axes.SEQUENCE ? samples : 3));
    }
    return all;
  }

  /** Every summand twice, one after the other. */
  private static Representation pairs(Representation rho) {
    return Representation.directSum(rho.summands().stream().map(s -> s.times(2)).toList());
  }

  /** From three tokens to four of memory. */
  private static Subject decoder(Representation rho, MapOptions options, int samples) {
    Dtype dtype = options.dtype();
    EquivariantTransformerDecoderLayer layer =
        new EquivariantTransformerDecoderLayer(
            rho, transformer(options).with(PositionEncoding.relative(2)).withNormFirst(false));
    return new Subject(
        "decoder layer",
        layer,
        List.of(rho, rho),
        rho,
        Axes.FEATURES,
        () -> List.of(random(dtype, samples, 3, rho.size()), random(dtype, samples, 4, rho.size())),
        x -> layer.forward(x.get(0), x.get(1), AttentionMasks.causal(), AttentionMasks.none()));
  }

  private static List<Subject> stacks(Representation rho, MapOptions options, int samples) {
    Dtype dtype = options.dtype();
    TransformerLayerOptions layer = transformer(options).with(PositionEncoding.relative(2));
    EquivariantTransformerDecoder decoder = new EquivariantTransformerDecoder(rho, 2, layer);
    return List.of(
        subject(EquivariantTransformerEncoder.withNorm(rho, 2, layer), dtype, samples),
        new Subject(
            "stack of decoder layers",
            decoder,
            List.of(rho, rho),
            rho,
            Axes.FEATURES,
            () ->
                List.of(
                    random(dtype, samples, 3, rho.size()), random(dtype, samples, 4, rho.size())),
            x -> decoder.forward(x.get(0), x.get(1))));
  }

  /** From a sequence, a step and conditioning. */
  private static List<Subject> conditional(Representation rho, MapOptions options, int samples) {
    int order = rho.finiteGroup().order();
    CondTransformerOptions sizes =
        CondTransformerOptions.horizons(2, 1)
            .withLayers(1, 1)
            .withEmbedding(order % 2 == 0 ? order : 2 * order)
            .withDropout(0.25, 0.25)
            .with(options);
    return List.of(
        conditional(new EquivariantCondTransformerRegressor(rho, rho, rho, sizes), rho, samples),
        conditional(
            new EquivariantCondTransformer(
                rho, rho, rho, sizes.withCausalAttention(), CondTransformerLayers.defaults()),
            rho,
            samples));
  }

  private static Subject conditional(
      ConditionalTransformer network, Representation rho, int samples) {
    Dtype dtype = network.options().maps().dtype();
    return new Subject(
        network.toString(),
        network,
        List.of(rho, Representation.trivial(rho.group()), rho),
        rho,
        Axes.FEATURES,
        () ->
            List.of(
                random(dtype, samples, 2, rho.size()),
                random(dtype, samples, 1),
                random(dtype, samples, 1, rho.size())),
        x -> network.forward(x.get(0), x.get(1), x.get(2)));
  }

  /** So that no layer is left out of the laws here. */
  @Test
  void everyRegisteredLayerIsASubjectOrAPartOfOne() {
    Set<Class<?>> subjects = new HashSet<>();
    List<Subject> all = subjects(Representation.parse("D3: regular"), Dtype.FLOAT32, 2);
    all.addAll(PlainSubjects.all(Dtype.FLOAT32, 2)); // layers that claim no symmetry
    for (Subject subject : all) {
      subject.layer.namedLayers().values().forEach(layer -> subjects.add(layer.getClass()));
    }
    List<Class<?>> known = new ArrayList<>();
    LayerRegistry.standard().types().forEach(type -> known.add(type.layer()));
    known.removeAll(
        List.of(
            EmaStatistics.class,
            EquivariantEmaStatistics.class,
            HomEmaStatistics.class)); // no function of features
    known.remove(SteerableCnn.class); // its laws are in a test of its own
    known.remove(PointwiseDropout.class); // commutes in distribution alone
    assertThat(subjects).containsAll(known);
  }

  private static void assertEquivariant(Subject subject, Dtype dtype) {
    Equivariance.Report report = Equivariance.check(subject.claim());
    assertThat(report.relativeError())
        .as("%s", subject)
        .isLessThan(dtype == Dtype.FLOAT32 ? 1e-5 : 1e-11);
  }

  @ParameterizedTest
  @ValueSource(strings = {"C3", "C5", "D4", "Q8", "Icosahedral"})
  void isEquivariantInTrainingAndEvaluationInAnyBasis(String group) {
    Representation regular = Representation.parse(group + ": regular");
    Representation mixed =
        largestIrrep(regular).plus(Representation.trivial(regular.group())).plus(regular);
    for (Representation rho : List.of(regular, mixed, rotated(mixed))) {
      for (Dtype dtype : Fixtures.WIDE) {
        try (PointerScope scope = new PointerScope()) {
          for (Subject subject : subjects(rho, dtype, 2)) {
            assertEquivariant(subject, dtype);
            subject.layer.eval();
            assertEquivariant(subject, dtype);
          }
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "C3: regular + irrep(1)",
        "D4: irrep(1,1) + trivial",
        "Q8: irrep(1,1) + trivial",
        "Icosahedral: irrep(1) + trivial"
      })
  void gradientsOfParametersAndInputsAgreeWithFiniteDifferences(String text) {
    try (PointerScope scope = new PointerScope()) {
      Representation rho = rotated(Representation.parse(text));
      assertSlopes(subjects(rho, Dtype.FLOAT64, 1));
    }
  }

  @Test
  void gradientsOfPlainLayersAgreeWithFiniteDifferences() {
    try (PointerScope scope = new PointerScope()) {
      assertSlopes(PlainSubjects.all(Dtype.FLOAT64, 2));
    }
  }

  private static void assertSlopes(List<Subject> subjects) {
    for (Subject subject : subjects) {
      for (boolean training : new boolean[] {true, false}) {
        if (training && chooses(subject.layer)) {
          continue;
        }
        setMode(subject.layer, training);
        List<Tensor> inputs = subject.inputs.get();
        Map<String, Tensor> leaves = new LinkedHashMap<>(subject.layer.namedParameters());
        for (int i = 0; i < inputs.size(); i++) {
          leaves.put("input " + i + " of " + subject, inputs.get(i).set_requires_grad(true));
        }
        subject.layer.zeroGrad();
        assertSlopes(leaves, () -> subject.apply(inputs).sin().sum().add(zero(leaves)));
      }
    }
  }

  /** A choice has another function's gradient in training, so that it can be learned. */
  static boolean chooses(Layer layer) {
    return layer instanceof Canonicalization;
  }

  /** The slope along a direction in every leaf: (f(p + h v) - f(p - h v)) / 2h + O(h^2). */
  private static void assertSlopes(Map<String, Tensor> leaves, Supplier<Tensor> loss) {
    loss.get().backward();
    leaves.forEach(
        (name, leaf) -> {
          Tensor direction = random(Dtype.FLOAT64, Tensors.shape(leaf)).cos();
          double slope = leaf.grad().mul(direction).sum().item().toDouble();
          double up = along(leaf, direction, 1e-6, loss);
          double down = along(leaf, direction, -1e-6, loss);
          assertThat(slope).as(name).isCloseTo((up - down) / 2e-6, within(1e-6));
        });
  }

  private static double along(Tensor leaf, Tensor way, double step, Supplier<Tensor> loss) {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      Tensor before = leaf.clone();
      leaf.add_(way, new Scalar(step));
      double result = loss.get().item().toDouble();
      leaf.copy_(before);
      return result;
    }
  }

  /** So that every leaf has a gradient, zero where the function does not depend on it. */
  private static Tensor zero(Map<String, Tensor> leaves) {
    return leaves.values().stream()
        .map(leaf -> leaf.sum().mul(new Scalar(0.0)))
        .reduce(Tensor::add)
        .orElseThrow();
  }

  private static void setMode(Layer layer, boolean training) {
    if (training) {
      layer.train();
    } else {
      layer.eval();
    }
  }

  /** What is kept in evaluation is warm before the load, and no change of mode follows it. */
  @Test
  void loadedStateGivesTheSameOutputsInEveryPairOfModes() {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      Representation rho = rotated(Representation.parse("D3: regular + irrep(1,1)"));
      for (int modes = 0; modes < 4; modes++) {
        boolean from = modes % 2 == 0;
        boolean into = modes / 2 == 0;
        List<Subject> sources = subjects(rho, Dtype.FLOAT32, 2);
        List<Subject> targets = subjects(rho, Dtype.FLOAT32, 2);
        for (int i = 0; i < sources.size(); i++) {
          Subject one = sources.get(i);
          Subject two = targets.get(i);
          List<Tensor> x = one.inputs.get();
          one.layer
              .namedParameters()
              .values()
              .forEach(p -> p.set_data(p.detach().mul(p.detach()).add(new Scalar(0.1))));
          one.apply(x); // moves running statistics
          setMode(one.layer, from);
          setMode(two.layer, into);
          Tensor before = two.apply(x);
          two.layer.load(one.layer.stateDict());
          Tensor after = two.apply(x);
          setMode(one.layer, into);
          assertThat(distance(one.apply(x), after)).as("%s", one).isZero();
          if (!two.layer.namedParameters().isEmpty()) {
            assertThat(distance(before, after)).as("%s", one).isPositive();
          }
        }
      }
    }
  }

  @Test
  void movesBetweenDtypesKeepTheFunction() {
    try (PointerScope scope = new PointerScope()) {
      Representation rho = rotated(Representation.parse("D3: regular + irrep(1,1)"));
      for (Subject subject : subjects(rho, Dtype.FLOAT32, 2)) {
        List<Tensor> x = subject.inputs.get();
        subject.layer.eval();
        Tensor before = subject.apply(x);
        subject.layer.to(Dtype.FLOAT64);
        Tensor wide = subject.apply(x.stream().map(t -> t.to(Dtype.FLOAT64.scalarType())).toList());
        assertThat(Tensors.dtypeName(wide)).isEqualTo("float64");
        assertThat(distance(before, wide) / wide.abs().max().item().toDouble())
            .as("%s", subject)
            .isLessThan(1e-5);
        subject.layer.to(Dtype.FLOAT32);
        assertThat(distance(before, subject.apply(x))).as("%s", subject).isZero();
      }
    }
  }

  @Test
  void zeroHasFiniteOutputsAndGradients() {
    try (PointerScope scope = new PointerScope()) {
      Representation rho = Representation.parse("D3: regular");
      for (Subject subject : subjects(rho, Dtype.FLOAT32, 2)) {
        List<Tensor> inputs =
            subject.inputs.get().stream()
                .map(x -> x.mul(new Scalar(0.0)).set_requires_grad(true))
                .toList();
        Tensor y = subject.apply(inputs);
        y.sum().backward();
        assertThat(Arrays.stream(Tensors.toArray(y))).as("%s", subject).allMatch(Double::isFinite);
        for (Tensor x : inputs) {
          assertThat(Arrays.stream(Tensors.toArray(x.grad())))
              .as("%s", subject)
              .allMatch(Double::isFinite);
        }
      }
    }
  }

  @Test
  void eachLayerOfAModelIsCheckedByItself() {
    try (PointerScope scope = new PointerScope()) {
      Representation rho = Representation.parse("C3: regular");
      for (EquivariantLayer layer : layers(rho, Dtype.FLOAT64)) {
        ((Layer) layer).eval();
        Map<String, Equivariance.Report> reports = Equivariance.checkEach((Layer) layer);
        assertThat(reports).containsKey("");
        reports.values().forEach(r -> assertThat(r.relativeError()).isLessThan(1e-11));
      }
      for (AffineOptions options :
          List.of(AffineOptions.defaults(), AffineOptions.defaults().withoutBias())) {
        Map<String, Equivariance.Report> film =
            Equivariance.checkEach(new EquivariantFilm(rotated(rho), options));
        assertThat(error(film, "")).isPositive().isLessThan(1e-5);
      }
      EquivariantSequential model =
          EquivariantSequential.of(
              new EquivariantLinear(rho, rho),
              Fixtures.ownLayer(rho, x -> x.cumsum(-1)),
              new EquivariantLinear(rho, rho));
      Map<String, Equivariance.Report> reports = Equivariance.checkEach(model.eval());
      assertThat(reports.keySet())
          .containsExactly("", "0", "0.bias_module", "1", "2", "2.bias_module");
      assertThat(error(reports, "1")).isGreaterThan(0.1);
      assertThat(error(reports, "0")).isLessThan(1e-6);
      assertThat(error(reports, "2")).isLessThan(1e-6);
    }
  }

  private static double error(Map<String, Equivariance.Report> reports, String name) {
    return Objects.requireNonNull(reports.get(name)).relativeError();
  }
}
