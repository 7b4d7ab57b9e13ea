package io.modelcontrol.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.modelcontrol.testing.TestNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The suite against our own server, and what is published about it. */
class ConformanceTest {
  private static final Path APPENDIX = Path.of("src/main/asciidoc/conformance-cases.adoc");
  private static final Path SPECIFICATION = Path.of("src/main/asciidoc/specification.adoc");

  @TempDir Path store;

  @Test
  void ourServerPassesEachCase() throws Exception {
    List<CaseResult> results;
    try (TestNode node = new TestNode(store)) {
      results =
          ConformanceSuite.run("127.0.0.1", node.port(), ConformanceSuite.cases(), each -> {});
    }
    String failures =
        results.stream()
            .filter(each -> each.verdict() != CaseResult.Verdict.PASSED)
            .map(
                each ->
                    each.testCase().id()
                        + " "
                        + each.testCase().sentence()
                        + " ("
                        + each.testCase().expected()
                        + "): "
                        + each.text())
            .collect(Collectors.joining("\n"));
    assertThat(failures).isEmpty();
    assertThat(results).hasSameSizeAs(ConformanceSuite.cases());
  }

  @Test
  void hasManyCasesEachOnceAndInWords() {
    List<ConformanceCase> cases = ConformanceSuite.cases();
    assertThat(cases).hasSizeGreaterThan(220);
    assertThat(cases).extracting(ConformanceCase::id).doesNotHaveDuplicates();
    assertThat(cases)
        .extracting(each -> each.sentence() + each.state() + each.section())
        .doesNotHaveDuplicates();
  }

  @Test
  void namesSectionsOfTheSpecification() throws Exception {
    List<String> headings =
        Files.readString(SPECIFICATION)
            .lines()
            .filter(line -> line.startsWith("=="))
            .map(line -> line.replaceFirst("=+ ", ""))
            .toList();
    assertThat(ConformanceSuite.cases())
        .allSatisfy(each -> assertThat(headings).contains(each.section()));
  }

  @Test
  void theAppendixListsTheCases() throws Exception {
    assertThat(Files.readString(APPENDIX))
        .isEqualTo(ConformanceSuite.list(ConformanceSuite.cases()));
    assertThat(Files.readString(SPECIFICATION)).contains("include::conformance-cases.adoc[]");
  }
}
