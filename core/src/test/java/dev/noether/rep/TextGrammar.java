package dev.noether.rep;

import java.util.Random;

/** Random texts of representations and groups: most are right, some are damaged. */
final class TextGrammar {
  private final Random random;

  TextGrammar(Random random) {
    this.random = random;
  }

  String text() {
    String text =
        switch (random.nextInt(8)) {
          case 0 -> group(0);
          case 1 -> pick("SO(3)", "O(3)", "SO(2)", "O(2)") + ": " + sum(3);
          default -> group(0) + ": " + sum(0);
        };
    return random.nextInt(4) == 0 ? damaged(text) : text;
  }

  private String pick(String... choices) {
    return choices[random.nextInt(choices.length)];
  }

  private String number() {
    return switch (random.nextInt(20)) {
      case 0 ->
          pick("0", "-1", "2147483647", "2147483648", "99999999999999999999", "", "1.5", "1e3");
      case 1 -> pick("17", "99", "999999");
      default -> String.valueOf(1 + random.nextInt(4));
    };
  }

  private String group(int depth) {
    String small = pick("C1", "C2", "C3", "C4", "C6", "D2", "D3", "D4", "S3", "A4", "Q8", "V4");
    if (depth > 1) {
      return small;
    }
    return switch (random.nextInt(12)) {
      case 0 -> group(depth + 1) + " x " + group(depth + 1);
      case 1 -> pick("C2", "C3", "V4") + " wr " + pick("C2", "C3", "S3");
      case 2 -> "C7 semidirect(" + number() + ") C3";
      case 3 -> "(" + group(depth + 1) + ")";
      case 4 -> "<" + number() + ", " + number() + "> in " + group(depth + 1);
      case 5 -> pick("C", "D", "S", "A", "Q", "Dic", "Cylinder", "X") + number();
      default -> small;
    };
  }

  private String factor(int depth) {
    if (depth > 3) {
      return pick("regular", "trivial", "irrep(1)");
    }
    return switch (random.nextInt(16)) {
      case 0 -> "(" + sum(depth + 1) + ")";
      case 1 -> pick("sym(", "ext(") + pick("1", "2", number()) + ", " + sum(depth + 2) + ")";
      case 2 -> "quotient(" + group(2) + ")";
      case 3 -> "quotient(<" + number() + "," + number() + ">)";
      case 4 -> "induce(" + group(2) + ": " + sum(depth + 2) + ")";
      case 5 -> "induce(<" + number() + ">: " + sum(depth + 2) + ")";
      case 6 -> "restrict(SO(3): " + pick("irrep", "harmonics") + "(" + number() + "))";
      case 7 -> "restrict(" + group(1) + ", <" + number() + ">: " + sum(depth + 2) + ")";
      case 8 -> "permutation(2; " + pick("2 1", "1 2", "-1 2", number()) + ")";
      case 9 -> "irrep(" + number() + "," + number() + ")";
      case 10 -> "irrep(" + number() + ")";
      case 11 -> pick("rotated(regular)", "matrices(3)", "\"name\"", "irrep(", "Regular", "");
      default -> pick("regular", "trivial", "irrep(1)");
    };
  }

  private String sum(int depth) {
    StringBuilder text = new StringBuilder();
    do {
      text.append(text.isEmpty() ? "" : " + ");
      text.append(random.nextInt(3) == 0 ? number() + " x " : "").append(factor(depth));
      text.append(random.nextInt(8) == 0 ? " * " + factor(depth + 2) : "");
    } while (random.nextInt(3) == 0 && text.length() < 200);
    return text.toString();
  }

  /** A text with a few characters changed, left out, doubled or put in. */
  String damaged(String text) {
    StringBuilder result = new StringBuilder(text);
    for (int i = 1 + random.nextInt(3); i > 0 && result.length() > 0; i--) {
      int at = random.nextInt(result.length());
      switch (random.nextInt(4)) {
        case 0 -> result.deleteCharAt(at);
        case 1 ->
            result.insert(at, pick("(", ")", "+", "*", " x ", ":", "<", ">", "9", "%s", "[", "\""));
        case 2 -> result.setCharAt(at, (char) random.nextInt(0x250));
        default -> result.insert(at, result.substring(at, Math.min(result.length(), at + 5)));
      }
    }
    return result.toString();
  }
}
