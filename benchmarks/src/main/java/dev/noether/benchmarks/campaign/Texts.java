package dev.noether.benchmarks.campaign;

import dev.noether.group.FiniteGroup;
import dev.noether.group.GroupDescription;
import dev.noether.io.Checkpoint;
import dev.noether.nn.LayerRegistry;
import dev.noether.rep.Representation;
import dev.noether.torch.ComputeDevice;
import java.util.Random;

/** Texts of a grammar, whole and damaged, for every parser. */
final class Texts implements Part {
  private static final String[] GROUPS = {
    "C1", "C2", "C3", "C4", "D2", "D3", "D4", "S3", "A4", "Q8", "Dic3", "T", "Oh", "C3v", "-43m",
    "SO(3)", "O(2)", "2T", "V4"
  };
  private static final String[] FACTORS = {
    "regular",
    "trivial",
    "irrep(1)",
    "irrep(0)",
    "irrep(1,1)",
    "quotient(C2)",
    "vectors",
    "harmonics(2)",
    "permutation(2; 2 1)",
    "restrict(SO(3): irrep(2))",
    "rotated(regular)",
    "matrices(3)",
    "factor(C2: regular)"
  };
  private static final String[] BITS = {
    "(", ")", "+", "*", " x ", ":", ",", ";", "<", ">", "\"", "9", "-", "\u0000", "\u00a0",
    "\ud800", "%s", "\n", "wr", "[", "]", "{", "}"
  };

  /** Representations, groups, descriptions of groups, architectures, devices. */
  private static final int KINDS = 5;

  private static final String ARCHITECTURE =
      "{\"type\": \"EquivariantLinear\", \"representations\": {\"in\": \"C4: regular\", \"out\":"
          + " \"C4: 2 x regular\"}, \"settings\": {\"bias\": \"true\", \"expansion\":"
          + " \"MEMORY_HEAVY\"}}";

  /** How many texts are enough; the deadline may come first. */
  private final long most;

  Texts(long most) {
    this.most = most;
  }

  @Override
  public void run(Means means) {
    Random random = means.random();
    String[] descriptions = {
      FiniteGroup.named("D3").description().toString(),
      FiniteGroup.named("C2 x C2").description().toString(),
      FiniteGroup.named("Q8").description().toString()
    };
    long count = 0;
    do {
      count += KINDS;
      String rho = damaged(random, group(random, 0) + ": " + sum(random, 0));
      means
          .tally()
          .attempt("representation", rho, () -> parsed(rho), IllegalArgumentException.class);
      String group = damaged(random, group(random, 0));
      means
          .tally()
          .attempt("group", group, () -> FiniteGroup.named(group), IllegalArgumentException.class);
      String description = damaged(random, descriptions[random.nextInt(descriptions.length)]);
      means
          .tally()
          .attempt(
              "description",
              description,
              () -> GroupDescription.parse(description),
              IllegalArgumentException.class);
      String json = damaged(random, ARCHITECTURE);
      means
          .tally()
          .attempt(
              "architecture",
              json,
              () -> LayerRegistry.standard().build(Checkpoint.architecture(json)),
              IllegalArgumentException.class);
      String device = damaged(random, "cuda:1");
      means
          .tally()
          .attempt(
              "device", device, () -> ComputeDevice.parse(device), IllegalArgumentException.class);
    } while (count < most && means.hasTime());
  }

  /** What is read prints as a text that reads back. */
  private static void parsed(String text) {
    Representation rho = Representation.parse(text);
    String printed = rho.toString();
    if (!printed.contains("rotated") && !printed.contains("matrices")) {
      if (!Representation.parse(printed).equals(rho)) {
        throw new IllegalStateException(printed + " does not read back");
      }
    }
  }

  private static String pick(Random random, String[] from) {
    return from[random.nextInt(from.length)];
  }

  private static String number(Random random) {
    String[] odd = {
      "0",
      "-1",
      "2147483647",
      "2147483648",
      "99999999999999999999",
      "007",
      "",
      "1.5",
      "\u0663",
      "1e3"
    };
    return random.nextInt(12) == 0 ? pick(random, odd) : String.valueOf(1 + random.nextInt(4));
  }

  private static String group(Random random, int depth) {
    if (depth > 2) {
      return "C2";
    }
    return switch (random.nextInt(14)) {
      case 0 -> group(random, depth + 1) + " x " + group(random, depth + 1);
      case 1 -> "C2 wr C" + number(random);
      case 2 -> "C7 semidirect(" + number(random) + ") C3";
      case 3 -> "(" + group(random, depth + 1) + ")";
      case 4 -> "<" + number(random) + ", " + number(random) + "> in " + group(random, depth + 1);
      case 5 -> "C" + number(random);
      default -> pick(random, GROUPS);
    };
  }

  private static String factor(Random random, int depth) {
    if (depth > 3) {
      return "trivial";
    }
    return switch (random.nextInt(16)) {
      case 0 -> "(" + sum(random, depth + 1) + ")";
      case 1 -> "sym(" + number(random) + ", " + sum(random, depth + 2) + ")";
      case 2 -> "ext(" + number(random) + ", " + sum(random, depth + 2) + ")";
      case 3 -> "induce(<" + number(random) + ">: " + sum(random, depth + 2) + ")";
      case 4 -> "restrict(" + group(random, 1) + ": " + sum(random, depth + 2) + ")";
      case 5 -> "irrep(" + number(random) + ")";
      case 6 -> "quotient(<" + number(random) + ">)";
      default -> pick(random, FACTORS);
    };
  }

  private static String sum(Random random, int depth) {
    StringBuilder text = new StringBuilder();
    do {
      text.append(text.isEmpty() ? "" : " + ");
      text.append(random.nextInt(3) == 0 ? number(random) + " x " : "");
      text.append(factor(random, depth));
      text.append(random.nextInt(6) == 0 ? " * " + factor(random, depth + 2) : "");
    } while (random.nextInt(3) == 0 && text.length() < 200);
    return text.toString();
  }

  /** Every second text stays whole. */
  private static String damaged(Random random, String text) {
    if (random.nextBoolean()) {
      return text;
    }
    StringBuilder result = new StringBuilder(text);
    for (int i = 1 + random.nextInt(3); i > 0 && !result.isEmpty(); i--) {
      int at = random.nextInt(result.length());
      switch (random.nextInt(5)) {
        case 0 -> result.deleteCharAt(at);
        case 1 -> result.insert(at, pick(random, BITS));
        case 2 -> result.setCharAt(at, (char) random.nextInt(0x250));
        case 3 -> result.insert(at, pick(random, BITS).repeat(random.nextInt(2000)));
        default ->
            result.insert(
                at, result.substring(at, Math.min(result.length(), at + random.nextInt(8))));
      }
    }
    return result.toString();
  }
}
