package io.modelcontrol.client;

import io.modelcontrol.tls.TlsOptions;
import io.vertx.codegen.annotations.DataObject;
import io.vertx.codegen.json.annotations.JsonGen;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.NetClientOptions;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Objects;

/** Options of an {@link McpClient}. */
@DataObject
@JsonGen(publicConverter = false)
public class McpClientOptions {
  /** The default server = {@code "127.0.0.1"}. */
  public static final String DEFAULT_HOST = "127.0.0.1";

  /** The default port = {@code 9001}. */
  public static final int DEFAULT_PORT = 9001;

  /** The default time to connect = {@code 5000} ms. */
  public static final int DEFAULT_CONNECT_TIMEOUT_MS = 5_000;

  /** The default time for a request = {@code 30000} ms. */
  public static final int DEFAULT_REQUEST_TIMEOUT_MS = 30_000;

  /** The default time that a load may take without any progress = {@code 120000} ms. */
  public static final int DEFAULT_LOAD_TIMEOUT_MS = 120_000;

  /** The default number of requests that wait for a stream = {@code 10000}. */
  public static final int DEFAULT_MAX_QUEUED_REQUESTS = 10_000;

  /** The default number of streams that a server may open = {@code 128}. */
  public static final int DEFAULT_MAX_CONCURRENT_STREAMS = 128;

  /** The default stream window = {@code 1048576} bytes. */
  public static final int DEFAULT_STREAM_WINDOW_BYTES = 1024 * 1024;

  /** The default session window = {@code 8388608} bytes. */
  public static final int DEFAULT_SESSION_WINDOW_BYTES = 8 * 1024 * 1024;

  /** The default size of the largest message = {@code 67108864} bytes. */
  public static final int DEFAULT_MAX_MESSAGE_BYTES = 64 * 1024 * 1024;

  /** The default time in which a lost connection is made again = {@code 60000} ms. */
  public static final int DEFAULT_RECONNECT_TIMEOUT_MS = 60_000;

  /** Whether content is compressed by default, where the server takes that = {@code true}. */
  public static final boolean DEFAULT_COMPRESSION = true;

  /** The default keepalive interval = {@code 30000} ms. */
  public static final int DEFAULT_KEEPALIVE_MS = 30_000;

  /**
   * The default authentication method = empty: {@code token} with a credential, {@code mtls} with a
   * certificate of TLS, otherwise {@code none}.
   */
  public static final String DEFAULT_AUTH_METHOD = "";

  /** The default name in the server's log = {@code "vertx-model-control"}. */
  public static final String DEFAULT_AGENT = "vertx-model-control";

  private static final String SCHEME = "mcp";
  private static final String TLS_SCHEME = "mcps";
  private static final int MAX_PORT = 0xFFFF;
  private static final int MIN_STREAM_WINDOW_BYTES = 64 * 1024;
  private static final int MIN_SESSION_WINDOW_BYTES = 256 * 1024;

  private String host = DEFAULT_HOST;
  private int port = DEFAULT_PORT;
  private int connectTimeoutMs = DEFAULT_CONNECT_TIMEOUT_MS;
  private int requestTimeoutMs = DEFAULT_REQUEST_TIMEOUT_MS;
  private int loadTimeoutMs = DEFAULT_LOAD_TIMEOUT_MS;
  private int maxQueuedRequests = DEFAULT_MAX_QUEUED_REQUESTS;
  private int maxConcurrentStreams = DEFAULT_MAX_CONCURRENT_STREAMS;
  private int streamWindowBytes = DEFAULT_STREAM_WINDOW_BYTES;
  private int sessionWindowBytes = DEFAULT_SESSION_WINDOW_BYTES;
  private int maxMessageBytes = DEFAULT_MAX_MESSAGE_BYTES;
  private int keepaliveMs = DEFAULT_KEEPALIVE_MS;
  private int reconnectTimeoutMs = DEFAULT_RECONNECT_TIMEOUT_MS;
  private boolean compression = DEFAULT_COMPRESSION;
  private String authMethod = DEFAULT_AUTH_METHOD;
  private Buffer credential;
  private String agent = DEFAULT_AGENT;
  private RetryOptions retry = new RetryOptions();
  private TlsOptions tls;
  private NetClientOptions tcp = new NetClientOptions().setTcpNoDelay(true);

  public McpClientOptions() {}

