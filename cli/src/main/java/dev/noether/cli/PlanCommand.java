package dev.noether.cli;

import static dev.noether.algebra.Checks.require;

import dev.noether.nn.linear.MapOptions;
import dev.noether.rep.HomSpace;
import dev.noether.rep.Representation;
import dev.noether.spectral.MapPlan;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code noether plan IN OUT}: the equivariant maps between two representations, to read. */
@Command(
    name = "plan",
    description = "Shows the equivariant maps between two representations: blocks, work, bytes.",
    footer = {
      "",
      "  noether plan 'C4: 2 x regular' 'C4: regular + trivial'",
      "  noether plan 'Icosahedral: 2 x regular' 'Icosahedral: 4 x regular' --ranks 1024"
    })
final class PlanCommand implements Callable<Integer>, PureJava {
  private static final List<Integer> BATCHES = List.of(1, 64, 1024);

  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(index = "0", paramLabel = "IN", description = "as 'Icosahedral: 2 x regular'")
  private String in = "";

  @Parameters(index = "1", paramLabel = "OUT", description = "as 'Icosahedral: 4 x regular'")
  private String out = "";

  @Option(
      names = "--batch",
      paramLabel = "N",
      description = "plan for this batch size (1, 64 and 1024)")
  private int batch;

  @Mixin private JsonOption json = new JsonOption();

  @Mixin private RankPlan ranks = new RankPlan();

  /** One block of the maps. */
  record Block(List<Integer> irrep, int multiplicityIn, int multiplicityOut, int dimension) {}

  /** The whole plan. */
  record Content(int dimension, List<Block> blocks, long multiplyAddsPerSample, long bytes) {}

  /** The same with a plan for many ranks. */
  record RankedContent(
      int dimension,
      List<Block> blocks,
      long multiplyAddsPerSample,
      long bytes,
      RankPlan.Content ranks) {}

  @Override
  public boolean asksForLibTorch() {
    return ranks.isAsked();
  }

  @Override
  public Integer call() throws IOException {
    json.requireWritable();
    require(
        batch >= 1 || !spec.commandLine().getParseResult().hasMatchedOption("--batch"),
        "--batch must be at least 1, got %d",
        batch);
    ranks.requireSense();
    Representation from = Representation.parse(in);
    Representation to = Representation.parse(out);
    HomSpace space = HomSpace.between(from, to);
    MapOptions usual = MapOptions.defaults();
    long bytes = MapPlan.predictedBytes(from, to, usual.expansion(), usual.dtype());
    Page page = Page.of(spec);
    if (!json.replacesPage()) {
      print(space, bytes, page);
    }
    RankPlan.Content many = ranks.content(from, to, batch >= 1 ? batch : 1024);
    if (many != null && !json.replacesPage()) {
      RankPlan.print(many, page);
    }
    Content plan = content(space, bytes);
    json.write(page, () -> many == null ? plan : ranked(plan, many));
    return 0;
  }

  private static RankedContent ranked(Content plan, RankPlan.Content many) {
    return new RankedContent(
        plan.dimension(), plan.blocks(), plan.multiplyAddsPerSample(), plan.bytes(), many);
  }

  private static Content content(HomSpace space, long bytes) {
    List<Block> blocks =
        space.blocks().stream()
            .map(
                b ->
                    new Block(
                        b.irrep().id().numbers(),
                        b.in().multiplicity(),
                        b.out().multiplicity(),
                        b.dim()))
            .toList();
    return new Content(space.dim(), blocks, space.multiplyAddsPerSample(), bytes);
  }

  private void print(HomSpace space, long bytes, Page writer) {
    Representation from = space.in().representation();
    Representation to = space.out().representation();
    writer.printf("%s -> %s%n", from, to);
    writer.printf(
        "%,d free parameters, where a dense map has %,d%n",
        space.dim(), space.denseMultiplyAddsPerSample());
    writer.printf(
        "%,d multiply-adds per sample in the isotypic bases, where a dense map has %,d%n",
        space.multiplyAddsPerSample(), space.denseMultiplyAddsPerSample());
    if (space.dim() == 0) {
      writer.printf("The representations share no irrep: zero is the only equivariant map.%n");
      return;
    }
    writer.printf("%,d bytes in float32, parameters and what applies them%n", bytes);
    writer.printf("%nBlocks%n");
    Columns columns = new Columns("irrep", "<type", "copies in", "copies out", "parameters");
    for (HomSpace.Block block : space.blocks()) {
      columns.add(
          block.irrep().toString(),
          block.irrep().type().name().toLowerCase(Locale.ROOT),
          String.valueOf(block.in().multiplicity()),
          String.valueOf(block.out().multiplicity()),
          String.valueOf(block.dim()));
    }
    writer.print(columns);
    writer.printf("%nExecution that AUTO chooses%n");
    for (int samples : batch >= 1 ? List.of(batch) : BATCHES) {
      for (boolean training : new boolean[] {true, false}) {
        writer.printf(
            "  batch %d, %s: %s%n",
            samples, training ? "training" : "evaluation", MapPlan.of(space, samples, training));
      }
    }
  }
}
