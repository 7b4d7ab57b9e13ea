package io.modelcontrol.cli;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import java.util.EnumMap;
import java.util.Map;

/** One line for an error: its code, what is wrong, and what to do about it. */
final class Advice {
  private static final Map<ErrorCode, String> BY_CODE = new EnumMap<>(ErrorCode.class);

  static {
    String start = "start a server with 'modelctl serve', or name another with --server";
    BY_CODE.put(ErrorCode.NETWORK_CONNECTION_REFUSED, start);
    BY_CODE.put(ErrorCode.NETWORK_CONNECT_TIMEOUT, start);
    BY_CODE.put(ErrorCode.NETWORK_UNREACHABLE, start);
    BY_CODE.put(ErrorCode.NETWORK_UNRESOLVED, "check the host name in --server");
    BY_CODE.put(ErrorCode.NETWORK_CONNECTION_CLOSED, "is it an MCP server? see its log");
    BY_CODE.put(ErrorCode.NEGOTIATION_TIMEOUT, "is it an MCP server? see its log");
    BY_CODE.put(ErrorCode.MODEL_NOT_FOUND, "see 'modelctl models'");
    BY_CODE.put(ErrorCode.MODEL_NOT_READY, "try again in a moment");
    BY_CODE.put(ErrorCode.INVALID_TENSOR, "see 'modelctl describe' for what the model expects");
    BY_CODE.put(ErrorCode.UNSUPPORTED_DTYPE, "see 'modelctl describe' for what the model expects");
    BY_CODE.put(ErrorCode.UPDATE_CONFLICT, "give the new content another --version");
    BY_CODE.put(ErrorCode.MODEL_REJECTED, "export the model again as one self-contained file");
    BY_CODE.put(ErrorCode.MODEL_DIGEST_MISMATCH, "load it again, and leave the file unchanged");
    BY_CODE.put(ErrorCode.DEADLINE_EXCEEDED, "allow more time with --timeout");
    BY_CODE.put(ErrorCode.OVERLOADED, "try again later, or add workers");
    BY_CODE.put(
        ErrorCode.SERVICE_UNAVAILABLE, "is a model node running? see 'modelctl serve --help'");
    BY_CODE.put(ErrorCode.UNAUTHENTICATED, "check the credential");
    BY_CODE.put(ErrorCode.PERMISSION_DENIED, "ask the operator for the role");
  }

  private Advice() {}

  static String line(McpException error) {
    String line = "modelctl: " + error.code() + ": " + oneLine(error.getMessage());
    String advice = BY_CODE.get(error.code());
    if (error.retryAfterMs() > 0) {
      return line + "; try again in " + error.retryAfterMs() + " ms";
    }
    return advice == null ? line : line + "; " + advice;
  }

  /** Text of a peer or a library, without what would move the cursor. */
  static String oneLine(String text) {
    return text == null ? "no reason was told" : text.replaceAll("\\p{Cntrl}+", " ").strip();
  }
}
