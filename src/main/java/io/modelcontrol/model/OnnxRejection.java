package io.modelcontrol.model;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;

/** Why a model's content is refused; the constant's name is the first word of the error's text. */
enum OnnxRejection {
  /** A tensor's data lies outside of the model. */
  EXTERNAL_DATA,
  /** An operator that neither ONNX nor the model itself defines, or that names foreign content. */
  OP_DOMAIN,
  /** A tensor's data has not the size that its shape and type ask for, or a size beyond limits. */
  TENSOR_SIZE,
  /** Content of another, known format. */
  FORMAT,
  /** Not a well-formed ONNX model. */
  PARSE,
  /** Graphs within graphs beyond the limit. */
  DEPTH,
  /** Too many nodes, initializers or parts. */
  COUNT;

  /** The longest piece of the model's own text that an error repeats. */
  static final int MAX_QUOTED_CHARS = 64;

  McpException because(String text) {
    return McpException.streamError(ErrorCode.MODEL_REJECTED, name() + ": " + text);
  }

  /** A name from the model in quotation marks: shortened, and nothing but printable ASCII. */
  static String quote(String name) {
    StringBuilder quoted = new StringBuilder("'");
    name.chars()
        .limit(MAX_QUOTED_CHARS)
        .map(c -> c >= ' ' && c <= '~' ? c : '?')
        .forEach(c -> quoted.append((char) c));
    return quoted.append(name.length() > MAX_QUOTED_CHARS ? "...'" : "'").toString();
  }
}
