package io.modelcontrol.cluster;

import com.hazelcast.config.ClassFilter;
import com.hazelcast.config.Config;
import com.hazelcast.config.JavaSerializationFilterConfig;
import com.hazelcast.config.JoinConfig;
import com.hazelcast.config.NetworkConfig;
import com.hazelcast.config.TcpIpConfig;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxBuilder;
import io.vertx.core.VertxOptions;
import io.vertx.spi.cluster.hazelcast.ConfigUtil;
import io.vertx.spi.cluster.hazelcast.HazelcastClusterManager;

/**
 * Makes a Vert.x that is one of several, over Hazelcast. Members are named, never discovered; what
 * Hazelcast opens beyond its member protocol is closed. Hazelcast's community edition knows neither
 * TLS nor authentication, which is why everything stays on the address that the options name.
 */
public final class Clustering {
  static final String CLUSTER_NAME = "vertx-model-control";

  private static final String LOGGING = "hazelcast.logging.type";

  /** As many nodes find each other on one machine without being told ports. */
  private static final int PORTS_TRIED = 10;

  private Clustering() {}

  /** Joins the cluster, or founds it where no member answers. */
  public static Future<Vertx> clusteredVertx(VertxOptions options, ClusterOptions cluster) {
    return clusteredVertx(Vertx.builder(), options, cluster);
  }

  /** As {@link #clusteredVertx(VertxOptions, ClusterOptions)}, with metrics or a tracer. */
  public static Future<Vertx> clusteredVertx(
      VertxBuilder builder, VertxOptions options, ClusterOptions cluster) {
    VertxOptions bound = new VertxOptions(options);
    bound.getEventBusOptions().setHost(cluster.getHost()).setPort(0);
    return builder
        .with(bound)
        .withClusterManager(new HazelcastClusterManager(config(cluster)))
        .buildClustered();
  }

  static Config config(ClusterOptions options) {
    // Hazelcast's first words come before it has read its config; an embedder's choice stands.
    if (System.getProperty(LOGGING) == null) {
      System.setProperty(LOGGING, "slf4j");
    }
    // The file brings the maps that the cluster manager of Vert.x needs; the rest is set here.
    Config config = ConfigUtil.loadConfig();
    config.setClusterName(CLUSTER_NAME);
    config.setNetworkConfig(network(options));
    config
        .setProperty("hazelcast.phone.home.enabled", "false")
        .setProperty("hazelcast.socket.bind.any", "false")
        .setProperty("hazelcast.shutdownhook.enabled", "false")
        .setProperty(LOGGING, System.getProperty(LOGGING))
        .setProperty("hazelcast.wait.seconds.before.join", "1")
        .setProperty("hazelcast.tcp.join.port.try.count", Integer.toString(PORTS_TRIED));
    config
        .getSerializationConfig()
        .setJavaSerializationFilterConfig(
            new JavaSerializationFilterConfig().setDefaultsDisabled(true).setWhitelist(classes()));
    config
        .getManagementCenterConfig()
        .setScriptingEnabled(false)
        .setConsoleEnabled(false)
        .setDataAccessEnabled(false);
    config.getMetricsConfig().setEnabled(false);
    config.getJetConfig().setEnabled(false);
    return config;
  }

  /** What may be made from bytes of another member; the node's own messages are not among it. */
  private static ClassFilter classes() {
    return new ClassFilter()
        .addPrefixes("com.hazelcast.", "io.vertx.spi.cluster.hazelcast.impl.", "[")
        .addPackages("java.lang", "java.util");
  }

  // The REST interface is off by default until it goes; it is turned off for who defaults
  // otherwise.
  @SuppressWarnings("removal")
  private static NetworkConfig network(ClusterOptions options) {
    NetworkConfig network =
        new NetworkConfig()
            .setPort(options.getPort())
            .setPortAutoIncrement(true)
            .setReuseAddress(true)
            .setJoin(join(options));
    network.getInterfaces().setEnabled(true).addInterface(options.getHost());
    // REST is off unless it is asked for; naming it here would use an API that goes away.
    network.getMemcacheProtocolConfig().setEnabled(false);
    return network;
  }

  private static JoinConfig join(ClusterOptions options) {
    JoinConfig join = new JoinConfig();
    join.getMulticastConfig().setEnabled(false);
    join.getAutoDetectionConfig().setEnabled(false);
    TcpIpConfig members = join.getTcpIpConfig().setEnabled(true);
    options.getMembers().forEach(members::addMember);
    return join;
  }
}
