package io.modelcontrol.wire;

import com.google.protobuf.ByteString;
import io.modelcontrol.DataType;
import io.modelcontrol.Digest;
import io.modelcontrol.ErrorCode;
import io.modelcontrol.ModelDescriptor;
import io.modelcontrol.ModelId;
import io.modelcontrol.ModelState;
import io.modelcontrol.PreprocessStep;
import io.modelcontrol.Tensor;
import io.modelcontrol.TensorSpec;
import io.netty.buffer.ByteBuf;
import java.util.List;

/** Field 0x13, model descriptor, from and to protobuf. Contract 4; errors are MALFORMED_MESSAGE. */
final class DescriptorCodec {
  static final int MAX_BYTES = 64 * 1024;

  /** Inputs, outputs, steps or parameters. */
  static final int MAX_ENTRIES = 1024;

  private static final int REPEATED =
      (1 << io.modelcontrol.wire.proto.ModelDescriptor.INPUTS_FIELD_NUMBER)
          | (1 << io.modelcontrol.wire.proto.ModelDescriptor.OUTPUTS_FIELD_NUMBER)
          | (1 << io.modelcontrol.wire.proto.ModelDescriptor.PREPROCESS_FIELD_NUMBER)
          | (1 << io.modelcontrol.wire.proto.ModelDescriptor.PARAMETERS_FIELD_NUMBER);

  private static final ProtoReader<io.modelcontrol.wire.proto.ModelDescriptor> READER =
      new ProtoReader<>(
          io.modelcontrol.wire.proto.ModelDescriptor.parser(),
          "model descriptor",
          ErrorCode.MALFORMED_MESSAGE,
          MAX_BYTES,
          MAX_ENTRIES,
          io.modelcontrol.wire.proto.ModelDescriptor.STATE_FIELD_NUMBER,
          REPEATED);

  private DescriptorCodec() {}

  static ModelDescriptor decode(ByteBuf in, int length) {
    io.modelcontrol.wire.proto.ModelDescriptor proto = READER.read(in, length);
    return new ModelDescriptor(
        new ModelId(proto.getName(), proto.getVersion()),
        proto.getSha256().isEmpty() ? null : Digest.of(proto.getSha256().toByteArray()),
        specs(proto.getInputsList()),
        specs(proto.getOutputsList()),
        proto.getPreprocessList().stream()
            .map(step -> new PreprocessStep(step.getOp(), step.getArgsMap()))
            .toList(),
        proto.getRuntime(),
        proto.getParametersMap(),
        state(proto.getState()));
  }

  static byte[] encode(ModelDescriptor descriptor) {
    io.modelcontrol.wire.proto.ModelDescriptor.Builder proto =
        io.modelcontrol.wire.proto.ModelDescriptor.newBuilder()
            .setName(descriptor.id().name())
            .setVersion(descriptor.id().version())
            .putAllParameters(descriptor.parameters())
            .setState(descriptor.state().name());
    if (descriptor.digest() != null) {
      proto.setSha256(ByteString.copyFrom(descriptor.digest().bytes()));
    }
    if (descriptor.runtime() != null) {
      proto.setRuntime(descriptor.runtime());
    }
    descriptor.inputs().forEach(spec -> proto.addInputs(spec(spec)));
    descriptor.outputs().forEach(spec -> proto.addOutputs(spec(spec)));
    descriptor.preprocess().forEach(step -> proto.addPreprocess(step(step)));
    return Protos.deterministic(proto.build());
  }

  /** A state that a newer peer made up does not serve, as far as we know. */
  private static ModelState state(String name) {
    for (ModelState state : ModelState.values()) {
      if (state.name().equals(name)) {
        return state;
      }
    }
    return ModelState.LOADING;
  }

  private static List<TensorSpec> specs(List<io.modelcontrol.wire.proto.TensorSpec> protos) {
    return protos.stream().map(DescriptorCodec::spec).toList();
  }

  private static TensorSpec spec(io.modelcontrol.wire.proto.TensorSpec proto) {
    if (proto.getShapeCount() > Tensor.MAX_RANK) {
      throw READER.refused(
          "has a tensor of rank " + proto.getShapeCount() + ", at most " + Tensor.MAX_RANK);
    }
    if (!Text.isPlain(proto.getName())) {
      throw READER.refused("has a tensor's name with a control character");
    }
    long[] shape = new long[proto.getShapeCount()];
    for (int i = 0; i < shape.length; i++) {
      shape[i] = Math.max(TensorSpec.DYNAMIC, proto.getShape(i));
    }
    return new TensorSpec(proto.getName(), DataType.of(proto.getDtype()), shape);
  }

  private static io.modelcontrol.wire.proto.TensorSpec spec(TensorSpec spec) {
    io.modelcontrol.wire.proto.TensorSpec.Builder proto =
        io.modelcontrol.wire.proto.TensorSpec.newBuilder().setName(spec.name());
    if (spec.dataType() != null) {
      proto.setDtype(spec.dataType().code());
    }
    for (long dimension : spec.shape()) {
      proto.addShape(dimension);
    }
    return proto.build();
  }

  private static io.modelcontrol.wire.proto.PreprocessStep step(PreprocessStep step) {
    return io.modelcontrol.wire.proto.PreprocessStep.newBuilder()
        .setOp(step.op())
        .putAllArgs(step.args())
        .build();
  }
}
