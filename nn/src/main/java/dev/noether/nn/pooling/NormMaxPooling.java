package dev.noether.nn.pooling;

import dev.noether.grid.FieldGroups;
import dev.noether.kernel.FieldType;
import dev.noether.nn.LayerType;
import dev.noether.torch.Tensors;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * In each window of the grid the vector of largest length, field by field, as escnn's {@code
 * NormMaxPool}: a maximum for any fields.
 *
 * <p>Of several vectors of the same length the first one is taken, so where lengths are equal a
 * turn may choose another. Names in the state dict: {@code indices_S} for each size S of fields.
 */
public final class NormMaxPooling extends WindowPooling {
  /** How an architecture describes it. */
  public static final LayerType<NormMaxPooling> TYPE =
      LayerType.independentOfBases(NormMaxPooling.class)
          .fields("in", NormMaxPooling::type)
          .settings(Window.SETTINGS, NormMaxPooling::window)
          .builds(s -> new NormMaxPooling(s.fields("in"), Window.of(s)));

  private final FieldGroups<Integer> groups;

  /**
   * A pooling without parameters.
   *
   * @param type the fields
   * @param window the windows
   */
  public NormMaxPooling(FieldType type, Window window) {
    super(type, window);
    groups = FieldGroups.bySize(type);
    registerBuffers("groups.", groups.buffers());
    groups
        .groups()
        .forEach(
            group ->
                registerDerived(
                    "indices_" + group.key(), () -> FieldGroups.compact(group.channels())));
  }

  @Override
  protected Tensor compute(Tensor input) {
    int d = type().space().dimension();
    window().requireFits(Tensors.shape(input), d);
    Tensor places = places(input, d);
    return groups.map(
        input,
        (group, fields) -> {
          // [..., fields, size, grid] at the places of [..., fields, 1, smaller grid].
          Tensor flat = fields.flatten(-d, -1);
          Tensor own = ofGroup(places, group);
          Tensor at = own.unsqueeze(groups.axis()).flatten(-d, -1);
          long[] shape = Tensors.shape(flat);
          shape[shape.length - 1] = at.size(-1);
          long[] grid = new long[d];
          for (int i = 0; i < d; i++) {
            grid[i] = own.size(i - d);
          }
          return flat.gather(-1, at.expand(shape)).unflatten(-1, grid);
        });
  }

  /** The places of a group's fields. */
  private Tensor ofGroup(Tensor places, FieldGroups.Group<Integer> group) {
    long[] own = group.fields().stream().mapToLong(Integer::longValue).toArray();
    return own.length == type().fields().size()
        ? places
        : places.index_select(
            groups.axis(), Tensors.of(own, own.length).to(places.device(), places.scalar_type()));
  }

  /** Where each field is longest in each window, counted in the flattened grid. */
  private Tensor places(Tensor input, int d) {
    try (NoGradGuard guard = new NoGradGuard()) {
      Tensor squares =
          groups.reduce(input.detach(), (group, fields) -> fields.mul(fields).sum(groups.axis()));
      long[] kernel = Window.each(d, window().kernel());
      long[] steps = Window.each(d, window().stride());
      long[] pads = Window.each(d, window().padding());
      long[] ones = Window.each(d, 1);
      return d == 2
          ? torch
              .max_pool2d_with_indices(squares, kernel, steps, pads, ones, window().ceilMode())
              .get1()
          : torch
              .max_pool3d_with_indices(squares, kernel, steps, pads, ones, window().ceilMode())
              .get1();
    }
  }
}
