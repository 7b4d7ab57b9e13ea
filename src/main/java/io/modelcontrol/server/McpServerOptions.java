package io.modelcontrol.server;

import io.modelcontrol.session.SessionConfig;
import io.modelcontrol.tls.TlsOptions;
import io.vertx.codegen.annotations.DataObject;
import io.vertx.codegen.json.annotations.JsonGen;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.NetServerOptions;

/** Options of an {@link McpServer}. */
@DataObject
@JsonGen(publicConverter = false)
public class McpServerOptions {
  /** The default address = {@code "127.0.0.1"}: reachable from this machine only. */
  public static final String DEFAULT_HOST = "127.0.0.1";

  /** The default port = {@code 9001}. */
  public static final int DEFAULT_PORT = 9001;

  /** The default number of streams that a client may have open = {@code 128}. */
  public static final int DEFAULT_MAX_CONCURRENT_STREAMS = 128;

  /** The default stream window = {@code 1048576} bytes. */
  public static final int DEFAULT_STREAM_WINDOW_BYTES = 1024 * 1024;

  /** The default session window = {@code 8388608} bytes. */
  public static final int DEFAULT_SESSION_WINDOW_BYTES = 8 * 1024 * 1024;

  /** The default size of the largest message = {@code 67108864} bytes. */
  public static final int DEFAULT_MAX_MESSAGE_BYTES = 64 * 1024 * 1024;

  /** The default keepalive interval = {@code 30000} ms. */
  public static final int DEFAULT_KEEPALIVE_MS = 30_000;

  /** The default time from accept to Ready = {@code 10000} ms. */
  public static final int DEFAULT_HANDSHAKE_TIMEOUT_MS = 10_000;

  /** The default time for a client to take what is held for it = {@code 30000} ms. */
  public static final int DEFAULT_STALL_TIMEOUT_MS = 30_000;

  /** The default time that a session waits for its client to come back = {@code 60000} ms. */
  public static final int DEFAULT_RESUME_TIMEOUT_MS = 60_000;

  /** The default number of sessions that wait for their clients = {@code 1000}. */
  public static final int DEFAULT_MAX_DETACHED_SESSIONS = 1_000;

  /** The default memory of a session that waits for its client = {@code 8388608} bytes. */
  public static final int DEFAULT_MAX_DETACHED_BYTES = 8 * 1024 * 1024;

  /** Whether clients may send compressed messages by default = {@code true}. */
  public static final boolean DEFAULT_COMPRESSION = true;

  /** What lets a server without authentication listen beyond loopback by default = nothing. */
  public static final String DEFAULT_ANONYMOUS_BEYOND_LOOPBACK = "";

  /** The words that let a server without authentication listen where other machines reach it. */
  public static final String ANYONE_MAY_USE_IT = "anyone who reaches this address may use it";

  private String host = DEFAULT_HOST;
  private int port = DEFAULT_PORT;
  private int maxConcurrentStreams = DEFAULT_MAX_CONCURRENT_STREAMS;
  private int streamWindowBytes = DEFAULT_STREAM_WINDOW_BYTES;
  private int sessionWindowBytes = DEFAULT_SESSION_WINDOW_BYTES;
  private int maxMessageBytes = DEFAULT_MAX_MESSAGE_BYTES;
  private int keepaliveMs = DEFAULT_KEEPALIVE_MS;
  private int handshakeTimeoutMs = DEFAULT_HANDSHAKE_TIMEOUT_MS;
  private int stallTimeoutMs = DEFAULT_STALL_TIMEOUT_MS;
  private int resumeTimeoutMs = DEFAULT_RESUME_TIMEOUT_MS;
  private int maxDetachedSessions = DEFAULT_MAX_DETACHED_SESSIONS;
  private int maxDetachedBytes = DEFAULT_MAX_DETACHED_BYTES;
  private boolean compression = DEFAULT_COMPRESSION;
  private String anonymousBeyondLoopback = DEFAULT_ANONYMOUS_BEYOND_LOOPBACK;
  private TlsOptions tls;
  private NetServerOptions tcp = new NetServerOptions().setTcpNoDelay(true);

  public McpServerOptions() {}

  public McpServerOptions(McpServerOptions other) {
    host = other.host;
    port = other.port;
    maxConcurrentStreams = other.maxConcurrentStreams;
    streamWindowBytes = other.streamWindowBytes;
    sessionWindowBytes = other.sessionWindowBytes;
    maxMessageBytes = other.maxMessageBytes;
    keepaliveMs = other.keepaliveMs;
    handshakeTimeoutMs = other.handshakeTimeoutMs;
    stallTimeoutMs = other.stallTimeoutMs;
    resumeTimeoutMs = other.resumeTimeoutMs;
    maxDetachedSessions = other.maxDetachedSessions;
    maxDetachedBytes = other.maxDetachedBytes;
    compression = other.compression;
    anonymousBeyondLoopback = other.anonymousBeyondLoopback;
    tls = other.tls == null ? null : new TlsOptions(other.tls);
    tcp = new NetServerOptions(other.tcp);
  }

  public McpServerOptions(JsonObject json) {
    McpServerOptionsConverter.fromJson(json, this);
  }

  public JsonObject toJson() {
    JsonObject json = new JsonObject();
    McpServerOptionsConverter.toJson(this, json);
    return json;
  }

  public String getHost() {
    return host;
  }

  /**
   * Sets the address to listen on, a name or a number; or {@code unix:} and the path of a socket in
   * the file system, to which all can connect who may write to it.
   */
  public McpServerOptions setHost(String newHost) {
    host = newHost;
    return this;
  }

  public int getPort() {
    return port;
  }

