package dev.noether.cli.selftest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.noether.torch.ComputeDevice;
import dev.noether.torch.LibTorch;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The selftest's own cases: each law on each drawn group. */
class DrawnCasesTest {
  @Test
  void drawnGroupsObeyTheLawsOfTheReferencesCases() {
    LibTorch.load();
    List<String> lines = new ArrayList<>();
    SelfTest.Summary summary = new SelfTest(ComputeDevice.parse("cpu")).runDrawn(40, 3, lines::add);
    assertThat(lines).noneMatch(line -> line.startsWith("FAILED"));
    assertThat(summary).isEqualTo(new SelfTest.Summary(3 * LawChecks.all().size(), 0, 0));
  }

  @Test
  void drawsDiffer() {
    assertThat(DrawnSubject.of(1).group()).isEqualTo(DrawnSubject.of(1).group());
    assertThat(
            List.of(1L, 2L, 3L, 4L).stream().map(seed -> DrawnSubject.of(seed).group()).distinct())
        .hasSizeGreaterThan(2);
  }
}
