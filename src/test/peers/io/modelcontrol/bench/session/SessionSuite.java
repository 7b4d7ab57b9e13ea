package io.modelcontrol.bench.session;

import io.modelcontrol.bench.echo.Echo;
import io.modelcontrol.bench.echo.Load;
import io.modelcontrol.bench.report.Contender;
import io.modelcontrol.bench.report.Plan;
import java.util.LinkedHashMap;
import java.util.Map;

/** Compares connections that are made and closed, idle ones, and what requests allocate. */
public final class SessionSuite {
  private static final int PAYLOAD_BYTES = 64;
  private static final int AT_ONCE = 8;
  private static final long FIRST_WARM_MILLIS = 5_000;
  private static final long WARM_MILLIS = 300;

  /** Starts a server that can be connected to. */
  @FunctionalInterface
  private interface Opener {
    Echo open() throws Exception;
  }

  private SessionSuite() {}

  public static void run(Plan plan) throws Exception {
    connections(plan);
    idle(plan);
    Map<String, Contender> deployed = new LinkedHashMap<>();
    deployed.put("MCP, on the socket's event loop", Deployed::session);
    deployed.put("vertx.deployVerticle", Deployed::verticle);
    plan.compare("deploy a session's verticle, nothing in it", deployed);
    requests(plan);
  }

  private static void connections(Plan plan) throws Exception {
    Map<String, Contender> contenders = new LinkedHashMap<>();
    contenders.put("MCP", connecting(plan, () -> new McpConnect(PAYLOAD_BYTES)));
    contenders.put(
        "raw Netty TCP, the limit", connecting(plan, () -> new RawConnect(PAYLOAD_BYTES)));
    contenders.put("RSocket", connecting(plan, () -> new RsocketConnect(PAYLOAD_BYTES)));
    contenders.put("grpc-java", connecting(plan, () -> new GrpcConnect(PAYLOAD_BYTES)));
    plan.compare("connect, one request, close, %d at a time, plain".formatted(AT_ONCE), contenders);
  }

  private static Contender connecting(Plan plan, Opener opener) {
    return first -> {
      try (Echo echo = opener.open()) {
        Load.Warmup warmup =
            new Load.Warmup(Long.MAX_VALUE, first ? FIRST_WARM_MILLIS : WARM_MILLIS);
        return Load.measure(echo, PAYLOAD_BYTES, AT_ONCE, warmup, plan.millis());
      }
    };
  }

  private static void idle(Plan plan) throws Exception {
    int sessions = IdleSessions.count();
    Map<String, Contender> contenders = new LinkedHashMap<>();
    contenders.put("MCP", first -> IdleSessions.measure("MCP", McpIdle::new, sessions));
    contenders.put(
        "raw Netty TCP, the limit", first -> IdleSessions.measure("raw", RawIdle::new, sessions));
    contenders.put("grpc-java", first -> IdleSessions.measure("grpc", GrpcIdle::new, sessions));
    plan.compare("idle sessions on the server, %,d of them, plain".formatted(sessions), contenders);
  }

  private static void requests(Plan plan) throws Exception {
    Map<String, Contender> contenders = new LinkedHashMap<>();
    contenders.put("MCP", first -> Allocation.measure(plan, McpRequests::new));
    contenders.put("grpc-java unary", first -> Allocation.measure(plan, GrpcRequests::new));
    plan.compare(
        "requests of %d B, %d in flight, on the server"
            .formatted(Allocation.PAYLOAD_BYTES, Allocation.IN_FLIGHT),
        contenders);
  }
}
