package dev.noether.nn.pooling;

import dev.noether.grid.Exactness;
import dev.noether.grid.GridLayer;
import dev.noether.kernel.FieldType;
import dev.noether.nn.EquivariantLayer;

/** A pooling of fields in windows of the grid. */
abstract sealed class WindowPooling extends EquivariantLayer implements GridLayer
    permits AveragePooling, MaxPooling, NormMaxPooling {
  private final FieldType type;
  private final Window window;

  WindowPooling(FieldType type, Window window) {
    super(type, type);
    this.type = type;
    this.window = window;
  }

  final FieldType type() {
    return type;
  }

  final Window window() {
    return window;
  }

  @Override
  protected long exampleTime() {
    return window.kernel() + 2L * window.stride();
  }

  @Override
  public Exactness exactness(long size) {
    return window.exactness(size);
  }

  @Override
  public long outputSize(long size) {
    return window.count(size);
  }

  /** What there is to tell besides the windows and the fields. */
  String further() {
    return "";
  }

  @Override
  public String toString() {
    return getClass().getSimpleName() + "(" + window + further() + ", " + type + ")";
  }
}