  /** Sets the port to listen on; 0 takes a free one. */
  public McpServerOptions setPort(int newPort) {
    if (newPort < 0 || newPort > 0xFFFF) {
      throw new IllegalArgumentException("port must be 0 to 65535: " + newPort);
    }
    port = newPort;
    return this;
  }

  public int getMaxConcurrentStreams() {
    return maxConcurrentStreams;
  }

  /** Sets how many streams a client may have open on a session; more are refused. */
  public McpServerOptions setMaxConcurrentStreams(int streams) {
    maxConcurrentStreams = atLeast("maxConcurrentStreams", streams, 1);
    return this;
  }

  public int getStreamWindowBytes() {
    return streamWindowBytes;
  }

  /** Sets how many bytes a client may have outstanding on a stream, at least 65536. */
  public McpServerOptions setStreamWindowBytes(int bytes) {
    streamWindowBytes = atLeast("streamWindowBytes", bytes, SessionConfig.MIN_STREAM_WINDOW);
    return this;
  }

  public int getSessionWindowBytes() {
    return sessionWindowBytes;
  }

  /**
   * Sets how many bytes a client may have outstanding on a session, at least 262144; answers that
   * it does not take have as much room, beyond which its further requests wait.
   */
  public McpServerOptions setSessionWindowBytes(int bytes) {
    sessionWindowBytes = atLeast("sessionWindowBytes", bytes, SessionConfig.MIN_SESSION_WINDOW);
    return this;
  }

  public int getMaxMessageBytes() {
    return maxMessageBytes;
  }

  /** Sets the size of the largest message that is accepted, in bytes. */
  public McpServerOptions setMaxMessageBytes(int bytes) {
    maxMessageBytes = atLeast("maxMessageBytes", bytes, SessionConfig.MIN_STREAM_WINDOW);
    return this;
  }

  public int getKeepaliveMs() {
    return keepaliveMs;
  }

  /** Sets after how many silent milliseconds a client is asked for a sign of life; 0 is never. */
  public McpServerOptions setKeepaliveMs(int ms) {
    keepaliveMs = atLeast("keepaliveMs", ms, 0);
    return this;
  }

  public int getHandshakeTimeoutMs() {
    return handshakeTimeoutMs;
  }

  /** Sets how many milliseconds a connection may take to become a Ready session. */
  public McpServerOptions setHandshakeTimeoutMs(int ms) {
    handshakeTimeoutMs = atLeast("handshakeTimeoutMs", ms, 1);
    return this;
  }

  public int getStallTimeoutMs() {
    return stallTimeoutMs;
  }

  /**
   * Sets how many milliseconds a client may take nothing of a stream that holds more than 64 KiB
   * for it, or of the connection, before the one is reset and the other closed; 0 is for ever.
   */
  public McpServerOptions setStallTimeoutMs(int ms) {
    stallTimeoutMs = atLeast("stallTimeoutMs", ms, 0);
    return this;
  }

  public int getResumeTimeoutMs() {
    return resumeTimeoutMs;
  }

  /**
   * Sets how many milliseconds a session that has lost its connection waits for its client to come
   * back; 0 ends it with its connection.
   */
  public McpServerOptions setResumeTimeoutMs(int ms) {
    resumeTimeoutMs = atLeast("resumeTimeoutMs", ms, 0);
    return this;
  }

  public int getMaxDetachedSessions() {
    return maxDetachedSessions;
  }

  /** Sets how many sessions wait for their clients; beyond it the longest wait ends. */
  public McpServerOptions setMaxDetachedSessions(int sessions) {
    maxDetachedSessions = atLeast("maxDetachedSessions", sessions, 0);
    return this;
  }

  public int getMaxDetachedBytes() {
    return maxDetachedBytes;
  }

  /** Sets how many bytes a session may hold for its client while it waits for it. */
  public McpServerOptions setMaxDetachedBytes(int bytes) {
    maxDetachedBytes = atLeast("maxDetachedBytes", bytes, 0);
    return this;
  }

  public boolean isCompression() {
    return compression;
  }

  /** Sets whether clients may send messages compressed with zstd, where its library works here. */
  public McpServerOptions setCompression(boolean newCompression) {
    compression = newCompression;
    return this;
  }

  public String getAnonymousBeyondLoopback() {
    return anonymousBeyondLoopback;
  }

  /**
   * Lets a server that authenticates nobody listen on an address that other machines reach, if it
   * is {@link #ANYONE_MAY_USE_IT}, word by word. Only for networks that somebody else guards.
   */
  public McpServerOptions setAnonymousBeyondLoopback(String words) {
    if (!words.isEmpty() && !words.equals(ANYONE_MAY_USE_IT)) {
      throw new IllegalArgumentException(
          "anonymousBeyondLoopback must be empty or '" + ANYONE_MAY_USE_IT + "': '" + words + "'");
    }
    anonymousBeyondLoopback = words;
    return this;
  }

  public TlsOptions getTls() {
    return tls;
  }

  /**
   * Sets who this server is and whom it trusts; {@code null}, the default, is plain TCP. Where it
   * requires certificates of clients, they are identified by them, with the default rules, unless
   * {@link McpServer#auth} says otherwise.
   */
  public McpServerOptions setTls(TlsOptions newTls) {
    tls = newTls;
    return this;
  }

  public NetServerOptions getTcp() {
    return tcp;
  }

  /** Sets the options of the TCP server below; its host and port are not used. */
  public McpServerOptions setTcp(NetServerOptions newTcp) {
    tcp = newTcp;
    return this;
  }

  private static int atLeast(String name, int value, int least) {
    if (value < least) {
      throw new IllegalArgumentException(name + " must be at least " + least + ": " + value);
    }
    return value;
  }
}
