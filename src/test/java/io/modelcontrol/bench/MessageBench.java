package io.modelcontrol.bench;

import io.modelcontrol.DataType;
import io.modelcontrol.Tensor;
import io.modelcontrol.wire.Message;
import io.modelcontrol.wire.MessageDecoder;
import io.modelcontrol.wire.MessageEncoder;
import io.modelcontrol.wire.MessageType;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** An inference request as clients send it: id, trace, timeout, model, one FLOAT tensor. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 2, jvmArgsAppend = "-Dio.netty.leakDetection.level=disabled")
public class MessageBench {
  /** Bytes of the tensor's data. */
  @Param({"64", "4096", "602112"})
  int size;

  private final byte[] requestId = new byte[16];
  private ByteBuf data;
  private ByteBuf encoded;

  @Setup
  public void allocate() {
    data = PooledByteBufAllocator.DEFAULT.directBuffer(size).writeZero(size);
    encoded = PooledByteBufAllocator.DEFAULT.directBuffer(size + 256);
    ByteBuf bytes = MessageEncoder.encode(request(), PooledByteBufAllocator.DEFAULT);
    encoded.writeBytes(bytes);
    bytes.release();
  }

  @TearDown
  public void release() {
    data.release();
    encoded.release();
  }

  @Benchmark
  public int encode() {
    ByteBuf bytes = MessageEncoder.encode(request(), PooledByteBufAllocator.DEFAULT);
    int length = bytes.readableBytes();
    bytes.release();
    return length;
  }

  @Benchmark
  public long decode() {
    encoded.readerIndex(0);
    Message message = MessageDecoder.decode(encoded.retain());
    long elements = message.tensors().get(0).elements();
    message.release();
    return elements;
  }

  private Message request() {
    return Message.of(MessageType.INFERENCE_REQ)
        .requestId(requestId)
        .traceparent("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
        .timeoutMs(500)
        .modelName("resnet50")
        .tensor(
            Tensor.of("input", DataType.FLOAT, new long[] {1, size / Float.BYTES}, data.retain()));
  }
}
