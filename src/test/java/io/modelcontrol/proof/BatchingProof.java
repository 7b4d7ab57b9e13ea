package io.modelcontrol.proof;

import static io.modelcontrol.testing.TestNode.await;

import com.sun.management.OperatingSystemMXBean;
import io.modelcontrol.DataType;
import io.modelcontrol.Tensor;
import io.modelcontrol.client.InferenceRequest;
import io.modelcontrol.client.McpClient;
import io.modelcontrol.client.ModelUpload;
import io.modelcontrol.runtime.MessageBus;
import io.modelcontrol.runtime.ModelHostOptions;
import io.modelcontrol.runtime.ModelIsolation;
import io.modelcontrol.server.McpServerOptions;
import io.modelcontrol.serving.ServingOptions;
import io.modelcontrol.testing.OnnxCase;
import io.modelcontrol.testing.OnnxModels;
import io.modelcontrol.testing.TestNode;
import io.modelcontrol.wire.Message;
import io.modelcontrol.wire.MessageType;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * Batching costs no throughput and no latency. Throughput: a network of convolutions, 64 requests
 * in flight, against bare ONNX Runtime, in one process, with as many threads: all fixed batch sizes
 * first, then its two fastest in turns that alternate with ours, and the faster of them counts. It
 * is judged where requests are batched, at the address of the model on the event bus; the path from
 * a client over a socket is measured beside it, as it has two ends of a connection to carry 618 KB
 * of input for each request. Latency: one request at a time, to a model that takes microseconds,
 * with batching on and off, in rounds that begin with one and the other.
 */
