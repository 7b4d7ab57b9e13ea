package io.modelcontrol.bench.report;

import static io.modelcontrol.bench.report.Figure.ALLOCATED_BYTES;
import static io.modelcontrol.bench.report.Figure.CPU_MICROS;
import static io.modelcontrol.bench.report.Figure.HEAP_BYTES;
import static io.modelcontrol.bench.report.Figure.MEGABYTES_PER_SECOND;
import static io.modelcontrol.bench.report.Figure.MICROS;
import static io.modelcontrol.bench.report.Figure.P95_MICROS;
import static io.modelcontrol.bench.report.Figure.P99_MICROS;
import static io.modelcontrol.bench.report.Figure.PER_GIB;
import static io.modelcontrol.bench.report.Figure.PER_SECOND;

import io.modelcontrol.bench.report.Goal.Bound;
import io.modelcontrol.bench.report.Goal.Standing;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;

/** What the project wants to reach; ratios to peers that were measured in the same run. */
final class Goals {
  private static final String RAW_TCP = "(?i)^raw.*tcp";
  private static final String RSOCKET = "(?i)^rsocket";
  private static final String GRPC_UNARY = "(?i)^grpc.*unary";
  private static final String GRPC = "(?i)^grpc";
  private static final String HTTP_2 = "(?i)http/2";
  private static final String BARE = "(?i)^bare";
  private static final String OFF = "batching off";

  static final String CONNECTS = "connect, one request, close.*";
  static final String IDLE = "idle sessions on the server.*";
  private static final String ECHO_64 = "echo of 64 B, 64 in flight.*";
  private static final String ECHO_4096 = "echo of 4096 B, 64 in flight.*";
  static final String PUSH = "(?i)push.*(65,?536|64 KiB).*";
  static final String HELD = "(?i)10,?000 streams.*cores awake.*";
  static final String MLP = "inference, MLP.*, 64 in flight.*";
  private static final String BATCHING = "batching, MLP.*";
  static final String SQUEEZENET = "inference, squeezenet.*, 8 in flight.*";

  /** JMH's mean of "nothing" is not quite nothing: what it allocates itself is divided, too. */
  private static final double NOTHING_BYTES = 0.5;

  private final List<Goal> goals = new ArrayList<>();

  private Goals() {
    micro();
    echo();
    tensor();
    streams();
    serving();
    sessions();
  }

  static List<Standing> standings(Results results) {
    return new Goals().goals.stream().map(goal -> goal.standing(results)).toList();
  }

  private void micro() {
    Reading nanos = Reading.nanos("HeaderBench.decode");
    atMost("header decode and check", "1/4 of 82 ns", 82.0 / 4, nanos);
    nothing("header decode and check", Reading.allocated("HeaderBench.decode"));
    nothing("decode of a frame of 4 KiB", Reading.allocated("FrameBench.decode, size 4096"));
  }

  private void echo() {
    String what = "echo 64 B, 64 in flight, a stream each: ";
    atLeast(what + "rate", "1.5x RSocket", 1.5, rate(ECHO_64, RSOCKET));
    atLeast(what + "rate", "5x gRPC unary", 5, rate(ECHO_64, GRPC_UNARY));
    atLeast(what + "rate", "0.5x raw TCP", 0.5, rate(ECHO_64, RAW_TCP));
    atMost(what + "CPU", "0.6x RSocket's", 0.6, Reading.ratio(ECHO_64, RSOCKET, CPU_MICROS));
    atMost(what + "p99", "RSocket's", 1, Reading.ratio(ECHO_64, RSOCKET, P99_MICROS));
    atMost(what + "p99", "1/4 of gRPC's", 0.25, Reading.ratio(ECHO_64, GRPC_UNARY, P99_MICROS));
    Reading allocated = Reading.own("(?i)requests.*on the server.*", ALLOCATED_BYTES);
    atMost("a unary request on the server", "2,048 B allocated", 2048, allocated);
    what = "echo 4 KiB, 64 in flight: rate";
    atLeast(what, "1.2x RSocket", 1.2, rate(ECHO_4096, RSOCKET));
    atLeast(what, "0.5x raw TCP", 0.5, rate(ECHO_4096, RAW_TCP));
  }

