package dev.noether.nn;

import static dev.noether.Fixtures.dense;
import static dev.noether.Fixtures.norm;
import static dev.noether.Fixtures.random;

import dev.noether.models.CondTransformer;
import dev.noether.models.CondTransformerLayers;
import dev.noether.models.CondTransformerOptions;
import dev.noether.models.CondTransformerRegressor;
import dev.noether.models.ConditionalTransformer;
import dev.noether.models.ConditionalUnet1d;
import dev.noether.models.Mlp;
import dev.noether.models.MlpOptions;
import dev.noether.models.TimeCnn;
import dev.noether.models.TimeCnnOptions;
import dev.noether.models.TransformerDecoder;
import dev.noether.models.TransformerDecoderLayer;
import dev.noether.models.TransformerEncoder;
import dev.noether.models.TransformerEncoderLayer;
import dev.noether.models.TransformerLayerOptions;
import dev.noether.models.UnetConditions;
import dev.noether.models.UnetOptions;
import dev.noether.nn.EveryLayerTest.Subject;
import dev.noether.nn.activation.Dropout;
import dev.noether.nn.attention.AdditivePositionalAttention;
import dev.noether.nn.attention.AttentionMasks;
import dev.noether.nn.attention.AttentionOptions;
import dev.noether.nn.attention.MultiheadAttention;
import dev.noether.nn.attention.RelativePositionalAttention;
import dev.noether.nn.attention.RotaryPositionalAttention;
import dev.noether.nn.conv.Conv1d;
import dev.noether.nn.conv.ConvTranspose1d;
import dev.noether.nn.linear.MapOptions;
import dev.noether.nn.norm.BatchNorm1d;
import dev.noether.nn.norm.BatchStatisticsOptions;
import dev.noether.nn.norm.LayerNorm;
import dev.noether.nn.norm.RmsNorm;
import dev.noether.plain.Activation;
import dev.noether.plain.Axes;
import dev.noether.plain.ConvolutionOptions;
import dev.noether.rep.Representation;
import dev.noether.torch.Dtype;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;

/** The layers that claim no symmetry, for laws that hold for every layer. */
final class PlainSubjects {
  private static final int SIZE = 4;

  private PlainSubjects() {}

  private static Subject subject(
      Layer layer, Dtype dtype, long[] shape, UnaryOperator<Tensor> forward) {
    Representation none = Representation.parse("C1: " + SIZE + " x trivial");
    return new Subject(
        layer.toString(),
        layer,
        List.of(none),
        none,
        Axes.FEATURES,
        () -> List.of(random(dtype, shape)),
        x -> forward.apply(x.get(0)));
  }

  /** All of them, in a dtype. */
  static List<Subject> all(Dtype dtype, int samples) {
    MapOptions options = MapOptions.defaults().with(dtype).withSeed(1);
    long[] features = {samples, 3, SIZE};
    long[] channels = {samples, SIZE, 9};
    List<Subject> all = new ArrayList<>();
    BatchNorm1d batchNorm = new BatchNorm1d(SIZE, BatchStatisticsOptions.defaults().with(dtype));
    all.add(subject(batchNorm, dtype, channels, batchNorm::forward));
    ConvolutionOptions kernel = ConvolutionOptions.kernel(3).withPadding(1).withStride(2);
    Conv1d conv = new Conv1d(SIZE, 5, kernel, dense(options));
    all.add(subject(conv, dtype, channels, conv::forward));
    ConvTranspose1d transposed =
        new ConvTranspose1d(SIZE, 5, kernel.withOutputPadding(1), dense(options));
    all.add(subject(transposed, dtype, channels, transposed::forward));
    Dropout dropout = new Dropout(0.5);
    all.add(subject(dropout, dtype, features, dropout::forward));
    LayerNorm layerNorm = new LayerNorm(SIZE, norm(options));
    all.add(subject(layerNorm, dtype, features, layerNorm::forward));
    RmsNorm rmsNorm = new RmsNorm(SIZE, 1e-6, dtype);
    all.add(subject(rmsNorm, dtype, features, rmsNorm::forward));
    Mlp mlp =
        new Mlp(
            SIZE, 3, MlpOptions.hidden(5, 2).with(Activation.TANH).withBatchNorm(), dense(options));
    all.add(subject(mlp, dtype, new long[] {4, SIZE}, mlp::forward));
    TimeCnn cnn =
        new TimeCnn(
            SIZE, 3, TimeCnnOptions.channels(5, 2).normalized().withHead(2), dense(options));
    all.add(subject(cnn, dtype, new long[] {samples, SIZE, 5}, cnn::forward));
    ConditionalUnet1d unet =
        new ConditionalUnet1d(
            SIZE, 2, 0, UnetOptions.plain(2, 4).withGroups(2).withStepDim(2), dense(options));
    Tensor seen = random(dtype, samples, 2);
    all.add(
        subject(
            unet,
            dtype,
            new long[] {samples, SIZE, 4},
            x -> unet.forward(x, 0.5, UnetConditions.of(seen.to(x.scalar_type())))));
    all.addAll(attention(options, features));
    CondTransformerOptions sizes =
        CondTransformerOptions.horizons(3, 3).withLayers(1, 2).withEmbedding(SIZE).with(options);
    ConditionalTransformer regressor = new CondTransformerRegressor(SIZE, SIZE, 2, sizes);
    ConditionalTransformer network =
        new CondTransformer(SIZE, SIZE, 2, sizes, CondTransformerLayers.defaults());
    all.add(subject(regressor, dtype, features, x -> regressor.forward(x, 0.5, x.sin())));
    all.add(subject(network, dtype, features, x -> network.forward(x, 7, x.sin())));
    return all;
  }

  private static List<Subject> attention(MapOptions options, long[] features) {
    Dtype dtype = options.dtype();
    AttentionOptions heads = AttentionOptions.heads(2).with(options);
    MultiheadAttention plain = new MultiheadAttention(SIZE, heads);
    AdditivePositionalAttention additive = new AdditivePositionalAttention(SIZE, 3, heads);
    RelativePositionalAttention relative = new RelativePositionalAttention(SIZE, 1, heads);
    RotaryPositionalAttention rotary = new RotaryPositionalAttention(SIZE, 100, heads);
    TransformerLayerOptions transformer =
        TransformerLayerOptions.plain(2).withFeedForward(6).with(Activation.GELU).with(options);
    TransformerEncoderLayer encoder = new TransformerEncoderLayer(SIZE, transformer);
    TransformerDecoderLayer decoder = new TransformerDecoderLayer(SIZE, transformer);
    TransformerEncoder encoders = TransformerEncoder.withNorm(SIZE, 2, transformer);
    TransformerDecoder decoders = new TransformerDecoder(SIZE, 2, transformer);
    return List.of(
        subject(encoders, dtype, features, encoders::forward),
        subject(decoders, dtype, features, x -> decoders.forward(x, x.sin())),
        subject(plain, dtype, features, plain::forward),
        subject(additive, dtype, features, additive::forward),
        subject(relative, dtype, features, relative::forward),
        subject(rotary, dtype, features, rotary::forward),
        subject(encoder, dtype, features, encoder::forward),
        subject(
            decoder,
            dtype,
            features,
            x -> decoder.forward(x, x.sin(), AttentionMasks.causal(), AttentionMasks.none())));
  }
}
