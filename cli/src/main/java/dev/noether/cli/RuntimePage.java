package dev.noether.cli;

import dev.noether.cli.bench.RuntimeBench;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The table of {@code noether bench --runtime}. */
final class RuntimePage {
  private RuntimePage() {}

  static Columns table(List<RuntimeBench.Row> rows) {
    Columns columns =
        new Columns(
            "Model",
            "Batch",
            "Plain Java",
            "ONNX Runtime",
            "LibTorch",
            "To the faster",
            "Multiply-adds",
            "Bytes read");
    for (RuntimeBench.Row row : rows) {
      Double other = row.onnxruntimeUs();
      double faster = other == null ? row.libtorchUs() : Math.min(other, row.libtorchUs());
      columns.add(
          row.model(),
          Integer.toString(row.batch()),
          number(row.noetherUs()),
          number(other),
          number(row.libtorchUs()),
          String.format(Locale.ROOT, "%.2f", row.noetherUs() / faster),
          String.format(Locale.ROOT, "%,d", row.multiplyAdds()),
          ByteCount.text(row.bytesRead()));
    }
    return columns;
  }

  private static String number(@Nullable Double value) {
    return value == null ? "-" : String.format(Locale.ROOT, "%.1f", value);
  }
}
