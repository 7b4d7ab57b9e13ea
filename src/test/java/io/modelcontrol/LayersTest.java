package io.modelcontrol;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.library.Architectures;
import org.junit.jupiter.api.Test;

/** The package layout, as a test: a new arrow between packages is a decision, made here. */
class LayersTest {

  private static final String ROOT = "io.modelcontrol";
  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages(ROOT);

  /**
   * A feature is a package with its sub-packages, so api and impl of one feature may know each
   * other.
   */
  @Test
  void featuresFormNoCycle() {
    slices().matching(ROOT + ".(*)..").should().beFreeOfCycles().check(CLASSES);
  }

  @Test
  void eachFeatureKnowsOnlyTheOnesBelow() {
    Architectures.layeredArchitecture()
        .consideringOnlyDependenciesInLayers()
        .withOptionalLayers(true)
        .layer("wire")
        .definedBy(ROOT + ".wire..")
        .layer("auth")
        .definedBy(ROOT + ".auth..")
        .layer("telemetry")
        .definedBy(ROOT + ".telemetry..")
        .layer("tls")
        .definedBy(ROOT + ".tls..")
        .layer("session")
        .definedBy(ROOT + ".session..")
        .layer("client")
        .definedBy(ROOT + ".client..")
        .layer("server")
        .definedBy(ROOT + ".server..")
        .layer("model")
        .definedBy(ROOT + ".model..")
        .layer("runtime")
        .definedBy(ROOT + ".runtime..")
        .layer("serving")
        .definedBy(ROOT + ".serving..")
        .layer("isolation")
        .definedBy(ROOT + ".isolation..")
        .layer("cluster")
        .definedBy(ROOT + ".cluster..")
        .layer("observe")
        .definedBy(ROOT + ".observe..")
        .layer("verticle")
        .definedBy(ROOT + ".verticle..")
        .layer("conformance")
        .definedBy(ROOT + ".conformance..")
        .layer("cli")
        .definedBy(ROOT + ".cli..")
        .whereLayer("wire")
        .mayNotAccessAnyLayer()
        .whereLayer("auth")
        .mayNotAccessAnyLayer()
        .whereLayer("telemetry")
        .mayNotAccessAnyLayer()
        .whereLayer("tls")
        .mayNotAccessAnyLayer()
        .whereLayer("session")
        .mayOnlyAccessLayers("wire", "auth", "telemetry")
        .whereLayer("client")
        .mayOnlyAccessLayers("wire", "auth", "session", "tls", "telemetry")
        .whereLayer("server")
        .mayOnlyAccessLayers("wire", "auth", "session", "tls", "telemetry")
        .whereLayer("model")
        .mayNotAccessAnyLayer()
        .whereLayer("runtime")
        .mayOnlyAccessLayers("wire", "model", "telemetry")
        .whereLayer("serving")
        .mayOnlyAccessLayers("auth", "wire", "session", "server", "model", "runtime", "telemetry")
        .whereLayer("isolation")
        .mayOnlyAccessLayers(
            "wire",
            "auth",
            "session",
            "client",
            "server",
            "model",
            "runtime",
            "serving",
            "telemetry")
        .whereLayer("cluster")
        .mayOnlyAccessLayers("auth", "model", "runtime", "serving")
        .whereLayer("observe")
        .mayOnlyAccessLayers(
            "wire",
            "auth",
            "telemetry",
            "tls",
            "session",
            "client",
            "server",
            "model",
            "runtime",
            "serving",
            "isolation",
            "cluster")
        .whereLayer("conformance")
        .mayOnlyAccessLayers("wire")
        .check(CLASSES);
  }

  /** The suite has an encoder of its own, so that ours cannot be wrong on both ends. */
  @Test
  void conformanceTakesNoCodecFromTheWire() {
    noClasses()
        .that()
        .resideInAPackage(ROOT + ".conformance..")
        .should()
        .dependOnClassesThat()
        .haveNameMatching(".*(Encoder|Decoder|Codec|Varint|AckFrame|ErrorFields)")
        .orShould()
        .dependOnClassesThat()
        .resideInAnyPackage("io.netty..", "io.vertx..")
        .check(CLASSES);
  }

  @Test
  void vocabularyKnowsNobody() {
    noClasses()
        .that()
        .resideInAPackage(ROOT)
        .should()
        .dependOnClassesThat()
        .resideInAPackage(ROOT + ".*..")
        .check(CLASSES);
  }

  /** Buffers and annotations are all that it has of the frameworks. */
  @Test
  void vocabularyIsPlainJava() {
    noClasses()
        .that()
        .resideInAPackage(ROOT)
        .and()
        .haveSimpleNameNotEndingWith("package-info")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("io.vertx..", "io.netty.channel..")
        .check(CLASSES);
  }

  /**
   * Frames and sessions are pure: simulation and fuzzing drive them without a socket, a timer or a
   * thread.
   */
  @Test
  void protocolCoreIsSansIo() {
    noClasses()
        .that()
        .resideInAnyPackage(ROOT + ".wire..", ROOT + ".session")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "io.vertx..",
            "io.netty.channel..",
            "java.net..",
            "java.util.concurrent..",
            ROOT + ".session.transport..")
        .orShould()
        .callMethod(System.class, "nanoTime")
        .orShould()
        .callMethod(System.class, "currentTimeMillis")
        .check(CLASSES);
  }

  @Test
  void onlyOnePackageKnowsEachHeavyLibrary() {
    onlyKnownTo("ai.onnxruntime..", ROOT + ".runtime.onnx..");
    onlyKnownTo("com.hazelcast..", ROOT + ".cluster..");
    onlyKnownTo("picocli..", ROOT + ".cli..");
    onlyKnownTo("com.github.luben..", ROOT + ".wire..");
    onlyKnownTo("org.bouncycastle..", ROOT + ".tls..");
    onlyKnownTo("io.micrometer..", ROOT + ".observe..");
    onlyKnownTo("io.opentelemetry..", ROOT + ".observe..");
  }

  /** What protoc wrote is the encoding of the opening, not our vocabulary; ONNX has its own. */
  @Test
  void protobufNeverLeavesTheWire() {
    onlyKnownTo("com.google.protobuf..", ROOT + ".wire..", ROOT + ".runtime.onnx..");
    onlyKnownTo(ROOT + ".wire.proto..", ROOT + ".wire..");
  }

  /** Vert.x promises nothing about it, so that one package alone has to follow its changes. */
  @Test
  void onlyTheServerDeploysByItself() {
    onlyKnownTo("io.vertx.core.internal.deployment..", ROOT + ".server.impl..");
  }

  private static void onlyKnownTo(String library, String... owners) {
    noClasses()
        .that()
        .resideOutsideOfPackages(owners)
        .should()
        .dependOnClassesThat()
        .resideInAPackage(library)
        .check(CLASSES);
  }
}
