package dev.noether.parallel;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** What a rank tells the test: numbers, and a line of text, by name. */
final class Results {
  private Results() {}

  static void write(Path file, Map<String, double[]> numbers, Map<String, String> texts)
      throws IOException {
    try (DataOutputStream out = new DataOutputStream(Files.newOutputStream(file))) {
      out.writeInt(numbers.size());
      for (Map.Entry<String, double[]> e : numbers.entrySet()) {
        out.writeUTF(e.getKey());
        out.writeInt(e.getValue().length);
        for (double value : e.getValue()) {
          out.writeDouble(value);
        }
      }
      out.writeInt(texts.size());
      for (Map.Entry<String, String> e : texts.entrySet()) {
        out.writeUTF(e.getKey());
        out.writeUTF(e.getValue());
      }
    }
  }

  static void read(Path file, Map<String, double[]> numbers, Map<String, String> texts)
      throws IOException {
    try (DataInputStream in = new DataInputStream(Files.newInputStream(file))) {
      for (int left = in.readInt(); left > 0; left--) {
        String name = in.readUTF();
        double[] values = new double[in.readInt()];
        for (int i = 0; i < values.length; i++) {
          values[i] = in.readDouble();
        }
        numbers.put(name, values);
      }
      for (int left = in.readInt(); left > 0; left--) {
        texts.put(in.readUTF(), in.readUTF());
      }
    }
  }

  static Map<String, double[]> named(String prefix, Map<String, double[]> numbers) {
    Map<String, double[]> renamed = new LinkedHashMap<>();
    numbers.forEach((name, values) -> renamed.put(prefix + name, values));
    return renamed;
  }
}
