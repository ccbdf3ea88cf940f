package dev.noether;

import static com.tngtech.archunit.library.Architectures.layeredArchitecture;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** The packages' arrows point one way: algebra, then group, then lie, then rep. */
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
        .whereLayer("rep")
        .mayNotBeAccessedByAnyLayer()
        .whereLayer("lie")
        .mayOnlyBeAccessedByLayers("rep")
        .whereLayer("group")
        .mayOnlyBeAccessedByLayers("lie", "rep")
        .whereLayer("algebra")
        .mayOnlyBeAccessedByLayers("group", "lie", "rep")
        .check(classes);
  }
}
