package examples;

import io.modelcontrol.runtime.ModelHost;
import io.modelcontrol.runtime.ModelHostOptions;
import io.modelcontrol.server.McpServer;
import io.modelcontrol.server.McpServerOptions;
import io.modelcontrol.server.McpServerRequest;
import io.modelcontrol.serving.ModelService;
import io.modelcontrol.serving.ServingOptions;
import io.modelcontrol.wire.Message;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.docgen.Source;
import java.util.concurrent.TimeUnit;

/** What the guide shows of the server; its test runs every method. */
@Source(translate = false)
public final class ServerExamples {
  /** An application's own type of message. */
  public static final int GREETING = 0x80;

  /** A server with models, inside somebody's application. */
  public Future<McpServer> listen(Vertx vertx, String store, int port) {
    ModelHost host = new ModelHost(vertx, new ModelHostOptions().setStore(store));
    McpServer server = McpServer.create(vertx, new McpServerOptions().setPort(port));
    ModelService.create(vertx, new ServingOptions()).mount(server);
    return host.start().compose(v -> server.listen());
  }

  /** A handler for a type of message that is the application's own; registered before listen. */
  public McpServer ownMessages(McpServer server) {
    return server.requestHandler(GREETING, this::greet);
  }

  /** Takes the message over, and answers. */
  public void greet(McpServerRequest request) {
    String who = request.message().parameters().getOrDefault("name", "stranger");
    request.message().release();
    request.reply(Message.ofApplication(GREETING).parameter("greeting", "Hello, " + who));
  }

  /** Tells of sessions as they come and go. */
  public McpServer sessions(McpServer server) {
    return server.sessionHandler(
        session -> {
          System.out.println(session.identity() + " has come from " + session.remoteAddress());
          session.closeHandler(v -> System.out.println(session.identity() + " has gone"));
        });
  }

  /** Limits that fit a small device. */
  public McpServerOptions smallDevice() {
    return new McpServerOptions()
        .setMaxConcurrentStreams(8)
        .setStreamWindowBytes(64 * 1024)
        .setSessionWindowBytes(256 * 1024)
        .setMaxMessageBytes(4 * 1024 * 1024);
  }

  /** An orderly end: what runs may finish. */
  public Future<Void> stop(McpServer server, ModelHost host) {
    return server.shutdown(10, TimeUnit.SECONDS).compose(v -> host.stop());
  }
}
