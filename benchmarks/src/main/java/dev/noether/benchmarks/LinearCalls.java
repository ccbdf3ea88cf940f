package dev.noether.benchmarks;

import dev.noether.group.Irrep;
import dev.noether.nn.EquivariantSequential;
import dev.noether.nn.Layer;
import dev.noether.nn.linear.EquivariantLinear;
import dev.noether.nn.linear.Linear;
import dev.noether.nn.linear.MapOptions;
import dev.noether.rep.HomSpace;
import dev.noether.rep.Representation;
import dev.noether.spectral.Execution;
import dev.noether.torch.Scopes;
import dev.noether.torch.Tensors;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * A linear layer between copies of one representation and copies of another, or a chain of them,
 * and LibTorch's calls for it alone, which read the layer's own tables and parameters of their own.
 */
abstract class LinearCalls {
  private final Layer layer;
  private final Map<String, Tensor> parameters = new LinkedHashMap<>();
  private final Map<String, Tensor> tables;

  private LinearCalls(Layer layer) {
    this.layer = layer;
    tables = new LinkedHashMap<>(layer.namedBuffers());
    layer
        .namedParameters()
        .forEach((name, own) -> parameters.put(name, Scopes.keep(own.detach().clone())));
    parameters.values().forEach(own -> own.set_requires_grad(true));
  }

  /**
   * A layer and its calls.
   *
   * @param way dense, projected, spectral, padded, or the number of layers of a chain in the
   *     isotypic basis
   */
  static LinearCalls of(Representation in, Representation out, String way) {
    return switch (way) {
      case "dense" -> new Dense(in, out);
      case "projected" -> new Projected(in, out);
      case "spectral" -> new Spectral(linear(in, out, Execution.SPECTRAL), in, out, List.of(""));
      case "padded" -> new Padded(in, out);
      default -> chain(in, out, Integer.parseInt(way));
    };
  }

  private static LinearCalls chain(Representation in, Representation out, int depth) {
    List<EquivariantLinear> layers =
        IntStream.range(0, depth)
            .mapToObj(i -> linear(i == 0 ? in : out, out, Execution.SPECTRAL))
            .toList();
    List<String> names = IntStream.range(0, depth).mapToObj(i -> i + ".").toList();
    return new Spectral(new EquivariantSequential(layers), in, out, names);
  }

  private static EquivariantLinear linear(Representation in, Representation out, Execution way) {
    return new EquivariantLinear(in, out, MapOptions.defaults().withSeed(0).with(way));
  }

  /** The calls alone. */
  abstract Tensor apply(Tensor input);

  /** Reads what the layer has made by now, after a step. */
  final void readTables() {
    tables.putAll(layer.namedLazyBuffers());
  }

  Layer layer() {
    return layer;
  }

  Map<String, Tensor> parameters() {
    return parameters;
  }

  final Tensor parameter(String name) {
    return Objects.requireNonNull(parameters.get(name), name);
  }

  final Tensor table(String name) {
    return Objects.requireNonNull(tables.get(name), name);
  }

  final @Nullable Tensor tableOrNull(String name) {
    return tables.get(name);
  }

  /** Places that are kept, or those of the first pair of summands with the offsets of others. */
  final Tensor places(String name) {
    Tensor whole = tableOrNull(name);
    if (whole != null) {
      return whole.element_size() < Integer.BYTES ? whole.to(ScalarType.Int) : whole;
    }
    Tensor across = tableOrNull(name + "_across");
    Tensor down = tableOrNull(name + "_down");
    Tensor first = table(name + "_first");
    Tensor strip = across == null ? first : first.add(across);
    return down == null ? strip.view(-1) : strip.view(1, -1).add(down).view(-1);
  }

  /** The bias, from the fixed vectors of all copies where they are few, else from those of one. */
  final Tensor bias(long copies) {
    Tensor own = parameter("bias_module.bias_dof");
    Tensor whole = tableOrNull("bias_module.fixed");
    return whole != null
        ? whole.mv(own)
        : own.view(copies, 1).mm(table("bias_module.fixed_0")).view(-1);
  }

  /** The order of the coefficients, the entries of the weight, a bias, one product. */
  private static final class Dense extends LinearCalls {
    private final long in;
    private final long out;
    private final long pairs;
    private final long copies;

    Dense(Representation in, Representation out) {
      super(linear(in, out, Execution.DENSE));
      this.in = in.size();
      this.out = out.size();
      copies = out.summands().size();
      pairs = in.summands().size() * copies;
    }

