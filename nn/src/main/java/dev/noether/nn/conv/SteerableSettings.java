package dev.noether.nn.conv;

import static dev.noether.algebra.Checks.require;

import dev.noether.kernel.KernelBlock;
import dev.noether.kernel.KernelElement;
import dev.noether.kernel.KernelExpansion;
import dev.noether.kernel.KernelPair;
import dev.noether.kernel.Ring;
import dev.noether.kernel.Rings;
import dev.noether.nn.SettingGroup;
import dev.noether.nn.Settings;
import dev.noether.plain.Border;
import dev.noether.plain.ConvolutionOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** The options of steerable convolutions in an architecture. */
final class SteerableSettings {
  static final SettingGroup<SteerableOptions> OPTIONS =
      new SettingGroup<SteerableOptions>()
          .required("kernel_size", own -> own.geometry().kernelSize())
          .with("stride", own -> own.geometry().stride(), 1)
          .with("padding", own -> own.geometry().padding(), 0)
          .with("dilation", own -> own.geometry().dilation(), 1)
          .with("output_padding", own -> own.geometry().outputPadding(), 0)
          .with("groups", own -> own.geometry().groups(), 1)
          .with("padding_mode", own -> own.geometry().paddingMode().name(), "ZEROS")
          .with("rings", own -> own.rings().map(SteerableSettings::text).orElse(""), "")
          .with("pixels", SteerableOptions::pixels, false)
          .with("exact", SteerableOptions::exact, false)
          .with("bias", SteerableOptions::bias, true);

  private SteerableSettings() {}

  static SteerableOptions of(Settings settings) {
    ConvolutionOptions geometry =
        new ConvolutionOptions(
            settings.whole("kernel_size"),
            settings.whole("stride"),
            settings.whole("padding"),
            settings.whole("dilation"),
            settings.whole("output_padding"),
            settings.whole("groups"),
            settings.constant(Border.class, "padding_mode"));
    SteerableOptions options = SteerableOptions.of(geometry).with(settings.dtype()).withSeed(0);
    String rings = settings.text("rings");
    boolean pixels = settings.flag("pixels");
    require(
        rings.isEmpty() || !pixels, "kernels are of all pixels or of rings, got both: '%s'", rings);
    options = rings.isEmpty() ? options : options.with(rings(rings));
    options = pixels ? options.ofPixels() : options;
    options = settings.flag("bias") ? options : options.withoutBias();
    options = settings.flag("exact") ? options.exactly() : options;
    String left = settings.text("left_out");
    if (!left.isEmpty()) {
      Set<String> keys = Set.of(left.split(SEPARATOR, -1));
      options = options.where(element -> !keys.contains(key(element)));
    }
    return options;
  }

  private static final String SEPARATOR = "; ";

  private static String text(Rings rings) {
    return rings.rings().stream()
        .map(ring -> ring.radius() + " " + ring.width() + " " + ring.highestFrequency())
        .collect(Collectors.joining(SEPARATOR));
  }

  private static Rings rings(String text) {
    List<Ring> rings = new ArrayList<>();
    for (String ring : text.split(SEPARATOR, -1)) {
      String[] numbers = ring.split(" ", -1);
      require(
          numbers.length == 3,
          "a ring is a radius, a width and a frequency, as '1.0 0.6 2', got '%s'",
          ring);
      try {
        rings.add(
            new Ring(
                Double.parseDouble(numbers[0]),
                Double.parseDouble(numbers[1]),
                Integer.parseInt(numbers[2])));
      } catch (NumberFormatException e) {
        throw new IllegalArgumentException("a ring has three numbers, got '" + ring + "'", e);
      }
    }
    return new Rings(rings);
  }

  /** The elements that a filter leaves out, as text; empty where there is no filter. */
  static String leftOut(SteerableConvolution layer) {
    SteerableOptions options = layer.options();
    if (options.filter() == SteerableOptions.ALL) {
      return "";
    }
    KernelExpansion own = layer.expansion();
    KernelExpansion whole = options.expansion(own.in(), own.out(), SteerableOptions.ALL);
    Set<String> out = new TreeSet<>();
    for (KernelPair pair : whole.pairs()) {
      for (KernelBlock block : pair.basis().basis().blocks()) {
        block.elements().stream()
            .filter(options.filter().negate())
            .forEach(element -> out.add(key(element)));
      }
    }
    return String.join(SEPARATOR, out);
  }

  private static String key(KernelElement element) {
    return String.join(
        " ",
        element.in().toString(),
        element.out().toString(),
        Integer.toString(element.frequency()),
        element.irrep().toString(),
        Integer.toString(element.endomorphism()),
        Integer.toString(element.productCopy()),
        Integer.toString(element.harmonicCopy()),
        Double.toString(element.ring().radius()),
        Double.toString(element.ring().width()));
  }
}
