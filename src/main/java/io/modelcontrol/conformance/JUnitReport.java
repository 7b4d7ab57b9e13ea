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

  /**
   * One case as the report shows it.
   *
   * @param id group and name, {@code frame/01}
   * @param sentence what is tried
   * @param text why it failed or was skipped
   * @param detail more about it, for whoever looks closer
   */
  public record Entry(
      String id,
      String sentence,
      CaseResult.Verdict verdict,
      String text,
      String detail,
      long nanos) {}

  /** Writes the results of a run to a file, which is replaced. */
  public static void write(Path file, List<CaseResult> results) throws IOException {
    write(file, "mcp-conformance", results.stream().map(JUnitReport::entry).toList());
  }

  private static Entry entry(CaseResult result) {
    ConformanceCase testCase = result.testCase();
    return new Entry(
        testCase.id(),
        testCase.sentence(),
        result.verdict(),
        result.text(),
        testCase.expected() + "; section " + testCase.section(),
        result.nanos());
  }

  /** Writes the entries of a suite to a file, which is replaced. */
  public static void write(Path file, String suite, List<Entry> entries) throws IOException {
    try (Writer out = Files.newBufferedWriter(file)) {
      XMLStreamWriter xml = XMLOutputFactory.newInstance().createXMLStreamWriter(out);
      new JUnitReport(xml).write(suite, entries);
      xml.close();
    } catch (XMLStreamException e) {
      throw new IOException(e);
    }
  }

  private void write(String suite, List<Entry> entries) throws XMLStreamException {
    xml.writeStartDocument("UTF-8", "1.0");
    xml.writeStartElement("testsuite");
    xml.writeAttribute("name", suite);
    xml.writeAttribute("tests", String.valueOf(entries.size()));
    xml.writeAttribute("failures", count(entries, CaseResult.Verdict.FAILED));
    xml.writeAttribute("errors", "0");
    xml.writeAttribute("skipped", count(entries, CaseResult.Verdict.SKIPPED));
    xml.writeAttribute("time", seconds(entries.stream().mapToLong(Entry::nanos).sum()));
    for (Entry entry : entries) {
      writeCase(entry);
    }
    xml.writeEndElement();
    xml.writeEndDocument();
  }

  private void writeCase(Entry entry) throws XMLStreamException {
    String id = entry.id();
    xml.writeStartElement("testcase");
    xml.writeAttribute("classname", "conformance." + id.substring(0, id.indexOf('/')));
    xml.writeAttribute("name", id + " " + entry.sentence());
    xml.writeAttribute("time", seconds(entry.nanos()));
    if (entry.verdict() != CaseResult.Verdict.PASSED) {
      boolean failed = entry.verdict() == CaseResult.Verdict.FAILED;
      xml.writeStartElement(failed ? "failure" : "skipped");
      xml.writeAttribute("message", entry.text());
      xml.writeCharacters(entry.detail());
      xml.writeEndElement();
    }
    xml.writeEndElement();
  }

  private static String count(List<Entry> entries, CaseResult.Verdict verdict) {
    return String.valueOf(entries.stream().filter(each -> each.verdict() == verdict).count());
  }

  private static String seconds(long nanos) {
    return String.format(Locale.ROOT, "%.3f", nanos / 1e9);
  }
}
