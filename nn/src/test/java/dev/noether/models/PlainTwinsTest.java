package dev.noether.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.noether.nn.Layer;
import dev.noether.nn.attention.MultiheadAttention;
import dev.noether.nn.attention.PositionEncoding;
import dev.noether.nn.conv.ConvTranspose1d;
import dev.noether.nn.conv.Convolution;
import dev.noether.nn.linear.DenseOptions;
import dev.noether.nn.linear.Linear;
import dev.noether.nn.linear.MapOptions;
import dev.noether.nn.norm.BatchNorm1d;
import dev.noether.nn.norm.GroupNorm;
import dev.noether.nn.norm.LayerNorm;
import dev.noether.nn.norm.RmsNorm;
import dev.noether.torch.LibTorch;
import dev.noether.torch.Tensors;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The networks that equivariant ones are compared with start as PyTorch's do, part by part. */
class PlainTwinsTest {
  private static final int SIZE = 64;
  private static final DenseOptions DENSE = DenseOptions.defaults().withSeed(1);
  private static final MapOptions MAPS = MapOptions.defaults().withSeed(1);
  private static final Set<Class<?>> NORMS =
      Set.of(LayerNorm.class, RmsNorm.class, GroupNorm.class, BatchNorm1d.class);

  @BeforeAll
  static void load() {
    LibTorch.load();
  }

  private static double largest(Tensor tensor) {
    return tensor.abs().max().item().toDouble();
  }

  private static Tensor tensor(Map<String, Tensor> own, String name) {
    return Objects.requireNonNull(own.get(name), name);
  }

  /** All numbers between -bound and bound, and spread as evenly as so many are. */
  private static void assertUniform(Tensor drawn, double bound, String name) {
    assertThat(largest(drawn)).as(name).isLessThanOrEqualTo(bound);
    double deviation = drawn.std(false).item().toDouble();
    double rest = 5 / Math.sqrt((double) drawn.numel());
    assertThat(deviation * Math.sqrt(3) / bound).as(name).isCloseTo(1, within(rest));
    assertThat(drawn.mean().item().toDouble() / bound).as(name).isCloseTo(0, within(rest));
  }

  private static void assertFilled(Map<String, Tensor> own, String name, double value) {
    Tensor tensor = own.get(name);
    if (tensor != null) {
      assertThat(Tensors.toArray(tensor)).containsOnly(value);
    }
  }

  /** Numbers that a convolution's output is a sum of, as PyTorch counts them. */
  private static double fanIn(Convolution layer) {
    long channels = layer instanceof ConvTranspose1d ? layer.outChannels() : layer.inChannels();
    return (double) channels * layer.weight().size(2);
  }

  private static void assertAsPyTorchs(String name, Layer part) {
    Map<String, Tensor> own = part.namedParameters();
    if (part instanceof MultiheadAttention) {
      assertUniform(tensor(own, "in_proj_weight"), Math.sqrt(6.0 / (4 * SIZE)), name);
      assertFilled(own, "in_proj_bias", 0);
    } else if (part instanceof Linear || part instanceof Convolution) {
      double fan = part instanceof Linear l ? l.inFeatures() : fanIn((Convolution) part);
      assertUniform(tensor(own, "weight"), 1 / Math.sqrt(fan), name + ".weight");
      if (name.endsWith("out_proj")) {
        assertFilled(own, "bias", 0);
      } else {
        assertUniform(tensor(own, "bias"), 1 / Math.sqrt(fan), name + ".bias");
      }
    } else if (NORMS.contains(part.getClass())) {
      assertFilled(own, "weight", 1);
      assertFilled(own, "bias", 0);
    }
  }

  @Test
  void theirPartsHaveTheDistributionsOfPyTorchsModules() {
    TransformerLayerOptions layer = TransformerLayerOptions.plain(4).withFeedForward(96).with(MAPS);
    TimeCnnOptions signal = TimeCnnOptions.channels(16, 48, 64).normalized().withHead(80);
    try (PointerScope scope = new PointerScope()) {
      for (Layer network :
          List.of(
              new Mlp(SIZE, 48, MlpOptions.hidden(96, 80).withBatchNorm(), DENSE),
              new TimeCnn(24, 48, signal, DENSE),
              new TransformerEncoder(SIZE, 2, layer),
              new TransformerDecoder(SIZE, 2, layer.with(PositionEncoding.relative(3))),
              new ConditionalUnet1d(
                  32, 24, 16, UnetOptions.plain(48, 64).withGroups(8).withStepDim(16), DENSE))) {
        network.namedLayers().forEach(PlainTwinsTest::assertAsPyTorchs);
      }
    }
  }

  /** As the policies that they come from: one deviation for all matrices and for the positions. */
  @Test
  void conditionalTransformersStartNormallyDistributed() {
    CondTransformerOptions options =
        CondTransformerOptions.horizons(8, 8)
            .withLayers(2, 4)
            .withCondLayers(1)
            .withEmbedding(SIZE)
            .with(MAPS);
    CondTransformerLayers layers = CondTransformerLayers.defaults();
    try (PointerScope scope = new PointerScope()) {
      for (Layer network :
          List.of(
              new CondTransformerRegressor(24, 32, 24, options),
              new CondTransformer(24, 32, 24, options, layers))) {
        network
            .namedParameters()
            .forEach(
                (name, drawn) -> {
                  if (drawn.dim() > 1) {
                    double deviation = drawn.std(false).item().toDouble();
                    assertThat(deviation).as(name).isCloseTo(0.02, within(0.002));
                  } else {
                    assertThat(Tensors.toArray(drawn))
                        .as(name)
                        .containsOnly(name.endsWith("bias") ? 0 : 1);
                  }
                });
      }
    }
  }
}
