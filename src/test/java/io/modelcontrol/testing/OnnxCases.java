package io.modelcontrol.testing;

import io.modelcontrol.McpException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;

/**
 * The public pack: the cases of ONNX's backend suite, each with the verdict that bare ONNX Runtime
 * gives. A case passes only if every output agrees in every set; one with a sequence among its
 * outputs is compared on the others, and does not pass if there is none.
 */
public final class OnnxCases {
  private static final String PACK = "/onnx-pack/";

  /** One line of the table. */
  private record Row(String name, CaseVerdict publicVerdict, CaseVerdict bestVerdict) {}

  private final List<Row> rows;
  private final Map<String, Map<String, byte[]>> files;

  private OnnxCases(List<Row> rows, Map<String, Map<String, byte[]>> files) {
    this.rows = rows;
    this.files = files;
  }

  public static OnnxCases load() throws IOException {
    return new OnnxCases(readTable(), readZip());
  }

  /** Runs every case. */
  public List<CaseResult> run(CaseExecutor executor) throws IOException {
    return run(executor, EnumSet.allOf(CaseVerdict.class));
  }

  /** Runs the cases for which bare ONNX Runtime with every help gives one of these verdicts. */
  public List<CaseResult> run(CaseExecutor executor, Set<CaseVerdict> bestVerdicts)
      throws IOException {
    List<CaseResult> results = new ArrayList<>(rows.size());
    for (Row row : rows) {
      if (!bestVerdicts.contains(row.bestVerdict())) {
        continue;
      }
      Map<String, byte[]> caseFiles = files.get(row.name());
      OnnxCase onnxCase = new OnnxCase(row.name(), caseFiles.get(OnnxCase.MODEL), caseFiles);
      results.add(run(row, onnxCase, executor));
    }
    return results;
  }

  private static CaseResult run(Row row, OnnxCase onnxCase, CaseExecutor executor)
      throws IOException {
    try {
      Optional<String> difference = Optional.empty();
      for (int set = 0; set < onnxCase.sets() && difference.isEmpty(); set++) {
        difference = onnxCase.difference(set, executor);
      }
      CaseVerdict verdict = difference.isEmpty() ? CaseVerdict.PASS : CaseVerdict.MISMATCH;
      return result(row, verdict, difference.orElse(""));
    } catch (McpException e) {
      return result(row, verdict(e, onnxCase), e.toString());
    }
  }

  private static CaseVerdict verdict(McpException e, OnnxCase onnxCase) {
    return switch (e.code()) {
      case MODEL_REJECTED -> CaseVerdict.LOAD_FAIL;
      case UNSUPPORTED_DTYPE ->
          onnxCase.nonTensorInput().isPresent() || onnxCase.tensorOutputs().isEmpty()
              ? CaseVerdict.NONTENSOR
              : CaseVerdict.JAVA_DTYPE;
      default -> CaseVerdict.RUN_FAIL;
    };
  }

  private static CaseResult result(Row row, CaseVerdict verdict, String reason) {
    return new CaseResult(row.name(), verdict, row.publicVerdict(), row.bestVerdict(), reason);
  }

  private static List<Row> readTable() throws IOException {
    try (InputStream in = open("onnx-cases.tsv")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .skip(1)
          .map(line -> line.split("\t", -1))
          .map(
              cells ->
                  new Row(cells[0], CaseVerdict.valueOf(cells[2]), CaseVerdict.valueOf(cells[3])))
          .toList();
    }
  }

  private static Map<String, Map<String, byte[]>> readZip() throws IOException {
    Map<String, Map<String, byte[]>> files = new LinkedHashMap<>();
    try (ZipInputStream zip = new ZipInputStream(open("onnx-cases.zip"))) {
      for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        String[] path = entry.getName().split("/", 3);
        if (!entry.isDirectory()) {
          files
              .computeIfAbsent(path[0] + "/" + path[1], name -> new HashMap<>())
              .put(path[2], zip.readAllBytes());
        }
      }
    }
    return files;
  }

  private static InputStream open(String file) {
    return OnnxCases.class.getResourceAsStream(PACK + file);
  }
}
