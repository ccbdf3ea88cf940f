package dev.noether.rep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.noether.group.FiniteGroup;
import dev.noether.group.Groups;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * A robot's symmetry told by the names of its joints is the signed permutation of its coordinates.
 */
class CoordinateActionTest {
  private static final List<String> BIPED =
      List.of("left_hip", "left_knee", "right_hip", "right_knee", "yaw");

  private static CoordinateAction mirror() {
    return CoordinateAction.on(BIPED)
        .swapPrefixes("left_", "right_")
        .negate("left_hip", "right_hip", "yaw");
  }

  @Test
  void aMirrorSwapsSidesAndNegatesAxes() {
    assertThat(mirror().images()).containsExactly(-3, 4, -1, 2, -5);
    assertThat(CoordinateAction.representation(Groups.cyclic(2), mirror()))
        .isEqualTo(
            Representation.signedPermutation(
                Groups.cyclic(2), List.of(new int[] {-3, 4, -1, 2, -5})));
    assertThat(mirror())
        .hasToString(
            "left_hip -> -right_hip, left_knee -> right_knee, right_hip -> -left_hip, "
                + "right_knee -> left_knee, yaw -> -yaw");
    assertThat(CoordinateAction.on(BIPED)).hasToString("nothing moves");
  }

  @Test
  void aHandWithThreeFingersTurns() {
    CoordinateAction turn = CoordinateAction.on(List.of("a", "b", "c")).cycle("a", "b", "c");
    Representation rho = CoordinateAction.representation(Groups.cyclic(3), turn);
    assertThat(rho.multiplicities())
        .isEqualTo(Representation.parse("C3: regular").multiplicities());
    assertThat(turn.images()).containsExactly(2, 3, 1);
  }

  @Test
  void aQuadrupedHasOneActionForEachGenerator() {
    FiniteGroup group = Groups.cyclic(2).times(Groups.cyclic(2));
    List<String> hips = List.of("FL", "FR", "RL", "RR");
    CoordinateAction sagittal =
        CoordinateAction.on(hips).swap("FL", "FR").swap("RL", "RR").negate("FL", "FR", "RL", "RR");
    CoordinateAction transversal = CoordinateAction.on(hips).swap("FL", "RL").swap("FR", "RR");
    Representation rho = CoordinateAction.representation(group, sagittal, transversal);
    assertThat(rho.size()).isEqualTo(4);
    assertThatThrownBy(() -> CoordinateAction.representation(group, sagittal))
        .hasMessage(
            "C2 x C2 has 2 generators, [(r, e), (e, r)]: it needs one action for each, got 1");
  }

  @Test
  void whatIsNoActionIsRefusedByName() {
    CoordinateAction begin = CoordinateAction.on(BIPED);
    assertThatThrownBy(() -> CoordinateAction.on(List.of()))
        .hasMessage("coordinates need names, got none");
    assertThatThrownBy(() -> CoordinateAction.on(List.of("a", "a")))
        .hasMessage("each coordinate needs a name of its own, and 'a' stands twice");
    assertThatThrownBy(() -> begin.swap("left_hip", "hip"))
        .hasMessage("no coordinate is called 'hip'; they are " + BIPED);
    assertThatThrownBy(() -> begin.swap("yaw", "yaw"))
        .hasMessage("'yaw' stands twice in [yaw, yaw]");
    assertThatThrownBy(() -> begin.cycle("yaw"))
        .hasMessage("a ring needs at least two coordinates, got [yaw]");
    assertThatThrownBy(() -> mirror().swap("left_hip", "yaw"))
        .hasMessage("'left_hip' already moves to 'right_hip'");
    assertThatThrownBy(() -> mirror().negate("yaw")).hasMessage("'yaw' changes its sign already");
    assertThatThrownBy(() -> begin.swapPrefixes("links_", "right_"))
        .hasMessage("no coordinate begins with 'links_'; they are " + BIPED);
    List<String> odd = List.of("left_hip", "left_arm", "right_hip");
    assertThatThrownBy(() -> CoordinateAction.on(odd).swapPrefixes("left_", "right_"))
        .hasMessage("'left_arm' has no partner 'right_arm'; the coordinates are " + odd);
    assertThatThrownBy(() -> CoordinateAction.on(odd).swapPrefixes("right_", "left_"))
        .hasMessage("[left_arm] has no partner that begins with 'right_'");
    assertThatThrownBy(
            () ->
                CoordinateAction.representation(
                    Groups.cyclic(2).times(Groups.cyclic(2)), mirror(), CoordinateAction.on(odd)))
        .hasMessage("the actions must be on the same coordinates, got " + BIPED + " and " + odd);
    assertThatThrownBy(() -> CoordinateAction.representation(Groups.cyclic(3), mirror()))
        .hasMessageContaining("C3");
  }
}
