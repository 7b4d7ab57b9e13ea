package io.modelcontrol.testing;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnknownFieldSet;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeoutException;

/**
 * A stand-in for a collector: takes spans by OTLP over HTTP, and keeps them. Reads the protobuf of
 * opentelemetry-proto by its field numbers.
 */
public final class OtlpReceiver implements AutoCloseable {
  /** A span as it arrived; ids are hexadecimal, the parent's is empty for none. */
  public record Span(
      String traceId,
      String spanId,
      String parentId,
      String name,
      Map<String, String> attributes,
      List<String> events) {}

  private final Vertx vertx = Vertx.vertx();
  private final HttpServer server;
  private final List<Span> spans = new CopyOnWriteArrayList<>();

  public OtlpReceiver() throws TimeoutException {
    server =
        TestNode.await(vertx.createHttpServer().requestHandler(this::take).listen(0, "127.0.0.1"));
  }

  public String endpoint() {
    return "http://127.0.0.1:" + server.actualPort() + "/v1/traces";
  }

  public List<Span> spans() {
    return spans;
  }

  private void take(HttpServerRequest request) {
    request
        .body()
        .onSuccess(
            body -> {
              try {
                read(UnknownFieldSet.parseFrom(body.getBytes()));
                request.response().putHeader("content-type", "application/x-protobuf").end();
              } catch (InvalidProtocolBufferException e) {
                request.response().setStatusCode(400).end();
              }
            });
  }

  private void read(UnknownFieldSet export) throws InvalidProtocolBufferException {
    for (UnknownFieldSet resource : messages(export, 1)) {
      for (UnknownFieldSet scope : messages(resource, 2)) {
        for (UnknownFieldSet span : messages(scope, 2)) {
          spans.add(span(span));
        }
      }
    }
  }

  private static Span span(UnknownFieldSet span) throws InvalidProtocolBufferException {
    Map<String, String> attributes = new HashMap<>();
    for (UnknownFieldSet attribute : messages(span, 9)) {
      List<UnknownFieldSet> values = messages(attribute, 2);
      String value = values.isEmpty() ? "" : text(values.get(0), 1);
      attributes.put(text(attribute, 1), value);
    }
    List<String> events = new ArrayList<>();
    for (UnknownFieldSet event : messages(span, 11)) {
      events.add(text(event, 2));
    }
    return new Span(hex(span, 1), hex(span, 2), hex(span, 4), text(span, 5), attributes, events);
  }

  private static List<UnknownFieldSet> messages(UnknownFieldSet set, int field)
      throws InvalidProtocolBufferException {
    List<UnknownFieldSet> found = new ArrayList<>();
    for (ByteString bytes : set.getField(field).getLengthDelimitedList()) {
      found.add(UnknownFieldSet.parseFrom(bytes));
    }
    return found;
  }

  private static String text(UnknownFieldSet set, int field) {
    List<ByteString> values = set.getField(field).getLengthDelimitedList();
    return values.isEmpty() ? "" : values.get(0).toStringUtf8();
  }

  private static String hex(UnknownFieldSet set, int field) {
    List<ByteString> values = set.getField(field).getLengthDelimitedList();
    return values.isEmpty() ? "" : HexFormat.of().formatHex(values.get(0).toByteArray());
  }

  @Override
  public void close() throws TimeoutException {
    TestNode.await(vertx.close());
  }
}
