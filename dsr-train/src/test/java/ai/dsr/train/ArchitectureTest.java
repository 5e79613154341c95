// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaCall.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.name;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.core.domain.properties.HasParameterTypes.Predicates.rawParameterTypes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.dsr.core.io.TensorData;
import ai.dsr.core.kernel.Autograd;
import ai.dsr.core.tensor.EngineArray;
import com.tngtech.archunit.ArchConfiguration;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The rules of the house that a compiler does not check, over the main classes of all published modules. */
final class ArchitectureTest {
    private static final int MAX_DEPTH = 12; // deeper than any package

    private static JavaClasses published;

    @BeforeAll
    static void importClasses() {
        // Rules look at names of packages: what is inside of a library does not matter, and reading it takes long.
        ArchConfiguration.get().setResolveMissingDependenciesFromClassPath(false);
        published = new ClassFileImporter()
                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                .withImportOption(at -> !at.contains("/ai/dsr/testkit/") && !at.contains("/ai/dsr/bench/"))
                .importPackages("ai.dsr");
    }

    @Test
    void modulesDependInOneDirection() {
        layeredArchitecture()
                .consideringOnlyDependenciesInAnyPackage("ai.dsr..")
                .layer("core")
                .definedBy("ai.dsr.core..")
                .layer("encoders")
                .definedBy("ai.dsr.encoders..")
                .layer("dit")
                .definedBy("ai.dsr.dit..")
                .layer("sample")
                .definedBy("ai.dsr.sample..")
                .layer("train")
                .definedBy("ai.dsr.train..")
                .whereLayer("core")
                .mayNotAccessAnyLayer()
                .whereLayer("encoders")
                .mayOnlyAccessLayers("core")
                .whereLayer("dit")
                .mayOnlyAccessLayers("core")
                .whereLayer("sample")
                .mayOnlyAccessLayers("core", "encoders", "dit")
                .whereLayer("train")
                .mayOnlyAccessLayers("core", "encoders", "dit", "sample")
                .check(published);
    }

    @Test
    void packagesHaveNoCycles() {
        slices().matching("ai.dsr.(*).(*)..").should().beFreeOfCycles().check(published);
    }

    @Test
    void onlyTheKernelPackageKnowsTheEngine() {
        onlyIn("ai.dsr.core.kernel..", "ai.djl.pytorch..").check(published);
    }

    /** Such a gradient reads memory that is free already: see {@link Autograd}. */
    @Test
    void nothingThatTrainsRemembersANumberOfTheHeap() {
        ArchRule rule = noNumbersIn(
                "ai.dsr.core.nn..",
                "ai.dsr.core.kernel..",
                "ai.dsr.dit.model..",
                "ai.dsr.dit.text..",
                "ai.dsr.encoders.critic..",
                "ai.dsr.encoders.vit..",
                "ai.dsr.encoders.rae..",
                "ai.dsr.train.loss..",
                "ai.dsr.train.task..",
                "ai.dsr.train.loop..");
        rule.check(published);
        assertThrows(
                AssertionError.class, () -> noNumbersIn("ai.dsr.dit.solver..").check(published));
    }

    /** DJL's ways lay an array into a Java buffer that its views do not keep alive: see {@link EngineArray}. */
    @Test
    void valuesEnterTheEngineInOneWay() {
        noArraysOfValuesOutsideOf(EngineArray.class).check(published);
        assertThrows(AssertionError.class, () -> noArraysOfValuesOutsideOf(TensorData.class)
                .check(published));
    }

    @Test
    void onlyTextEncodersKnowTokenizersAndOnnx() {
        onlyIn("ai.dsr.encoders.text..", "ai.onnxruntime..", "ai.djl.huggingface..", "ai.djl.onnxruntime..")
                .check(published);
    }

    @Test
    void onlyStatisticsUseNd4j() {
        onlyIn("ai.dsr.core.stats..", "org.nd4j..", "org.bytedeco..").check(published);
    }

    @Test
    void onlyCommandsKnowTheCommandLineAndTheLogger() {
        onlyIn("ai.dsr..cli..", "picocli..", "ch.qos.logback..").check(published);
    }

    @Test
    void settingsAreRecords() {
        classes()
                .that()
                .haveSimpleNameEndingWith("Config")
                .and()
                .doNotHaveSimpleName("Config") // the tree that they are bound from
                .should()
                .beRecords()
                .check(published);
    }

    @Test
    void publicClassesAreFinalOrMeantForExtension() {
        classes()
                .that()
                .arePublic()
                .and()
                .areNotInterfaces()
                .and()
                .areNotEnums()
                .should(beClosed())
                .check(published);
    }

    @Test
    void nothingIsAGrabBag() {
        noClasses()
                .should()
                .haveNameMatching(".*(Utils?|Utilities|Common|Helpers?|Impl)")
                .because("a class is named after what it does")
                .check(published);
    }

    @Test
    void everyPackageSaysWhatItHolds() throws IOException {
        Path root = Path.of(System.getProperty("dsr.root", ".."));
        try (Stream<Path> files = Files.walk(root, MAX_DEPTH)) {
            Set<Path> packages = files.filter(f -> f.toString().endsWith(".java"))
                    .filter(f -> root.relativize(f).toString().matches("dsr-[a-z]+/src/main/java/.*"))
                    .map(Path::getParent)
                    .collect(Collectors.toCollection(TreeSet::new));
            assertFalse(packages.isEmpty(), root + ": expected the sources of the project");
            packages.removeIf(p -> Files.exists(p.resolve("package-info.java")));
            assertEquals(Set.of(), packages, "packages without package-info.java");
        }
    }

    @Test
    void rulesNoticeWhatTheyForbid() {
        ArchRule broken = onlyIn("ai.dsr.core.random..", "ai.djl.pytorch..");
        assertThrows(AssertionError.class, () -> broken.check(published));
    }

    private static ArchRule noNumbersIn(String... packages) {
        return noClasses()
                .that()
                .resideInAnyPackage(packages)
                .should()
                .callMethodWhere(target(nameMatching("(mul|div|pow|mod|maximum|minimum)i?"))
                        .and(target(owner(assignableTo(NDArray.class))))
                        .and(target(rawParameterTypes(Number.class))));
    }

    private static ArchRule noArraysOfValuesOutsideOf(Class<?> home) {
        return noClasses()
                .that()
                .areNotAssignableTo(home)
                .should()
                .callMethodWhere(target(name("create"))
                        .and(target(owner(assignableTo(NDManager.class))))
                        .and(not(target(rawParameterTypes(Shape.class))))
                        .and(not(target(rawParameterTypes(Shape.class, DataType.class)))));
    }

    private static ArchRule onlyIn(String home, String... libraries) {
        return noClasses()
                .that()
                .resideOutsideOfPackage(home)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(libraries);
    }

    private static ArchCondition<JavaClass> beClosed() {
        return new ArchCondition<>("be final, sealed, abstract or a record") {
            @Override
            public void check(JavaClass c, ConditionEvents events) {
                Set<JavaModifier> modifiers = c.getModifiers();
                boolean closed = modifiers.contains(JavaModifier.FINAL)
                        || modifiers.contains(JavaModifier.ABSTRACT)
                        || c.reflect().isSealed();
                events.add(new SimpleConditionEvent(c, closed, c.getName() + " is open for extension by accident"));
            }
        };
    }
}