  public McpClientOptions(McpClientOptions other) {
    host = other.host;
    port = other.port;
    connectTimeoutMs = other.connectTimeoutMs;
    requestTimeoutMs = other.requestTimeoutMs;
    loadTimeoutMs = other.loadTimeoutMs;
    maxQueuedRequests = other.maxQueuedRequests;
    maxConcurrentStreams = other.maxConcurrentStreams;
    streamWindowBytes = other.streamWindowBytes;
    sessionWindowBytes = other.sessionWindowBytes;
    maxMessageBytes = other.maxMessageBytes;
    keepaliveMs = other.keepaliveMs;
    reconnectTimeoutMs = other.reconnectTimeoutMs;
    compression = other.compression;
    authMethod = other.authMethod;
    credential = other.credential;
    agent = other.agent;
    retry = new RetryOptions(other.retry);
    tls = other.tls == null ? null : new TlsOptions(other.tls);
    tcp = new NetClientOptions(other.tcp);
  }

  public McpClientOptions(JsonObject json) {
    McpClientOptionsConverter.fromJson(json, this);
  }

  /**
   * Options for the server of a URI: {@code mcp://host:port}, or {@code mcps://host:port} for TLS,
   * where the port may be left out, and an IPv6 address stands in brackets.
   *
   * @throws IllegalArgumentException if the text is no such URI
   */
  public static McpClientOptions fromUri(String uri) {
    URI parsed;
    try {
      parsed = new URI(uri);
    } catch (URISyntaxException e) {
      throw notUri(uri, e.getReason());
    }
    boolean secure = TLS_SCHEME.equalsIgnoreCase(parsed.getScheme());
    if (!secure && !SCHEME.equalsIgnoreCase(parsed.getScheme())) {
      throw notUri(uri, "the scheme is neither " + SCHEME + " nor " + TLS_SCHEME);
    }
    if (parsed.getHost() == null) {
      throw notUri(uri, "no host, or a port that is no number");
    }
    boolean hasPath = parsed.getRawPath() != null && !parsed.getRawPath().matches("/?");
    if (hasPath || parsed.getUserInfo() != null || parsed.getQuery() != null) {
      throw notUri(uri, "more than a host and a port");
    }
    if (parsed.getPort() == 0 || parsed.getPort() > MAX_PORT) {
      throw notUri(uri, "the port is not 1 to 65535");
    }
    return new McpClientOptions()
        .setTls(secure ? new TlsOptions() : null)
        .setHost(parsed.getHost().replaceAll("[\\[\\]]", ""))
        .setPort(parsed.getPort() < 0 ? DEFAULT_PORT : parsed.getPort());
  }

  private static IllegalArgumentException notUri(String uri, String why) {
    return new IllegalArgumentException(
        "server must be "
            + SCHEME
            + "://host:port or "
            + TLS_SCHEME
            + "://host:port, was '"
            + uri
            + "': "
            + why);
  }

  public JsonObject toJson() {
    JsonObject json = new JsonObject();
    McpClientOptionsConverter.toJson(this, json);
    return json;
  }

  public String getHost() {
    return host;
  }

  /** Sets the server's name or number; or {@code unix:} and the path of its socket. */
  public McpClientOptions setHost(String newHost) {
    host = Objects.requireNonNull(newHost, "host");
    return this;
  }

  public int getPort() {
    return port;
  }

  /** Sets the server's port. */
  public McpClientOptions setPort(int newPort) {
    if (newPort < 1 || newPort > MAX_PORT) {
      throw new IllegalArgumentException("port must be 1 to 65535: " + newPort);
    }
    port = newPort;
    return this;
  }

  public int getConnectTimeoutMs() {
    return connectTimeoutMs;
  }

  /** Sets how many milliseconds the connection may take, and after it the session to be Ready. */
  public McpClientOptions setConnectTimeoutMs(int ms) {
    connectTimeoutMs = atLeast("connectTimeoutMs", ms, 1);
    return this;
  }

  public int getRequestTimeoutMs() {
    return requestTimeoutMs;
  }

  /** Sets how many milliseconds a request has that brings no timeout of its own. */
  public McpClientOptions setRequestTimeoutMs(int ms) {
    requestTimeoutMs = atLeast("requestTimeoutMs", ms, 1);
    return this;
  }

  public int getLoadTimeoutMs() {
    return loadTimeoutMs;
  }

  /** Sets how many milliseconds loading a model may go without any progress. */
  public McpClientOptions setLoadTimeoutMs(int ms) {
    loadTimeoutMs = atLeast("loadTimeoutMs", ms, 1);
    return this;
  }

