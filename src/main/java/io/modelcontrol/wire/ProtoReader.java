package io.modelcontrol.wire;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Parser;
import com.google.protobuf.WireFormat;
import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.netty.buffer.ByteBuf;
import java.io.IOException;

/**
 * Parses protobuf from a peer within bounds: bytes before anything else, then the top-level fields
 * in a pass that builds nothing, then depth. Contract 4. One for each kind of message; immutable.
 */
final class ProtoReader<T> {
  /** Deeper than any message of ours, and far from the stack's end. */
  private static final int MAX_DEPTH = 8;

  /** Newer peers may send some fields that we do not know. */
  private static final int MAX_UNKNOWN_FIELDS = 32;

  private final Parser<T> parser;
  private final String what;
  private final ErrorCode code;
  private final int maxBytes;
  private final int maxEntries;
  private final int knownFields;
  private final int repeatedFields;

  /**
   * @param maxEntries the most that one repeated field may have
   * @param knownFields fields 1 to this are known
   * @param repeatedFields the bit {@code 1 << n} stands for each field n that may repeat
   */
  ProtoReader(
      Parser<T> parser,
      String what,
      ErrorCode code,
      int maxBytes,
      int maxEntries,
      int knownFields,
      int repeatedFields) {
    this.parser = parser;
    this.what = what;
    this.code = code;
    this.maxBytes = maxBytes;
    this.maxEntries = maxEntries;
    this.knownFields = knownFields;
    this.repeatedFields = repeatedFields;
  }

  T read(ByteBuf in, int length) {
    if (length > maxBytes) {
      throw refused("has " + length + " bytes, at most " + maxBytes);
    }
    byte[] bytes = new byte[length];
    in.readBytes(bytes);
    try {
      scan(CodedInputStream.newInstance(bytes));
      CodedInputStream input = CodedInputStream.newInstance(bytes);
      input.setRecursionLimit(MAX_DEPTH);
      return parser.parseFrom(input);
    } catch (InvalidProtocolBufferException e) {
      throw refused("is no valid protobuf");
    } catch (IOException e) {
      throw new AssertionError("an array is read without input", e);
    }
  }

  McpException refused(String text) {
    return McpException.streamError(code, "the " + what + " " + text);
  }

  private void scan(CodedInputStream input) throws IOException {
    int[] count = new int[knownFields + 1];
    for (int tag = input.readTag(); tag != 0; tag = input.readTag()) {
      int wireType = WireFormat.getTagWireType(tag);
      if (wireType == WireFormat.WIRETYPE_START_GROUP
          || wireType == WireFormat.WIRETYPE_END_GROUP) {
        throw refused("has a group");
      }
      int number = WireFormat.getTagFieldNumber(tag);
      countField(count, number <= knownFields ? number : 0);
      input.skipField(tag);
    }
  }

  /** Fields that are not known count as number 0. */
  private void countField(int[] count, int number) {
    int most = maxEntries;
    if (number == 0) {
      most = MAX_UNKNOWN_FIELDS;
    } else if ((repeatedFields & (1 << number)) == 0) {
      // A packed field is one field, and a second one of a singular message would be merged unseen.
      most = 1;
    }
    if (++count[number] > most) {
      throw refused(
          "has field "
              + (number == 0 ? "of unknown number" : number)
              + " more than "
              + most
              + " times");
    }
  }
}
