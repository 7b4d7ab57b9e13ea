package io.modelcontrol.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import com.hazelcast.config.ClassFilter;
import com.hazelcast.config.Config;
import com.hazelcast.config.NetworkConfig;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;

class ClusteringTest {
  private static final long WAIT_SECONDS = 120;

  @Test
  void opensNothingButTheMemberPortOnItsOwnAddress() {
    NetworkConfig network = Clustering.config(new ClusterOptions()).getNetworkConfig();
    assertThat(network.getInterfaces().isEnabled()).isTrue();
    assertThat(network.getInterfaces().getInterfaces()).containsExactly("127.0.0.1");
    assertThat(network.getMemcacheProtocolConfig().isEnabled()).isFalse();
    assertThat(network.getJoin().getMulticastConfig().isEnabled()).isFalse();
    assertThat(network.getJoin().isAutoDetectionEnabled()).isFalse();
    assertThat(network.getJoin().getTcpIpConfig().getMembers()).containsExactly("127.0.0.1");
  }

  @Test
  @SuppressWarnings("removal")
  void answersNoRestRequests() {
    NetworkConfig network = Clustering.config(new ClusterOptions()).getNetworkConfig();
    assertThat(network.getRestApiConfig().isEnabled()).isFalse();
  }

  @Test
  void phonesNobodyAndMakesNoForeignClasses() {
    Config config = Clustering.config(new ClusterOptions());
    assertThat(config.getProperty("hazelcast.phone.home.enabled")).isEqualTo("false");
    ClassFilter allowed =
        config.getSerializationConfig().getJavaSerializationFilterConfig().getWhitelist();
    assertThat(allowed.isListed("java.lang.String")).isTrue();
    assertThat(allowed.isListed("java.lang.reflect.Proxy")).isFalse();
    assertThat(allowed.isListed("javax.management.BadAttributeValueExpException")).isFalse();
    assertThat(allowed.isListed("io.modelcontrol.Tensor")).isFalse();
  }

  @Test
  void keepsTheMapsThatTheClusterManagerNeeds() {
    Config config = Clustering.config(new ClusterOptions());
    assertThat(config.getMultiMapConfigs()).containsKey("__vertx.subs");
    assertThat(config.getMapConfigs()).containsKeys("__vertx.haInfo", "__vertx.nodeInfo");
  }

  @Test
  void twoNodesHearEachOther() throws TimeoutException {
    Vertx first = join();
    try {
      Vertx second = join();
      try {
        Promise<Object> heard = Promise.promise();
        first
            .eventBus()
            .consumer("test.hello", message -> heard.complete(message.body()))
            .completion()
            .await(WAIT_SECONDS, TimeUnit.SECONDS);
        second.eventBus().send("test.hello", "over there");
        assertThat(heard.future().await(WAIT_SECONDS, TimeUnit.SECONDS)).isEqualTo("over there");
      } finally {
        second.close().await(WAIT_SECONDS, TimeUnit.SECONDS);
      }
    } finally {
      first.close().await(WAIT_SECONDS, TimeUnit.SECONDS);
    }
  }

  private static Vertx join() throws TimeoutException {
    ClusterOptions options = new ClusterOptions().setMembers(List.of("127.0.0.1"));
    return Clustering.clusteredVertx(new VertxOptions(), options)
        .await(WAIT_SECONDS, TimeUnit.SECONDS);
  }
}
