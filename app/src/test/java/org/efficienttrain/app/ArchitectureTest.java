package org.efficienttrain.app;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** The arrows between the modules: imports point down only. */
class ArchitectureTest {
  private static final String ROOT = "org.efficienttrain.";

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("org.efficienttrain");

  @Test
  void importsPointDownOnly() {
    layeredArchitecture()
        .consideringOnlyDependenciesInLayers()
        .layer("app")
        .definedBy(ROOT + "app..")
        .layer("training")
        .definedBy(ROOT + "training..")
        .layer("models")
        .definedBy(ROOT + "models..")
        .layer("images")
        .definedBy(ROOT + "images..")
        .layer("tensor")
        .definedBy(ROOT + "tensor..")
        .layer("curriculum")
        .definedBy(ROOT + "curriculum..")
        .whereLayer("app")
        .mayNotBeAccessedByAnyLayer()
        .whereLayer("training")
        .mayOnlyBeAccessedByLayers("app")
        .whereLayer("models")
        .mayOnlyBeAccessedByLayers("app", "training")
        .whereLayer("images")
        .mayOnlyBeAccessedByLayers("app", "training")
        .whereLayer("tensor")
        .mayOnlyBeAccessedByLayers("app", "training", "models")
        .whereLayer("curriculum")
        .mayOnlyBeAccessedByLayers("app", "training", "models")
        .check(CLASSES);
  }

  @Test
  void onlyTensorKnowsLibtorch() {
    noClasses()
        .that()
        .resideOutsideOfPackage(ROOT + "tensor..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("org.bytedeco.pytorch..")
        .check(CLASSES);
  }

  @Test
  void onlyImagesKnowsOpenCv() {
    noClasses()
        .that()
        .resideOutsideOfPackage(ROOT + "images..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("org.bytedeco.opencv..")
        .check(CLASSES);
  }

  @Test
  void theCurriculumNeedsNothingButTheJdk() {
    noClasses()
        .that()
        .resideInAPackage(ROOT + "curriculum..")
        .should()
        .dependOnClassesThat()
        .resideOutsideOfPackages(ROOT + "curriculum..", "java..")
        .check(CLASSES);
  }
}