public final class BatchingProof implements Proof {
  private static final int DEFAULT_ROUNDS = 15;
  private static final OperatingSystemMXBean CPU =
      (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
  private static final double LEAST_RATE = 0.95;
  private static final double MOST_LATENCY = 1.1;
  private static final int[] SIZES = {1, 2, 4, 8, 16, 32, 64};
  private static final int IN_FLIGHT = 64;
  private static final int WORKERS = 2;
  private static final String BATCH = "8";
  private static final int SLICE_MS = 1_500;

  /** Until what the JVM compiles is compiled. */
  private static final int WARM_UP_SLICES = 8;

  /** Over all fixed sizes; after them the two fastest are compared with. */
  private static final int PASSES = 3;

  private static final int TURNS_IN_A_ROUND = 2;
  private static final int SINGLES = 200;

  /** In a round: they are short. */
  private static final int SINGLES_TURNS = 10;

  private static final long[] IMAGE = {3, 227, 227};

  private final double leastRate;
  private final double mostLatency;
  private final int[] sizes;
  private final long sliceNanos;

  public BatchingProof() {
    this(LEAST_RATE, MOST_LATENCY, SLICE_MS, SIZES);
  }

  /**
   * A proof.
   *
   * @param leastRate of the best fixed batch size
   * @param mostLatency of single requests, over that without batching
   * @param sliceMs how long each way is measured before its turn is over
   * @param sizes of the fixed batches
   */
  BatchingProof(double leastRate, double mostLatency, int sliceMs, int... sizes) {
    this.leastRate = leastRate;
    this.mostLatency = mostLatency;
    this.sizes = sizes.clone();
    this.sliceNanos = TimeUnit.MILLISECONDS.toNanos(sliceMs);
  }

  @Override
  public String run(ProofArgs args) throws Exception {
    int rounds = args.countOr(DEFAULT_ROUNDS);
    byte[] model = OnnxModels.outputAt(OnnxCase.real("squeezenet_winml").model(), "loss1", -1, 10);
    ModelHostOptions host =
        new ModelHostOptions()
            .setStore(Files.createTempDirectory("batching").toString())
            .setIsolation(ModelIsolation.NONE)
            .setWorkersPerModel(WORKERS)
            .setWorkerPoolSize(WORKERS);
    try (BareBatches bare = new BareBatches(model, WORKERS);
        TestNode node =
            new TestNode(asServed(), host, new McpServerOptions(), new ServingOptions())) {
      McpClient client = node.client();
      await(client.load(batched("net", model)));
      Claim throughput = throughput(rounds, bare, node, client);
      Claim latency = latency(rounds, client);
      String figures = throughput.figures + "; " + latency.figures;
      if (!throughput.holds || !latency.holds) {
        throw new AssertionError(
            figures + "; claimed were at least " + leastRate + " and at most " + mostLatency);
      }
      return figures;
    }
  }

  /** On the transport of a node that modelctl starts: one that wakes its threads faster. */
  private static Vertx asServed() {
    return Vertx.vertx(new VertxOptions().setPreferNativeTransport(true));
  }

  private record Claim(boolean holds, String figures) {}

  private static ModelUpload batched(String name, byte[] model) {
    return ModelUpload.of(name, "1", model)
        .parameter("batch.max-size", BATCH)
        .parameter("batch.delay-us", "2000");
  }

  private Claim throughput(int rounds, BareBatches bare, TestNode node, McpClient client)
      throws Exception {
    ByteBuf pixels = Unpooled.directBuffer().writeZero(3 * 227 * 227 * Float.BYTES);
    MessageBus bus = new MessageBus(node.vertx());
    Supplier<Future<?>> overTheBus = () -> overTheBus(bus, pixels);
    Supplier<Future<?>> overTheSocket =
        () -> client.infer(InferenceRequest.of("net", image(pixels)));
    FullHouse house = new FullHouse(node.vertx(), IN_FLIGHT);
    house.rate(overTheSocket, WARM_UP_SLICES * sliceNanos);
    house.rate(overTheBus, WARM_UP_SLICES * sliceNanos);
    Map<Integer, Rates> all = new LinkedHashMap<>();
    for (int pass = 0; pass < PASSES; pass++) {
      for (int size : sizes) {
        of(all, size).measure(bare::rows, () -> bare.rate(size, IMAGE, sliceNanos));
      }
    }
    List<Integer> fastest = fastestFirst(all).stream().limit(2).toList();
    Map<Integer, Rates> rivals = new LinkedHashMap<>();
    Rates atBus = new Rates();
    Rates atSocket = new Rates();
    for (int turn = 0; turn < rounds * TURNS_IN_A_ROUND; turn++) {
      for (int size : fastest) {
        of(rivals, size).measure(bare::rows, () -> bare.rate(size, IMAGE, sliceNanos));
        atBus.measure(house::answers, () -> house.rate(overTheBus, sliceNanos));
      }
      if (turn % TURNS_IN_A_ROUND == 0) {
        atSocket.measure(house::answers, () -> house.rate(overTheSocket, sliceNanos));
      }
    }
    pixels.release();
    int best = fastestFirst(rivals).get(0);
    Rates rival = rivals.get(best);
    double ratio = atBus.rate() / rival.rate();
    String figures =
        "%.3fx of bare ONNX Runtime at its best fixed batch size %d (%.1f per second), 64 in flight, %d alternating rounds; over the socket %.3fx; processor time for each request %.2f ms, bare %.2f ms"
            .formatted(
                ratio,
                best,
                rival.rate(),
                rounds,
                atSocket.rate() / rival.rate(),
                atBus.cpuMillis(),
                rival.cpuMillis());
    return new Claim(ratio >= leastRate, figures);
  }

  private static Rates of(Map<Integer, Rates> bySize, int size) {
    return bySize.computeIfAbsent(size, s -> new Rates());
  }

  private static List<Integer> fastestFirst(Map<Integer, Rates> bySize) {
    return bySize.entrySet().stream()
        .sorted(Comparator.comparingDouble(entry -> -entry.getValue().rate()))
        .map(Map.Entry::getKey)
        .toList();
  }

  private interface Measure {
    double perSecond() throws Exception;
  }

  /** Of one way, slice by slice; judged by the median. */
  private static final class Rates {
    private final List<Double> rates = new ArrayList<>();
    private final List<Double> cpuMillis = new ArrayList<>();

    void measure(LongSupplier requests, Measure slice) throws Exception {
      long cpu = CPU.getProcessCpuTime();
      long before = requests.getAsLong();
      rates.add(slice.perSecond());
      long served = Math.max(1, requests.getAsLong() - before);
      cpuMillis.add((CPU.getProcessCpuTime() - cpu) / 1e6 / served);
    }

    double rate() {
      return median(rates);
    }

    double cpuMillis() {
      return median(cpuMillis);
    }
  }

  private static Future<?> overTheBus(MessageBus bus, ByteBuf pixels) {
    Message request =
        Message.of(MessageType.INFERENCE_REQ).modelName("net").tensor(image(pixels.retain()));
    return bus.request(MessageBus.modelAddress("net", null), request, MessageBus.delivery())
        .map(
            answer -> {
              boolean failed = answer.body().tensors().isEmpty();
              answer.body().release();
              if (failed) {
                throw new AssertionError("a request over the bus failed");
              }
              return null;
            });
  }

  private static Tensor image(ByteBuf pixels) {
    return Tensor.of("data", DataType.FLOAT, new long[] {1, 3, 227, 227}, pixels);
  }

  private Claim latency(int rounds, McpClient client) throws Exception {
    byte[] model = OnnxModels.add(-1, -1);
    await(client.load(batched("on", model)));
    await(client.load(ModelUpload.of("off", "1", model)));
    List<Double> on = new ArrayList<>();
    List<Double> off = new ArrayList<>();
    for (int round = 0; round < rounds * SINGLES_TURNS + 1; round++) {
      boolean onFirst = round % 2 == 0;
      List<Double> first = singles(client, onFirst ? "on" : "off");
      List<Double> second = singles(client, onFirst ? "off" : "on");
      if (round > 0) {
        on.addAll(onFirst ? first : second);
        off.addAll(onFirst ? second : first);
      }
    }
    double ratio = median(on) / median(off);
    String figures =
        "single requests p50 %.0f us with batching, %.0f us without, %.3fx"
            .formatted(median(on), median(off), ratio);
    return new Claim(ratio <= mostLatency, figures);
  }

  private static List<Double> singles(McpClient client, String model) throws Exception {
    List<Double> micros = new ArrayList<>();
    Tensor row = Tensor.of("a", new float[8], 1, 8);
    Tensor other = Tensor.of("b", new float[8], 1, 8);
    for (int i = 0; i < SINGLES; i++) {
      long start = System.nanoTime();
      await(client.infer(model, row, other));
      micros.add((System.nanoTime() - start) / 1e3);
    }
    return micros;
  }

  private static double median(List<Double> values) {
    double[] sorted = values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    return sorted[sorted.length / 2];
  }
}
