package dev.noether.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import org.junit.jupiter.api.Test;

/** Text that fits its place, and the place that is full. */
class PageTest {
  @Test
  void linesBreakAtSpacesAndKeepTheirIndent() {
    assertThat(Page.wrapped("a line that fits", 20)).isEqualTo("a line that fits");
    assertThat(Page.wrapped("a line of any length", 0)).isEqualTo("a line of any length");
    assertThat(Page.wrapped("  one two three four", 11).lines())
        .containsExactly("  one two", "    three", "    four");
    assertThat(Page.wrapped("averyveryverylongword then", 10).lines())
        .containsExactly("averyveryverylongword", "  then");
  }

  @Test
  void columnsThatDoNotFitFollowBelow() {
    Columns columns = new Columns("layer", "first", "second", "third");
    columns.add("a", "1", "2", "3");
    assertThat(columns.text(0).lines())
        .containsExactly("  layer  first  second  third", "  a          1       2      3");
    assertThat(columns.text(24).lines())
        .containsExactly(
            "  layer  first  second",
            "  a          1       2",
            "",
            "  layer  third",
            "  a          3");
    assertThat(columns.text(15).lines()).hasSize(8);
  }

  @Test
  void sizesHaveTheUnitThatSuitsThem() {
    assertThat(ByteCount.text(0)).isEqualTo("0 B");
    assertThat(ByteCount.text(999)).isEqualTo("999 B");
    assertThat(ByteCount.text(1920)).isEqualTo("1.9 kB");
    assertThat(ByteCount.text(230_400)).isEqualTo("230 kB");
    assertThat(ByteCount.text(999_600)).isEqualTo("1.0 MB");
    assertThat(ByteCount.text(817_000_000)).isEqualTo("817 MB");
  }

  private static StandardOutput failing(String message) {
    return new StandardOutput(
        new OutputStream() {
          @Override
          public void write(int b) throws IOException {
            throw new IOException(message);
          }
        });
  }

  @Test
  void aFullDiskIsRememberedAndAClosedPipeIsNot() {
    for (String message : new String[] {"No space left on device", "Broken pipe"}) {
      StandardOutput output = failing(message);
      PrintWriter writer = output.writer();
      assertThat(output.failure()).isNull();
      writer.print("text");
      writer.flush();
      assertThat(output.failure()).isEqualTo(message.equals("Broken pipe") ? null : message);
    }
  }

  @Test
  void theWidthIsTheShellsIfItMakesSense() {
    assertThat(Main.columns("120")).isEqualTo(120);
    for (String text : new String[] {null, "", "0", "-3", "7", "wide", "1e9"}) {
      assertThat(Main.columns(text)).isZero();
    }
  }
}
