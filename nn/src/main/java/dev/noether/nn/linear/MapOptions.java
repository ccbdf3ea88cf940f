package dev.noether.nn.linear;

import static dev.noether.algebra.Checks.require;

import dev.noether.group.Subgroup;
import dev.noether.hom.BasisExpansion;
import dev.noether.hom.Initialization;
import dev.noether.nn.EquivariantFunction;
import dev.noether.nn.SettingGroup;
import dev.noether.nn.Settings;
import dev.noether.rep.Representation;
import dev.noether.spectral.Execution;
import dev.noether.torch.Dtype;
import dev.noether.torch.Seeds;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * How a layer of equivariant maps is made. Start from {@link #defaults()} and change what differs.
 *
 * @param bias whether the layer adds a bias
 * @param expansion the coordinates of the equivariant map
 * @param execution how the equivariant map is applied
 * @param initialization how the weight is drawn
 * @param seed the seed of the layer's own generator; empty draws from LibTorch's
 * @param dtype the dtype of the layer
 * @param subgroup elements of the group, by index, that generate the subgroup with which maps
 *     commute, none for the whole group; after -1 those of a subgroup of that one, as a group of
 *     its own
 */
public record MapOptions(
    boolean bias,
    BasisExpansion expansion,
    Execution execution,
    Initialization initialization,
    OptionalLong seed,
    Dtype dtype,
    List<Integer> subgroup) {
  /** What stands before a subgroup of a subgroup. */
  private static final int NEXT = -1;

  /** The setting that tells the subgroup. */
  public static final String SUBGROUP = "subgroup";

  /** The settings of an architecture. */
  public static final SettingGroup<MapOptions> SETTINGS =
      new SettingGroup<MapOptions>()
          .with("bias", MapOptions::bias, true)
          .with("expansion", MapOptions::expansion, BasisExpansion.ISOTYPIC_EXPANSION)
          .with("execution", MapOptions::execution, Execution.AUTO)
          .with("initialization", MapOptions::initialization, Initialization.XAVIER_NORMAL)
          .sometimes(
              SUBGROUP,
              options ->
                  options.subgroup.isEmpty() ? Optional.empty() : Optional.of(options.subgroup),
              List.of());

  /**
   * Copies the list.
   *
   * @param bias whether the layer adds a bias
   * @param expansion the coordinates of the equivariant map
   * @param execution how the equivariant map is applied
   * @param initialization how the weight is drawn
   * @param seed the seed of the layer's own generator; empty draws from LibTorch's
   * @param dtype the dtype of the layer
   * @param subgroup elements that generate the subgroup with which maps commute
   */
  public MapOptions {
    subgroup = List.copyOf(subgroup);
  }

  /**
   * Reads the options.
   *
   * @param settings an architecture's settings
   * @return the options, with a seed
   * @throws IllegalArgumentException if one does not fit
   */
  public static MapOptions of(Settings settings) {
    return new MapOptions(
        settings.flag("bias"),
        settings.constant(BasisExpansion.class, "expansion"),
        settings.constant(Execution.class, "execution"),
        settings.constant(Initialization.class, "initialization"),
        OptionalLong.of(0),
        settings.dtype(),
        settings.wholes(SUBGROUP));
  }

  /**
   * A bias, isotypic expansion, automatic execution, Xavier normal, LibTorch's generator, float32.
   *
   * @return the defaults
   */
  public static MapOptions defaults() {
    return new MapOptions(
        true,
        BasisExpansion.ISOTYPIC_EXPANSION,
        Execution.AUTO,
        Initialization.XAVIER_NORMAL,
        OptionalLong.empty(),
        Dtype.FLOAT32,
        List.of());
  }

  /**
   * The same without a bias.
   *
   * @return new options
   */
  public MapOptions withoutBias() {
    return new MapOptions(false, expansion, execution, initialization, seed, dtype, subgroup);
  }

  /**
   * The same with another expansion.
   *
   * @param other the expansion
   * @return new options
   */
  public MapOptions with(BasisExpansion other) {
    return new MapOptions(bias, other, execution, initialization, seed, dtype, subgroup);
  }

  /**
   * The same with another execution.
   *
   * @param other how the equivariant map is applied
   * @return new options
   */
  public MapOptions with(Execution other) {
    return new MapOptions(bias, expansion, other, initialization, seed, dtype, subgroup);
  }

  /**
   * The same with another initialization.
   *
   * @param other the initialization
   * @return new options
   */
  public MapOptions with(Initialization other) {
    return new MapOptions(bias, expansion, execution, other, seed, dtype, subgroup);
  }

  /**
   * The same with a seed of its own.
   *
   * @param value the seed
   * @return new options
   */
  public MapOptions withSeed(long value) {
    return new MapOptions(
        bias, expansion, execution, initialization, OptionalLong.of(value), dtype, subgroup);
  }

  /**
   * The same in another dtype.
   *
   * @param other the dtype
   * @return new options
   */
  public MapOptions with(Dtype other) {
    return new MapOptions(bias, expansion, execution, initialization, seed, other, subgroup);
  }

  /**
   * The same with the seed of a further part, so that parts of one layer differ.
   *
   * @param part the number of the part
   * @return new options; the same where there is no seed
   */
  public MapOptions forPart(int part) {
    return new MapOptions(
        bias, expansion, execution, initialization, Seeds.next(seed, part), dtype, subgroup);
  }

  /**
   * The same for a layer whose maps commute with a subgroup only. Whatever else the layer holds, as
   * the norms of a model, is as over the whole group; so a model with these options can be every
   * function that the model over the whole group can be. See {@link
   * dev.noether.nn.symmetry.Restriction}.
   *
   * @param smaller the subgroup; of the subgroup as a group of its own, where there is one already
   * @return new options
   */
  public MapOptions within(Subgroup smaller) {
    return with(within(subgroup, smaller));
  }

  /**
   * The setting {@link #SUBGROUP} of a subgroup.
   *
   * @param told the setting of a layer; empty where its maps commute with the whole group
   * @param smaller the subgroup, as in {@link #within(Subgroup)}
   * @return the setting
   */
  public static List<Integer> within(List<Integer> told, Subgroup smaller) {
    List<Integer> generators = new ArrayList<>(told);
    if (!generators.isEmpty()) {
      generators.add(NEXT);
    }
    generators.addAll(smaller.generators());
    if (smaller.order() == 1) {
      generators.add(smaller.group().identity());
    }
    return generators;
  }

  /**
   * The same for a layer that has taken the subgroup in: its representations are those of the
   * subgroup.
   *
   * @return new options without a subgroup
   */
  public MapOptions ofWhole() {
    return with(List.of());
  }

  private MapOptions with(List<Integer> generators) {
    return new MapOptions(bias, expansion, execution, initialization, seed, dtype, generators);
  }

  /**
   * How features transform under the subgroup with which maps commute: by the same matrices.
   *
   * @param whole how they transform under the whole group
   * @return the same representation where maps commute with the whole group
   * @throws IllegalArgumentException if the group has no such elements, or is not finite
   */
  public Representation restricted(Representation whole) {
    Representation rho = whole;
    List<Integer> left = subgroup;
    while (!left.isEmpty()) {
      int end = left.contains(NEXT) ? left.indexOf(NEXT) : left.size();
      int[] generators = left.subList(0, end).stream().mapToInt(Integer::intValue).toArray();
      rho = rho.branch(rho.finiteGroup().subgroupGeneratedBy(generators));
      left = left.subList(Math.min(end + 1, left.size()), left.size());
    }
    return rho;
  }

  /**
   * Refuses a subgroup, for layers that know none.
   *
   * @param layer what a message names
   * @throws IllegalArgumentException if maps are to commute with a subgroup only
   */
  public void requireWhole(String layer) {
    require(
        subgroup.isEmpty(),
        "a %s commutes with all of its group, got the subgroup of the elements %s; take"
            + " representations of the subgroup",
        layer,
        subgroup);
  }

  /**
   * What a function that is told of with representations of the whole group is said to be under the
   * subgroup.
   *
   * @param whole the function, where the group moves no places
   * @return the same function with restricted representations
   */
  public EquivariantFunction restricted(EquivariantFunction whole) {
    return subgroup.isEmpty()
        ? whole
        : new EquivariantFunction(
            whole.inputs().stream()
                .map(
                    input ->
                        new EquivariantFunction.Input(
                            restricted(input.representation()), input.axes(), input.example()))
                .toList(),
            restricted(whole.out()),
            whole.axes(),
            whole.function());
  }
}
