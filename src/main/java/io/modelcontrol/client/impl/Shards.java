package io.modelcontrol.client.impl;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.Tensor;
import io.modelcontrol.session.transport.McpStream;
import io.modelcontrol.wire.Message;
import io.modelcontrol.wire.MessageType;
import io.netty.buffer.ByteBuf;
import io.vertx.core.Handler;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.stream.Collectors;

/**
 * A request whose large tensors go out in pieces, sliced, not copied, as fast as the stream takes
 * them. Contract 3, mode {@code shards}.
 */
final class Shards {
  /** Large enough that messages cost nothing, small enough to share the line. */
  private static final int DEFAULT_PIECE_BYTES = 256 * 1024;

  /** The largest element: pieces are a multiple of it, and so of each element's size. */
  private static final int LARGEST_ELEMENT_BYTES = 16;

  /** Type, tags, lengths and numbers around the data of a message. */
  private static final int OVERHEAD_BYTES = 64;

  private static final int VARINT_BYTES = 10;
  private static final int UTF8_BYTES = 3;

  private final McpStream stream;
  private final int pieceBytes;
  private final Handler<Throwable> failureHandler;
  private final ArrayDeque<Tensor> large = new ArrayDeque<>(1);
  private final Message first;
  private int offset;
  private long nextIndex = 1;
  private boolean sending;
  private boolean ended;

  private Shards(
      McpStream stream, Message first, int pieceBytes, Handler<Throwable> failureHandler) {
    this.stream = stream;
    this.first = first;
    this.pieceBytes = pieceBytes;
    this.failureHandler = failureHandler;
  }

  /**
   * Whether a request must or shall be sent in pieces.
   *
   * @param shardBytes what the caller asks for; 0 if nothing
   */
  static boolean wanted(Message request, int shardBytes, int maxMessageBytes) {
    boolean asked = shardBytes > 0 && request.tensors().stream().anyMatch(t -> over(t, shardBytes));
    return asked || size(request) > maxMessageBytes;
  }

  private static boolean over(Tensor tensor, int bytes) {
    return tensor.dataType().isFixedSize() && tensor.byteLength() > bytes;
  }

  /** Never less than the bytes of the encoded message. */
  private static long size(Message request) {
    long bytes = OVERHEAD_BYTES + text(request.modelName()) + text(request.traceparent());
    for (Tensor tensor : request.tensors()) {
      bytes += head(tensor) + tensor.byteLength();
    }
    for (String output : request.requestedOutputs()) {
      bytes += text(output);
    }
    for (var parameter : request.parameters().entrySet()) {
      bytes += text(parameter.getKey()) + text(parameter.getValue());
    }
    return bytes;
  }

  private static long text(String value) {
    return value == null ? 0 : (long) UTF8_BYTES * value.length() + VARINT_BYTES;
  }

  private static long head(Tensor tensor) {
    return text(tensor.name()) + (long) VARINT_BYTES * (tensor.rank() + 1);
  }

  /** Takes the request over. */
  static Shards of(
      McpStream stream,
      Message request,
      int shardBytes,
      int maxMessageBytes,
      Handler<Throwable> failureHandler) {
    int room = maxMessageBytes - OVERHEAD_BYTES - VARINT_BYTES;
    for (Tensor tensor : request.tensors()) {
      room = (int) Math.min(room, maxMessageBytes - OVERHEAD_BYTES - head(tensor));
    }
    int wanted = Math.min(shardBytes > 0 ? shardBytes : DEFAULT_PIECE_BYTES, room);
    int piece = Math.max(LARGEST_ELEMENT_BYTES, wanted - wanted % LARGEST_ELEMENT_BYTES);
    Message first = firstMessage(request);
    Shards shards = new Shards(stream, first, piece, failureHandler);
    shards.divide(request, maxMessageBytes / 2);
    return shards;
  }

  private static Message firstMessage(Message request) {
    Message first =
        Message.of(MessageType.INFERENCE_STREAM)
            .modelName(request.modelName())
            .modelVersion(request.modelVersion())
            .requestId(request.requestId())
            .sequenceId(request.sequenceId())
            .traceparent(request.traceparent())
            .timeoutMs(request.timeoutMs())
            .chunkIndex(0);
    request.requestedOutputs().forEach(first::requestedOutput);
    request.parameters().forEach(first::parameter);
    return first.parameter("mode", "shards");
  }

  /** Small tensors go whole into the first message, as far as they leave room for its fields. */
  private void divide(Message request, int roomForWhole) {
    long whole = 0;
    for (Tensor tensor : request.tensors()) {
      long bytes = head(tensor) + tensor.byteLength();
      boolean divided =
          over(tensor, pieceBytes)
              || (tensor.dataType().isFixedSize()
                  && tensor.elements() > 0
                  && whole + bytes > roomForWhole);
      if (divided) {
        large.add(tensor);
        first.parameter("shape:" + tensor.name(), shape(tensor));
      } else {
        whole += bytes;
        first.tensor(tensor);
      }
    }
  }

  private static String shape(Tensor tensor) {
    return Arrays.stream(tensor.shape()).mapToObj(Long::toString).collect(Collectors.joining(","));
  }

  /** Sends the first message, and then the pieces as there is room for them. */
  void send() {
    stream.drainHandler(v -> sendPieces());
    boolean only = large.isEmpty();
    ended = only;
    (only ? stream.end(first) : stream.write(first)).onFailure(failureHandler);
    sendPieces();
  }

  private void sendPieces() {
    if (sending) {
      return;
    }
    sending = true;
    try {
      while (!ended && !stream.writeQueueFull()) {
        sendPiece();
      }
    } finally {
      sending = false;
    }
  }

  private void sendPiece() {
    Message message = Message.of(MessageType.INFERENCE_STREAM).chunkIndex(nextIndex++);
    message.tensor(nextPiece());
    ended = large.isEmpty();
    (ended ? stream.end(message) : stream.write(message))
        .onFailure(
            failure -> {
              stop();
              failureHandler.handle(failure);
            });
  }

  private Tensor nextPiece() {
    Tensor tensor = large.peek();
    ByteBuf data = tensor.data();
    int bytes = Math.min(pieceBytes, tensor.byteLength() - offset);
    boolean last = offset + bytes == tensor.byteLength();
    int bits = tensor.dataType().bits();
    // The last byte of narrow elements may be filled in part only.
    long elements =
        last
            ? tensor.elements() - (long) offset * Byte.SIZE / bits
            : (long) bytes * Byte.SIZE / bits;
    ByteBuf slice = data.retainedSlice(data.readerIndex() + offset, bytes);
    offset += bytes;
    if (last) {
      large.poll().release();
      offset = 0;
    }
    return Tensor.of(tensor.name(), tensor.dataType(), new long[] {elements}, slice);
  }

  /** Sends no more, and gives up what was not sent; whether there was something. */
  boolean stop() {
    boolean open = !ended;
    ended = true;
    large.forEach(Tensor::release);
    large.clear();
    return open;
  }

  /** Refuses parameters that mean something else where a request is divided. */
  static McpException refusal(Message request) {
    for (String key : request.parameters().keySet()) {
      if (key.equals("mode") || key.startsWith("shape:")) {
        return McpException.streamError(
            ErrorCode.INVALID_ARGUMENT,
            "the request must be sent in pieces, where parameter '" + key + "' is reserved");
      }
    }
    return null;
  }
}
