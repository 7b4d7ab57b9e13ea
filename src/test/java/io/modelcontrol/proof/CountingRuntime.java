package io.modelcontrol.proof;

import io.modelcontrol.DataType;
import io.modelcontrol.Tensor;
import io.modelcontrol.TensorSpec;
import io.modelcontrol.runtime.LoadedModel;
import io.modelcontrol.runtime.ModelRuntime;
import io.modelcontrol.runtime.RunControl;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * A runtime whose models know how often they were asked each question: requests bring a number, and
 * the answer holds it together with a checksum of the payload. Tests only.
 */
public final class CountingRuntime implements ModelRuntime {
  static final String NUMBER = "number";
  static final String PAYLOAD = "payload";
  static final String ANSWER = "answer";

  private static final String MAGIC = "COUNTING ";
  private static final Map<String, Map<Long, AtomicInteger>> RUNS = new ConcurrentHashMap<>();

  /** A model that counts under a name of its own. */
  static byte[] model(String counter) {
    return (MAGIC + counter).getBytes(StandardCharsets.UTF_8);
  }

  /** How often each number was computed under the name; taken out. */
  static Map<Long, AtomicInteger> take(String counter) {
    Map<Long, AtomicInteger> runs = RUNS.remove(counter);
    return runs == null ? Map.of() : runs;
  }

  @Override
  public String name() {
    return "counting";
  }

  @Override
  public boolean recognizes(byte[] head) {
    return new String(head, StandardCharsets.UTF_8).startsWith(MAGIC);
  }

  /** A run that nobody asked for would be counted. */
  @Override
  public boolean activates() {
    return false;
  }

  @Override
  public LoadedModel load(Path content, Map<String, String> parameters) {
    return new Counting(RUNS.computeIfAbsent(counter(content), name -> new ConcurrentHashMap<>()));
  }

  private static String counter(Path content) {
    try {
      return Files.readString(content).substring(MAGIC.length());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private record Counting(Map<Long, AtomicInteger> runs) implements LoadedModel {
    /** Some answers take longer than a cut, others are on their way when it comes. */
    private static final int SLOWEST_MS = 8;

    @Override
    public List<TensorSpec> inputs() {
      return List.of(
          new TensorSpec(NUMBER, DataType.INT64, new long[] {1}),
          new TensorSpec(PAYLOAD, DataType.INT8, new long[] {TensorSpec.DYNAMIC}));
    }

    @Override
    public List<TensorSpec> outputs() {
      return List.of(new TensorSpec(ANSWER, DataType.INT64, new long[] {2}));
    }

    @Override
    public List<Tensor> infer(List<Tensor> inputs, List<String> outputs, RunControl control) {
      long number = 0;
      long checksum = 0;
      for (Tensor input : inputs) {
        if (input.name().equals(NUMBER)) {
          number = input.toLongs()[0];
        } else {
          checksum = Arrays.hashCode(input.toByteArray());
        }
      }
      runs.computeIfAbsent(number, n -> new AtomicInteger()).incrementAndGet();
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(number % SLOWEST_MS));
      return List.of(Tensor.of(ANSWER, new long[] {number, checksum}));
    }

    @Override
    public void close() {}
  }
}
