package io.replication4j;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.equivalentTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.members;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMember;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import io.replication4j.command.CommandRunner;
import java.time.Clock;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Each layer knows only the ones below it. */
class LayersTest {

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("io.replication4j");

  private static final List<String> HIDDEN =
      List.of(
          "org.apache.sshd.",
          "org.bouncycastle.",
          "com.google.",
          "tools.jackson.",
          "com.fasterxml.");

  @Test
  void onlyTheSshPackageKnowsTheSshLibrary() {
    noClasses()
        .that()
        .resideOutsideOfPackage("io.replication4j.command.ssh")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("org.apache.sshd..", "org.bouncycastle..")
        .check(CLASSES);
  }

  @Test
  void commandsKnowNoStorage() {
    noClasses()
        .that()
        .resideInAPackage("io.replication4j.command..")
        .should()
        .dependOnClassesThat(
            resideInAnyPackage(
                    "io.replication4j", "io.replication4j.spi..", "io.replication4j.internal..")
                .and(not(equivalentTo(ReplicationException.class))))
        .check(CLASSES);
  }

  @Test
  void onlyTheCallerChoosesSsh() {
    noClasses()
        .that()
        .resideOutsideOfPackage("io.replication4j.command.ssh")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("io.replication4j.command.ssh")
        .check(CLASSES);
  }

  @Test
  void backendAuthorsSeeNothingInternal() {
    noClasses()
        .that()
        .resideInAPackage("io.replication4j.spi")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("io.replication4j.internal")
        .check(CLASSES);
  }

  @Test
  void plannerDoesNothingButThink() {
    noClasses()
        .that(resideInAPackage("io.replication4j.internal").and(planner()))
        .should()
        .dependOnClassesThat(
            resideInAnyPackage(
                    "java.io", "java.nio..", "java.net..", "org.slf4j..", "java.util.concurrent..")
                .or(equivalentTo(Clock.class))
                .or(equivalentTo(Random.class))
                .or(equivalentTo(CommandRunner.class)))
        .check(CLASSES);
  }

  private static DescribedPredicate<JavaClass> planner() {
    List<String> names =
        List.of("Planner", "PlanRequest", "PlanCheck", "PairView", "Draft", "Effects");
    return DescribedPredicate.describe(
        "are the planner's " + names, type -> names.contains(outermost(type).getSimpleName()));
  }

  private static JavaClass outermost(JavaClass type) {
    return type.getEnclosingClass().map(LayersTest::outermost).orElse(type);
  }

  @Test
  void publicSignaturesShowNoLibrary() {
    members()
        .that()
        .areDeclaredInClassesThat(not(resideInAPackage("io.replication4j.internal..")))
        .and()
        .arePublic()
        .and()
        .areDeclaredInClassesThat()
        .arePublic()
        .should(showOnlyOurTypes())
        .check(CLASSES);
  }

  private static ArchCondition<JavaMember> showOnlyOurTypes() {
    return new ArchCondition<>("show only types of the JDK and of ours") {
      @Override
      public void check(JavaMember member, ConditionEvents events) {
        member.getAllInvolvedRawTypes().stream()
            .map(JavaClass::getName)
            .filter(name -> HIDDEN.stream().anyMatch(name::startsWith))
            .forEach(
                name ->
                    events.add(
                        SimpleConditionEvent.violated(
                            member, member.getFullName() + " shows " + name)));
      }
    };
  }
}
