package io.modelcontrol.runtime.conformance;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.Tensor;
import io.modelcontrol.runtime.LoadedModel;
import io.modelcontrol.runtime.RunControl;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/** What the cases ask of an answer. Outputs are released whatever is found. */
final class Expect {
  /** Bytes that a message shows of those that differ. */
  private static final int SHOWN_BYTES = 16;

  private Expect() {}

  static void that(boolean kept, String expected, String came) {
    if (!kept) {
      throw CaseEnd.failed(expected, came);
    }
  }

  /** The run answers with these outputs, in this order, bit for bit. */
  static void answers(
      LoadedModel model, List<Tensor> inputs, List<String> requested, List<Tensor> expected) {
    List<Tensor> outputs = model.infer(inputs, requested, new RunControl());
    try {
      List<String> names = outputs.stream().map(Tensor::name).toList();
      List<String> wanted = expected.stream().map(Tensor::name).toList();
      that(names.equals(wanted), "outputs " + wanted, String.valueOf(names));
      for (int i = 0; i < outputs.size(); i++) {
        same(expected.get(i), outputs.get(i));
      }
    } finally {
      outputs.forEach(Tensor::release);
    }
  }

  private static void same(Tensor expected, Tensor came) {
    boolean alike =
        expected.dataType() == came.dataType() && Arrays.equals(expected.shape(), came.shape());
    that(alike, expected.toString(), came.toString());
    int from = expected.bytes().mismatch(came.bytes());
    that(from < 0, bytes(expected, from) + " in " + expected, bytes(came, from));
  }

  private static String bytes(Tensor tensor, int from) {
    if (from < 0) {
      return "";
    }
    byte[] bytes = tensor.toByteArray();
    byte[] shown = Arrays.copyOfRange(bytes, from, Math.min(bytes.length, from + SHOWN_BYTES));
    return "bytes " + HexFormat.of().formatHex(shown) + " from " + from;
  }

  /** One output of FLOAT whose elements are these, about. */
  static void answersAbout(LoadedModel model, KnownAnswer known) {
    List<Tensor> outputs = model.infer(known.inputs(), List.of(), new RunControl());
    try {
      that(outputs.size() == 1, "one output", String.valueOf(outputs));
      float[] came = outputs.get(0).toFloats();
      boolean close = came.length == known.answer().length;
      for (int i = 0; close && i < came.length; i++) {
        close = Math.abs(came[i] - known.answer()[i]) <= known.tolerance();
      }
      that(close, Arrays.toString(known.answer()), Arrays.toString(came));
    } finally {
      outputs.forEach(Tensor::release);
    }
  }

  /** The run fails with this code. */
  static void refuses(
      LoadedModel model, List<Tensor> inputs, List<String> requested, ErrorCode code) {
    List<Tensor> outputs;
    try {
      outputs = model.infer(inputs, requested, new RunControl());
    } catch (McpException e) {
      that(e.code() == code, code.name(), e.toString());
      return;
    }
    outputs.forEach(Tensor::release);
    throw CaseEnd.failed(code.name(), "the answer " + outputs);
  }
}
