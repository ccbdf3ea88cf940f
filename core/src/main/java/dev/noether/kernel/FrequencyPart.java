package dev.noether.kernel;

import dev.noether.algebra.Matrix;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The kernels of one frequency: maps of irreps, shared by the rings. */
final class FrequencyPart implements KernelPart {
  private final SampledBasis basis;
  private final int first;
  private final int components;
  private final List<Ring> rings;
  private final List<Product> products;

  /** A kernel between two copies of irreps; the weights and factors of its rings. */
  private static final class Product {
    private final KernelBlock block;
    private final KernelElement element;
    private final int outStart;
    private final int inStart;
    private final int[] weights;
    private final double[] scales;

    Product(KernelBlock block, KernelElement element, int outStart, int inStart, int rings) {
      this.block = block;
      this.element = element;
      this.outStart = outStart;
      this.inStart = inStart;
      weights = new int[rings];
      scales = new double[rings];
      Arrays.fill(weights, -1);
    }

    /** Elements of other rings differ by their factors alone. */
    void add(int ring, int weight, KernelElement other) {
      weights[ring] = weight;
      scales[ring] = norm(other.coefficients()) / norm(element.coefficients());
    }

    private static double norm(Matrix matrix) {
      double sum = 0;
      for (double entry : matrix.toArray()) {
        sum += entry * entry;
      }
      return Math.sqrt(sum);
    }

    int firstWeight() {
      return Arrays.stream(weights).filter(weight -> weight >= 0).min().orElseThrow();
    }
  }

  private FrequencyPart(
      SampledBasis basis, int first, int components, List<Ring> rings, List<Product> products) {
    this.basis = basis;
    this.first = first;
    this.components = components;
    this.rings = rings;
    this.products = products;
  }

  /** All parts of a basis, by frequency; those without kernels are left out. */
  static List<KernelPart> of(SampledBasis basis, Features layout) {
    Map<Integer, Map<List<Object>, Product>> byFrequency = new TreeMap<>();
    List<Ring> rings = basis.basis().rings().rings();
    for (KernelBlock block : basis.basis().blocks()) {
      for (int a = 0; a < block.outStarts().length; a++) {
        for (int b = 0; b < block.inStarts().length; b++) {
          add(byFrequency, block, a, b, rings);
        }
      }
    }
    List<KernelPart> parts = new ArrayList<>();
    byFrequency.forEach(
        (frequency, products) -> {
          List<Product> ordered = new ArrayList<>(products.values());
          ordered.sort((p, q) -> Integer.compare(p.firstWeight(), q.firstWeight()));
          int components = Harmonics.count(basis.basis().space().dimension(), frequency);
          int first = layout.startOfFrequency(ordered.get(0).element);
          parts.add(new FrequencyPart(basis, first, components, rings(rings, frequency), ordered));
        });
    return List.copyOf(parts);
  }

  private static List<Ring> rings(List<Ring> all, int frequency) {
    return all.stream().filter(ring -> ring.highestFrequency() >= frequency).toList();
  }

  private static void add(
      Map<Integer, Map<List<Object>, Product>> byFrequency,
      KernelBlock block,
      int a,
      int b,
      List<Ring> all) {
    int outStart = block.outStarts()[a];
    int inStart = block.inStarts()[b];
    for (int e = 0; e < block.elements().size(); e++) {
      KernelElement element = block.elements().get(e);
      List<Ring> rings = rings(all, element.frequency());
      List<Object> key =
          List.of(
              outStart,
              inStart,
              element.irrep(),
              element.endomorphism(),
              element.productCopy(),
              element.harmonicCopy());
      byFrequency
          .computeIfAbsent(element.frequency(), frequency -> new LinkedHashMap<>())
          .computeIfAbsent(key, k -> new Product(block, element, outStart, inStart, rings.size()))
          .add(rings.indexOf(element.ring()), block.weight(a, b, e), element);
    }
  }

  @Override
  public int components() {
    return components;
  }

  @Override
  public int maps() {
    return products.size();
  }

  @Override
  public int rings() {
    return rings.size();
  }

  @Override
  public int[] weights() {
    return products.stream().flatMapToInt(product -> Arrays.stream(product.weights)).toArray();
  }

  @Override
  public double[] scales() {
    return products.stream().flatMapToDouble(product -> Arrays.stream(product.scales)).toArray();
  }

  @Override
  public double[] values() {
    Columns out = new Columns(basis.basis().out());
    Columns in = new Columns(basis.basis().in());
    int size = out.size * in.size;
    double[] all = new double[Math.multiplyExact(components * maps(), size)];
    for (int s = 0; s < maps(); s++) {
      Product product = products.get(s);
      for (int y = 0; y < components; y++) {
        add(product, y, out, in, all, (y * maps() + s) * size);
      }
    }
    return all;
  }

  /** Adds Q_out C_y Q_in^T, where C_y stands between two copies of irreps. */
  private static void add(
      Product product, int y, Columns out, Columns in, double[] all, int place) {
    int rows = product.block.outDimension();
    int columns = product.block.inDimension();
    Matrix coefficients = product.element.coefficients();
    double[] turned = new double[in.size];
    for (int i = 0; i < rows; i++) {
      Arrays.fill(turned, 0);
      for (int j = 0; j < columns; j++) {
        double entry = coefficients.get(i * columns + j, y);
        if (entry != 0) {
          in.add(product.inStart + j, entry, turned, 0);
        }
      }
      out.addOuter(product.outStart + i, turned, all, place);
    }
  }

  /** The columns of a change of basis. */
  private static final class Columns {
    private final int size;
    private final double[] transposed;

    Columns(Field field) {
      size = field.size();
      transposed = field.representation().changeOfBasis().transpose().toArray();
    }

    void add(int column, double factor, double[] sum, int place) {
      for (int i = 0; i < size; i++) {
        sum[place + i] += factor * transposed[column * size + i];
      }
    }

    /** Adds the product of a column and a row to a matrix. */
    void addOuter(int column, double[] row, double[] matrix, int place) {
      for (int i = 0; i < size; i++) {
        double factor = transposed[column * size + i];
        if (factor != 0) {
          int start = place + i * row.length;
          for (int j = 0; j < row.length; j++) {
            matrix[start + j] += factor * row[j];
          }
        }
      }
    }
  }

  @Override
  public double[] profiles() {
    int points = basis.points().count();
    Matrix features = basis.features();
    double[] all = new double[components * rings.size() * points];
    for (int y = 0; y < components; y++) {
      for (int r = 0; r < rings.size(); r++) {
        for (int p = 0; p < points; p++) {
          all[(y * rings.size() + r) * points + p] = features.get(first + r * components + y, p);
        }
      }
    }
    return all;
  }
}
