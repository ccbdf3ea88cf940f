package dev.noether.cli;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaCall.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.type;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.InstanceofCheck;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.domain.JavaPackage;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import dev.noether.nn.FunctionLayer;
import dev.noether.nn.Layer;
import dev.noether.nn.LayerRegistry;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** The packages' arrows point one way, and one package loads native code. */
class ArrowsTest {
  /** Each may use those before it, never those after. */
  private static final List<String> ORDER =
      List.of(
          "algebra",
          "group",
          "lie",
          "rep",
          "robot",
          "kernel",
          "torch",
          "basis",
          "grid",
          "hom",
          "spectral",
          "merge",
          "linalg",
          "stats",
          "plain",
          "nn",
          "models",
          "io",
          "train",
          "parallel",
          "spark",
          "examples",
          "cli");

  static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .withImportOption(location -> !location.contains("/benchmarks/"))
          .importPackages("dev.noether");

  @Test
  void packagesDependOnlyOnThoseBeforeThem() {
    for (int i = 0; i < ORDER.size() - 1; i++) {
      String[] later =
          ORDER.subList(i + 1, ORDER.size()).stream()
              .map(name -> "dev.noether." + name + "..")
              .toArray(String[]::new);
      noClasses()
          .that()
          .resideInAPackage("dev.noether." + ORDER.get(i) + "..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(later)
          .allowEmptyShould(true)
          .check(CLASSES);
    }
  }

  @Test
  void groupTheoryNeedsNoNativeLibrary() {
    noClasses()
        .that()
        .resideInAnyPackage(
            "dev.noether.algebra", "dev.noether.group", "dev.noether.rep", "dev.noether.lie")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("org.bytedeco..", "dev.noether.torch")
        .check(CLASSES);
  }

  @Test
  void onlyThePackageTorchLoadsNativeCode() {
    noClasses()
        .that()
        .resideOutsideOfPackage("dev.noether.torch")
        .should()
        .dependOnClassesThat()
        .haveFullyQualifiedName("org.bytedeco.javacpp.Loader")
        .check(CLASSES);
  }

  /** Whoever wants layers fetches no JSON, no archives, no protobuf. */
  @Test
  void layersNeedLibTorchAndMatricesOnly() {
    String[] layersAndBelow =
        ORDER.subList(0, ORDER.indexOf("io")).stream()
            .map(name -> "dev.noether." + name + "..")
            .toArray(String[]::new);
    noClasses()
        .that()
        .resideInAnyPackage(layersAndBelow)
        .should()
        .dependOnClassesThat(
            not(resideInAnyPackage(layersAndBelow))
                .and(
                    not(
                        resideInAnyPackage(
                            "",
                            "java..",
                            "javax.xml..",
                            "org.w3c.dom..",
                            "org.xml.sax..",
                            "org.bytedeco..",
                            "org.ejml..",
                            "org.jspecify..")))
                .and(not(resideInAPackage("com.google.errorprone.annotations"))))
        .check(CLASSES);
  }

  /** {@link Math} may differ in the last bit from JVM to JVM, {@link StrictMath} does not. */
  @Test
  void whatIsDerivedHasTheSameBitsInEveryJvm() {
    String[] fromGroupsToFiles =
        ORDER.subList(0, ORDER.indexOf("io") + 1).stream()
            .map(name -> "dev.noether." + name + "..")
            .toArray(String[]::new);
    noClasses()
        .that()
        .resideInAnyPackage(fromGroupsToFiles)
        .should()
        .callMethodWhere(
            target(owner(type(Math.class)))
                .and(
                    target(nameMatching("a?(sin|cos|tan)h?|atan2|exp|expm1|log.*|pow|cbrt|hypot"))))
        .check(CLASSES);
  }

  /** A program with an exported model has the JDK and one jar. */
  @Test
  void theRuntimeNeedsTheJdkAlone() {
    noClasses()
        .that()
        .resideInAPackage("dev.noether.runtime")
        .and()
        .doNotHaveSimpleName("VectorProducts") // made where a JVM has the module
        .should()
        .dependOnClassesThat(
            not(resideInAnyPackage("", "java..", "org.jspecify..", "dev.noether.runtime")))
        .check(CLASSES);
  }

  private static final String KERNEL = "dev.noether.nn";

  @Test
  void theKernelOfLayersKnowsNoLeaf() {
    noClasses()
        .that()
        .resideInAPackage(KERNEL)
        .should()
        .dependOnClassesThat()
        .resideInAPackage(KERNEL + ".*..")
        .check(CLASSES);
    assertThat(filesOf(KERNEL)).hasSizeLessThanOrEqualTo(20);
  }

  @Test
  void leavesKnowTheKernelAndLinearLayersOnly() {
    for (String leaf :
        List.of(
            "norm",
            "activation",
            "attention",
            "pooling",
            "conv",
            "bilinear",
            "frame",
            "symmetry",
            "distribution")) {
      noClasses()
          .that()
          .resideInAPackage(KERNEL + "." + leaf)
          .should()
          .dependOnClassesThat(
              resideInAPackage(KERNEL + ".*..")
                  .and(not(resideInAnyPackage(KERNEL + "." + leaf, KERNEL + ".linear"))))
          .check(CLASSES);
    }
    noClasses()
        .that()
        .resideInAPackage(KERNEL + ".linear")
        .should()
        .dependOnClassesThat(
            resideInAPackage(KERNEL + ".*..").and(not(resideInAPackage(KERNEL + ".linear"))))
        .check(CLASSES);
  }

  /** Files that know each other, directly or through others, can only be read together. */
  @Test
  void atMostThreeFilesOfLayersKnowEachOther() {
    for (JavaPackage room : CLASSES.getPackage(KERNEL).getSubpackagesInTree()) {
      assertThat(largestCycle(room.getName())).as(room.getName()).isLessThanOrEqualTo(3);
    }
    assertThat(largestCycle(KERNEL)).isLessThanOrEqualTo(3);
  }

  private static String fileOf(JavaClass type) {
    String name = type.getName();
    int nested = name.indexOf('$');
    return nested < 0 ? name : name.substring(0, nested);
  }

  private static Set<String> filesOf(String room) {
    Set<String> files = new TreeSet<>();
    CLASSES.getPackage(room).getClasses().stream()
        .filter(type -> !type.isArray())
        .forEach(type -> files.add(fileOf(type)));
    files.remove(room + ".package-info");
    return files;
  }

  private static int largestCycle(String room) {
    Map<String, Set<String>> reach = new TreeMap<>();
    filesOf(room).forEach(file -> reach.put(file, new TreeSet<>()));
    for (JavaClass type : CLASSES.getPackage(room).getClasses()) {
      type.getDirectDependenciesFromSelf().stream()
          .map(dependency -> fileOf(dependency.getTargetClass()))
          .filter(reach::containsKey)
          .forEach(file -> reach.computeIfAbsent(fileOf(type), f -> new TreeSet<>()).add(file));
    }
    for (String middle : reach.keySet()) {
      for (Set<String> targets : reach.values()) {
        if (targets.contains(middle)) {
          targets.addAll(reach.get(middle));
        }
      }
    }
    return reach.entrySet().stream()
        .mapToInt(
            own ->
                (int)
                    reach.entrySet().stream()
                        .filter(other -> own.getValue().contains(other.getKey()))
                        .filter(other -> other.getValue().contains(own.getKey()))
                        .count())
        .max()
        .orElse(0);
  }

  /** Only a layer itself asks whether something is one of its kind. */
  @Test
  void nobodyAsksForTheClassOfALayer() {
    List<String> asks =
        CLASSES.stream()
            .flatMap(type -> type.getInstanceofChecks().stream())
            .filter(check -> isConcreteLayer(check.getRawType()))
            .filter(
                check -> !fileOf(check.getOwner().getOwner()).equals(check.getRawType().getName()))
            .map(InstanceofCheck::toString)
            .toList();
    assertThat(asks).isEmpty();
  }

  private static boolean isConcreteLayer(JavaClass type) {
    return type.isAssignableTo(Layer.class) && !type.getModifiers().contains(JavaModifier.ABSTRACT);
  }

  /** Code cannot be described; every other layer can be saved, loaded, converted and checked. */
  @Test
  void everyLayerIsRegistered() {
    Set<String> registered = new TreeSet<>();
    LayerRegistry.standard().types().forEach(type -> registered.add(type.layer().getName()));
    registered.add(FunctionLayer.class.getName());
    Set<String> layers = new TreeSet<>();
    CLASSES.stream()
        .filter(type -> type.getPackageName().startsWith("dev.noether"))
        .filter(ArrowsTest::isConcreteLayer)
        .forEach(type -> layers.add(type.getName()));
    assertThat(registered).containsAll(layers);
    assertThat(layers).hasSizeGreaterThan(20);
  }

  /** Digits and separators of a default locale have no place in what people and programs read. */
  @Test
  void nothingIsFormattedInTheDefaultLocale() {
    noClasses()
        .should()
        .callMethod(String.class, "format", String.class, Object[].class)
        .orShould()
        .callMethod(PrintWriter.class, "printf", String.class, Object[].class)
        .orShould()
        .callMethod(PrintWriter.class, "format", String.class, Object[].class)
        .orShould()
        .callMethod(PrintStream.class, "printf", String.class, Object[].class)
        .orShould()
        .callMethod(String.class, "toLowerCase")
        .orShould()
        .callMethod(String.class, "toUpperCase")
        .check(CLASSES);
  }

  /** Bytes below the formats, the formats beside each other, and above them what knows them all. */
  @Test
  void aFormatOfFilesKnowsNoOther() {
    String[] formats = {"dev.noether.io.pickle", "dev.noether.io.onnx"};
    noClasses()
        .that()
        .resideInAPackage("dev.noether.io.bytes")
        .or()
        .haveFullyQualifiedName("dev.noether.io.TensorFile")
        .or()
        .haveFullyQualifiedName("dev.noether.io.SafeTensors")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(formats)
        .check(CLASSES);
    noClasses()
        .that()
        .resideInAPackage(formats[0])
        .should()
        .dependOnClassesThat()
        .resideInAPackage(formats[1])
        .check(CLASSES);
    noClasses()
        .that()
        .resideInAnyPackage("dev.noether.io.bytes", formats[0])
        .should()
        .dependOnClassesThat()
        .haveSimpleName("TensorFormat")
        .orShould()
        .dependOnClassesThat()
        .haveSimpleName("Checkpoint")
        .check(CLASSES);
  }
}