  public int getMaxQueuedRequests() {
    return maxQueuedRequests;
  }

  /** Sets how many requests may wait for a stream; what is beyond fails with OVERLOADED. */
  public McpClientOptions setMaxQueuedRequests(int requests) {
    maxQueuedRequests = atLeast("maxQueuedRequests", requests, 0);
    return this;
  }

  public int getMaxConcurrentStreams() {
    return maxConcurrentStreams;
  }

  /** Sets how many streams the server may open. */
  public McpClientOptions setMaxConcurrentStreams(int streams) {
    maxConcurrentStreams = atLeast("maxConcurrentStreams", streams, 1);
    return this;
  }

  public int getStreamWindowBytes() {
    return streamWindowBytes;
  }

  /** Sets how many bytes the server may have outstanding on a stream, at least 65536. */
  public McpClientOptions setStreamWindowBytes(int bytes) {
    streamWindowBytes = atLeast("streamWindowBytes", bytes, MIN_STREAM_WINDOW_BYTES);
    return this;
  }

  public int getSessionWindowBytes() {
    return sessionWindowBytes;
  }

  /** Sets how many bytes the server may have outstanding on the session, at least 262144. */
  public McpClientOptions setSessionWindowBytes(int bytes) {
    sessionWindowBytes = atLeast("sessionWindowBytes", bytes, MIN_SESSION_WINDOW_BYTES);
    return this;
  }

  public int getMaxMessageBytes() {
    return maxMessageBytes;
  }

  /** Sets the size of the largest message that is accepted, in bytes. */
  public McpClientOptions setMaxMessageBytes(int bytes) {
    maxMessageBytes = atLeast("maxMessageBytes", bytes, MIN_STREAM_WINDOW_BYTES);
    return this;
  }

  public int getKeepaliveMs() {
    return keepaliveMs;
  }

  /** Sets after how many silent milliseconds the server is asked for a sign of life; 0 is never. */
  public McpClientOptions setKeepaliveMs(int ms) {
    keepaliveMs = atLeast("keepaliveMs", ms, 0);
    return this;
  }

  public int getReconnectTimeoutMs() {
    return reconnectTimeoutMs;
  }

  /**
   * Sets for how many milliseconds a client that has lost its connection tries to go on, in the
   * same session if the server still has it; 0 ends the session with its connection.
   */
  public McpClientOptions setReconnectTimeoutMs(int ms) {
    reconnectTimeoutMs = atLeast("reconnectTimeoutMs", ms, 0);
    return this;
  }

  public boolean isCompression() {
    return compression;
  }

  /**
   * Sets whether the content of models is compressed with zstd, where it gets smaller by that and
   * the server takes it. Tensors never are.
   */
  public McpClientOptions setCompression(boolean newCompression) {
    compression = newCompression;
    return this;
  }

  public String getAuthMethod() {
    return authMethod;
  }

  /** Sets the authentication method, as on the wire. */
  public McpClientOptions setAuthMethod(String method) {
    authMethod = Objects.requireNonNull(method, "authMethod");
    return this;
  }

  public Buffer getCredential() {
    return credential;
  }

  /** Sets what the authentication method asks for; {@code null} where it asks for nothing. */
  public McpClientOptions setCredential(Buffer newCredential) {
    credential = newCredential;
    return this;
  }

  public String getAgent() {
    return agent;
  }

  /** Sets how this client is called in the server's log. */
  public McpClientOptions setAgent(String newAgent) {
    agent = Objects.requireNonNull(newAgent, "agent");
    return this;
  }

  public RetryOptions getRetry() {
    return retry;
  }

  /** Sets how requests that failed are repeated. */
  public McpClientOptions setRetry(RetryOptions newRetry) {
    retry = Objects.requireNonNull(newRetry, "retry");
    return this;
  }

  public TlsOptions getTls() {
    return tls;
  }

  /** Sets whom this client trusts and who it is; {@code null}, the default, is plain TCP. */
  public McpClientOptions setTls(TlsOptions newTls) {
    tls = newTls;
    return this;
  }

  public NetClientOptions getTcp() {
    return tcp;
  }

  /** Sets the options of the TCP client below; its connect timeout is not used. */
  public McpClientOptions setTcp(NetClientOptions newTcp) {
    tcp = Objects.requireNonNull(newTcp, "tcp");
    return this;
  }

  private static int atLeast(String name, int value, int least) {
    if (value < least) {
      throw new IllegalArgumentException(name + " must be at least " + least + ": " + value);
    }
    return value;
  }
}