  private void tensor() {
    for (int inFlight : new int[] {1, 64}) {
      String name = "(?i)602,?112 B in, .*\\b" + inFlight + " in flight, one connection.*";
      String what = "602,112 B, %d in flight: rate".formatted(inFlight);
      atLeast(what, "2x gRPC unary", 2, rate(name, GRPC_UNARY));
      atLeast(what, "1.3x HTTP/2", 1.3, rate(name, HTTP_2));
      atLeast(what, "0.7x raw TCP", 0.7, rate(name, RAW_TCP));
    }
    notMeasured("602,112 B: copies of the tensor on each side", "at most 1: TensorCopiesTest");
    String what = "push on one stream, 64 KiB: bytes per second";
    atLeast(what, "1.2x RSocket", 1.2, Reading.ratio(PUSH, RSOCKET, MEGABYTES_PER_SECOND));
    atLeast(what, "0.8x raw TCP", 0.8, Reading.ratio(PUSH, RAW_TCP, MEGABYTES_PER_SECOND));
  }

  private void streams() {
    String what = "10,000 streams on a session: ";
    atMost(what + "time to open", "0.35x HTTP/2's", 0.35, Reading.ratio(HELD, HTTP_2, MICROS));
    atMost(what + "heap", "0.33x HTTP/2's", 0.33, Reading.ratio(HELD, HTTP_2, HEAP_BYTES));
    atMost(what + "p95", "0.24x HTTP/2's", 0.24, Reading.ratio(HELD, HTTP_2, P95_MICROS));
  }

  private void serving() {
    String mlp = "an MLP, 64 in flight, batching off: rate";
    atLeast(mlp, "0.6x bare ONNX Runtime", 0.6, rate(MLP, BARE));
    atLeast(mlp, "2.4x a gRPC server", 2.4, rate(MLP, GRPC));
    String squeezenet = "squeezenet, 8 in flight: rate";
    atLeast(squeezenet, "0.95x bare ONNX Runtime", 0.95, rate(SQUEEZENET, BARE));
    atLeast("an MLP, 64 in flight, batching on: rate", "that with it off", 1, rate(BATCHING, OFF));
  }

  private void sessions() {
    notBuilt("TLS: throughput", "at least 0.9x the best engine's");
    notBuilt("TLS: connections per second", "at least 1.5x grpc-java's with the same engine");
    Reading plain = Reading.own(IDLE, PER_GIB);
    atLeast("idle Ready sessions, plain", "60,000 per GiB", 60_000, plain);
    notBuilt("idle Ready sessions, mTLS", "at least 20,000 per GiB");
  }

  private static Reading rate(String comparison, String peer) {
    return Reading.ratio(comparison, peer, PER_SECOND);
  }

  private void atLeast(String what, String text, double limit, Reading reading) {
    goals.add(new Goal(what, "at least " + text, Bound.AT_LEAST, limit, reading));
  }

  private void atMost(String what, String text, double limit, Reading reading) {
    goals.add(new Goal(what, "at most " + text, Bound.AT_MOST, limit, reading));
  }

  private void nothing(String what, Reading allocated) {
    goals.add(new Goal(what, "nothing allocated", Bound.AT_MOST, NOTHING_BYTES, allocated));
  }

  private void notMeasured(String what, String text) {
    goals.add(new Goal(what, text, Bound.AT_MOST, 0, results -> OptionalDouble.empty()));
  }

  private void notBuilt(String what, String text) {
    goals.add(new Goal(what, text, Bound.AT_LEAST, 0, null));
  }
}
