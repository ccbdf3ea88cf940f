package dev.noether;

import dev.noether.algebra.Matrix;
import dev.noether.group.CharacterTable;
import dev.noether.group.CompactElement;
import dev.noether.group.CompactGroup;
import dev.noether.group.FiniteGroup;
import dev.noether.group.FiniteIrrep;
import dev.noether.group.Subgroup;
import dev.noether.kernel.Field;
import dev.noether.kernel.FieldType;
import dev.noether.kernel.KernelExpansion;
import dev.noether.kernel.KernelPair;
import dev.noether.kernel.Space;
import dev.noether.rep.Decomposition;
import dev.noether.rep.IsotypicDecomposition;
import dev.noether.rep.Representation;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;

/** Hashes everything that is derived from a group, to compare processes bit by bit. */
public final class Fingerprint {
  private final MessageDigest digest;

  private Fingerprint() throws NoSuchAlgorithmException {
    digest = MessageDigest.getInstance("SHA-256");
  }

  /**
   * Prints a line for each group.
   *
   * @param arguments the number of threads that share the groups
   */
  public static void main(String[] arguments) throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(Integer.parseInt(arguments[0]));
    List<String> names =
        Stream.concat(
                TestedGroups.all().map(FiniteGroup::name),
                Stream.of("S5", "2I", "C3 wr C3", "Q8 x Q8"))
            .toList();
    List<Future<String>> lines = new ArrayList<>();
    for (String name : names) {
      lines.add(threads.submit(() -> name + " " + finite(FiniteGroup.named(name))));
    }
    for (CompactGroup group : CompactGroup.all()) {
      lines.add(threads.submit(() -> group + " " + compact(group)));
    }
    for (Space space :
        List.of(
            Space.cyclic(6),
            Space.dihedral(4, 0.3),
            Space.flip(),
            Space.o2(),
            Space.octahedral(),
            Space.icosahedral(),
            Space.o3())) {
      lines.add(threads.submit(() -> space + " " + kernels(space)));
    }
    for (Future<String> line : lines) {
      System.out.println(line.get());
    }
    threads.shutdown();
  }

  private static String finite(FiniteGroup group) throws NoSuchAlgorithmException {
    Fingerprint print = new Fingerprint();
    group.elements().forEach(g -> print.text(g.toString()));
    print.text(group.conjugacyClasses().toString());
    CharacterTable table = group.characterTable();
    for (int k = 0; k < table.size(); k++) {
      for (int c = 0; c < table.size(); c++) {
        print.text(table.value(k, c).toString());
        print.numbers(table.real(k, c), table.imaginary(k, c));
      }
    }
    for (FiniteIrrep irrep : group.irreps()) {
      print.text(irrep + irrep.type().symbol());
      group.elements().forEach(g -> print.matrix(irrep.at(g.index())));
    }
    for (Subgroup subgroup : group.subgroups()) {
      print.text(subgroup + " " + subgroup.elements());
      for (int h = 0; h < subgroup.order(); h++) {
        print.text(String.valueOf(subgroup.embed(h)));
      }
      print.representation(Representation.quotient(subgroup));
    }
    Representation last = Representation.irrep(group.irreps().get(group.irreps().size() - 1));
    Representation sum = last.tensor(last).plus(last.symmetricPower(2));
    print.representation(sum);
    if (group.order() > 1) {
      List<Matrix> matrices =
          group.generators().stream().map(a -> sum.at(group.element(a))).toList();
      print.representation(Decomposition.of(group, matrices).representation());
    }
    return print.hex();
  }

  private static String compact(CompactGroup group) throws NoSuchAlgorithmException {
    Fingerprint print = new Fingerprint();
    Representation rho =
        Representation.directSum(group.irreps(6).stream().map(Representation::irrep).toList());
    for (CompactElement g : group.sample(5, 3)) {
      print.matrix(g.matrix());
      print.matrix(rho.at(g));
      print.numbers(rho.character(g));
    }
    return print.hex();
  }

  private static String kernels(Space space) throws NoSuchAlgorithmException {
    Fingerprint print = new Fingerprint();
    Field field =
        space.group() instanceof FiniteGroup ? space.regularField() : space.irrepField(1, 1);
    FieldType type = space.type(field, space.trivialField());
    KernelExpansion kernels = KernelExpansion.onGrid(type, type, 3, 1);
    for (KernelPair pair : kernels.pairs()) {
      print.text(pair.toString());
      print.numbers(pair.basis().coefficients().values());
      print.matrix(pair.basis().features());
    }
    print.numbers(kernels.initialDeviations());
    double[] weights = new double[kernels.weights()];
    Arrays.fill(weights, 1);
    print.numbers(kernels.expand(weights));
    return print.hex();
  }

  private void representation(Representation rho) {
    text(rho.toString());
    text(rho.irreps().toString());
    matrix(rho.changeOfBasis());
    matrix(IsotypicDecomposition.of(rho).changeOfBasis());
  }

  private void text(String text) {
    digest.update(text.getBytes(StandardCharsets.UTF_8));
  }

  private void matrix(Matrix matrix) {
    numbers(matrix.toArray());
  }

  private void numbers(double... values) {
    ByteBuffer bytes = ByteBuffer.allocate(Double.BYTES * values.length);
    for (double value : values) {
      bytes.putDouble(value);
    }
    digest.update(bytes.array());
  }

  private String hex() {
    return HexFormat.of().formatHex(digest.digest());
  }
}
