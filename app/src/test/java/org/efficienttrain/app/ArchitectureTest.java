package org.efficienttrain.app;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaConstructor;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.efficienttrain.training.task.Task;
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

  @Test
  void theRoomsOfTrainingImportDownOnly() {
    String training = ROOT + "training.";
    layeredArchitecture()
        .consideringOnlyDependenciesInLayers()
        .layer("search")
        .definedBy(training + "search..")
        .layer("run")
        .definedBy(training + "run..")
        .layer("report")
        .definedBy(training + "report..")
        .layer("loop")
        .definedBy(training + "loop..")
        .layer("task")
        .definedBy(training + "task..")
        .layer("batch")
        .definedBy(training + "batch..")
        .layer("recipe")
        .definedBy(training + "recipe..")
        .layer("pretrain")
        .definedBy(training + "pretrain..")
        .layer("evaluation")
        .definedBy(training + "evaluation..")
        .layer("checkpoint")
        .definedBy(training + "checkpoint..")
        .whereLayer("search")
        .mayNotBeAccessedByAnyLayer()
        .whereLayer("pretrain")
        .mayNotBeAccessedByAnyLayer()
        .whereLayer("evaluation")
        .mayOnlyBeAccessedByLayers("pretrain")
        .whereLayer("checkpoint")
        .mayOnlyBeAccessedByLayers("search", "run")
        .whereLayer("checkpoint")
        .mayNotAccessAnyLayer()
        .whereLayer("run")
        .mayOnlyBeAccessedByLayers("search")
        .whereLayer("report")
        .mayOnlyBeAccessedByLayers("search", "run")
        .whereLayer("loop")
        .mayOnlyBeAccessedByLayers("search", "run")
        .whereLayer("task")
        .mayOnlyBeAccessedByLayers("run", "report", "loop", "pretrain", "evaluation")
        .whereLayer("batch")
        .mayOnlyBeAccessedByLayers("run", "loop", "task", "pretrain", "evaluation")
        .check(CLASSES);
  }

  @Test
  void theLoopKnowsNoParticularTask() {
    noClasses()
        .that()
        .resideInAnyPackage(ROOT + "training.loop..", ROOT + "training.run..")
        .should()
        .dependOnClassesThat(
            JavaClass.Predicates.assignableTo(Task.class)
                .and(DescribedPredicate.not(JavaClass.Predicates.type(Task.class))))
        .check(CLASSES);
  }

  /**
   * Records are data, with as many components as the data has; an inner class is given its outer
   * one.
   */
  @Test
  void noConstructorTakesMoreThanSixThings() {
    assertThat(CLASSES.stream())
        .filteredOn(c -> !c.isRecord() && !c.isEnum() && !c.isAnonymousClass())
        .flatExtracting(JavaClass::getConstructors)
        .filteredOn(c -> c.getRawParameterTypes().size() > (c.getOwner().isInnerClass() ? 7 : 6))
        .extracting(JavaConstructor::getFullName)
        .isEmpty();
  }
}
