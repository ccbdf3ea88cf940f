package dev.noether.cli;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The packages' arrows point one way, and one package loads native code. */
class ArrowsTest {
  /** Each may use those before it, never those after. */
  private static final List<String> ORDER =
      List.of(
          "algebra", "group", "lie", "rep", "torch", "hom", "linalg", "stats", "nn", "io", "models",
          "cli");

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
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
}
