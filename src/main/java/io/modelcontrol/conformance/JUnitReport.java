package io.modelcontrol.conformance;

import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import javax.xml.stream.XMLOutputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamWriter;

/** Results in the XML that JUnit made common, for tools that show them. */
public final class JUnitReport {
  private final XMLStreamWriter xml;

  private JUnitReport(XMLStreamWriter xml) {
    this.xml = xml;
  }

  /** Writes the results of a run to a file, which is replaced. */
  public static void write(Path file, List<CaseResult> results) throws IOException {
    try (Writer out = Files.newBufferedWriter(file)) {
      XMLStreamWriter xml = XMLOutputFactory.newInstance().createXMLStreamWriter(out);
      new JUnitReport(xml).write(results);
      xml.close();
    } catch (XMLStreamException e) {
      throw new IOException(e);
    }
  }

  private void write(List<CaseResult> results) throws XMLStreamException {
    xml.writeStartDocument("UTF-8", "1.0");
    xml.writeStartElement("testsuite");
    xml.writeAttribute("name", "mcp-conformance");
    xml.writeAttribute("tests", String.valueOf(results.size()));
    xml.writeAttribute("failures", count(results, CaseResult.Verdict.FAILED));
    xml.writeAttribute("errors", "0");
    xml.writeAttribute("skipped", count(results, CaseResult.Verdict.SKIPPED));
    xml.writeAttribute("time", seconds(results.stream().mapToLong(CaseResult::nanos).sum()));
    for (CaseResult result : results) {
      writeCase(result);
    }
    xml.writeEndElement();
    xml.writeEndDocument();
  }

  private void writeCase(CaseResult result) throws XMLStreamException {
    ConformanceCase testCase = result.testCase();
    String id = testCase.id();
    xml.writeStartElement("testcase");
    xml.writeAttribute("classname", "conformance." + id.substring(0, id.indexOf('/')));
    xml.writeAttribute("name", id + " " + testCase.sentence());
    xml.writeAttribute("time", seconds(result.nanos()));
    if (result.verdict() != CaseResult.Verdict.PASSED) {
      xml.writeStartElement(result.isFailed() ? "failure" : "skipped");
      xml.writeAttribute("message", result.text());
      xml.writeCharacters(testCase.expected() + "; section " + testCase.section());
      xml.writeEndElement();
    }
    xml.writeEndElement();
  }

  private static String count(List<CaseResult> results, CaseResult.Verdict verdict) {
    return String.valueOf(results.stream().filter(each -> each.verdict() == verdict).count());
  }

  private static String seconds(long nanos) {
    return String.format(Locale.ROOT, "%.3f", nanos / 1e9);
  }
}