    @Override
    Tensor apply(Tensor input) {
      Tensor into = tableOrNull("homo_basis.into");
      Tensor weights = parameter("weight_dof");
      Tensor own = into == null ? weights : weights.index_select(0, into);
      Tensor map = map(own.view(pairs, -1));
      return torch.addmm(bias(copies), input, map);
    }

    /** The entries pair by pair, put side by side; else slots and a gather. */
    private Tensor map(Tensor own) {
      Tensor entries = tableOrNull("homo_basis.entries");
      if (entries == null) {
        Tensor slots = own.mm(table("homo_basis.pair_0_basis")).view(-1);
        return slots.index_select(0, places("homo_basis.gather")).view(in, out);
      }
      long summands = pairs / copies;
      return own.mm(entries)
          .view(copies, summands, in / summands, out / copies)
          .permute(1, 2, 0, 3)
          .reshape(in, out);
    }
  }

  /** Sums of the entries of each slot, their means, a gather, the bias's projection, a product. */
  private static final class Projected extends LinearCalls {
    private static final String WEIGHT = "parametrizations.weight.0.homo_basis.";

    private final long in;
    private final long out;
    private final long copies;

    Projected(Representation in, Representation out) {
      super(layer(in, out));
      this.in = in.size();
      this.out = out.size();
      copies = out.summands().size();
    }

    private static Linear layer(Representation in, Representation out) {
      Linear layer = new Linear(in.size(), out.size());
      layer.impose(in, out);
      return layer;
    }

    @Override
    Tensor apply(Tensor input) {
      Tensor weight = parameter("parametrizations.weight.original");
      Tensor share = table(WEIGHT + "pair_0_weight");
      long slots = in * out / (in / share.size(0)) / (out / copies) * share.size(0);
      Tensor sums =
          weight
              .new_zeros(slots)
              .index_add_(0, places(WEIGHT + "gather_rows"), weight.view(-1), new Scalar(1.0));
      Tensor means = sums.view(-1, share.size(0)).mul(share).view(-1);
      Tensor map = means.index_select(0, places(WEIGHT + "gather")).view(in, out);
      return torch.addmm(bias(), input, map);
    }

    private Tensor bias() {
      Tensor own = parameter("parametrizations.bias.original");
      Tensor whole = tableOrNull("parametrizations.bias.0.fixed");
      if (whole != null) {
        return whole.mv(whole.t().mv(own));
      }
      Tensor fixed = table("parametrizations.bias.0.fixed_0");
      return own.view(copies, -1).mm(fixed.t()).mm(fixed).view(-1);
    }
  }

  /** A change of basis, one product for all irreps filled up with zeros, and the way back. */
  private static final class Padded extends LinearCalls {
    private final Representation in;
    private final Representation out;
    private final long irreps;
    private final long rows;
    private final boolean negates;

    Padded(Representation in, Representation out) {
      super(linear(in, out, Execution.SPECTRAL));
      this.in = in;
      this.out = out;
      List<HomSpace.Block> blocks = HomSpace.between(in, out).blocks();
      irreps = blocks.size();
      rows = blocks.stream().mapToInt(block -> block.irrep().rows()).max().orElseThrow();
      negates = blocks.stream().anyMatch(block -> block.irrep().type().endomorphismDimension() > 1);
    }

    @Override
    Tensor apply(Tensor input) {
      long samples = input.size(0);
      long from = in.summands().size();
      long to = out.summands().size();
      Tensor enter = table("spectral.padded.enter");
      Tensor leave = table("spectral.padded.leave");
      long columnsIn = enter.size(1) / irreps / rows;
      long columnsOut = leave.size(0) / irreps / rows;
      Tensor features =
          input
              .view(samples * from, -1)
              .mm(enter)
              .view(samples, from, irreps, rows, columnsIn)
              .permute(2, 0, 3, 4, 1)
              .reshape(irreps, samples * rows, columnsIn * from);
      Tensor own = parameter("weight_dof");
      Tensor zeros = tableOrNull("spectral.padded.zeros");
      List<Tensor> sources = new ArrayList<>(List.of(own));
      if (negates) {
        sources.add(own.neg());
      }
      if (zeros != null) {
        sources.add(zeros);
      }
      Tensor weights = Tensors.join(0, sources).index_select(0, table("spectral.padded.places"));
      return features
          .bmm(weights.view(irreps, columnsIn * from, columnsOut * to))
          .view(irreps, samples, rows, columnsOut, to)
          .permute(1, 4, 0, 2, 3)
          .reshape(samples * to, irreps * rows * columnsOut)
          .mm(leave)
          .view(samples, out.size())
          .add(bias(to));
    }
  }

  /** A change of basis, a product for each irrep and layer, and the way back. */
  private static final class Spectral extends LinearCalls {
    private final Representation in;
    private final Representation out;
    private final List<String> layers;
    private final List<Irrep> irreps;

