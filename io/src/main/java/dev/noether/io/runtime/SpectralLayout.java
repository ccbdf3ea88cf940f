package dev.noether.io.runtime;

import dev.noether.algebra.Matrix;
import dev.noether.group.Irrep;
import dev.noether.group.IrrepType;
import dev.noether.rep.Representation;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Where the coordinates of a representation stand in the spectrum: irrep by irrep, for each of its
 * coordinates all copies side by side, those of one run of equal summands in one piece.
 *
 * @param size the number of coordinates
 * @param runs the runs of equal summands
 * @param pieces the piece of each irrep
 */
record SpectralLayout(int size, List<Run> runs, Map<Irrep, Piece> pieces) {
  /**
   * Equal summands.
   *
   * @param start the first feature
   * @param count how many
   * @param basis Q of each
   * @param places where the copies of each of its coordinates begin
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared, never shown
  record Run(int start, int count, Matrix basis, int[] places) {}

  /**
   * The copies of an irrep.
   *
   * @param start the first coordinate in the spectrum
   * @param copies how many copies
   */
  record Piece(int start, int copies) {}

  static SpectralLayout of(Representation representation) {
    Map<Irrep, Integer> counts = new LinkedHashMap<>();
    for (Representation.Copy copy : representation.copies()) {
      counts.merge(copy.irrep(), 1, Integer::sum);
    }
    Map<Irrep, Piece> pieces = new LinkedHashMap<>();
    int next = 0;
    for (Map.Entry<Irrep, Integer> entry : counts.entrySet()) {
      pieces.put(entry.getKey(), new Piece(next, entry.getValue()));
      next += entry.getKey().dimension() * entry.getValue();
    }
    Map<Irrep, Integer> used = new LinkedHashMap<>();
    List<Run> runs = new ArrayList<>();
    for (Representation.Run run : representation.runs()) {
      int[] places = new int[run.summand().size()];
      for (Representation.Copy copy : run.summand().copies()) {
        Irrep irrep = copy.irrep();
        Piece piece = pieces.getOrDefault(irrep, new Piece(0, 0));
        int column = used.merge(irrep, run.count(), Integer::sum) - run.count();
        for (int r = 0; r < irrep.dimension(); r++) {
          places[copy.start() + r] = piece.start() + r * piece.copies() + column;
        }
      }
      runs.add(new Run(run.start(), run.count(), run.summand().changeOfBasis(), places));
    }
    return new SpectralLayout(representation.size(), runs, pieces);
  }

  /** How many rows share the weight of an irrep: its coordinates, where only numbers commute. */
  static int rows(Irrep irrep) {
    return irrep.type() == IrrepType.REAL ? irrep.dimension() : 1;
  }

  /** x Q in this order, for rows of features. */
  double[] enter(double[] x) {
    double[] spectrum = new double[x.length];
    for (int row = 0; row < x.length; row += size) {
      for (Run run : runs) {
        int d = run.basis().rows();
        for (int c = 0; c < run.count(); c++) {
          for (int k = 0; k < d; k++) {
            double sum = 0;
            for (int j = 0; j < d; j++) {
              sum += x[row + run.start() + c * d + j] * run.basis().get(j, k);
            }
            spectrum[row + run.places()[k] + c] = sum;
          }
        }
      }
    }
    return spectrum;
  }
}
