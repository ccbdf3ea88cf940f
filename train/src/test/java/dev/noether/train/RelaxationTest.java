package dev.noether.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.noether.group.Subgroup;
import dev.noether.nn.EquivariantLayer;
import dev.noether.nn.EquivariantSequential;
import dev.noether.nn.symmetry.RelaxedLinear;
import dev.noether.nn.symmetry.Restriction;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.SGD;
import org.bytedeco.pytorch.SGDOptions;
import org.junit.jupiter.api.Test;

class RelaxationTest {
  private static RelaxedLinear layer() {
    EquivariantLayer like = Examples.linear(0);
    RelaxedLinear layer = new RelaxedLinear(like.in(), like.out());
    layer.to(like.dtype());
    return layer;
  }

  private static void fit(
      EquivariantLayer model, Loss<EquivariantLayer> loss, Callback... callbacks) {
    Dataset data = Examples.data(16, 1);
    Trainer.builder()
        .epochs(4)
        .batchSize(8)
        .callbacks(callbacks)
        .build()
        .fit(model, loss, new SGD(model.parameters(), new SGDOptions(0.05)), data, data);
  }

  @Test
  void aScheduleLeadsFromFreeToExact() {
    try (PointerScope scope = new PointerScope()) {
      RelaxedLinear model = layer();
      List<Double> defects = new ArrayList<>();
      Callback watch =
          new Callback() {
            @Override
            public void onEpochEnd(Run run, History.Epoch epoch) {
              defects.addAll(RelaxedLinear.defectsOf(run.model()).values());
            }
          };
      fit(
          EquivariantSequential.of(model),
          Loss.meanSquaredError(),
          Relaxation.freedom(Schedule.cosine(8)),
          watch);
      assertThat(defects.get(0)).isGreaterThan(1e-3);
      assertThat(defects.get(3)).isLessThan(1e-6);
      assertThat(model.freedom()).isZero();
    }
  }

  @Test
  void aModelOfAnyLayersIsHeldNearTheWholeGroup() {
    try (PointerScope scope = new PointerScope()) {
      EquivariantLayer large = Examples.linear(0);
      Subgroup none = large.in().finiteGroup().subgroupGeneratedBy();
      Restriction free = Restriction.of(large, none);
      Restriction held = Restriction.of(large, none);
      fit((EquivariantLayer) free.layer(), Loss.meanSquaredError());
      fit((EquivariantLayer) held.layer(), Relaxation.penalized(Loss.meanSquaredError(), held, 5));
      assertThat(held.back(held.layer()).distance())
          .isPositive()
          .isLessThan(0.5 * free.back(free.layer()).distance());
      assertThatThrownBy(() -> Relaxation.penalized(Loss.meanSquaredError(), held, -1))
          .hasMessageContaining("train the layer over the whole group");
    }
  }

  @Test
  void aLargerPenaltyLeavesASmallerDefect() {
    try (PointerScope scope = new PointerScope()) {
      RelaxedLinear free = layer();
      RelaxedLinear held = layer();
      fit(free, Relaxation.penalized(Loss.meanSquaredError(), 0));
      fit(held, Relaxation.penalized(Loss.meanSquaredError(), 5));
      assertThat(held.defect()).isPositive().isLessThan(0.5 * free.defect());
      assertThatThrownBy(() -> Relaxation.penalized(Loss.meanSquaredError(), -1))
          .hasMessage(
              "the weight of a penalty is at least 0, got -1.0; for an infinite one set the freedom"
                  + " to 0");
    }
  }
}
