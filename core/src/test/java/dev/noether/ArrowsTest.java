package dev.noether;

import static com.tngtech.archunit.library.Architectures.layeredArchitecture;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** The packages' arrows point one way: algebra, then group, lie, rep, kernel. */
class ArrowsTest {
  @Test
  void packagesDependOnlyOnThoseBeforeThem() {
    JavaClasses classes =
        new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("dev.noether");
    layeredArchitecture()
        .consideringOnlyDependenciesInLayers()
        .layer("algebra")
        .definedBy("dev.noether.algebra")
        .layer("group")
        .definedBy("dev.noether.group")
        .layer("rep")
        .definedBy("dev.noether.rep")
        .layer("lie")
        .definedBy("dev.noether.lie")
        .layer("kernel")
        .definedBy("dev.noether.kernel")
        .whereLayer("kernel")
        .mayNotBeAccessedByAnyLayer()
        .whereLayer("rep")
        .mayOnlyBeAccessedByLayers("kernel")
        .whereLayer("lie")
        .mayOnlyBeAccessedByLayers("rep", "kernel")
        .whereLayer("group")
        .mayOnlyBeAccessedByLayers("lie", "rep", "kernel")
        .whereLayer("algebra")
        .mayOnlyBeAccessedByLayers("group", "lie", "rep", "kernel")
        .check(classes);
  }
}
