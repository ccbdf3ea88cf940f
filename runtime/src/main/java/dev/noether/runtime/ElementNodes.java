package dev.noether.runtime;

import org.jspecify.annotations.Nullable;

/** Operations number by number. */
final class ElementNodes {
  private ElementNodes() {}

  /** A function of one number. */
  interface Function {
    float of(float x);
  }

  /** A function, by the name that files give it; null where there is none. */
  static @Nullable Function function(String name) {
    return switch (name) {
      case "leaky_relu" -> x -> x > 0 ? x : 0.01f * x;
      case "elu" -> x -> x > 0 ? x : (float) Math.expm1(x);
      case "gelu" -> x -> (float) (0.5 * x * (1 + Erf.of(x * 0.7071067811865476)));
      case "silu" -> x -> (float) (x / (1 + Math.exp(-x)));
      case "softplus" -> x -> x > 20 ? x : (float) Math.log1p(Math.exp(x));
      case "sigmoid" -> x -> (float) (1 / (1 + Math.exp(-x)));
      case "mish" -> x -> (float) (x * Math.tanh(x > 20 ? x : Math.log1p(Math.exp(x))));
      case "sin" -> x -> (float) Math.sin(x);
      case "cos" -> x -> (float) Math.cos(x);
      case "tanh" -> x -> (float) Math.tanh(x);
      case "rsqrt" -> x -> (float) (1 / Math.sqrt(x));
      default -> null;
    };
  }

  /** f(x) of every number. */
  static final class Pointwise extends Node {
    private final Function function;

    Pointwise(int[] inputs, int output, Function function) {
      super(inputs, output);
      this.function = function;
    }

    @Override
    int[] shape(int[][] in) {
      return in[0];
    }

    @Override
    Step step(int[][] shapes, int[] shape) {
      return (in, out, room) -> run(in, out);
    }

    private void run(Value[] in, Value out) {
      float[] x = in[0].data;
      float[] y = out.data;
      int size = Value.size(out.shape);
      for (int i = 0; i < size; i++) {
        y[i] = function.of(x[i]);
      }
    }
  }

  /** The rectifier alone, which the JIT makes vector code of. */
  static final class Relu extends Node {
    Relu(int[] inputs, int output) {
      super(inputs, output);
    }

    @Override
    int[] shape(int[][] in) {
      return in[0];
    }

    @Override
    Step step(int[][] shapes, int[] shape) {
      return (in, out, room) -> run(in, out);
    }

    private void run(Value[] in, Value out) {
      float[] x = in[0].data;
      float[] y = out.data;
      int size = Value.size(out.shape);
      for (int i = 0; i < size; i++) {
        y[i] = Math.max(x[i], 0);
      }
    }
  }

  /** a + b or a b, with broadcasting. */
  static final class Binary extends Node {
    private final boolean product;

    Binary(int[] inputs, int output, boolean product) {
      super(inputs, output);
      this.product = product;
    }

    @Override
    int[] shape(int[][] in) {
      return Broadcast.shape(in[0], in[1]);
    }

    @Override
    Step step(int[][] shapes, int[] shape) {
      return (in, out, room) -> run(in, out);
    }

    private void run(Value[] in, Value out) {
      int width = out.shape.length == 0 ? 1 : out.last();
      int rows = width == 0 ? 0 : Value.size(out.shape) / width;
      int stepA = width > 1 && in[0].shape.length > 0 && in[0].last() > 1 ? 1 : 0;
      int stepB = width > 1 && in[1].shape.length > 0 && in[1].last() > 1 ? 1 : 0;
      for (int row = 0; row < rows; row++) {
        int a = Broadcast.offset(row, out.shape, in[0].shape);
        int b = Broadcast.offset(row, out.shape, in[1].shape);
        combine(in[0].data, a, stepA, in[1].data, b, stepB, out.data, row * width, width);
      }
    }

    private void combine(
        float[] a, int a0, int stepA, float[] b, int b0, int stepB, float[] y, int y0, int n) {
      if (stepA == 1 && stepB == 1 && product) {
        for (int i = 0; i < n; i++) {
          y[y0 + i] = a[a0 + i] * b[b0 + i];
        }
      } else if (stepA == 1 && stepB == 1) {
        for (int i = 0; i < n; i++) {
          y[y0 + i] = a[a0 + i] + b[b0 + i];
        }
      } else if (product) {
        for (int i = 0; i < n; i++) {
          y[y0 + i] = a[a0 + i * stepA] * b[b0 + i * stepB];
        }
      } else {
        for (int i = 0; i < n; i++) {
          y[y0 + i] = a[a0 + i * stepA] + b[b0 + i * stepB];
        }
      }
    }
  }
}
