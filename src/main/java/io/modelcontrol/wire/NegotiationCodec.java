package io.modelcontrol.wire;

import com.google.protobuf.ByteString;
import io.modelcontrol.ErrorCode;
import io.netty.buffer.ByteBuf;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Field 0x08, negotiation, from and to protobuf. Contract 4; errors are NEGOTIATION_FAILED. */
final class NegotiationCodec {
  static final int MAX_BYTES = 4096;
  static final int MAX_ENTRIES = 64;
  static final int MAX_KEY_LENGTH = 64;
  static final int MAX_AGENT_LENGTH = 255;

  private static final int REPEATED =
      (1 << io.modelcontrol.wire.proto.Negotiation.CAPABILITIES_FIELD_NUMBER)
          | (1 << io.modelcontrol.wire.proto.Negotiation.EXTENSIONS_FIELD_NUMBER);

  private static final ProtoReader<io.modelcontrol.wire.proto.Negotiation> READER =
      new ProtoReader<>(
          io.modelcontrol.wire.proto.Negotiation.parser(),
          "negotiation",
          ErrorCode.NEGOTIATION_FAILED,
          MAX_BYTES,
          MAX_ENTRIES,
          io.modelcontrol.wire.proto.Negotiation.AGENT_FIELD_NUMBER,
          REPEATED);

  private NegotiationCodec() {}

  static Negotiation decode(ByteBuf in, int length) {
    io.modelcontrol.wire.proto.Negotiation proto = READER.read(in, length);
    checkKeys(proto.getCapabilitiesMap().keySet());
    checkKeys(proto.getExtensionsMap().keySet());
    checkText("agent", proto.getAgent(), MAX_AGENT_LENGTH);
    Map<String, byte[]> extensions = new TreeMap<>();
    proto.getExtensionsMap().forEach((name, value) -> extensions.put(name, value.toByteArray()));
    return new Negotiation(
        toInt(proto.getVersion()),
        toInt(proto.getMinVersion()),
        proto.getCapabilitiesMap(),
        extensions,
        proto.hasLimits() ? limits(proto.getLimits()) : null,
        proto.getAgent());
  }

  static byte[] encode(Negotiation negotiation) {
    io.modelcontrol.wire.proto.Negotiation.Builder proto =
        io.modelcontrol.wire.proto.Negotiation.newBuilder()
            .setVersion(negotiation.version())
            .setMinVersion(negotiation.minVersion())
            .putAllCapabilities(negotiation.capabilities())
            .setAgent(negotiation.agent());
    negotiation
        .extensions()
        .forEach((name, value) -> proto.putExtensions(name, ByteString.copyFrom(value)));
    if (negotiation.limits() != null) {
      proto.setLimits(limits(negotiation.limits()));
    }
    return Protos.deterministic(proto.build());
  }

  private static Limits limits(io.modelcontrol.wire.proto.Limits proto) {
    return new Limits(
        toInt(proto.getMaxConcurrentStreams()),
        toInt(proto.getStreamWindow()),
        toInt(proto.getSessionWindow()),
        toInt(proto.getMaxMessageSize()),
        toInt(proto.getKeepaliveMs()));
  }

  private static io.modelcontrol.wire.proto.Limits limits(Limits limits) {
    return io.modelcontrol.wire.proto.Limits.newBuilder()
        .setMaxConcurrentStreams(limits.maxConcurrentStreams())
        .setStreamWindow(limits.streamWindow())
        .setSessionWindow(limits.sessionWindow())
        .setMaxMessageSize(limits.maxMessageSize())
        .setKeepaliveMs(limits.keepaliveMs())
        .build();
  }

  private static void checkKeys(Set<String> keys) {
    for (String key : keys) {
      checkText("key", key, MAX_KEY_LENGTH);
    }
  }

  private static void checkText(String what, String text, int maxLength) {
    if (text.length() > maxLength) {
      throw READER.refused(
          "has " + what + " of " + text.length() + " characters, at most " + maxLength);
    }
    if (!Text.isPlain(text)) {
      throw READER.refused("has " + what + " with a control character");
    }
  }

  /** The wire's number is unsigned; more than an int is as good as the greatest int. */
  private static int toInt(int unsigned) {
    return unsigned < 0 ? Integer.MAX_VALUE : unsigned;
  }
}
