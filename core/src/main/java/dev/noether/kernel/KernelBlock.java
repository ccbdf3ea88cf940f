package dev.noether.kernel;

import dev.noether.group.Irrep;
import dev.noether.group.IrrepId;
import dev.noether.rep.Representation.Copy;
import java.util.List;

/**
 * The kernels from all copies of one irrep in the input field to all copies of one irrep in the
 * output field. Each pair of copies has the same elements, with weights of its own.
 */
public final class KernelBlock {
  private final Irrep in;
  private final Irrep out;
  private final List<Copy> inCopies;
  private final List<Copy> outCopies;
  private final List<KernelElement> elements;
  private final int[] weights;

  /** The elements that lead from one irrep to another; the weights are not numbered yet. */
  KernelBlock(Field in, Field out, Irrep from, Irrep to, List<KernelElement> elements) {
    this.in = from;
    this.out = to;
    this.inCopies = in.representation().copies(from);
    this.outCopies = out.representation().copies(to);
    this.elements = List.copyOf(elements);
    this.weights = new int[inCopies.size() * outCopies.size() * elements.size()];
  }

  /** Adds its elements to counts by frequency, place in the input and place in the output. */
  void count(int[] counts, int inSize, int outSize) {
    for (Copy a : outCopies) {
      for (Copy b : inCopies) {
        for (KernelElement element : elements) {
          counts[place(element, a, b, inSize, outSize)]++;
        }
      }
    }
  }

  /** Takes the numbers of its weights from the next ones free. */
  void number(int[] next, int inSize, int outSize) {
    int weight = 0;
    for (Copy a : outCopies) {
      for (Copy b : inCopies) {
        for (KernelElement element : elements) {
          weights[weight++] = next[place(element, a, b, inSize, outSize)]++;
        }
      }
    }
  }

  private static int place(KernelElement element, Copy a, Copy b, int inSize, int outSize) {
    return (element.frequency() * inSize + b.start()) * outSize + a.start();
  }

  /** The same irreps with other elements, not numbered yet. */
  KernelBlock with(Field inField, Field outField, List<KernelElement> others) {
    return new KernelBlock(inField, outField, in, out, others);
  }

  /**
   * The irrep of the input.
   *
   * @return its id
   */
  public IrrepId in() {
    return in.id();
  }

  /**
   * The irrep of the output.
   *
   * @return its id
   */
  public IrrepId out() {
    return out.id();
  }

  /**
   * The dimension of the input's irrep.
   *
   * @return the number of its coordinates
   */
  public int inDimension() {
    return in.dimension();
  }

  /**
   * The dimension of the output's irrep.
   *
   * @return the number of its coordinates
   */
  public int outDimension() {
    return out.dimension();
  }

  /**
   * Where the copies of the input's irrep stand.
   *
   * @return the first column of Q of each copy
   */
  public int[] inStarts() {
    return inCopies.stream().mapToInt(Copy::start).toArray();
  }

  /**
   * Where the copies of the output's irrep stand.
   *
   * @return the first column of Q of each copy
   */
  public int[] outStarts() {
    return outCopies.stream().mapToInt(Copy::start).toArray();
  }

  /**
   * The kernels of one pair of copies.
   *
   * @return the elements: by frequency, irrep, endomorphism, copies, ring
   */
  public List<KernelElement> elements() {
    return elements;
  }

  /**
   * The place of a weight in the basis of the pair of fields.
   *
   * @param outCopy which copy in the output
   * @param inCopy which copy in the input
   * @param element which element
   * @return the number of the weight
   */
  public int weight(int outCopy, int inCopy, int element) {
    return weights[(outCopy * inCopies.size() + inCopy) * elements.size() + element];
  }
}
