package dev.noether.site;

import dev.noether.algebra.Matrix;
import dev.noether.group.FiniteElement;
import dev.noether.group.FiniteGroup;
import dev.noether.rep.Representation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** The pictures of the documents, drawn from the representations that they show. */
public final class Pictures {
  private static final int CELL = 34;
  private static final String BLUE = "#1558b0";
  private static final String RED = "#c0392b";

  private Pictures() {}

  /**
   * Draws all pictures anew.
   *
   * @param arguments the folder to write to
   * @throws IOException if a file cannot be written
   */
  public static void main(String[] arguments) throws IOException {
    for (Map.Entry<String, String> picture : all().entrySet()) {
      Files.writeString(Path.of(arguments[0]).resolve(picture.getKey()), picture.getValue());
    }
  }

  /** Each picture's SVG by the name of its file. */
  static Map<String, String> all() {
    Map<String, String> pictures = new TreeMap<>();
    pictures.put("irreps.svg", irreps());
    pictures.put("quadruped.svg", quadruped());
    return pictures;
  }

  /** A quarter turn on the corners of a square, and in the basis of the irreps. */
  private static String irreps() {
    Representation corners = Representation.parse("C4: regular");
    FiniteGroup group = corners.finiteGroup();
    FiniteElement turn = group.element(1);
    Matrix basis = corners.changeOfBasis();
    Matrix blocks = basis.transpose().times(corners.at(turn)).times(basis);
    StringBuilder svg = begin(480, 215);
    matrix(svg, corners.at(turn), 30, 40, false);
    matrix(svg, blocks, 290, 40, true);
    text(svg, 98, 24, 15, "rho(quarter turn)", "middle");
    text(svg, 358, 24, 15, "in the basis of the irreps", "middle");
    text(svg, 230, 115, 22, "→", "middle");
    text(svg, 98, 200, 13, "four numbers at the corners", "middle");
    text(svg, 358, 200, 13, "irrep(0), irrep(1), irrep(2)", "middle");
    return svg.append("</svg>\n").toString();
  }

  private static void matrix(StringBuilder svg, Matrix m, int left, int top, boolean dimZeros) {
    for (int i = 0; i < m.rows(); i++) {
      for (int j = 0; j < m.columns(); j++) {
        double value = Math.abs(m.get(i, j)) < 1e-9 ? 0 : m.get(i, j);
        String colour = value > 0 ? BLUE : RED;
        rectangle(svg, left + j * CELL, top + i * CELL, value == 0 ? "none" : colour, value);
        if (value != 0 || !dimZeros) {
          text(
              svg,
              left + j * CELL + CELL / 2,
              top + i * CELL + CELL / 2 + 5,
              13,
              String.format(Locale.ROOT, "%.0f", value),
              "middle");
        }
      }
    }
  }

  private static void rectangle(StringBuilder svg, int x, int y, String colour, double value) {
    svg.append(
        String.format(
            Locale.ROOT,
            "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" fill=\"%s\" fill-opacity=\"%.2f\" "
                + "stroke=\"#999\"/>\n",
            x,
            y,
            CELL,
            CELL,
            colour,
            Math.min(1, Math.abs(value)) * 0.45));
  }

  /** A quadruped from above, and which legs its two mirrors exchange. */
  private static String quadruped() {
    StringBuilder svg = begin(520, 250);
    svg.append(
        "<rect x=\"170\" y=\"70\" width=\"140\" height=\"110\" rx=\"14\" fill=\"#8882\" "
            + "stroke=\"#666\"/>\n");
    leg(svg, 290, 60, "FL");
    leg(svg, 290, 190, "FR");
    leg(svg, 190, 60, "RL");
    leg(svg, 190, 190, "RR");
    line(svg, 120, 125, 380, 125, BLUE);
    line(svg, 240, 30, 240, 220, RED);
    text(svg, 385, 130, 13, "left-right", "start");
    text(svg, 385, 147, 13, "FL↔FR, RL↔RR", "start");
    text(svg, 240, 20, 13, "front-back: FL↔RL, FR↔RR", "middle");
    text(svg, 240, 243, 13, "from above, walking to the right", "middle");
    return svg.append("</svg>\n").toString();
  }

  private static void leg(StringBuilder svg, int x, int y, String name) {
    svg.append(
        String.format(
            Locale.ROOT,
            "<circle cx=\"%d\" cy=\"%d\" r=\"17\" fill=\"#fff\" stroke=\"#333\"/>\n",
            x,
            y));
    text(svg, x, y + 5, 13, name, "middle");
  }

  private static void line(StringBuilder svg, int x1, int y1, int x2, int y2, String colour) {
    svg.append(
        String.format(
            Locale.ROOT,
            "<line x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\" stroke=\"%s\" stroke-width=\"2\" "
                + "stroke-dasharray=\"7 5\"/>\n",
            x1,
            y1,
            x2,
            y2,
            colour));
  }

  private static StringBuilder begin(int width, int height) {
    return new StringBuilder(
        String.format(
            Locale.ROOT,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" "
                + "viewBox=\"0 0 %d %d\" font-family=\"sans-serif\">\n"
                + "<rect width=\"100%%\" height=\"100%%\" fill=\"#fff\"/>\n",
            width,
            height,
            width,
            height));
  }

  private static void text(StringBuilder svg, int x, int y, int size, String text, String anchor) {
    svg.append(
        String.format(
            Locale.ROOT,
            "<text x=\"%d\" y=\"%d\" font-size=\"%d\" text-anchor=\"%s\" fill=\"#222\">%s</text>\n",
            x,
            y,
            size,
            anchor,
            text));
  }
}
