package io.modelcontrol.bench.push;

import io.grpc.Detachable;
import io.grpc.Drainable;
import io.grpc.KnownLength;
import io.grpc.MethodDescriptor;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/** Bytes as gRPC's messages: written in one piece, and read where they were received. */
public final class GrpcBytes implements MethodDescriptor.Marshaller<InputStream> {
  /** A message to send. */
  public static InputStream of(byte[] bytes) {
    return new Bytes(bytes);
  }

  @Override
  public InputStream stream(InputStream message) {
    return message;
  }

  /** Keeps the received buffers, which are given back when it is closed. */
  @Override
  public InputStream parse(InputStream stream) {
    return ((Detachable) stream).detach();
  }

  /** Gives a received message back, and tells how long it was. */
  public static int take(InputStream message) {
    try (message) {
      return message.available();
    } catch (IOException e) {
      throw new IllegalStateException("a message in memory does not fail", e);
    }
  }

  private static final class Bytes extends ByteArrayInputStream implements Drainable, KnownLength {
    Bytes(byte[] bytes) {
      super(bytes);
    }

    @Override
    public int drainTo(OutputStream target) throws IOException {
      int size = count - pos;
      target.write(buf, pos, size);
      pos = count;
      return size;
    }
  }
}
