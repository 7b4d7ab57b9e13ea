package io.modelcontrol.wire;

import io.modelcontrol.Digest;
import io.modelcontrol.ErrorCode;
import io.modelcontrol.ErrorLevel;
import io.modelcontrol.McpException;
import io.modelcontrol.ModelDescriptor;
import io.modelcontrol.Tensor;
import io.netty.buffer.ByteBuf;
import io.netty.util.ReferenceCountUtil;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A message: its type and its fields, which all types share. Contract 3. Made by {@link #of} and
 * the setters, or by {@link MessageDecoder}; whoever has handed it on leaves it unchanged.
 *
 * <p>Takes over the content and the tensors that it is given, and stays the owner of those that it
 * shows: {@link #release()} them, or pass the message on. Repeated fields are added one by one.
 * Arrays are shared and not to be changed. Absent fields are {@code null}, -1 where they are
 * numbers, and empty where they are lists.
 */
public final class Message {
  static final int ABSENT = -1;

  private final int type;
  int statusCode = ABSENT;
  private ErrorLevel level;
  private long timeoutMs = ABSENT;
  private long retryAfterMs = ABSENT;
  private long received = ABSENT;
  private long contentOffset = ABSENT;
  private long contentSize = ABSENT;
  private long chunkIndex = ABSENT;
  private byte[] requestId;
  private byte[] sequenceId;
  private byte[] credential;
  private byte[] sessionToken;
  private String traceparent;
  private String tracestate;
  private String statusText;
  private String authMethod;
  private String identity;
  private String modelName;
  private String modelVersion;
  private Negotiation negotiation;
  private Digest digest;
  private ByteBuf content;
  private List<String> roles = List.of();
  private List<ModelDescriptor> descriptors = List.of();
  private List<Tensor> tensors = List.of();
  private List<String> requestedOutputs = List.of();
  private Map<String, String> parameters = Map.of();

  Message(int type) {
    this.type = type;
  }

  /** An empty message of a standard type. */
  public static Message of(MessageType type) {
    return new Message(type.code());
  }

  /** An empty message of the application's own, type 0x80 to 0xFF. */
  public static Message ofApplication(int type) {
    if (type < MessageType.FIRST_APPLICATION || type > 0xFF) {
      throw new IllegalArgumentException("application message type is 0x80 to 0xFF, not " + type);
    }
    return new Message(type);
  }

  public static Message status(ErrorCode code, String text) {
    return of(MessageType.STATUS).status(code).statusText(text).level(code.level());
  }

  /** The STATUS that tells an error: code, text, level, and retry after where there is one. */
  public static Message error(McpException error) {
    Message message = status(error.code(), error.getMessage()).level(error.level());
    return error.retryAfterMs() > 0 ? message.retryAfterMs(error.retryAfterMs()) : message;
  }

  /** The error that this message tells, for its stream; {@code null} if its status is none. */
  public McpException toException() {
    return ErrorFields.of(this);
  }

  /** Throws INVALID_ARGUMENT, naming the field, where one that the type needs is absent. */
  public void validate() {
    RequiredFields.check(this);
  }

  /** Gives up content and tensors. */
  public void release() {
    ReferenceCountUtil.release(content);
    if (!tensors.isEmpty()) {
      tensors.forEach(Tensor::release);
    }
  }

  /** One more owner of content and tensors, who releases in turn. */
  public Message retain() {
    ReferenceCountUtil.retain(content);
    if (!tensors.isEmpty()) {
      tensors.forEach(Tensor::retain);
    }
    return this;
  }

  /**
   * Copies content and tensors to memory of the garbage collector, so that nobody has to release.
   */
  public Message toHeap() {
    content = content == null ? null : Pieces.toHeap(content);
    if (!tensors.isEmpty()) {
      tensors.replaceAll(Tensor::toHeap);
    }
    return this;
  }

  /** The wire value of the type. */
  public int type() {
    return type;
  }

  /** The type; {@code null} for an application's own message. */
  public MessageType standardType() {
    return MessageType.of(type);
  }

  /** The idempotency key, 16 bytes. */
  public byte[] requestId() {
    return requestId;
  }

  public Message requestId(byte[] newRequestId) {
    requestId = newRequestId;
    return this;
  }

  public String traceparent() {
    return traceparent;
  }

  public Message traceparent(String newTraceparent) {
    traceparent = newTraceparent;
    return this;
  }

  public String tracestate() {
    return tracestate;
  }

  public Message tracestate(String newTracestate) {
    tracestate = newTracestate;
    return this;
  }

  /** Milliseconds that were left when it was sent. */
  public long timeoutMs() {
    return timeoutMs;
  }

  public Message timeoutMs(long newTimeoutMs) {
    timeoutMs = newTimeoutMs;
    return this;
  }

  /** The status; OK where it is absent. */
  public ErrorCode status() {
    return ErrorCode.of(statusCode());
  }

  public Message status(ErrorCode newStatus) {
    statusCode = newStatus.code();
    return this;
  }

  /** The status as the wire has it, of which {@link #status()} may know only the layer. */
  public int statusCode() {
    return Math.max(statusCode, ErrorCode.OK.code());
  }

  public String statusText() {
    return statusText;
  }

  public Message statusText(String newStatusText) {
    statusText = newStatusText;
    return this;
  }

  public ErrorLevel level() {
    return level;
  }

  public Message level(ErrorLevel newLevel) {
    level = newLevel;
    return this;
  }

  public Negotiation negotiation() {
    return negotiation;
  }

  public Message negotiation(Negotiation newNegotiation) {
    negotiation = newNegotiation;
    return this;
  }

  public String authMethod() {
    return authMethod;
  }

  public Message authMethod(String newAuthMethod) {
    authMethod = newAuthMethod;
    return this;
  }

  public byte[] credential() {
    return credential;
  }

  public Message credential(byte[] newCredential) {
    credential = newCredential;
    return this;
  }

  public String identity() {
    return identity;
  }

  public Message identity(String newIdentity) {
    identity = newIdentity;
    return this;
  }

  public List<String> roles() {
    return FieldLists.shown(roles);
  }

  public Message role(String role) {
    roles = FieldLists.added(roles, role);
    return this;
  }

  public byte[] sessionToken() {
    return sessionToken;
  }

  public Message sessionToken(byte[] newSessionToken) {
    sessionToken = newSessionToken;
    return this;
  }

  /** Milliseconds. */
  public long retryAfterMs() {
    return retryAfterMs;
  }

  public Message retryAfterMs(long newRetryAfterMs) {
    retryAfterMs = newRetryAfterMs;
    return this;
  }

  /** Sequenced frames that the sender has received on the session that is resumed. */
  public long received() {
    return received;
  }

  public Message received(long newReceived) {
    received = newReceived;
    return this;
  }

  public String modelName() {
    return modelName;
  }

  public Message modelName(String newModelName) {
    modelName = newModelName;
    return this;
  }

  /** The version; {@code null} asks for the active one. */
  public String modelVersion() {
    return modelVersion;
  }

  public Message modelVersion(String newModelVersion) {
    modelVersion = newModelVersion;
    return this;
  }

  public Digest digest() {
    return digest;
  }

  public Message digest(Digest newDigest) {
    digest = newDigest;
    return this;
  }

  public List<ModelDescriptor> descriptors() {
    return FieldLists.shown(descriptors);
  }

  public Message descriptor(ModelDescriptor descriptor) {
    descriptors = FieldLists.added(descriptors, descriptor);
    return this;
  }

  public Map<String, String> parameters() {
    return parameters.isEmpty() ? parameters : Collections.unmodifiableMap(parameters);
  }

  /** Adds a parameter, or replaces the one of that key. */
  public Message parameter(String key, String value) {
    parameters = parameters.isEmpty() ? new LinkedHashMap<>() : parameters;
    parameters.put(key, value);
    return this;
  }

  public ByteBuf content() {
    return content;
  }

  public Message content(ByteBuf newContent) {
    content = newContent;
    return this;
  }

  /** Where the content's bytes stand in the model. */
  public long contentOffset() {
    return contentOffset;
  }

  public Message contentOffset(long newContentOffset) {
    contentOffset = newContentOffset;
    return this;
  }

  /** Bytes of the whole model. */
  public long contentSize() {
    return contentSize;
  }

  public Message contentSize(long newContentSize) {
    contentSize = newContentSize;
    return this;
  }

  public List<Tensor> tensors() {
    return FieldLists.shown(tensors);
  }

  /** Adds a tensor and takes it over. */
  public Message tensor(Tensor tensor) {
    tensors = FieldLists.added(tensors, tensor);
    return this;
  }

  /** Names of the outputs that the result shall hold; empty asks for all. */
  public List<String> requestedOutputs() {
    return FieldLists.shown(requestedOutputs);
  }

  public Message requestedOutput(String name) {
    requestedOutputs = FieldLists.added(requestedOutputs, name);
    return this;
  }

  /** Ties stateful requests together, 16 bytes. */
  public byte[] sequenceId() {
    return sequenceId;
  }

  public Message sequenceId(byte[] newSequenceId) {
    sequenceId = newSequenceId;
    return this;
  }

  public long chunkIndex() {
    return chunkIndex;
  }

  public Message chunkIndex(long newChunkIndex) {
    chunkIndex = newChunkIndex;
    return this;
  }

  @Override
  public String toString() {
    return MessageType.describe(type);
  }
}