    Spectral(Layer layer, Representation in, Representation out, List<String> layers) {
      super(layer);
      this.in = in;
      this.out = out;
      this.layers = layers;
      irreps = HomSpace.between(in, out).blocks().stream().map(HomSpace.Block::irrep).toList();
    }

    private static long columns(Representation summand, Irrep irrep) {
      return (long) irrep.type().endomorphismDimension() * summand.copies(irrep).size();
    }

    @Override
    Tensor apply(Tensor input) {
      List<Tensor> features = enter(input);
      Representation from = in;
      for (String layer : layers) {
        features = mix(layer, features, from);
        from = out;
      }
      return leave(features);
    }

    /** Where copies are many, coordinates become rows, and copies lie side by side. */
    private boolean byColumns(Representation side) {
      int copies = side.summands().size();
      return copies * irreps.size() > side.summands().get(0).size();
    }

    private List<Tensor> enter(Tensor input) {
      Representation summand = in.summands().get(0);
      long size = summand.size();
      long copies = in.summands().size();
      long samples = input.size(0);
      Tensor matrix = table(layers.get(0) + "spectral.in_0.matrix");
      Tensor vectors = input.view(samples * copies, size);
      Tensor turned =
          byColumns(in)
              ? matrix
                  .narrow(1, 0, size)
                  .t()
                  .mm(vectors.t())
                  .view(size, samples, copies)
                  .permute(1, 2, 0)
              : vectors.mm(matrix).view(samples, copies, matrix.size(1));
      LongStream widths = irreps.stream().mapToLong(i -> i.rows() * columns(summand, i));
      LongStream filled = LongStream.of(turned.size(2) - size).filter(width -> width > 0);
      List<Tensor> pieces = Tensors.split(turned, 2, LongStream.concat(widths, filled).toArray());
      List<Tensor> features = new ArrayList<>();
      for (int k = 0; k < irreps.size(); k++) {
        Irrep irrep = irreps.get(k);
        Tensor piece = pieces.get(k).transpose(1, 2);
        features.add(piece.reshape(samples * irrep.rows(), columns(summand, irrep) * copies));
      }
      return features;
    }

    private List<Tensor> mix(String layer, List<Tensor> features, Representation from) {
      Tensor placed =
          parameter(layer + "weight_dof").index_select(0, table(layer + "spectral.gather"));
      Tensor signs = tableOrNull(layer + "spectral.signs");
      Representation to = out.summands().get(0);
      long[] rows = widths(from.summands().get(0), from.summands().size());
      long[] columns = widths(to, out.summands().size());
      long[] sizes = IntStream.range(0, rows.length).mapToLong(k -> rows[k] * columns[k]).toArray();
      List<Tensor> maps = Tensors.split(signs == null ? placed : placed.mul(signs), 0, sizes);
      List<Tensor> mixed = new ArrayList<>();
      for (int k = 0; k < irreps.size(); k++) {
        Tensor map = maps.get(k).view(rows[k], columns[k]);
        mixed.add(
            irreps.get(k).isTrivial()
                ? torch.addmm(parameter(layer + "bias_module.bias_dof"), features.get(k), map)
                : features.get(k).mm(map));
      }
      return mixed;
    }

    private long[] widths(Representation summand, int copies) {
      return irreps.stream().mapToLong(irrep -> columns(summand, irrep) * copies).toArray();
    }

    private Tensor leave(List<Tensor> features) {
      Representation summand = out.summands().get(0);
      long size = summand.size();
      long copies = out.summands().size();
      long samples = features.get(0).size(0) / irreps.get(0).rows();
      Tensor matrix = table(layers.get(layers.size() - 1) + "spectral.out_0.matrix");
      List<Tensor> parts = new ArrayList<>();
      for (int k = 0; k < irreps.size(); k++) {
        Irrep irrep = irreps.get(k);
        Tensor own = features.get(k).view(samples, irrep.rows() * columns(summand, irrep), copies);
        parts.add(byColumns(out) ? own.transpose(0, 1) : own.transpose(1, 2));
      }
      if (byColumns(out)) {
        Tensor vectors = Tensors.join(0, parts).view(size, samples * copies).t();
        return vectors.mm(matrix.narrow(1, 0, size).t()).view(samples, out.size());
      }
      long width = matrix.size(1);
      if (width > size) {
        parts.add(features.get(0).new_zeros(samples, copies, width - size));
      }
      Tensor vectors = Tensors.join(2, parts).view(samples * copies, width);
      return vectors.mm(matrix.t()).view(samples, out.size());
    }
  }
}
