package io.modelcontrol.cli;

import io.modelcontrol.McpException;
import io.modelcontrol.verticle.NodeConfig;
import io.modelcontrol.verticle.Role;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Option;

/** The flags of {@code serve}, and the config that they make. */
final class ServeFlags {
  @Option(
      names = "--host",
      paramLabel = "ADDRESS",
      description = "Address to listen on; default: 127.0.0.1, this machine only")
  private String host;

  @Option(names = "--port", description = "Port to listen on, 0 takes a free one; default: 9001")
  private Integer port;

  @Option(
      names = "--role",
      paramLabel = "ROLE",
      defaultValue = "all",
      description =
          "What the node does: ${COMPLETION-CANDIDATES}; default: all. A session node accepts"
              + " sessions, a model node runs models; both need --cluster")
  private Role role;

  @Option(names = "--store", paramLabel = "DIR", description = "Folder of models; default: models")
  private String store;

  @Option(
      names = "--workers",
      paramLabel = "N",
      description = "Requests that run at a time; default: one for each core")
  private Integer workers;

  @Option(
      names = "--tls-cert",
      paramLabel = "FILE",
      description = "PEM certificate of this server; with --tls-key: TLS")
  private String tlsCertificate;

  @Option(names = "--tls-key", paramLabel = "FILE", description = "PEM key of the certificate")
  private String tlsKey;

  @Option(
      names = "--tls-ca",
      paramLabel = "FILE",
      description =
          "PEM certificates of the authorities whose clients may come in, by their certificates;"
              + " without it no client is asked for one")
  private String tlsCa;

  @Option(
      names = "--management-port",
      paramLabel = "PORT",
      description =
          "HTTP port of metrics and health on 127.0.0.1, 0 takes a free one; default: none")
  private Integer managementPort;

  @Option(
      names = "--otlp",
      paramLabel = "URL",
      description = "Where traces go, as http://host:4318/v1/traces; default: nowhere")
  private String otlp;

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "Config file over the built-in one; flags go over both")
  private Path file;

  @Option(names = "--cluster", description = "Be one of several nodes")
  private boolean clustered;

  @Option(
      names = "--cluster-host",
      paramLabel = "ADDRESS",
      description = "Address that other nodes reach this one at; default: 127.0.0.1")
  private String clusterHost;

  @Option(
      names = "--cluster-port",
      paramLabel = "PORT",
      description = "Port for other nodes, or the next free one; default: 5701")
  private Integer clusterPort;

  @Option(
      names = "--cluster-members",
      paramLabel = "HOST[:PORT]",
      split = ",",
      description = "Where to look for other nodes; default: 127.0.0.1")
  private List<String> clusterMembers;

  boolean isClustered() {
    return clustered;
  }

  /**
   * The built-in config of the role, with the file and then the flags over it.
   *
   * @throws UsageException if flags contradict each other, or the config is refused
   */
  NodeConfig config() {
    refuseUseless();
    try {
      NodeConfig config = NodeConfig.of(role);
      return (file == null ? config : config.withFile(file)).with(keys());
    } catch (McpException e) {
      throw new UsageException(e.getMessage(), e);
    }
  }

  private void refuseUseless() {
    refuse(role != Role.ALL && !clustered, "--role " + role.word() + " needs --cluster");
    refuse(role == Role.MODEL && (host != null || port != null), "a model node listens on no port");
    refuse(
        (tlsCertificate == null) != (tlsKey == null),
        "--tls-cert and --tls-key go together, and --tls-ca with them");
    refuse(tlsCa != null && tlsKey == null, "--tls-ca needs --tls-cert and --tls-key");
    refuse(role == Role.MODEL && tlsKey != null, "a model node listens on no port");
    refuse(
        role == Role.SESSION && (store != null || workers != null), "a session node has no models");
    boolean clusterFlags = clusterHost != null || clusterPort != null || clusterMembers != null;
    refuse(clusterFlags && !clustered, "flags that begin with --cluster- need --cluster");
  }

  private static void refuse(boolean useless, String text) {
    if (useless) {
      throw new UsageException(text);
    }
  }

  private JsonObject keys() {
    JsonObject keys = new JsonObject();
    put(keys, "server", "host", host);
    put(keys, "server", "port", port);
    put(keys, "server", "tls", tls());
    put(keys, "auth", "methods", tlsCa == null ? null : new JsonArray().add("mtls"));
    put(keys, "models", "store", store);
    put(keys, "models", "workersPerModel", workers);
    put(keys, "models", "workerPoolSize", workers);
    put(keys, "observe", "managementPort", managementPort);
    put(
        keys,
        "observe",
        "tracing",
        otlp == null ? null : new JsonObject().put("otlpEndpoint", otlp));
    put(keys, "cluster", "host", clusterHost);
    put(keys, "cluster", "port", clusterPort);
    put(keys, "cluster", "members", clusterMembers == null ? null : new JsonArray(clusterMembers));
    return keys;
  }

  private JsonObject tls() {
    if (tlsKey == null) {
      return null;
    }
    JsonObject tls = new JsonObject().put("certificateFile", tlsCertificate).put("keyFile", tlsKey);
    return tlsCa == null ? tls.put("clientAuth", "NONE") : tls.put("caFile", tlsCa);
  }

  private static void put(JsonObject keys, String section, String key, Object value) {
    if (value != null) {
      keys.put(section, keys.getJsonObject(section, new JsonObject()).put(key, value));
    }
  }
}
