package io.modelcontrol.cluster;

import io.vertx.codegen.annotations.DataObject;
import io.vertx.codegen.json.annotations.JsonGen;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;

/** How a node finds the others. See {@link Clustering}. */
@DataObject
@JsonGen(publicConverter = false)
public class ClusterOptions {
  /** The default address = {@code "127.0.0.1"}: nodes of this machine only. */
  public static final String DEFAULT_HOST = "127.0.0.1";

  /** The default port = {@code 5701}; where it is in use, the next free one. */
  public static final int DEFAULT_PORT = 5701;

  private String host = DEFAULT_HOST;
  private int port = DEFAULT_PORT;
  private List<String> members = new ArrayList<>(List.of(DEFAULT_HOST));

  public ClusterOptions() {}

  public ClusterOptions(ClusterOptions other) {
    host = other.host;
    port = other.port;
    members = new ArrayList<>(other.members);
  }

  public ClusterOptions(JsonObject json) {
    ClusterOptionsConverter.fromJson(json, this);
  }

  public JsonObject toJson() {
    JsonObject json = new JsonObject();
    ClusterOptionsConverter.toJson(this, json);
    return json;
  }

  public String getHost() {
    return host;
  }

  /**
   * Sets the address of this node that the others reach. What nodes say to each other is neither
   * encrypted nor authenticated: loopback, or a network that somebody else guards.
   */
  public ClusterOptions setHost(String newHost) {
    host = newHost;
    return this;
  }

  public int getPort() {
    return port;
  }

  /** Sets the first port that is tried. */
  public ClusterOptions setPort(int newPort) {
    if (newPort < 1 || newPort > 0xFFFF) {
      throw new IllegalArgumentException("port must be 1 to 65535: " + newPort);
    }
    port = newPort;
    return this;
  }

  public List<String> getMembers() {
    return members;
  }

  /**
   * Sets where to look for other nodes: {@code host} or {@code host:port}. Without a port, the ten
   * ports from this node's own are tried.
   */
  public ClusterOptions setMembers(List<String> newMembers) {
    members = new ArrayList<>(newMembers);
    return this;
  }
}
