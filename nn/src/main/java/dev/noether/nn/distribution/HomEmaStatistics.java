package dev.noether.nn.distribution;

import dev.noether.hom.GroupHomomorphismBasis;
import dev.noether.nn.BasisUse;
import dev.noether.nn.LayerType;
import dev.noether.rep.Representation;
import dev.noether.torch.Tensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;

/**
 * Running means and covariances of two symmetric signals, each covariance kept as its coefficients
 * in Hom_G: as few numbers as symmetry leaves free. Means are invariant and covariances
 * equivariant, exactly, whatever a state dict holds.
 *
 * <p>Covariances expand on demand. Those of a batch divide by N, and a batch counts with all its
 * transforms, without augmenting; the rule of the average is that of {@link EmaStatistics}. The
 * state dict is that of the Python package from version 0.7 on: {@code running_cov_xx_dof}, {@code
 * running_cov_yy_dof}, {@code running_cov_xy_dof} in the coordinates of {@code cov_xx_basis.*},
 * {@code cov_yy_basis.*}, {@code cov_xy_basis.*}; x with y is a map from y to x.
 */
public final class HomEmaStatistics extends SymmetricStatistics {
  /** How an architecture describes it. */
  public static final LayerType<HomEmaStatistics> TYPE =
      type(LayerType.of(HomEmaStatistics.class, HomEmaStatistics::bases), HomEmaStatistics::new);

  /**
   * Statistics of two signals.
   *
   * @param x how x transforms
   * @param y how y transforms
   * @param options momentum, centring and dtype
   * @throws IllegalArgumentException if the groups differ
   */
  public HomEmaStatistics(Representation x, Representation y, EmaOptions options) {
    this(x, y, options, SymmetricMoments.of(x, y, options.dtype()));
  }

  /**
   * The statistics that others have kept as dense matrices, in coordinates: what a state dict of
   * the Python package before version 0.7 holds, once they have loaded it. Covariances that are not
   * equivariant become the closest ones that are.
   *
   * @param dense means, covariances, and how they are kept
   * @return the same, in the same mode and dtype and on the same device
   */
  public static HomEmaStatistics of(EquivariantEmaStatistics dense) {
    HomEmaStatistics own = new HomEmaStatistics(dense.x(), dense.y(), dense.options());
    own.to(dense.dtype()).to(Tensors.device(dense.running().meanX()));
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      EmaMoments kept = dense.running();
      Tensor[] coefficients = own.moments().coefficients(kept.covXx(), kept.covYy(), kept.covXy());
      Map<String, Tensor> state = new LinkedHashMap<>(own.stateDict());
      state.putAll(dense.stateDict());
      List<String> names = List.of("running_cov_xx", "running_cov_yy", "running_cov_xy");
      for (int i = 0; i < coefficients.length; i++) {
        state.remove(names.get(i));
        state.put(names.get(i) + "_dof", coefficients[i]);
      }
      own.load(state);
    }
    if (!dense.isTraining()) {
      own.eval();
    }
    return own;
  }

  private HomEmaStatistics(
      Representation x, Representation y, EmaOptions options, SymmetricMoments moments) {
    super(x, y, options, moments, unit(moments, x.size(), y.size(), options), "_dof");
    bases()
        .forEach(
            use ->
                ((BasisUse.Coefficients) use)
                    .basis()
                    .stateDictEntries()
                    .forEach(
                        (name, value) ->
                            registerDerived(((BasisUse.Coefficients) use).prefix() + name, value)));
  }

  private static List<Tensor> unit(
      SymmetricMoments moments, int sizeX, int sizeY, EmaOptions options) {
    List<Tensor> dense = unit(sizeX, sizeY, options.dtype());
    return Arrays.asList(moments.coefficients(dense.get(0), dense.get(1), dense.get(2)));
  }

  private List<BasisUse> bases() {
    List<BasisUse> uses = new ArrayList<>();
    uses.add(use("xx", moments().xx()));
    uses.add(use("yy", moments().yy()));
    GroupHomomorphismBasis cross = moments().xy();
    if (cross != null) {
      uses.add(use("xy", cross));
    }
    return uses;
  }

  private static BasisUse use(String of, GroupHomomorphismBasis basis) {
    return new BasisUse.Coefficients("running_cov_" + of + "_dof", "cov_" + of + "_basis.", basis);
  }

  @Override
  Tensor[] covariances(Tensor xx, Tensor yy, Tensor xy) {
    return moments().coefficients(xx, yy, xy);
  }

  @Override
  EmaMoments dense(Tensor[] kept) {
    Tensor[] dense = moments().expand(kept[2], kept[3], kept[4]);
    return new EmaMoments(kept[0], kept[1], dense[0], dense[1], dense[2]);
  }

  @Override
  long degreesOfFreedom(long samples) {
    return samples;
  }
}
