package io.modelcontrol.bench.serving;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import io.grpc.Drainable;
import io.grpc.KnownLength;
import io.grpc.MethodDescriptor;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;

/**
 * Encodes as generated classes do, straight into the transport's buffers, and decodes with one copy
 * less than they make.
 *
 * @param contentsField number of the field of raw contents
 */
record InferMarshaller(int contentsField) implements MethodDescriptor.Marshaller<InferMessage> {
  static final InferMarshaller REQUEST = new InferMarshaller(7);
  static final InferMarshaller RESPONSE = new InferMarshaller(6);

  /** Beyond it raw contents are written without a stay in the encoder's buffer. */
  private static final int BUFFER_BYTES = 4096;

  @Override
  public InputStream stream(InferMessage message) {
    return new Encoded(message, contentsField);
  }

  @Override
  public InferMessage parse(InputStream stream) {
    try {
      CodedInputStream in = CodedInputStream.newInstance(stream.readNBytes(stream.available()));
      in.enableAliasing(true);
      return InferMessage.read(in, contentsField);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static final class Encoded extends InputStream implements Drainable, KnownLength {
    private final InferMessage message;
    private final int contentsField;
    private final int size;
    private InputStream rest;

    Encoded(InferMessage message, int contentsField) {
      this.message = message;
      this.contentsField = contentsField;
      size = message.encodedSize(contentsField);
    }

    @Override
    public int drainTo(OutputStream target) throws IOException {
      message.write(CodedOutputStream.newInstance(target, BUFFER_BYTES), contentsField);
      return size;
    }

    @Override
    public int available() {
      return size;
    }

    @Override
    public int read() throws IOException {
      return rest().read();
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
      return rest().read(into, offset, length);
    }

    private InputStream rest() throws IOException {
      if (rest == null) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(size);
        drainTo(bytes);
        rest = new ByteArrayInputStream(bytes.toByteArray());
      }
      return rest;
    }
  }
}
